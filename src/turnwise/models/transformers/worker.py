"""Requests gathered into batches: concurrent callers on one side, one thread that owns a model on the other.

The thread takes the oldest waiting request and those that can be generated with it. It knows nothing of tensors: what
answers a batch is an `Engine`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from turnwise.errors import DataError
from turnwise.models.chat import ChatRequest, FailureKind, Reply, failed

__all__ = ["Engine", "NotAnswerable", "OutOfMemory", "Worker"]

_WINDOW_S = 0.01
"""How long the oldest request waits for company; short beside any generation."""
_MESSAGE_CHARACTERS = 300
_log = logging.getLogger(__name__)


class NotAnswerable(Exception):
    """A request that the model cannot answer, with the reason as one sentence."""

    def __init__(self, kind: FailureKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class OutOfMemory(Exception):
    """The device has not the memory for a batch of this size."""


class Engine(Protocol):
    """What answers batches; used from one thread only."""

    def answer(self, requests: Sequence[ChatRequest], dropped: Callable[[], list[bool]]) -> list[Reply]:
        """One reply for each request, in order.

        Args:
            requests: Of one kind: the same parameters but for the seed, all with images or none.
            dropped: Says of each request whether nobody waits for it any more; its reply may be cut short.

        Raises:
            OutOfMemory: a smaller batch may do.
            DataError: an image file is gone or changed.
            Exception: whatever else went wrong with one of the requests; each is then tried alone.
        """
        ...

    def free(self) -> None:
        """Give back the memory."""
        ...


class _Job:
    """A request on its way."""

    __slots__ = ("dropped", "future", "kind", "length", "request")

    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self.future: Future[Reply] = Future()
        self.dropped = False
        self.length = sum(len(message.text) for message in request.messages)
        has_images = any(message.images for message in request.messages)
        self.kind = (request.parameters.temperature, request.parameters.max_tokens, has_images)


class Worker:
    """One thread in front of an engine.

    Args:
        size: Requests in a batch at most; halved for good when the device runs out of memory.
        window_s: How long the oldest request waits for a batch to fill.
    """

    def __init__(self, engine: Engine, *, size: int, window_s: float = _WINDOW_S) -> None:
        self._engine = engine
        self._size = size
        self._window_s = window_s
        self._queue: list[_Job] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    async def answer(self, request: ChatRequest) -> Reply:
        """The reply to a request, whenever its batch is done; a cancelled caller's request is dropped.

        Raises:
            DataError: an image file is gone or changed.
        """
        job = _Job(request)
        if not self._enter(job):
            return _was_closed()
        try:
            return await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            job.dropped = True
            raise

    async def close(self) -> None:
        """End the thread and free the engine; who still waits is told so. Closing twice is fine."""
        with self._changed:
            self._closed = True
            waiting, self._queue = self._queue, []
            self._changed.notify_all()
        for job in waiting:
            _finish(job, _was_closed())
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _enter(self, job: _Job) -> bool:
        with self._changed:
            if self._closed:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="turnwise-transformers", daemon=True)
                self._thread.start()
            self._queue.append(job)
            self._changed.notify_all()
        return True

    def _work(self) -> None:
        while not self._closed:
            jobs = self._gather()
            if jobs:
                self._serve(jobs)
        self._engine.free()

    def _gather(self) -> list[_Job]:
        """The next batch; empty when the worker was closed or all its callers went away."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            full = self._size
            self._changed.wait_for(lambda: len(self._queue) >= full or self._closed, timeout=self._window_s)
            if not self._queue:
                return []
            taken = _alike(self._queue)[: self._size]
            self._queue = [job for job in self._queue if job not in taken]
        return [job for job in taken if job.future.set_running_or_notify_cancel()]

    def _serve(self, jobs: list[_Job]) -> None:
        """Answer jobs together; when that fails, in smaller batches, at last each alone."""
        try:
            replies = self._engine.answer([job.request for job in jobs], lambda: self._dropped(jobs))
        except OutOfMemory as error:
            self._without_memory(jobs, error)
        except Exception as error:  # noqa: BLE001 - a model may raise anything, and it must not end the thread
            self._one_by_one(jobs, error)
        else:
            for job, reply in zip(jobs, replies, strict=True):
                # A closed worker may have cut the generation short: such a text is nobody's reply.
                job.future.set_result(_was_closed() if self._closed else reply)

    def _dropped(self, jobs: list[_Job]) -> list[bool]:
        return [self._closed or job.dropped for job in jobs]

    def _without_memory(self, jobs: list[_Job], error: OutOfMemory) -> None:
        if len(jobs) == 1:
            _fail(jobs[0], error)
            return
        half = len(jobs) // 2
        self._size = max(1, min(self._size, half))
        _log.warning("the device has no memory for a batch of %d: at most %d from now on", len(jobs), self._size)
        self._serve(jobs[:half])
        self._serve(jobs[half:])

    def _one_by_one(self, jobs: list[_Job], error: Exception) -> None:
        if len(jobs) == 1:
            _fail(jobs[0], error)
            return
        for job in jobs:
            self._serve([job])


def _alike(queue: list[_Job]) -> list[_Job]:
    """The oldest job and all that fit into its batch, those of about its length first: they need the least padding."""
    oldest = queue[0]
    return sorted((job for job in queue if job.kind == oldest.kind), key=lambda job: abs(job.length - oldest.length))


def _fail(job: _Job, error: Exception) -> None:
    if isinstance(error, DataError):
        job.future.set_exception(error)
    elif isinstance(error, NotAnswerable):
        job.future.set_result(failed(error.kind, str(error), retryable=False))
    elif isinstance(error, OutOfMemory):
        sentence = "the device has not the memory for this one request: take a smaller model or another device"
        job.future.set_result(failed("model_error", sentence, retryable=False))
    else:
        said = " ".join(str(error).split())[:_MESSAGE_CHARACTERS]
        job.future.set_result(failed("model_error", f"{type(error).__name__}: {said}", retryable=False))


def _finish(job: _Job, reply: Reply) -> None:
    if job.future.set_running_or_notify_cancel():
        job.future.set_result(reply)


def _was_closed() -> Reply:
    return failed("model_error", "the model was closed before it answered", retryable=False)
