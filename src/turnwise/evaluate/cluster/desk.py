"""The desk on the driver's machine: one budget, one response cache and one rate for each address, over all workers.

Workers send their questions in bundles and never wait here: who has to, is told how long, and waits at home.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

import msgspec

from turnwise.models import PacingLimits, Rate, Reply
from turnwise.rollout import Budget, BudgetSpent, RequestKey, ResponseCache

__all__ = ["Answer", "Ask", "Correct", "Desk", "Keep", "Recall", "Recalled", "Settle", "Slot", "Take", "Taken"]


class Take(msgspec.Struct, frozen=True, tag="take"):
    """A request and what it may cost are to be taken out of the budget."""

    cost_usd: float


class Settle(msgspec.Struct, frozen=True, tag="settle"):
    """A request that was taken is over."""

    reserved_usd: float
    cost_usd: float
    extra_requests: int


class Slot(msgspec.Struct, frozen=True, tag="slot"):
    """A request to an address is to be sent as soon as its rates allow."""

    address: str
    tokens: int


class Correct(msgspec.Struct, frozen=True, tag="correct"):
    """A request used so many more tokens than were counted for it."""

    address: str
    tokens: int


class Recall(msgspec.Struct, frozen=True, tag="recall"):
    """The reply kept to a request is wanted."""

    key: RequestKey


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """A reply is to be kept."""

    key: RequestKey
    reply: Reply


Ask = Take | Settle | Slot | Correct | Recall | Keep


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """Whether a request was taken; `spent` says why none will be any more."""

    fits: bool
    spent: str | None = None


class Recalled(msgspec.Struct, frozen=True, tag="recalled"):
    """What was kept; None when nothing was."""

    reply: Reply | None


Answer = Taken | Recalled | float | None
"""For a Slot: the seconds to wait."""


class Desk:
    """Answers the workers' questions, one after the other.

    Args:
        limits: Of each address; only its rates count here.
        cache: None where there is none.
    """

    def __init__(
        self,
        budget: Budget,
        limits: PacingLimits,
        cache: ResponseCache | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._limits = limits
        self._cache = cache
        self._clock = clock
        self._rates: dict[str, tuple[Rate, Rate]] = {}
        self._open: defaultdict[str, list[float]] = defaultdict(list)
        self._gone: set[str] = set()

    def serve(self, worker: str, asks: list[Ask]) -> list[Answer]:
        """One answer to each question of a worker, in order."""
        return [self._answer(worker, ask) for ask in asks]

    def forget(self, worker: str) -> None:
        """A worker is gone: what it had under way may still be billed, and nobody waits for it any more."""
        self._gone.add(worker)
        for reserved_usd in self._open.pop(worker, []):
            self._budget.settle(reserved_usd, reserved_usd)

    def _answer(self, worker: str, ask: Ask) -> Answer:
        match ask:
            case Take():
                return self._take(worker, ask)
            case Settle():
                if ask.reserved_usd in self._open[worker]:  # else the worker was given up for lost, and settled then
                    self._open[worker].remove(ask.reserved_usd)
                    self._budget.settle(ask.reserved_usd, ask.cost_usd, extra_requests=ask.extra_requests)
            case Slot():
                return self._slot(ask)
            case Correct():
                self._rates_of(ask.address)[1].correct(ask.tokens)
            case Recall():
                return Recalled(None if self._cache is None else self._cache.get(ask.key))
            case Keep():
                if self._cache is not None:
                    self._cache.put(ask.key, ask.reply)
        return None

    def _take(self, worker: str, ask: Take) -> Taken:
        if worker in self._gone:  # its question was on the way when it was given up
            return Taken(fits=False, spent="this worker was given up for lost")
        try:
            fits = self._budget.take(ask.cost_usd)
        except BudgetSpent as error:
            return Taken(fits=False, spent=str(error))
        if fits:
            self._open[worker].append(ask.cost_usd)
        return Taken(fits)

    def _slot(self, ask: Slot) -> float:
        requests, tokens = self._rates_of(ask.address)
        now = self._clock()
        at = max(now, requests.due, tokens.due)
        requests.take(at, 1.0, credit=0.0)
        tokens.take(at, ask.tokens, credit=0.0)
        return at - now

    def _rates_of(self, address: str) -> tuple[Rate, Rate]:
        if address not in self._rates:
            self._rates[address] = (Rate(self._limits.rpm), Rate(self._limits.tpm))
        return self._rates[address]
