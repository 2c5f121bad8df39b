"""Batch jobs of OpenAI and of servers that speak its batch API: a file goes up, a job runs over it, files come down.

Source: OpenAI API reference (files, batches) and batch guide: 50,000 requests and 200 MB a file; results in any order,
    errors in a file of their own; a job that expires or is cancelled keeps what was answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from turnwise.errors import EndpointDown, UsageError
from turnwise.models.batch.job import BatchItem, BatchJob, BatchStatus, check_job, wire_id
from turnwise.models.batch.openai_calls import OpenAICalls
from turnwise.models.batch.openai_shapes import Batch, File, Page, Row
from turnwise.models.batch.patience import Patience
from turnwise.models.batch.rows import RowReader, decoded, each_once, row_answer
from turnwise.models.batch.split import BatchLimits, split_items
from turnwise.models.batch.spool import Spool
from turnwise.models.chat import Reply
from turnwise.models.http.answer import Answer, is_success
from turnwise.models.http.dialect import Dialect, TokenLimit
from turnwise.models.openai.reply import read_reply
from turnwise.models.openai.wire import Fragments, encode_body

__all__ = ["OPENAI_LIMITS", "OpenAIBatch"]

OPENAI_LIMITS = BatchLimits(n_items=50_000, size_bytes=200_000_000)
_KEY_FIELD = "turnwise_key"
_FRAGMENT_BYTES = 16 * 1024 * 1024
_PAGE = "100"
# Their clock and ours may differ by this much.
_CLOCK_SLACK_S = 600.0

_batch_decoder = msgspec.json.Decoder(Batch)
_page_decoder = msgspec.json.Decoder(Page)
_file_decoder = msgspec.json.Decoder(File)
_row_decoder = msgspec.json.Decoder(Row)
_any_decoder = msgspec.json.Decoder(object)


class OpenAIBatch:
    """A BatchModel over files and batches of an OpenAI-compatible server.

    The caller's key stands in the metadata of a job, so that a job is known by it from the moment it is made.
    """

    def __init__(self, calls: OpenAICalls, *, patience: Patience, limits: BatchLimits = OPENAI_LIMITS) -> None:
        self._calls = calls
        self._patience = patience
        self._limits = limits
        self._model = calls.endpoint.model
        limit: TokenLimit = "max_completion_tokens" if calls.endpoint.host == "api.openai.com" else "max_tokens"
        self._rows = RowReader(self.name, Dialect(limit), read_reply)

    @property
    def name(self) -> str:
        """The canonical spelling, with the address."""
        return self._calls.endpoint.name

    def split(self, items: Sequence[BatchItem]) -> list[list[BatchItem]]:
        """The items, in order, in as few jobs as the limits allow.

        Raises:
            UsageError: one item alone is larger than a job may be.
        """
        return split_items(items, self._limits, model=self._model)

    async def submit(self, items: Sequence[BatchItem], *, key: str) -> BatchJob:
        """Upload the items and make a job of them, once; a file without a job costs nothing.

        Raises:
            UsageError: the items are none, not distinct or over a limit, or the key is no text that a job can carry.
            DataError: an image file is gone or changed.
            EndpointDown: the server or the key failed.
        """
        check_job(items, key)
        since_s = time.time()
        dialect = self._rows.dialect
        with Spool() as spool:
            await self._write(items, key, dialect, spool)
            file = await self._patience.body(lambda: self._calls.upload(spool), _file_decoder)
        order = {
            "input_file_id": file.id,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {_KEY_FIELD: key},
        }
        body = msgspec.json.encode(order)
        batch = await self._patience.body_once(
            lambda: self._calls.post("/batches", body), _batch_decoder, look=lambda: self._look(key, since_s=since_s)
        )
        return self._job(batch, key, len(items), dialect)

    async def find(self, key: str, *, n_items: int, since_s: float) -> BatchJob | None:
        """The job that was submitted under a key; one that failed as a whole is not given."""
        batch = await self._look(key, since_s=since_s)
        return None if batch is None else self._job(batch, key, n_items, self._rows.dialect)

    async def poll(self, job: BatchJob) -> BatchStatus:
        """How far the job is at the moment."""
        return (await self._batch(job)).status_for(job)

    async def results(self, job: BatchJob, custom_ids: Sequence[str]) -> AsyncIterator[tuple[str, Reply]]:
        """Each of the ids once, with its reply.

        Raises:
            UsageError: the job is still running.
            EndpointDown: the results are gone or cannot be fetched.
        """
        batch = await self._batch(job)
        if batch.state == "running":
            raise UsageError(f"batch job {job.id} is still running: wait until it has ended")
        self._rows.learn(job.dialect)
        with Spool() as spool:
            for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
                await self._download(file_id, spool)
            for pair in each_once(self._replies(spool, job), job, custom_ids, batch.absence()):
                yield pair

    async def cancel(self, job: BatchJob) -> None:
        """Ask the server to stop the job; fine when it has ended."""
        if (await self._batch(job)).state != "running":
            return
        try:
            await self._patience.body(lambda: self._calls.post(f"/batches/{job.id}/cancel"), _any_decoder)
        except EndpointDown:
            # It may have ended in between, which the server calls a conflict.
            if (await self._batch(job)).state == "running":
                raise

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        await self._calls.close()

    async def _write(self, items: Sequence[BatchItem], key: str, dialect: Dialect, spool: Spool) -> None:
        fragments = Fragments(_FRAGMENT_BYTES)
        for item in items:
            body = encode_body(self._model, item.request, fragments, dialect)
            head = b'{"custom_id":"%b","method":"POST","url":"/v1/chat/completions","body":'
            spool.write(head % wire_id(key, item.custom_id).encode(), body, b"}\n")
            await asyncio.sleep(0)
        if len(items) > self._limits.n_items or spool.size_bytes > self._limits.size_bytes:
            raise UsageError(
                f"{len(items)} requests of {spool.size_bytes} bytes are more than one batch job takes "
                f"({self._limits.n_items} requests, {self._limits.size_bytes} bytes): split them first"
            )

    async def _batch(self, job: BatchJob) -> Batch:
        return await self._patience.body(lambda: self._calls.get(f"/batches/{job.id}"), _batch_decoder)

    async def _look(self, key: str, *, since_s: float) -> Batch | None:
        oldest = since_s - _CLOCK_SLACK_S
        query = {"limit": _PAGE}
        while True:
            page = await self._page(query)
            for batch in page.data:
                if (batch.metadata or {}).get(_KEY_FIELD) == key and batch.state != "failed":
                    return batch
            # Newest come first; a page with nothing recent on it is the end.
            if not page.has_more or not any(batch.created_at >= oldest for batch in page.data):
                return None
            query = {"limit": _PAGE, "after": page.data[-1].id}

    async def _page(self, query: dict[str, str]) -> Page:
        return await self._patience.body(lambda: self._calls.get("/batches", query), _page_decoder)

    async def _download(self, file_id: str, spool: Spool) -> None:
        async def ask() -> Answer | Reply:
            answer = await self._calls.download(f"/files/{file_id}/content", spool)
            succeeded = isinstance(answer, Answer) and is_success(answer)
            return row_answer(200, b"{}") if succeeded else answer

        await self._patience.body(ask, _any_decoder)

    def _replies(self, spool: Spool, job: BatchJob) -> Iterator[tuple[str, Reply]]:
        for row in decoded(map(self._calls.hide_key, spool.lines()), _row_decoder):
            answer = row.answered()
            yield row.custom_id, row.unanswered() if answer is None else self._rows.reply(answer, job)

    def _job(self, batch: Batch, key: str, n_items: int, dialect: Dialect) -> BatchJob:
        return BatchJob(self.name, batch.id, key, n_items, batch.created_at, dialect)
