"""Our own connections: which are kept, for how long, and what they are used for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from models.http.raw_server import HEADERS, HELLO, RawServer, answering, playing, read_request, said
from turnwise.models.http.plain import PlainPoster
from turnwise.models.http.posting import Poster, open_poster
from turnwise.models.http.session import SessionPoster

OpenPlain = Callable[..., PlainPoster]


@pytest.fixture
def open_plain(opened: list[Poster]) -> OpenPlain:
    """Opens posters of our own to a server."""

    def open_to(server: RawServer, *, timeout_s: float = 5.0) -> PlainPoster:
        poster = PlainPoster(server.url, headers=HEADERS, timeout_s=timeout_s)
        opened.append(poster)
        return poster

    return open_to


async def test_the_time_of_a_call_ends_with_it(open_plain: OpenPlain) -> None:
    """What is left of one call's time does not end the next one on its connection."""

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for wait_s in (0.0, 0.5):
            await read_request(reader)
            await asyncio.sleep(wait_s)
            writer.write(HELLO)

    async with playing(slow) as server:
        poster = open_plain(server, timeout_s=0.8)
        await poster.post([b"{}"])
        await asyncio.sleep(0.5)
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 1


async def test_words_that_nobody_asked_for_end_a_connection(open_plain: OpenPlain) -> None:
    """They would be taken for the next answer."""

    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(HELLO)(reader, writer)
        await asyncio.sleep(0.02)
        writer.write(HELLO.replace(b"hello", b"there"))
        await reader.read()

    async with playing(chatter, answering(HELLO)) as server:
        poster = open_plain(server)
        await poster.post([b"{}"])
        await asyncio.sleep(0.1)
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 2


async def test_a_connection_idle_for_a_minute_is_given_up(open_plain: OpenPlain) -> None:
    """Firewalls forget such connections without telling anybody."""
    async with playing(answering(HELLO, HELLO)) as server:
        poster = open_plain(server)
        await poster.post([b"{}"])
        poster._idle[0].idle_since -= 61.0
        assert said(await poster.post([b"{}"])) == (200, b"hello")
    assert server.connections == 2


@pytest.mark.parametrize(
    ("url", "proxy", "kind"),
    [
        ("http://127.0.0.1:8000/v1/chat/completions", None, PlainPoster),
        ("http://gpu-box/v1/chat/completions", None, PlainPoster),
        ("http://[::1]:8000/v1", None, PlainPoster),
        ("https://models.example.com/v1", None, SessionPoster),
        ("http://127.0.0.1:8000/v1", "http://proxy:3128", SessionPoster),
        ("http://m\u00fcnchen.example/v1", None, SessionPoster),
        ("http://127.0.0.1:8000/\u00fc/v1", None, SessionPoster),
    ],
)
async def test_our_own_way_is_for_plain_addresses(url: str, proxy: str | None, kind: type) -> None:
    """TLS, proxies and what needs encoding are left to aiohttp."""
    assert isinstance(open_poster(url, headers=HEADERS, timeout_s=5.0, proxy=proxy), kind)
