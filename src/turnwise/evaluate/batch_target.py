"""The target as wave mode asks it: a provider's batch jobs, the run's budget before them and its cache beside."""

from __future__ import annotations

import msgspec

from turnwise.evaluate.purse import Purse
from turnwise.models import BatchModel, ChatRequest, Reply
from turnwise.rollout import ResponseCache, request_key

__all__ = ["BatchTarget"]


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
