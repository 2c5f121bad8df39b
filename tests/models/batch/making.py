"""What the tests of batch jobs are made of: items, and a patience that does not wait."""

from __future__ import annotations

from collections.abc import AsyncIterator

from turnwise.dialogue import Image
from turnwise.models import BatchItem, BatchJob, BatchModel, ChatRequest, Message, Reply, RetryPolicy, wait_for_batch
from turnwise.models.batch.patience import Patience

NAPS: list[float] = []
"""Seconds that were to be slept since the server of the test was started."""


async def nap(seconds: float) -> None:
    """Sleep by writing it down."""
    NAPS.append(seconds)


def patience(max_attempts: int = 4) -> Patience:
    """Few attempts, the longest waits, none of them waited."""
    return Patience("a model", RetryPolicy(max_attempts=max_attempts, base_s=1.0), sleep=nap, draw=lambda: 1.0)


def item(name: str, *images: Image) -> BatchItem:
    """An item whose only message is its own name."""
    return BatchItem(name, ChatRequest((Message("user", name, tuple(images)),)))


def items(*names: str) -> list[BatchItem]:
    """Such items."""
    return [item(name) for name in names]


async def collected(pairs: AsyncIterator[tuple[str, Reply]]) -> dict[str, Reply]:
    """Results by id; each id was given once."""
    listed = [pair async for pair in pairs]
    found = dict(listed)
    assert len(found) == len(listed)
    return found


async def finished(model: BatchModel, job: BatchJob, *names: str) -> dict[str, Reply]:
    """The results of a job after it has ended."""
    await wait_for_batch(model, job, sleep=nap)
    return await collected(model.results(job, names))
