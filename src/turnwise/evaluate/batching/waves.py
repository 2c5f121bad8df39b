"""Wave mode: turn t of all dialogues goes to the target as one batch job, at half price, and comes back hours later.

A job is in the run file before it is submitted, and its id right after, so that the same command goes on with it at
any moment. A row that failed leaves its dialogues waiting: they are in the next wave.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from turnwise.errors import EndpointDown, UsageError
from turnwise.evaluate.batching.target import BatchTarget
from turnwise.evaluate.batching.waiting import Waiting, row_of, waiting_requests
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.listener import Stop
from turnwise.models import BatchItem, BatchJob, BatchStatus, Reply
from turnwise.rollout import Asking, BudgetSpent, Conduct, RunStopped, shared
from turnwise.runfile import StoredJob

__all__ = ["Waves"]

_STOP_SEEN_AFTER_S = 0.2
_AGAIN = "then run the same command again"
_Made = TypeVar("_Made")


class _Stopped(Exception):
    """The run was asked to end early."""


class Waves:
    """Asks a target in batch jobs until no dialogue of the run waits for a reply, be it to a turn or to a question."""

    def __init__(
        self,
        target: BatchTarget,
        *,
        ledger: Ledger,
        conduct: Conduct,
        asking: Asking | None,
        stop: Stop,
    ) -> None:
        self._target = target
        self._model = target.model
        self._ledger = ledger
        self._writer = ledger.writer
        self._conduct = conduct
        self._asking = asking
        self._listener = ledger.listener
        self._stop = stop
        self._open: dict[str, BatchJob] = {}
        self._shown: dict[str, str] = {}
        self._failures: Counter[str] = Counter()
        self._given_up: set[str] = set()
        self._waves_in_vain = 0
        self._cause = ""

    async def run(self) -> None:
        """Do all that is pending, wave after wave; a job under way when it ends early goes on at the provider.

        Raises:
            EndpointDown, BudgetSpent: no more can be asked; what was read is stored.
            RunFileError: the run file cannot be written any more.
        """
        try:
            while waiting := await self._waiting():
                if not self._answer_from_cache(waiting):
                    await self._wave(waiting)
        except (_Stopped, RunStopped):
            pass
        except (EndpointDown, BudgetSpent) as error:
            self._writer.add_event("ended_early", str(error))
            self._writer.commit()
            raise
        finally:
            for job in self._open.values():
                self._listener.noted(f"batch job {job.id} goes on; the same command picks it up")

    async def _waiting(self) -> dict[str, Waiting]:
        if self._stop.asked:
            raise _Stopped
        works = map(self._ledger.work, self._ledger.unasked(self._asking))
        waiting, known = await waiting_requests(works, self._conduct, self._asking)
        for row in known:
            self._ledger.record(row)
        return {sha256: one for sha256, one in waiting.items() if sha256 not in self._given_up}

    def _answer_from_cache(self, waiting: Mapping[str, Waiting]) -> bool:
        """Answer what an earlier run has the reply to; whether there was any."""
        found = False
        for one in waiting.values():
            kept = self._target.recall(one.request)
            if kept is not None:
                self._store(one, kept)
                found = True
        self._writer.commit()
        return found

    async def _wave(self, waiting: Mapping[str, Waiting]) -> None:
        """One batch job, or as many as the provider's limits make of it, from submitting to reading."""
        self._open = {stored.key: stored.job for stored in self._writer.open_jobs() if stored.job is not None}
        await self._find_unnamed()
        await self._submit(waiting)
        outcome = await self._read_all(waiting)
        if outcome["answered"] or not outcome["failed in passing"]:
            self._waves_in_vain = 0
            return
        self._waves_in_vain += 1
        if self._waves_in_vain >= self._target.max_attempts:
            raise EndpointDown(
                f"{self._model.name}: {self._waves_in_vain} waves of batch jobs in a row brought no reply; the last "
                f"cause: {self._cause}; check model, key and limits, {_AGAIN}"
            )
        if not self._given_up.issuperset(waiting):
            await self._unless_stopped(asyncio.sleep(self._target.poll_s))

    async def _find_unnamed(self) -> None:
        """Look for jobs that were stored and perhaps submitted, but whose id an earlier start could not store."""
        for stored in self._writer.open_jobs():
            if stored.job is not None:
                continue
            n_items = len(stored.requests)
            self._listener.noted(f"looking for a batch job of {_requests(n_items)} that may have been submitted")
            find = self._model.find(stored.key, n_items=n_items, since_s=stored.since_s)
            job = await self._unless_stopped(find)
            if job is None:
                self._writer.end_job(stored.key, "lost")
            else:
                self._name(stored, job, "found")

    async def _submit(self, waiting: Mapping[str, Waiting]) -> None:
        """Submit what is not under way, as far as the caps allow."""
        under_way = {sha256 for stored in self._writer.open_jobs() for sha256 in stored.requests}
        wanted = [one for sha256, one in waiting.items() if sha256 not in under_way]
        items = [BatchItem(one.sha256, one.request) for one in self._affordable(wanted)]
        for part in self._model.split(items):
            if self._stop.asked:
                raise _Stopped
            provider = self._model.name.partition(":")[0]
            requests = tuple(item.custom_id for item in part)
            stored = StoredJob(f"turnwise-{uuid.uuid4().hex}", provider, requests, time.time())
            self._writer.add_job(stored)
            try:
                job = await self._model.submit(part, key=stored.key)
            except UsageError:
                self._writer.end_job(stored.key, "lost")
                raise
            self._name(stored, job, "submitted")

    def _affordable(self, wanted: Sequence[Waiting]) -> list[Waiting]:
        """What may be submitted now; what is under way is read before a cap ends the run."""
        try:
            return self._target.purse.take(wanted)
        except BudgetSpent:
            if not self._open:
                raise
            return []

    def _name(self, stored: StoredJob, job: BatchJob, done: str) -> None:
        self._writer.name_job(stored.key, job)
        self._open[stored.key] = job
        self._listener.noted(f"batch job {job.id}: {done}, {_requests(len(stored.requests))}")

    async def _read_all(self, waiting: Mapping[str, Waiting]) -> Counter[str]:
        """Wait for the jobs under way and store their replies; how many came to what."""
        outcome: Counter[str] = Counter()
        unread = {stored.key: stored for stored in self._writer.open_jobs()}
        while self._open:
            for key, job in list(self._open.items()):
                status = await self._unless_stopped(self._model.poll(job))
                self._show(job, status)
                if status.state != "running":
                    outcome += await self._read(unread[key], job, waiting)
                    del self._open[key]
                    self._check_not_refused(unread[key], status)
            if self._open:
                self._target.purse.check_time()
                await self._unless_stopped(asyncio.sleep(self._target.poll_s))
        return outcome

    async def _read(self, stored: StoredJob, job: BatchJob, waiting: Mapping[str, Waiting]) -> Counter[str]:
        """Store the replies of a job; they are committed together with the note that it was read."""
        outcome: Counter[str] = Counter()
        wanted = [sha256 for sha256 in stored.requests if sha256 in waiting]
        if wanted:
            async for sha256, reply in self._model.results(job, wanted):
                self._target.purse.settle(sha256, reply)
                self._keep(waiting[sha256], reply)
                outcome[_outcome(reply)] += 1
        self._writer.end_job(stored.key, "read")
        self._target.flush()
        return outcome

    def _keep(self, one: Waiting, reply: Reply) -> None:
        """Store a reply of a job; a failure that is not to be tried again in this run ends the wait for it."""
        self._store(one, reply)
        self._target.remember(one.request, reply)
        if reply.failure is None:
            return
        self._cause = f"{reply.failure.kind}, {reply.failure.message.rstrip('.')}"
        self._failures[one.sha256] += 1
        if not reply.failure.retryable or self._failures[one.sha256] >= self._target.max_attempts:
            self._given_up.add(one.sha256)

    def _store(self, one: Waiting, reply: Reply) -> None:
        for place in one.places:
            self._ledger.record(row_of(place, one.sha256, reply))
            reply = shared(reply)

    def _check_not_refused(self, stored: StoredJob, status: BatchStatus) -> None:
        """A job that was refused as a whole will be refused again, unless its requests may be retried."""
        if status.state == "failed" and not self._given_up.isdisjoint(stored.requests):
            why = (status.message or "no reason was given").rstrip(".")
            raise EndpointDown(f"{self._model.name} refused a batch job ({why}); check model, key and limits, {_AGAIN}")

    def _show(self, job: BatchJob, status: BatchStatus) -> None:
        """Say how a job goes, where that is news."""
        counts = f"{status.n_answered:,} of {status.n_items:,} answered, {status.n_failed:,} failed"
        words = f"batch job {job.id}: {status.state}, {counts}"
        if self._shown.get(job.id) != words:
            self._shown[job.id] = words
            self._listener.noted(words)

    async def _unless_stopped(self, work: Coroutine[Any, Any, _Made]) -> _Made:
        """What the work gives; when the run is asked to end before, the work is dropped.

        Raises:
            _Stopped: the run was asked to end.
        """
        task = asyncio.create_task(work)
        try:
            while not task.done():
                if self._stop.asked:
                    raise _Stopped
                await asyncio.wait({task}, timeout=_STOP_SEEN_AFTER_S)
            return task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})


def _outcome(reply: Reply) -> str:
    if reply.failure is None:
        return "answered"
    return "failed in passing" if reply.failure.retryable else "rejected"


def _requests(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"
