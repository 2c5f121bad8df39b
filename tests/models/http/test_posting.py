"""Posting, our own way and aiohttp's, to servers that keep to HTTP and to those that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from models.http.raw_server import HEADERS, HELLO, Play, RawServer, Request, answering, playing, read_request, said
from turnwise.models.http.plain import PlainPoster
from turnwise.models.http.posting import MOST_ANSWER_BYTES, Poster
from turnwise.models.http.session import SessionPoster

CLOSING = HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.0 200 OK\r\n\r\nhello"

Open = Callable[[RawServer], Poster]


@pytest.fixture(params=["plain", "session"])
def open_one(request: pytest.FixtureRequest, opened: list[Poster]) -> Open:
    """Opens posters to a server, of either kind."""

    def open_to(server: RawServer) -> Poster:
        plain = PlainPoster(server.url, headers=HEADERS, timeout_s=5.0)
        session = SessionPoster(server.url, headers=HEADERS, timeout_s=5.0, proxy=None)
        opened.extend([plain, session])
        return plain if request.param == "plain" else session

    return open_to


async def test_a_body_in_pieces_arrives_as_one_with_its_length_and_headers(open_one: Open) -> None:
    """Large pieces and small ones, in order, under the headers given."""
    received: list[Request] = []
    pieces = [b"{", b"a" * 20_000, b"", b",", b"b" * 3_000_000, b"c" * 16_384, b"}"]
    async with playing(answering(HELLO, received=received)) as server:
        posted = await open_one(server).post(pieces)
    assert (said(posted), posted.headers.get("content-type")) == ((200, b"hello"), "text/plain")
    assert received[0].body == b"".join(pieces)
    lines = received[0].head.splitlines()
    assert lines[0] == "POST /v1/chat/completions HTTP/1.1"
    assert {f"Host: 127.0.0.1:{server.port}", *(f"{name}: {value}" for name, value in HEADERS.items())} <= set(lines)


@pytest.mark.parametrize("answer", [HELLO, CHUNKED, b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO])
async def test_a_connection_is_used_again(answer: bytes, open_one: Open) -> None:
    """Calls one after the other are made on one connection, however their answers are framed."""
    async with playing(answering(answer, answer, answer)) as server:
        poster = open_one(server)
        assert [said(await poster.post([b"{}"])) for _ in range(3)] == [(200, b"hello")] * 3
    assert server.connections == 1


@pytest.mark.parametrize("answer", [CLOSING, UNTIL_CLOSED])
async def test_a_connection_that_the_server_ends_is_replaced(answer: bytes, open_one: Open) -> None:
    """It says so, or ends its answer by it; either way the answer counts and the next call has another connection."""
    async with playing(answering(answer)) as server:
        poster = open_one(server)
        assert [said(await poster.post([b"{}"])) for _ in range(3)] == [(200, b"hello")] * 3
    assert server.connections == 3


async def test_calls_at_the_same_time_have_connections_of_their_own(open_one: Open) -> None:
    """Nobody waits for another's answer, and each gets its own."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            body = (await read_request(reader)).body
            await asyncio.sleep(0.01)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    async with playing(echo) as server:
        poster = open_one(server)
        bodies = [b"%d" % number for number in range(20)]
        first = await asyncio.gather(*(poster.post([body]) for body in bodies))
        again = await asyncio.gather(*(poster.post([body]) for body in bodies))
        assert [posted.body for posted in first] == [posted.body for posted in again] == bodies
        await poster.close()
    assert server.connections == 20


async def cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise more than comes."""
    await read_request(reader)
    writer.write(HELLO.replace(b"Length: 5", b"Length: 50"))


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break the connection off in the middle of the body."""
    await read_request(reader)
    writer.write(HELLO[:-2])
    await writer.drain()
    writer.transport.abort()


async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close without a word."""
    await read_request(reader)


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer in no protocol at all."""
    await read_request(reader)
    writer.write(b"what do you want\r\n\r\n")


async def bad_chunk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a chunk of another size than it says."""
    await read_request(reader)
    writer.write(CHUNKED.replace(b"5\r\n", b"2\r\n"))


@pytest.mark.parametrize("play", [cut_off, reset, leave, babble, bad_chunk])
async def test_an_answer_that_cannot_be_read_is_a_connection_error(play: Play, open_one: Open) -> None:
    """It is one error, after one request, and the next call is not hurt by it."""
    async with playing(play, answering(HELLO)) as server:
        poster = open_one(server)
        with pytest.raises(ConnectionError):
            await poster.post([b"{}"])
        assert server.connections == 1
        assert said(await poster.post([b"{}"])) == (200, b"hello")


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await read_request(reader)
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, with no end in sight."""
    await read_request(reader)
    writer.write(HELLO.replace(b"Length: 5", b"Length: 5000"))
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("play", [hang, drip])
@pytest.mark.parametrize("kind", [PlainPoster, SessionPoster])
async def test_the_time_covers_the_whole_answer(play: Play, kind: type, opened: list[Poster]) -> None:
    """Silence and a slow drip are both too late, and the connection is not used again."""
    async with playing(play, answering(HELLO)) as server:
        named = {"proxy": None} if kind is SessionPoster else {}
        poster: Poster = kind(server.url, headers=HEADERS, timeout_s=0.5, **named)
        opened.append(poster)
        with pytest.raises(TimeoutError):
            await poster.post([b"{}"])
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 2


async def test_nobody_at_the_address_is_a_connection_error(open_one: Open) -> None:
    """The sentence names the address."""
    server = RawServer()
    server.port = 1
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:1"):
        await open_one(server).post([b"{}"])


async def test_a_body_beyond_the_bound_is_not_taken(open_one: Open) -> None:
    """There is a status and no body, and the rest is not waited for."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_ANSWER_BYTES + 1)

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        while not writer.is_closing():
            writer.write(b" " * 1024 * 1024)
            await writer.drain()

    async with playing(flood, answering(HELLO)) as server:
        poster = open_one(server)
        assert said(await poster.post([b"{}"])) == (200, None)
        assert said(await poster.post([b"{}"])) == (200, b"hello")


async def test_an_answer_before_the_whole_request_was_taken_counts(open_one: Open) -> None:
    """A server may refuse by the head alone; what it did not take must not come before the next request."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO.replace(b"200 OK", b"413 Too Large"))
        await asyncio.sleep(0.1)
        await reader.read()  # what is sent on this connection from here on is never answered

    async with playing(refuse, answering(HELLO)) as server:
        poster = open_one(server)
        assert said(await poster.post([b"x" * 30_000_000])) == (413, b"hello")
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 2


async def test_a_cancelled_call_gives_up_its_connection(open_one: Open) -> None:
    """The answer that comes late finds nobody, and the next call has a connection of its own."""
    arrived, left = asyncio.Event(), asyncio.Event()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await reader.read()
        left.set()

    async with playing(late, answering(HELLO)) as server:
        poster = open_one(server)
        call = asyncio.ensure_future(poster.post([b"{}"]))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(2.0):
            await left.wait()
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 2


async def test_closing_ends_what_is_under_way_and_may_be_done_twice(open_one: Open) -> None:
    """A call that waits fails as one whose connection was lost."""
    async with playing(hang, answering(HELLO)) as server:
        poster = open_one(server)
        call = asyncio.ensure_future(poster.post([b"{}"]))
        await asyncio.sleep(0.1)
        assert server.connections == 1
        await poster.close()
        await poster.close()
        with pytest.raises(ConnectionError):
            await call


@pytest.mark.parametrize("last", [b"", HELLO[:-2]])
async def test_a_kept_connection_that_ends_under_a_request_is_one_error(last: bytes, open_one: Open) -> None:
    """With or without the first bytes of an answer: asking again is for those to decide who count attempts."""
    received: list[Request] = []
    async with playing(answering(HELLO, last, received=received), answering(HELLO)) as server:
        poster = open_one(server)
        await poster.post([b"1"])
        with pytest.raises(ConnectionError):
            await poster.post([b"2"])
        assert (server.connections, [request.body for request in received]) == (1, [b"1", b"2"])
        assert said(await poster.post([b"3"])) == (200, b"hello")
