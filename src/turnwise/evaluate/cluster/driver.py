"""The driver of a run on a cluster: it starts workers, leases them dialogues, writes down what comes back.

What carries the calls is a `Cluster`; Ray's is in carrier.py.
"""

from __future__ import annotations

import asyncio
import math
import os
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from turnwise import __version__
from turnwise.errors import EndpointDown, TurnwiseError, UsageError
from turnwise.evaluate.agenda import Agenda
from turnwise.evaluate.cluster.leases import MOST_LOSSES, Leases
from turnwise.evaluate.cluster.order import Ended, Equipment, Hello, Order, decode_sent, encode, error_of
from turnwise.evaluate.cluster.pictures import absolute, images_of
from turnwise.evaluate.engine import Engine, Work
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.opening import Brief
from turnwise.evaluate.pipeline import say_why
from turnwise.judge import JudgeCard
from turnwise.models import KEY_VARIABLES
from turnwise.rollout import BudgetSpent, read_prices

__all__ = ["Cluster", "RemoteWorker", "WorkerLost", "drive"]

_LEASES_AT_ONCE = 2
_STOP_SEEN_AFTER_S = 0.2
_NOBODY_FOR_S = 120.0
_START_AGAIN_AFTER_S = 0.2

_decode_hello = msgspec.msgpack.Decoder(Hello).decode


class WorkerLost(Exception):
    """A worker, or the machine it ran on, is gone."""


class RemoteWorker(Protocol):
    """A worker as the driver calls it, see `Worker`; any call raises WorkerLost when it is gone."""

    async def ready(self) -> bytes:
        """See `Worker.ready`."""
        ...

    async def missing(self, images: bytes) -> list[str]:
        """See `Worker.missing`."""
        ...

    def work(self, lease: bytes, contents: Mapping[str, bytes]) -> AsyncIterator[bytes]:
        """See `Worker.work`."""
        ...

    async def stop(self) -> None:
        """See `Worker.stop`."""
        ...

    async def close(self) -> None:
        """See `Worker.close`."""
        ...


class Cluster(Protocol):
    """Where workers can be started, with the desk of one run.

    Attributes:
        n_workers: How many are to be at work.
    """

    n_workers: int

    def start(self, name: str, equipment: bytes, keys: Mapping[str, str]) -> RemoteWorker:
        """A new worker; it is ready when there is room for it."""
        ...

    async def give_up(self, name: str, worker: RemoteWorker) -> None:
        """End a worker, lost or not, and settle at the desk what it had under way."""
        ...


async def drive(ledger: Ledger, engine: Engine, agenda: Agenda, order: Order, cluster: Cluster) -> None:
    """Have what the agenda asks for done by workers that open the same engine.

    Raises:
        UsageError: a worker cannot open the engine.
        EndpointDown, BudgetSpent: no more can be asked, or there are no workers. All answers are stored.
        RunFileError: the run file cannot be written any more.
    """
    driver = _Driver(ledger, engine, agenda, order, cluster)
    await driver.run()
    say_why(ledger, driver.ended)


class _Driver:
    """One run on a cluster."""

    def __init__(self, ledger: Ledger, engine: Engine, agenda: Agenda, order: Order, cluster: Cluster) -> None:
        self._ledger = ledger
        self._engine = engine
        self._cluster = cluster
        self._agenda = agenda
        self._leases = Leases(ledger, agenda, n_workers=cluster.n_workers)
        self._equipment = encode(_equipment(order, cluster.n_workers))
        self._keys = _keys(order.brief)
        self._workers: dict[str, RemoteWorker] = {}
        self._cards = tuple(judge.card for judge in engine.judges)
        self._flush = order.commons.flush
        self._done = asyncio.Event()
        self.ended: EndpointDown | BudgetSpent | None = None

    async def run(self) -> None:
        """Until every dialogue is done as far as it goes, or the run ends early."""
        async with self._ledger.committing(self._flush) as group:
            places = [group.create_task(self._place()) for _ in range(self._cluster.n_workers)]
            watch = group.create_task(self._watch())
            await self._done.wait()
            for task in (*places, watch):
                task.cancel()
        if self._leases.left:
            n_left = len(self._leases.left)
            left, each, them = ("dialogue is", "it", "it") if n_left == 1 else ("dialogues are", "each", "them")
            self._ledger.listener.noted(
                f"{n_left:,} {left} left undone: over {each}, {MOST_LOSSES} workers were lost; the same command "
                f"tries {them} again"
            )

    async def _place(self) -> None:
        """Keep one worker at work; when it is lost, start another one in its place."""
        while not self._done.is_set():
            name = uuid.uuid4().hex[:8]
            try:
                async with self._worker(name) as worker:
                    async with asyncio.TaskGroup() as group:
                        for _ in range(_LEASES_AT_ONCE):
                            group.create_task(self._serve(worker))
                    self._done.set()
            except* WorkerLost as several:
                self._ledger.listener.noted(
                    f"a worker was lost ({several.exceptions[0]}); its dialogues are leased again"
                )
                self._ledger.writer.add_event("worker_lost", str(several.exceptions[0]))
                await asyncio.sleep(_START_AGAIN_AFTER_S)

    @asynccontextmanager
    async def _worker(self, name: str) -> AsyncIterator[RemoteWorker]:
        """A worker that is ready.

        Raises:
            WorkerLost: it was lost.
            UsageError: it cannot open the engine of this run.
        """
        worker = self._cluster.start(name, self._equipment, self._keys)
        try:
            self._check(_decode_hello(await worker.ready()))
            self._workers[name] = worker
            yield worker
            await worker.close()
        finally:
            self._workers.pop(name, None)
            await self._cluster.give_up(name, worker)

    async def _serve(self, worker: RemoteWorker) -> None:
        """Lease one shard after the other to a worker."""
        while shard := await self._leases.take():
            try:
                await self._lease(worker, shard)
            except BaseException:  # the worker's other lease was the first to notice, and this one is cancelled
                await self._leases.lost(shard)
                raise
            await self._leases.done()

    async def _lease(self, worker: RemoteWorker, shard: list[Work]) -> None:
        works = [absolute(work) for work in shard]
        images = images_of(works)
        missing = await worker.missing(encode(list(images.values()))) if images else []
        contents = {sha256: await asyncio.to_thread(images[sha256].read_bytes) for sha256 in missing}
        async for rows in worker.work(encode(works), contents):
            for row in decode_sent(rows):
                if isinstance(row, Ended):
                    await self._end(error_of(row))
                else:
                    self._ledger.record(row)
                    self._agenda.learn(row)

    async def _end(self, error: TurnwiseError) -> None:
        """End the run early: no more is leased, calls in flight are let finish.

        Raises:
            TurnwiseError: the error, when it is none that a run may end with.
        """
        if not isinstance(error, EndpointDown | BudgetSpent):
            raise error
        self.ended = self.ended or error
        await self._stop_all()

    async def _stop_all(self) -> None:
        await self._leases.end()
        for worker in list(self._workers.values()):
            await worker.stop()

    async def _watch(self) -> None:
        """Pass on the wish to stop, and end the run when nobody has been at work for too long."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        while True:
            await asyncio.sleep(_STOP_SEEN_AFTER_S)
            if self._engine.stop.asked:
                await self._stop_all()
            seen = loop.time() if self._workers else seen
            if (self._engine.stop.asked or self.ended is not None) and not self._workers:
                self._done.set()
            elif loop.time() - seen > _NOBODY_FOR_S:
                self.ended = EndpointDown(
                    f"no Ray worker could be started for {_NOBODY_FOR_S:.0f} s; look at the cluster's free processors "
                    "(`ray status`), then run the same command again"
                )
                self._done.set()

    def _check(self, hello: Hello) -> None:
        """Refuse a worker that would measure something else.

        Raises:
            UsageError: it has another turnwise, other rubrics, or cannot open the engine.
        """
        if hello.version != __version__:
            raise UsageError(
                f"worker on {hello.host}: turnwise {hello.version}, but {__version__} here; install the same"
            )
        if hello.trouble is not None:
            raise UsageError(f"worker on {hello.host}: {hello.trouble}")
        if hello.cards != self._cards:
            raise UsageError(f"worker on {hello.host}: its judges have other rubrics ({_names(hello.cards)})")


def _equipment(order: Order, n_workers: int) -> Equipment:
    machinery = msgspec.structs.replace(
        order.machinery,
        concurrency=math.ceil(order.machinery.concurrency / n_workers),
        cache=None,
        prices=None,
    )
    return Equipment(
        brief=order.brief,
        machinery=machinery,
        cached=order.machinery.cache is not None,
        prices=read_prices(order.machinery.prices),
    )


def _keys(brief: Brief) -> dict[str, str]:
    """The keys that the models of a run need, by environment variable."""
    words = {word for spelling in (brief.target or "", *brief.judges) for word in spelling.split(":")}
    names = [name for provider, names in KEY_VARIABLES.items() if provider in words for name in names]
    return {name: os.environ[name] for name in names if name in os.environ}


def _names(cards: Sequence[JudgeCard]) -> str:
    return ", ".join(card.name for card in cards)
