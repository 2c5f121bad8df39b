"""Message batches of the Anthropic API, over its SDK (extra `anthropic`).

A message batch has no name or metadata, and shows the ids of its requests only when it has ended. So every id begins
with a tag of the caller's key, and a job is found by the tag in its first row of results.

Source: Anthropic API reference (message batches, errors): 100,000 requests or 256 MB a job, ids of at most 64
    characters, results in any order and kept for 29 days.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from turnwise.errors import EndpointDown, UsageError
from turnwise.models.anthropic import encode_body, read_reply
from turnwise.models.batch.anthropic_calls import AnthropicCalls
from turnwise.models.batch.anthropic_shapes import Batch, Page, Row
from turnwise.models.batch.job import BatchItem, BatchJob, BatchStatus, check_job, key_tag, wire_id
from turnwise.models.batch.patience import Patience, wait_for_batch
from turnwise.models.batch.rows import MISSING, RowReader, decoded, each_once
from turnwise.models.batch.split import BatchLimits, split_items
from turnwise.models.batch.spool import Spool
from turnwise.models.chat import Reply, failed
from turnwise.models.http.answer import Answer, is_success
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect

__all__ = ["ANTHROPIC_LIMITS", "AnthropicBatch"]

_log = logging.getLogger(__name__)

ANTHROPIC_LIMITS = BatchLimits(n_items=100_000, size_bytes=256_000_000)
_IMAGE_CACHE_BYTES = 16 * 1024 * 1024
_PAGE = "100"
# Their clock and ours may differ by this much.
_CLOCK_SLACK_S = 600.0

_batch_decoder = msgspec.json.Decoder(Batch)
_page_decoder = msgspec.json.Decoder(Page)
_row_decoder = msgspec.json.Decoder(Row)
_any_decoder = msgspec.json.Decoder(object)


class AnthropicBatch:
    """A BatchModel over message batches.

    Args:
        calls: The connection.
        patience: How long calls are tried.
        limits: What one job may hold.
        every_s: Time between two polls of a job that `find` waits for.
    """

    def __init__(
        self,
        calls: AnthropicCalls,
        *,
        patience: Patience,
        limits: BatchLimits = ANTHROPIC_LIMITS,
        every_s: float = 60.0,
    ) -> None:
        self._calls = calls
        self._patience = patience
        self._limits = limits
        self._every_s = every_s
        self._model = calls.address.model
        self._rows = RowReader(self.name, Dialect(), read_reply)

    @property
    def name(self) -> str:
        """The canonical spelling, with the address."""
        return self._calls.address.name

    def split(self, items: Sequence[BatchItem]) -> list[list[BatchItem]]:
        """The items, in order, in as few jobs as the limits allow.

        Raises:
            UsageError: one item alone is larger than a job may be.
        """
        return split_items(items, self._limits, model=self._model)

    async def submit(self, items: Sequence[BatchItem], *, key: str) -> BatchJob:
        """Make a job of the items, once; after an unclear attempt, a new job of this size is waited for and looked at.

        Raises:
            UsageError: the items are none, not distinct or over a limit, or the key is no text that a job can carry.
            DataError: an image file is gone or changed.
            EndpointDown: the server or the key failed.
        """
        check_job(items, key)
        since_s, n_items, dialect = time.time(), len(items), self._rows.dialect
        with Spool() as spool:
            await self._write(items, key, dialect, spool)
            batch = await self._patience.body_once(
                lambda: self._calls.create(spool),
                _batch_decoder,
                look=lambda: self._look(key, n_items=n_items, since_s=since_s),
            )
        return self._job(batch, key, n_items, dialect)

    async def find(self, key: str, *, n_items: int, since_s: float) -> BatchJob | None:
        """The job that was submitted under a key; jobs of its size and time that still run are waited for."""
        batch = await self._look(key, n_items=n_items, since_s=since_s)
        return None if batch is None else self._job(batch, key, n_items, self._rows.dialect)

    async def poll(self, job: BatchJob) -> BatchStatus:
        """How far the job is at the moment."""
        return (await self._batch(job.id)).status()

    async def results(self, job: BatchJob, custom_ids: Sequence[str]) -> AsyncIterator[tuple[str, Reply]]:
        """Each of the ids once, with its reply.

        Raises:
            UsageError: the job is still running.
            EndpointDown: the results are gone or cannot be fetched.
        """
        if (await self._batch(job.id)).is_running:
            raise UsageError(f"batch job {job.id} is still running: wait until it has ended")
        self._rows.learn(job.dialect)
        with Spool() as spool:
            await self._patience.body(lambda: self._download(job.id, spool), _any_decoder)
            for pair in each_once(self._replies(spool, job), job, custom_ids, MISSING):
                yield pair

    async def cancel(self, job: BatchJob) -> None:
        """Ask the server to stop the job; fine when it has ended."""
        if (await self._batch(job.id)).processing_status != "in_progress":
            return
        try:
            await self._patience.body(lambda: self._calls.post(f"/{job.id}/cancel"), _any_decoder)
        except EndpointDown:
            # It may have ended in between, which the server refuses to cancel.
            if (await self._batch(job.id)).processing_status == "in_progress":
                raise

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        await self._calls.close()

    async def _write(self, items: Sequence[BatchItem], key: str, dialect: Dialect, spool: Spool) -> None:
        images = ByteCache(_IMAGE_CACHE_BYTES)
        opening = b'{"requests":['
        for item in items:
            body = encode_body(self._model, item.request, images, dialect)
            head = b'{"custom_id":"%b","params":' % wire_id(key, item.custom_id).encode()
            spool.write(opening, head, body, b"}")
            opening = b","
            await asyncio.sleep(0)
        spool.write(b"]}")
        if len(items) > self._limits.n_items or spool.size_bytes > self._limits.size_bytes:
            raise UsageError(
                f"{len(items)} requests of {spool.size_bytes} bytes are more than one batch job takes "
                f"({self._limits.n_items} requests, {self._limits.size_bytes} bytes): split them first"
            )

    async def _batch(self, job_id: str) -> Batch:
        return await self._patience.body(lambda: self._calls.get(f"/{job_id}"), _batch_decoder)

    async def _look(self, key: str, *, n_items: int, since_s: float) -> Batch | None:
        """The newest job of this size and time whose results carry the key's tag; one that runs is waited for."""
        candidates = [batch async for batch in self._recent(since_s - _CLOCK_SLACK_S) if batch.n_items == n_items]
        for batch in sorted(candidates, key=lambda candidate: candidate.is_running):
            if batch.is_running:
                _log.warning("waiting for batch job %s to end: it may be the one that was submitted before", batch.id)
                job = self._job(batch, key, n_items, self._rows.dialect)
                await wait_for_batch(self, job, every_s=self._every_s, sleep=self._patience.sleep)
            if await self._has_tag(batch.id, key_tag(key)):
                return batch
        return None

    async def _recent(self, oldest_s: float) -> AsyncIterator[Batch]:
        query = {"limit": _PAGE}
        while True:
            page = await self._page(query)
            for batch in page.data:
                if batch.created_at.timestamp() >= oldest_s:
                    yield batch
            # Newest come first; a page with nothing recent on it is the end.
            if not page.has_more or not any(batch.created_at.timestamp() >= oldest_s for batch in page.data):
                return
            query = {"limit": _PAGE, "after_id": page.data[-1].id}

    async def _page(self, query: dict[str, str]) -> Page:
        return await self._patience.body(lambda: self._calls.get("", query), _page_decoder)

    async def _has_tag(self, job_id: str, tag: str) -> bool:
        if (await self._batch(job_id)).results_url is None:
            return False  # archived
        with Spool() as spool:
            await self._patience.body(lambda: self._download(job_id, spool), _any_decoder)
            return any(row.custom_id.startswith(tag) for row in self._rows_of(spool))

    async def _download(self, job_id: str, spool: Spool) -> Answer | Reply:
        async def take(chunks: AsyncIterator[bytes]) -> None:
            async for chunk in chunks:
                spool.write(chunk)

        spool.cut(0)
        answer = await self._calls.results(job_id, take)
        if isinstance(answer, Answer) and is_success(answer) and not spool.ends_whole(0):
            return failed("connection", "the results were cut off in a row", retryable=True)
        return answer

    def _rows_of(self, spool: Spool) -> Iterator[Row]:
        return decoded(map(self._calls.hide_key, spool.lines()), _row_decoder)

    def _replies(self, spool: Spool, job: BatchJob) -> Iterator[tuple[str, Reply]]:
        for row in self._rows_of(spool):
            answer = row.answered()
            yield row.custom_id, row.unanswered() if answer is None else self._rows.reply(answer, job)

    def _job(self, batch: Batch, key: str, n_items: int, dialect: Dialect) -> BatchJob:
        return BatchJob(self.name, batch.id, key, n_items, batch.created_at.timestamp(), dialect)
