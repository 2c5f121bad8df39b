"""One connection to an HTTP/1.1 server: a request goes out, its answer is read, then the next one may go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import cast

from turnwise.models.http.http1 import AnswerReader

__all__ = ["Connection"]


class Connection(asyncio.Protocol):
    """One connection; carries one request at a time.

    Args:
        when_lost: Told when it is closed, whoever closed it.

    Attributes:
        idle_since: When its last answer was whole, by the monotonic clock.
    """

    def __init__(self, when_lost: Callable[[Connection], None]) -> None:
        self.idle_since = 0.0
        self._when_lost = when_lost
        self._transport: asyncio.Transport | None = None
        self._reader: AnswerReader | None = None
        self._answered: asyncio.Future[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: Sequence[bytes], reader: AnswerReader, *, until: float) -> AnswerReader:
        """Send a request and let `reader` read the whole answer to it, up to a time of the loop; gives it back.

        Raises:
            TimeoutError: the answer is not there by then.
            OSError: the connection was lost, or the answer cannot be read.
        """
        loop = asyncio.get_running_loop()
        self._reader, self._answered = reader, loop.create_future()
        timer = loop.call_at(until, self._fail, TimeoutError())
        try:
            self._send(request)
            await self._answered
        except BaseException:
            # What is left of this answer must never be read as the next one.
            self.drop()
            raise
        finally:
            timer.cancel()
            self._reader = self._answered = None
        self.idle_since = time.monotonic()
        # A server may answer before it has taken the whole request; what it left would come before the next one.
        if not reader.keeps or (self._transport is not None and self._transport.get_write_buffer_size()):
            self.drop()
        return reader

    def drop(self) -> None:
        """Close at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the server."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        """Read on; what nobody asked for ends the connection."""
        if self._answered is None or self._answered.done():
            self.drop()
        else:
            self._read(data)

    def eof_received(self) -> None:
        """The server will say no more: this ends an answer that has no length, and breaks off any other."""
        if self._answered is not None and not self._answered.done():
            self._read(b"")

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits."""
        self._transport = None
        self._when_lost(self)
        self._fail(error or _closed())

    def _send(self, request: Sequence[bytes]) -> None:
        if self._transport is None:
            raise _closed()
        self._transport.writelines(request)

    def _read(self, data: bytes) -> None:
        assert self._reader is not None
        assert self._answered is not None
        try:
            if self._reader.feed(data):
                self._answered.set_result(None)
        except ConnectionError as error:
            self._answered.set_exception(error)

    def _fail(self, error: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)


def _closed() -> ConnectionError:
    return ConnectionResetError("the server closed the connection")
