"""Items in jobs that a provider takes: cut by number and by size, before anything is written or read from disk."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from turnwise.errors import UsageError
from turnwise.models.batch.job import BatchItem
from turnwise.models.chat import ChatRequest, Message

__all__ = ["BatchLimits", "size_bound", "split_items"]

# Names, braces, ids and options around what is counted exactly; a bound, so that a job is never cut too late.
_ITEM_BYTES = 512
_MESSAGE_BYTES = 160
_IMAGE_BYTES = 128
_FRAME_BYTES = 64

_encode = msgspec.json.Encoder().encode


class BatchLimits(msgspec.Struct, frozen=True):
    """What one job may hold: requests, and bytes of all of them as sent."""

    n_items: int
    size_bytes: int


def split_items(items: Sequence[BatchItem], limits: BatchLimits, *, model: str) -> list[list[BatchItem]]:
    """The items, in order, in as few jobs as the limits allow.

    Raises:
        UsageError: one item alone is larger than a job may be.
    """
    jobs: list[list[BatchItem]] = []
    size_bytes = 0
    for item in items:
        more_bytes = size_bound(item.request, model=model)
        if more_bytes + _FRAME_BYTES > limits.size_bytes:
            raise UsageError(
                f"the request {item.custom_id!r} has {more_bytes} bytes and a batch job takes {limits.size_bytes}: "
                "make its images smaller"
            )
        if not jobs or len(jobs[-1]) == limits.n_items or size_bytes + more_bytes > limits.size_bytes:
            jobs.append([])
            size_bytes = _FRAME_BYTES
        jobs[-1].append(item)
        size_bytes += more_bytes
    return jobs


def size_bound(request: ChatRequest, *, model: str) -> int:
    """Bytes that a request takes in a job at most; texts and images are counted as encoded, without reading any."""
    wanted = 0 if request.response_format is None else len(_encode(request.response_format))
    return _ITEM_BYTES + len(_encode(model)) + wanted + sum(map(_message_bound, request.messages))


def _message_bound(message: Message) -> int:
    images = sum(_IMAGE_BYTES + (image.size_bytes + 2) // 3 * 4 for image in message.images)
    return _MESSAGE_BYTES + len(_encode(message.text)) + images
