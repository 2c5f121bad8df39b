"""A server that is played by hand, connection by connection and byte by byte: what no HTTP library would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from turnwise.models.http.posting import Posted

__all__ = ["HEADERS", "HELLO", "Play", "RawServer", "Request", "answering", "playing", "read_request", "said"]

HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer sk-test"}
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What happens on one connection, until it returns and the connection is closed."""


class Request(msgspec.Struct, frozen=True):
    """One request as it came."""

    head: str
    body: bytes


class RawServer:
    """Plays connection number i by play number i; the last one plays all that follow."""

    def __init__(self, *plays: Play) -> None:
        self.plays = plays
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where requests are posted."""
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play one connection."""
        self.connections += 1
        play = self.plays[min(self.connections, len(self.plays)) - 1]
        try:
            await play(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone, which some plays are about
        finally:
            writer.close()


@asynccontextmanager
async def playing(*plays: Play) -> AsyncIterator[RawServer]:
    """A server on a free loopback port for as long as the block lasts."""
    played = RawServer(*plays)
    server = await asyncio.start_server(played.play, "127.0.0.1", 0)
    played.port = server.sockets[0].getsockname()[1]
    try:
        yield played
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request on a connection, whole."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(line for line in head.splitlines() if line.lower().startswith("content-length:"))
    return Request(head, await reader.readexactly(int(length.partition(":")[2])))


def answering(*answers: bytes, received: list[Request] | None = None) -> Play:
    """A connection on which request number i is read and gets answer number i; it ends after the last one."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            request = await read_request(reader)
            if received is not None:
                received.append(request)
            writer.write(answer)
            await writer.drain()

    return play


def said(posted: Posted) -> tuple[int, bytes | None]:
    """Status and body."""
    return posted.status, posted.body
