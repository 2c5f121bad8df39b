"""The seam to batch jobs: many requests go in at once at half price, their replies come out hours later.

Wave mode sends turn t of all dialogues through it. A job is a value: stored beside the run, it is all that another
process needs to poll it and to fetch what it was paid for.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

import msgspec

from turnwise.errors import UsageError
from turnwise.models.chat import ChatRequest, Reply
from turnwise.models.http.dialect import Dialect

__all__ = ["BatchItem", "BatchJob", "BatchModel", "BatchState", "BatchStatus", "check_job", "key_tag", "wire_id"]

BatchState = Literal["running", "done", "failed", "expired", "cancelled"]
"""`failed`: refused as a whole, nothing was run. `expired` and `cancelled`: some requests may have been answered."""

_KEY_CHARACTERS = 512  # what a metadata field of OpenAI takes
_TAG_CHARACTERS = 15
_DIGEST_CHARACTERS = 48


class BatchItem(msgspec.Struct, frozen=True):
    """One request of a job; `custom_id` is any text that no other request of the job has."""

    custom_id: str
    request: ChatRequest


class BatchJob(msgspec.Struct, frozen=True):
    """What is needed to find a job again; stored as JSON, it holds no secret.

    Fields:
        model: The spelling of the model it was sent to.
        id: The provider's id of it.
        key: What the caller named it by when it was submitted.
        n_items: Requests in it.
        created_s: When the provider made it, in seconds since 1970.
        dialect: What its requests were written in.
    """

    model: str
    id: str
    key: str
    n_items: int
    created_s: float
    dialect: Dialect = Dialect()

    @property
    def provider(self) -> str:
        """The first word of the model's spelling."""
        return self.model.partition(":")[0]


class BatchStatus(msgspec.Struct, frozen=True):
    """How far a job is. Counts are the provider's, and may be 0 until it ends; `message` says why it failed."""

    state: BatchState
    n_items: int
    n_answered: int
    n_failed: int
    message: str = ""


class BatchModel(Protocol):
    """A model that takes requests in jobs.

    All calls but `split` raise EndpointDown when the key is refused or the server stays away.
    """

    @property
    def name(self) -> str:
        """The spelling that opens it again, without secrets."""
        ...

    def split(self, items: Sequence[BatchItem]) -> list[list[BatchItem]]:
        """The items, in order, in as few jobs as the provider's limits on number and size allow.

        Raises:
            UsageError: one item alone is larger than a job may be.
        """
        ...

    async def submit(self, items: Sequence[BatchItem], *, key: str) -> BatchJob:
        """Make a job of the items, once: when an attempt ends unclear, the job is looked for before the next.

        Args:
            items: The requests.
            key: Names this job among all others of the account, in 1 to 512 characters.

        Raises:
            UsageError: the items are none, not distinct or over a limit, or the key is no text that a job can carry.
            DataError: an image file is gone or changed.
        """
        ...

    async def find(self, key: str, *, n_items: int, since_s: float) -> BatchJob | None:
        """The job that was submitted under a key, for a caller who stopped before it could store the job.

        A job that failed as a whole is not given: it cost nothing and may be submitted again. Where the provider shows
        what a job is only at its end, jobs that may be the one are waited for.

        Args:
            key: As given to `submit`.
            n_items: Requests in the job.
            since_s: When it was submitted at the earliest, in seconds since 1970.
        """
        ...

    async def poll(self, job: BatchJob) -> BatchStatus:
        """How far the job is at the moment."""
        ...

    def results(self, job: BatchJob, custom_ids: Sequence[str]) -> AsyncIterator[tuple[str, Reply]]:
        """Each of the ids once, with its reply, in no particular order; a request without an answer is a failed reply.

        A part of the ids may be asked for. What other ids the job has is passed over.

        Raises:
            UsageError: the job is still running.
        """
        ...

    async def cancel(self, job: BatchJob) -> None:
        """Ask the provider to stop the job; fine when it has ended. It may answer what it has begun."""
        ...

    async def close(self) -> None:
        """Give back connections; the model is not used afterwards."""
        ...


def key_tag(key: str) -> str:
    """What the wire ids of all requests of a job begin with."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:_TAG_CHARACTERS]}-"


def wire_id(key: str, custom_id: str) -> str:
    """The id a request is sent under: any text becomes 64 characters that all providers take, bound to the job."""
    return key_tag(key) + hashlib.sha256(custom_id.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def check_job(items: Sequence[BatchItem], key: str) -> None:
    """Refuse what no provider takes.

    Raises:
        UsageError: there are no items, two have the same id, or the key is no text that a job can carry.
    """
    if not items:
        raise UsageError("a batch job needs at least one request")
    if not 0 < len(key) <= _KEY_CHARACTERS:
        raise UsageError(f"the key of a batch job has 1 to {_KEY_CHARACTERS} characters, this one has {len(key)}")
    seen: set[str] = set()
    for item in items:
        if item.custom_id in seen:
            raise UsageError(f"two requests of one batch job have the id {item.custom_id!r}: give each its own")
        seen.add(item.custom_id)
