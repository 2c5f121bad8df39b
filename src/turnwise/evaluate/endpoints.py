"""The models of a run, as the pipeline asks them: provider, pacing, budget, retries, breaker, cache, sharing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from turnwise.errors import UsageError
from turnwise.models import (
    ChatModel,
    Gate,
    ModelSettings,
    Paced,
    PacingLimits,
    guarded_by_limits,
    kind_of,
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

    def __post_init__(self) -> None:
        """Refuse what would never ask anything."""
        if self.concurrency < 1:
            raise UsageError(f"concurrency is {self.concurrency}: give at least 1")


class Endpoints:
    """Opens models so that all of one endpoint share its limits, and all of the run its budget and cache."""

    def __init__(self, machinery: Machinery, *, seed: int, share: bool) -> None:
        self._machinery = machinery
        self._share = share
        self._settings = ModelSettings(
            timeout_s=machinery.timeout_s, max_attempts=machinery.max_attempts, proxy=machinery.proxy, seed=seed
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
        if kind_of(model.name) != "free" and self._machinery.cache is not None:
            self._cache = self._cache or ResponseCache(self._machinery.cache)
            model = Cached(model, self._cache)
        return Shared(model) if self._share else model

    def price(self, name: str) -> Price | None:
        """The price of a model, where one is known."""
        return price_of(name, self._prices)

    def flush(self) -> None:
        """Put the cached replies on disk."""
        if self._cache is not None:
            self._cache.flush()

    def close(self) -> None:
        """Close what the models share; they close themselves."""
        if self._cache is not None:
            self._cache.close()

    def _around(self, model: ChatModel) -> ChatModel:
        capped = self._machinery.caps.max_cost_usd is not None
        price = known_price(model.name, self._prices) if capped else price_of(model.name, self._prices)
        return Paced(Budgeted(model, self._budget, price), self._gate(model.name))

    def _gate(self, name: str) -> Gate:
        """The gate of the address a model is behind; models of one provider without an address share one."""
        address = name.rpartition("@")[2] if "@http" in name else name.partition(":")[0]
        if address not in self._gates:
            machinery = self._machinery
            self._gates[address] = Gate(PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm))
        return self._gates[address]
