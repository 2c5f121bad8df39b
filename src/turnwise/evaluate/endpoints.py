"""The models of a run, as the engine asks them: provider, pacing, budget, retries, breaker, cache, sharing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from turnwise.errors import UsageError
from turnwise.evaluate.commons import Commons
from turnwise.models import ByteCache, ChatModel, ModelSettings, guarded_by_limits, kind_of, open_model
from turnwise.rollout import Budgeted, Caps, Price, Shared, known_price, price_of

__all__ = ["Endpoints", "Machinery"]


class Machinery(msgspec.Struct, frozen=True, kw_only=True):
    """What shapes no number, but how fast and how dearly a run goes; free to differ when it is continued.

    Fields:
        concurrency: Dialogues in flight, and the most requests in flight at one endpoint; over all workers of `ray`.
        rpm, tpm: Requests and tokens a minute at one endpoint.
        cache: Where replies are kept over runs; None for no cache.
        prices: An own price table, whose entries go before the shipped ones.
        batch_poll_s: Time between two looks at a batch job; None asks the target live.
        ray: Address of a Ray cluster whose workers do the asking, "local" for one on this machine; None for none.
        ray_workers: Workers on it; None for one a node, and at least two where there are two processors.
        calibrated_by: A run whose labels tell what the same judges are worth, which their cards are then to carry.
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
    ray: str | None = None
    ray_workers: int | None = None
    calibrated_by: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what would never ask anything, or cannot be had together."""
        if self.concurrency < 1:
            raise UsageError(f"concurrency is {self.concurrency}: give at least 1")
        if self.batch_poll_s is not None and not self.batch_poll_s > 0:
            raise UsageError(f"batch_poll_s is {self.batch_poll_s}: give a time above 0")
        if self.ray_workers is not None and self.ray_workers < 1:
            raise UsageError(f"ray_workers is {self.ray_workers}: give at least 1")
        if self.ray is None and self.ray_workers is not None:
            raise UsageError("ray_workers needs ray: say where the workers are to run")
        if self.ray is not None and self.batch_poll_s is not None:
            raise UsageError("batch jobs and ray do not go together: a batch job is one upload, which needs no workers")


class Endpoints:
    """Opens models so that all of one endpoint share its limits, and all of the run its budget and cache.

    Args:
        commons: What all models of the run share, wherever they are opened.
        prices: What tokens cost, by model.
    """

    def __init__(
        self, machinery: Machinery, commons: Commons, prices: Mapping[str, Price], *, seed: int, share: bool
    ) -> None:
        self._capped = machinery.caps.max_cost_usd is not None
        self._commons = commons
        self._share = share
        self._prices = prices
        self.settings = ModelSettings(
            timeout_s=machinery.timeout_s,
            max_attempts=machinery.max_attempts,
            proxy=machinery.proxy,
            seed=seed,
            images=ByteCache(),
        )

    def open(self, spelling: str) -> ChatModel:
        """The model behind a spelling.

        Raises:
            UsageError: the spelling, a key or a limit is wrong, or a cost cap is set and its price is not known.
            RunFileError: the response cache cannot be used.
        """
        model = guarded_by_limits(open_model(spelling, settings=self.settings), self.settings, around=self._around)
        if kind_of(model.name) != "free":
            model = self._commons.cached(model)
        return Shared(model) if self._share else model

    def close_budget(self) -> None:
        """Let no request be sent any more; those on their way come to their end."""
        self._commons.budget.close()

    def price(self, name: str) -> Price | None:
        """The price of a model, where one is known."""
        return price_of(name, self._prices)

    def checked_price(self, name: str) -> Price | None:
        """The price of a model; it must be known where a cost cap is set.

        Raises:
            UsageError: it is not.
        """
        return known_price(name, self._prices) if self._capped else self.price(name)

    def _around(self, model: ChatModel) -> ChatModel:
        return self._commons.paced(Budgeted(model, self._commons.budget, self.checked_price(model.name)))
