"""Posting through aiohttp: over TLS, through a proxy, and to addresses that need encoding."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import aiohttp

from turnwise.models.http.posting import CONNECT_TIMEOUT_S, MOST_ANSWER_BYTES, Posted

__all__ = ["SessionPoster"]

# aiohttp warns about raw bytes beyond this size; a stream of the same bytes is written in slices instead.
_WHOLE_BODY_BYTES = 1024 * 1024


class SessionPoster:
    """A Poster over a session of aiohttp."""

    def __init__(self, url: str, *, headers: Mapping[str, str], timeout_s: float, proxy: str | None) -> None:
        self._url = url
        self._headers = headers
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        self._session: aiohttp.ClientSession | None = None

    async def post(self, pieces: Sequence[bytes]) -> Posted:
        """Post a body and hear the whole answer.

        Raises:
            TimeoutError: nothing, or not all of it, came in time.
            OSError: there is no connection, or no answer that can be read.
        """
        body = b"".join(pieces)
        data = body if len(body) <= _WHOLE_BODY_BYTES else io.BytesIO(body)
        session, proxy = self._open_session(), self._proxy
        try:
            async with session.post(self._url, data=data, proxy=proxy, allow_redirects=False) as response:
                return Posted(response.status, response.headers, await _read_capped(response))
        except aiohttp.ConnectionTimeoutError as error:
            raise TimeoutError("no connection within the time allowed") from error
        except aiohttp.ClientError as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        """The session, made inside the running loop on the first request."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
                trust_env=False,
            )
        return self._session


async def _read_capped(response: aiohttp.ClientResponse) -> bytes | None:
    """The whole body; None, with the connection dropped, when it is longer than allowed."""
    chunks, size_bytes = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > MOST_ANSWER_BYTES:
            response.close()
            return None
    return b"".join(chunks)
