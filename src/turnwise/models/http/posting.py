"""Posting bytes to a server and hearing its answer: the way out of the clients that are our own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

__all__ = ["CONNECT_TIMEOUT_S", "MOST_ANSWER_BYTES", "Posted", "Poster", "open_poster"]

MOST_ANSWER_BYTES = 32 * 1024 * 1024
"""The longest body of an answer that is taken."""

CONNECT_TIMEOUT_S = 10.0
"""The time for connecting, within the time for the whole call."""

# What needs no encoding of host or path. Letters outside ASCII are left to a library that knows them.
_PLAIN = re.compile(r"http://[!-~]+")


class Posted(msgspec.Struct, frozen=True):
    """What a server answered.

    Fields:
        headers: Asked for by names in lower case.
        body: None when it is longer than `MOST_ANSWER_BYTES`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Poster(Protocol):
    """Posts to one URL over connections that it keeps; redirects are not followed."""

    async def post(self, pieces: Sequence[bytes]) -> Posted:
        """Post a body, given in pieces, and hear the whole answer.

        Raises:
            TimeoutError: nothing, or not all of it, came in time; its text says what, where that is known.
            OSError: there is no connection, or no answer that can be read.
        """
        ...

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        ...


def open_poster(url: str, *, headers: Mapping[str, str], timeout_s: float, proxy: str | None) -> Poster:
    """The poster for a URL: our own over plain HTTP, aiohttp's over TLS and through a proxy.

    Args:
        url: Without credentials and query.
        headers: Sent with every request.
        timeout_s: Time for a call, from connecting to the end of the answer.
        proxy: URL of an HTTP proxy.
    """
    if proxy is None and _PLAIN.fullmatch(url):
        from turnwise.models.http.plain import PlainPoster  # noqa: PLC0415 - as the other, only where it is needed

        return PlainPoster(url, headers=headers, timeout_s=timeout_s)
    from turnwise.models.http.session import SessionPoster  # noqa: PLC0415 - aiohttp is slow to import

    return SessionPoster(url, headers=headers, timeout_s=timeout_s, proxy=proxy)
