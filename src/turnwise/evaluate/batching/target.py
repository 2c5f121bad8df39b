"""The target as wave mode asks it: a provider's batch jobs, the run's budget before them and its cache beside."""

from __future__ import annotations

import msgspec

from turnwise.evaluate.batching.purse import Purse, batch_price
from turnwise.evaluate.commons import LocalCommons
from turnwise.evaluate.endpoints import Endpoints
from turnwise.models import BatchModel, ChatRequest, Reply, open_batch_model
from turnwise.rollout import ResponseCache, request_key

__all__ = ["BatchTarget", "open_batch_target"]


class BatchTarget(msgspec.Struct, frozen=True):
    """A model that is asked in batch jobs.

    Fields:
        poll_s: Time between two looks at a job.
        max_attempts: Waves that a request may fail in, and waves in a row that may bring nothing.
    """

    model: BatchModel
    purse: Purse
    cache: ResponseCache | None
    poll_s: float
    max_attempts: int

    @property
    def name(self) -> str:
        """The spelling of the model."""
        return self.model.name

    async def close(self) -> None:
        """Close the model; the cache may have other users."""
        await self.model.close()

    def recall(self, request: ChatRequest) -> Reply | None:
        """The reply that the cache has to a request."""
        return None if self.cache is None else self.cache.get(request_key(self.name, request))

    def remember(self, request: ChatRequest, reply: Reply) -> None:
        """Put a reply into the cache, unless it failed."""
        if self.cache is not None and reply.state != "failed":
            self.cache.put(request_key(self.name, request), reply)

    def flush(self) -> None:
        """Put the cached replies on disk."""
        if self.cache is not None:
            self.cache.flush()


def open_batch_target(spelling: str, endpoints: Endpoints, commons: LocalCommons, *, poll_s: float) -> BatchTarget:
    """The model under test behind a spelling, to be asked in batch jobs.

    Raises:
        UsageError: the provider has no batch API, or as for `Endpoints.open`.
        RunFileError: the response cache cannot be used.
    """
    model = open_batch_model(spelling, endpoints.settings)
    purse = Purse(commons.budget, batch_price(endpoints.checked_price(model.name)))
    return BatchTarget(model, purse, commons.cache, poll_s, endpoints.settings.max_attempts)
