"""The models of a run, as the pipeline asks them: provider, pacing, budget, retries, breaker, cache, sharing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from turnwise.errors import UsageError
from turnwise.evaluate.batch_target import BatchTarget
from turnwise.evaluate.purse import Purse, batch_price
from turnwise.models import (
    ByteCache,
    ChatModel,
    Gate,
    ModelSettings,
    Paced,
    PacingLimits,
    guarded_by_limits,
    kind_of,
    open_batch_model,
    open_model,
)
from turnwise.rollout import (
    Budget,
    Budgeted,
    Cached,
    Caps,
    Price,
    ResponseCache,
    Shared,
    known_price,
    price_of,
    read_prices,
)

__all__ = ["Endpoints", "Machinery"]


class Machinery(msgspec.Struct, frozen=True, kw_only=True):
    """What shapes only how fast and how dearly a run goes; free to differ when it is continued.

    Fields:
        concurrency: Dialogues in flight, and the most requests in flight at one endpoint.
        rpm, tpm: Requests and tokens a minute at one endpoint.
        cache: Where replies are kept over runs; None for no cache.
        prices: An own price table, whose entries go before the shipped ones.
        batch_poll_s: Time between two looks at a batch job; None asks the target live.
    """

    concurrency: int = 16
    timeout_s: float = 120.0
    max_attempts: int = 5
    proxy: str | None = None
    rpm: float | None = None
    tpm: float | None = None
    caps: Caps = Caps()
    cache: Path | None = None
    prices: Path | None = None
    batch_poll_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what would never ask anything."""
        if self.concurrency < 1:
            raise UsageError(f"concurrency is {self.concurrency}: give at least 1")
        if self.batch_poll_s is not None and not self.batch_poll_s > 0:
            raise UsageError(f"batch_poll_s is {self.batch_poll_s}: give a time above 0")


class Endpoints:
    """Opens models so that all of one endpoint share its limits, and all of the run its budget and cache."""

    def __init__(self, machinery: Machinery, *, seed: int, share: bool) -> None:
        self._machinery = machinery
        self._share = share
        self._settings = ModelSettings(
            timeout_s=machinery.timeout_s,
            max_attempts=machinery.max_attempts,
            proxy=machinery.proxy,
            seed=seed,
            images=ByteCache(),
        )
        self._prices = read_prices(machinery.prices)
        self._budget = Budget(machinery.caps)
        self._gates: dict[str, Gate] = {}
        self._cache: ResponseCache | None = None

    def open(self, spelling: str) -> ChatModel:
        """The model behind a spelling.

        Raises:
            UsageError: the spelling, a key or a limit is wrong, or a cost cap is set and its price is not known.
            RunFileError: the response cache cannot be used.
        """
        model = guarded_by_limits(open_model(spelling, settings=self._settings), self._settings, around=self._around)
        if kind_of(model.name) != "free" and (cache := self._opened_cache()) is not None:
            model = Cached(model, cache)
        return Shared(model) if self._share else model

    def open_target(self, spelling: str) -> ChatModel | BatchTarget:
        """The model under test behind a spelling, as the machinery asks it: live, or in batch jobs.

        Raises:
            UsageError: as for `open`, or it is to be asked in batch jobs and the provider has no batch API.
            RunFileError: the response cache cannot be used.
        """
        machinery = self._machinery
        if machinery.batch_poll_s is None:
            return self.open(spelling)
        model = open_batch_model(spelling, self._settings)
        purse = Purse(self._budget, batch_price(self._checked_price(model.name)))
        return BatchTarget(model, purse, self._opened_cache(), machinery.batch_poll_s, machinery.max_attempts)

    def price(self, name: str) -> Price | None:
        """The price of a model, where one is known."""
        return price_of(name, self._prices)

    def target_price(self, name: str) -> Price | None:
        """The price of the model under test, as the machinery asks it."""
        return self.price(name) if self._machinery.batch_poll_s is None else batch_price(self.price(name))

    def flush(self) -> None:
        """Put the cached replies on disk."""
        if self._cache is not None:
            self._cache.flush()

    def close(self) -> None:
        """Close what the models share; they close themselves."""
        if self._cache is not None:
            self._cache.close()

    def _around(self, model: ChatModel) -> ChatModel:
        return Paced(Budgeted(model, self._budget, self._checked_price(model.name)), self._gate(model.name))

    def _checked_price(self, name: str) -> Price | None:
        """The price of a model; it must be known where a cost cap is set."""
        capped = self._machinery.caps.max_cost_usd is not None
        return known_price(name, self._prices) if capped else self.price(name)

    def _opened_cache(self) -> ResponseCache | None:
        if self._cache is None and self._machinery.cache is not None:
            self._cache = ResponseCache(self._machinery.cache)
        return self._cache

    def _gate(self, name: str) -> Gate:
        """The gate of the address a model is behind; models of one provider without an address share one."""
        address = name.rpartition("@")[2] if "@http" in name else name.partition(":")[0]
        if address not in self._gates:
            machinery = self._machinery
            self._gates[address] = Gate(PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm))
        return self._gates[address]
