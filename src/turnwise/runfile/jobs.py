"""The batch jobs of a run, noted before and after they are made, so that one under way is found again after a crash."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from turnwise.models import BatchJob

__all__ = ["JOB_COLUMNS", "StoredJob", "job_row", "stored_job"]

JOB_COLUMNS: Final = "key, provider, requests, since_s, job"


class StoredJob(msgspec.Struct, frozen=True):
    """A batch job as a run file knows it.

    Fields:
        key: As given to the provider.
        requests: The sha256 of each request in it.
        since_s: It was made after this, in seconds since 1970.
        job: None from the moment before it is submitted to the one after.
    """

    key: str
    provider: str
    requests: tuple[str, ...]
    since_s: float
    job: BatchJob | None = None


def job_row(stored: StoredJob) -> tuple[object, ...]:
    """A job that was not submitted yet, as a row: key, provider, n_items, requests, since_s."""
    requests = msgspec.json.encode(stored.requests).decode()
    return stored.key, stored.provider, len(stored.requests), requests, stored.since_s


def stored_job(row: tuple[Any, ...]) -> StoredJob:
    """The job of a row of `JOB_COLUMNS`."""
    key, provider, requests, since_s, job = row
    return StoredJob(
        key,
        provider,
        msgspec.json.decode(requests, type=tuple[str, ...]),
        since_s,
        None if job is None else msgspec.json.decode(job, type=BatchJob),
    )
