"""What a run may spend: requests, dollars, minutes. A cap stops the run cleanly before it is passed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from turnwise.errors import TurnwiseError, UsageError
from turnwise.models import ChatModel, ChatRequest, Reply, Usage
from turnwise.rollout.prices import Price

__all__ = ["Budget", "BudgetSpent", "Budgeted", "Caps", "RunStopped", "Spending", "most_cost_usd", "reply_cost_usd"]

_BYTES_A_TOKEN = 2
_MESSAGE_TOKENS = 8
_IMAGE_TOKENS = 1_600
_REPLY_TOKENS = 4_096
# Who timed out, was cut off or sent nonsense has worked, and may send a bill.
_BILLED = frozenset({"timeout", "connection", "invalid_reply", "empty_reply"})
_GO_ON = "what was answered is kept, the same command with a higher cap goes on"


class BudgetSpent(TurnwiseError):
    """A cap was reached; what was answered is kept, and the same command with a higher cap goes on."""

    exit_code = 1


class RunStopped(TurnwiseError):
    """The run was asked to end: whoever waited to send a request does not send it."""

    exit_code = 130


class Caps(msgspec.Struct, frozen=True):
    """What one invocation may spend; None is no cap."""

    max_requests: int | None = None
    max_cost_usd: float | None = None
    max_minutes: float | None = None

    def __post_init__(self) -> None:
        """Refuse caps under which nothing could be sent."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}: give a number above 0, or leave it away for no cap")


class Spending(Protocol):
    """What requests are paid from, here or elsewhere."""

    async def reserve(self, cost_usd: float) -> None:
        """Take a request and what it may cost; waits where only what others reserved is in the way.

        Raises:
            BudgetSpent: that would pass a cap.
            RunStopped: it was closed.
        """
        ...

    def settle(self, reserved_usd: float, cost_usd: float, *, extra_requests: int = 0) -> None:
        """Put what a finished request really took in the place of what was reserved for it."""
        ...

    def close(self) -> None:
        """Let no request be sent any more."""
        ...


class Budget:
    """Counts what a run spends, over all its models, and says when a cap is reached.

    Requests under way count with what they may cost at most, so that a cap is not passed by those in flight.

    Attributes:
        requests: Sent so far, those under way included.
        spent_usd: What the finished ones cost.
    """

    def __init__(self, caps: Caps, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.caps = caps
        self.requests = 0
        self.spent_usd = 0.0
        self._reserved_usd = 0.0
        self._under_way = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._clock = clock
        self._started = clock()
        self._closed = False

    def close(self) -> None:
        """Let no request be sent any more."""
        self._closed = True
        self._tell_waiting()

    async def reserve(self, cost_usd: float) -> None:
        """Take a request and what it may cost out of the budget.

        Where only what others reserved is in the way, it waits for them: most cost less than they might.

        Raises:
            BudgetSpent: that would pass a cap.
        """
        while not self.take(cost_usd):
            await self._settled()

    def take(self, cost_usd: float) -> bool:
        """The same without waiting: False, and nothing taken, where what others reserved is in the way.

        Raises:
            BudgetSpent: that would pass a cap.
        """
        if not self._fits(cost_usd):
            return False
        self.requests += 1
        self._under_way += 1
        self._reserved_usd += cost_usd
        return True

    def check_time(self) -> None:
        """See whether there is time left.

        Raises:
            BudgetSpent: the minutes are over.
        """
        minutes = self.caps.max_minutes
        if minutes is not None and self._clock() - self._started >= minutes * 60.0:
            raise BudgetSpent(f"stopped at --max-minutes {minutes:g}; {_GO_ON}")

    def settle(self, reserved_usd: float, cost_usd: float, *, extra_requests: int = 0) -> None:
        """Put what a finished request really took in the place of what was reserved for it."""
        self._under_way -= 1
        # Sums of floats leave crumbs, which must not keep the last cents from being spent.
        self._reserved_usd = self._reserved_usd - reserved_usd if self._under_way else 0.0
        self.spent_usd += cost_usd
        self.requests += extra_requests
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def _fits(self, cost_usd: float) -> bool:
        """Whether a request may go now; False when it may have to wait for those under way.

        Raises:
            BudgetSpent: it may not go at all.
        """
        if self._closed:
            raise RunStopped("the run was asked to end")
        caps = self.caps
        if caps.max_requests is not None and self.requests >= caps.max_requests:
            raise BudgetSpent(f"stopped at --max-requests {caps.max_requests:,}; {_GO_ON}")
        self.check_time()
        if caps.max_cost_usd is None:
            return True
        if self.spent_usd + cost_usd > caps.max_cost_usd:
            raise BudgetSpent(
                f"stopped at --max-cost-usd {caps.max_cost_usd:g}: {self.spent_usd:.4f} is spent, and the next request "
                f"may cost {cost_usd:.4f}; {_GO_ON}"
            )
        return self.spent_usd + self._reserved_usd + cost_usd <= caps.max_cost_usd

    async def _settled(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)


class Budgeted:
    """A ChatModel whose every request to a provider is taken out of a budget.

    Stands before the provider, below retries and cache: each attempt counts, a cached reply does not. A request that
    the provider itself sends again, in a simpler dialect, is counted once it is known.

    Args:
        price: None where nothing is known; such a model spends no dollars here, so a cost cap must refuse it.
    """

    def __init__(self, model: ChatModel, budget: Spending, price: Price | None) -> None:
        self._model = model
        self._budget = budget
        self._price = price

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside.

        Raises:
            BudgetSpent: a cap is reached; nothing was sent.
        """
        reserved = most_cost_usd(request, self._price)
        await self._budget.reserve(reserved)
        # Who goes away in the middle of a request may still be billed for it.
        cost, again = reserved, 0
        try:
            reply = await self._model.reply(request)
            cost, again = reply_cost_usd(reply, self._price, reserved_usd=reserved), max(0, reply.attempts - 1)
        finally:
            self._budget.settle(reserved, cost, extra_requests=again)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


def most_cost_usd(request: ChatRequest, price: Price | None) -> float:
    """What a request may cost at most; nothing where no price is known."""
    return 0.0 if price is None else price.cost_usd(_at_most(request))


def reply_cost_usd(reply: Reply, price: Price | None, *, reserved_usd: float) -> float:
    """What a reply cost; what it may have cost at most, where nobody says."""
    usage = reply.usage
    if price is None or (reply.failure is not None and reply.failure.kind not in _BILLED):
        return 0.0
    if usage.input_tokens is None or usage.output_tokens is None:
        return reserved_usd
    return price.cost_usd(usage)


def _at_most(request: ChatRequest) -> Usage:
    """More tokens than a request takes, by a bound that holds for scripts of few letters a token too."""
    size_bytes = sum(len(message.text.encode(errors="replace")) for message in request.messages)
    images = sum(len(message.images) for message in request.messages)
    around = _MESSAGE_TOKENS * len(request.messages)
    return Usage(
        size_bytes // _BYTES_A_TOKEN + images * _IMAGE_TOKENS + around, request.parameters.max_tokens or _REPLY_TOKENS
    )
