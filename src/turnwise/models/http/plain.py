"""Posting over plain HTTP/1.1 through connections of our own: what talks to model servers on this machine or beside it.

A call costs a third of the processor time that it takes through aiohttp, and an image goes from the cache to the socket
without a copy (docs/decisions/0006).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from turnwise.models.http.connection import Connection
from turnwise.models.http.http1 import AnswerReader
from turnwise.models.http.posting import CONNECT_TIMEOUT_S, MOST_ANSWER_BYTES, Posted

__all__ = ["PlainPoster"]

_KEPT_S = 60.0
# Copying fewer bytes than this is cheaper than handing them to the kernel apart.
_SMALL_BYTES = 16 * 1024


class PlainPoster:
    """A Poster over connections that carry one request at a time and are kept for the next one."""

    def __init__(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._timeout_s = timeout_s
        sent = {"Host": parts.netloc, "Accept": "*/*", "Accept-Encoding": "identity", **headers}
        lines = [f"POST {parts.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
        self._head = "".join(f"{line}\r\n" for line in lines).encode()
        self._open: set[Connection] = set()
        self._idle: deque[Connection] = deque()

    async def post(self, pieces: Sequence[bytes]) -> Posted:
        """Post a body and hear the whole answer.

        Raises:
            TimeoutError: nothing, or not all of it, came in time.
            OSError: there is no connection, or no answer that can be read.
        """
        head = b"%bContent-Length: %d\r\n\r\n" % (self._head, sum(map(len, pieces)))
        request = list(_gathered([head, *pieces]))
        until = asyncio.get_running_loop().time() + self._timeout_s
        connection = self._kept() or await self._connect(until)
        answer = await connection.ask(request, AnswerReader(MOST_ANSWER_BYTES), until=until)
        if connection.is_open:
            self._idle.append(connection)
        return Posted(answer.status, answer.headers, answer.body)

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        for connection in list(self._open):
            connection.drop()
        self._idle.clear()
        await asyncio.sleep(0)  # the loop closes them in its next round

    def _kept(self) -> Connection | None:
        """The connection used last, as the others may age; None when none is left."""
        oldest = time.monotonic() - _KEPT_S
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.popleft().drop()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connect(self, until: float) -> Connection:
        loop, host, port = asyncio.get_running_loop(), self._host, self._port
        try:
            async with asyncio.timeout_at(min(until, loop.time() + CONNECT_TIMEOUT_S)):
                _, connection = await loop.create_connection(lambda: Connection(self._open.discard), host, port)
        except TimeoutError as error:
            raise TimeoutError("no connection within the time allowed") from error
        except OSError as error:
            raise ConnectionError(f"no connection to {host}:{port} ({error.strerror or error})") from error
        self._open.add(connection)
        return connection


def _gathered(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces: small neighbours are joined, large pieces are passed on as they are."""
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) < _SMALL_BYTES:
            small.append(piece)
            continue
        if small:
            yield b"".join(small)
            small.clear()
        yield piece
    if small:
        yield b"".join(small)
