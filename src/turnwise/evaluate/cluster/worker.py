"""A worker: the engine of the run in another process, mostly on another machine. Rows go back at once.

Nothing here knows Ray, which only carries the calls; the driver makes an actor of `Worker`.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack

import msgspec

from turnwise import __version__
from turnwise.dialogue import Image
from turnwise.errors import TurnwiseError
from turnwise.evaluate.cluster.errand import DeskCommons, Errands, Send
from turnwise.evaluate.cluster.order import Ended, Equipment, Hello, Sent, decode_works, encode
from turnwise.evaluate.cluster.pictures import is_here, placed
from turnwise.evaluate.endpoints import Endpoints
from turnwise.evaluate.engine import Engine, Row, Work
from turnwise.evaluate.listener import Stop
from turnwise.evaluate.opening import open_engine
from turnwise.models import PacingLimits

__all__ = ["Worker"]

_SENT_AFTER_S = 0.03

_decode_equipment = msgspec.msgpack.Decoder(Equipment).decode
_decode_images = msgspec.msgpack.Decoder(list[Image]).decode


class Worker:
    """Does the dialogues it is leased, and gives rows back while it works.

    Args:
        equipment: An encoded `Equipment`.
        keys: API keys by environment variable, as the driver has them.
        send: The way to the desk.
    """

    def __init__(self, equipment: bytes, keys: Mapping[str, str], send: Send) -> None:
        self._equipment = _decode_equipment(equipment)
        self._keys = keys
        self._errands = Errands(send)
        self._stop = Stop()
        self._opened = AsyncExitStack()
        self._engine: Engine | None = None
        self._places = asyncio.Semaphore(self._equipment.machinery.concurrency)

    async def ready(self) -> bytes:
        """Open the engine; an encoded `Hello` that says which, or why it cannot be opened here."""
        os.environ.update(self._keys)
        hello = Hello(version=__version__, host=socket.gethostname())
        try:
            self._engine = await self._opened.enter_async_context(
                open_engine(self._equipment.brief, self._endpoints(), self._stop)
            )
        except TurnwiseError as error:
            return encode(msgspec.structs.replace(hello, trouble=str(error)))
        return encode(msgspec.structs.replace(hello, cards=tuple(judge.card for judge in self._engine.judges)))

    async def missing(self, images: bytes) -> list[str]:
        """The hashes of those among encoded images that have to be sent along."""
        return [image.sha256 for image in _decode_images(images) if not is_here(image)]

    async def work(self, lease: bytes, contents: Mapping[str, bytes]) -> AsyncGenerator[bytes, None]:
        """Do a lease, an encoded list of `Work`; gives encoded lists of rows, several times a second.

        Args:
            lease: Bytes of the dialogues to do.
            contents: Images that this machine does not have, by hash.
        """
        rows: list[Sent] = []
        try:
            with placed(decode_works(lease), contents) as works:
                task = asyncio.create_task(self._all(works, rows))
                try:
                    while not task.done():
                        await asyncio.wait({task}, timeout=_SENT_AFTER_S)
                        if rows:
                            sent = encode(rows)
                            rows.clear()  # before the yield: more are told while it waits
                            yield sent
                    task.result()
                finally:
                    task.cancel()
        except TurnwiseError as error:
            rows.append(Ended(type(error).__name__, str(error)))
        if self._engine is not None and self._engine.ended is not None:
            rows.append(Ended(type(self._engine.ended).__name__, str(self._engine.ended)))
        # The desk is to know what was spent before the driver hears that it is over.
        await self._errands.settled()
        if rows:
            yield encode(rows)

    async def stop(self) -> None:
        """Let calls in flight finish and make no new ones."""
        self._stop.ask()

    async def close(self) -> None:
        """Close the models."""
        await self._opened.aclose()

    async def _all(self, works: list[Work], rows: list[Sent]) -> None:
        """Every dialogue of a lease, as places become free; two leases of a worker share its places."""
        engine = self._engine
        assert engine is not None, "a worker is leased dialogues once it is ready"

        def tell(row: Row) -> None:
            rows.append(row)

        async def one(work: Work) -> None:
            async with self._places:
                if not engine.ending:
                    await engine.do(work, tell)

        try:
            async with asyncio.TaskGroup() as group:
                for work in works:
                    group.create_task(one(work))
        except* TurnwiseError as several:
            raise several.exceptions[0] from None

    def _endpoints(self) -> Endpoints:
        machinery = self._equipment.machinery
        limits = PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm)
        capped = any(getattr(machinery.caps, name) is not None for name in machinery.caps.__struct_fields__)
        commons = DeskCommons(self._errands, limits, cached=self._equipment.cached, capped=capped)
        brief = self._equipment.brief
        return Endpoints(machinery, commons, self._equipment.prices, seed=brief.seed, share=brief.conduct.share)
