"""A cluster inside the test's own process: real workers and a real desk, and the calls between them can be cut."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

import msgspec

from turnwise.dialogue import Image
from turnwise.evaluate.cluster.desk import Ask, Desk
from turnwise.evaluate.cluster.driver import RemoteWorker, WorkerLost
from turnwise.evaluate.cluster.order import encode
from turnwise.evaluate.cluster.worker import Worker

_decode_asks = msgspec.msgpack.Decoder(list[Ask]).decode


class Here:
    """Starts workers in this process; `kill` cuts one off at its next word, its engine with it.

    Args:
        kills: How many workers are killed, each after a random number of the messages it sends.
        at_once: They are killed at their first message.
        poison: A worker dies of a lease that holds these words.
        desk_answers: So many bundles are answered at the desk, then it is gone; None for one that stays.
        die_after_end: A worker is lost as soon as it has told why it can ask no more, and no other gets ready.
        far: Workers see none of the driver's files.
        before_ready: What happens on a worker's machine before its engine is opened.

    Attributes:
        sent_along: The images that workers were sent.
        keys: The keys that workers were given.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        kills: int = 0,
        seed: int = 0,
        at_once: bool = False,
        poison: str | None = None,
        desk_answers: int | None = None,
        die_after_end: bool = False,
        far: bool = False,
        before_ready: Callable[[], object] = lambda: None,
    ) -> None:
        self.n_workers = 2
        self.far = far
        self.poison = poison
        self.die_after_end = die_after_end
        self.over = asyncio.Event()
        self._desk_answers = desk_answers
        self.keys: dict[str, str] = {}
        self.before_ready = before_ready
        self.sent_along: dict[str, bytes] = {}
        self.desk = desk
        self.started: list[_Near] = []
        self.given_up: list[str] = []
        self._kills = kills
        self._most_words = 1 if at_once else 8
        self._chance = random.Random(seed)

    def start(self, name: str, equipment: bytes, keys: Mapping[str, str]) -> RemoteWorker:
        """A worker, which may be one that will be killed."""
        self.keys.update(keys)
        doomed = len(self.started) < self._kills
        worker = Worker(equipment, keys, partial(self._serve, name))
        words = self._chance.randrange(self._most_words) if doomed else None
        self.started.append(_Near(worker, self, words))
        return self.started[-1]

    async def give_up(self, name: str, worker: RemoteWorker) -> None:
        """Settle at the desk."""
        self.given_up.append(name)
        self.desk.forget(name)

    async def _serve(self, worker: str, asks: bytes) -> bytes:
        await asyncio.sleep(0)
        if self._desk_answers is not None:
            self._desk_answers -= 1
            if self._desk_answers < 0:
                raise RuntimeError("it is gone")
        return encode(self.desk.serve(worker, _decode_asks(asks)))


class _Near:
    """A worker, gone after that many messages; None for one that lives."""

    def __init__(self, worker: Worker, here: Here, words: int | None) -> None:
        self.worker = worker
        self._here = here
        self._words = words

    async def ready(self) -> bytes:
        """As the worker's."""
        self._here.before_ready()
        if self._here.over.is_set():
            await asyncio.Event().wait()
        return await self.worker.ready()

    async def missing(self, images: bytes) -> list[str]:
        """As the worker's; from afar, all of them."""
        if self._here.far:
            return [image.sha256 for image in msgspec.msgpack.decode(images, type=list[Image])]
        return await self.worker.missing(images)

    async def work(self, lease: bytes, contents: Mapping[str, bytes]) -> AsyncIterator[bytes]:
        """As the worker's, as long as it lives; what it said last is lost with it."""
        self._here.sent_along.update(contents)
        if self._here.poison is not None and self._here.poison.encode() in lease:
            raise WorkerLost("it died of a lease")
        rows = self.worker.work(lease, contents)
        try:
            async for sent in rows:
                if self._words is not None:
                    self._words -= 1
                    if self._words < 0:
                        raise WorkerLost("it was killed")
                yield sent
                if self._here.die_after_end and b"ended" in sent:
                    self._here.over.set()
                    raise WorkerLost("it died with its endpoint")
        finally:
            await rows.aclose()

    async def stop(self) -> None:
        """As the worker's."""
        await self.worker.stop()

    async def close(self) -> None:
        """As the worker's."""
        await self.worker.close()
