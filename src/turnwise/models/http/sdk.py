"""Calls through a vendor's official SDK: one clock over each, and the same Answer as over our own client.

The SDKs bring httpx2 with them; nothing of either is imported before a provider is opened.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from turnwise.models.chat import ChatRequest, Reply, failed
from turnwise.models.http.address import Address
from turnwise.models.http.answer import Answer, media_type, retry_after_s
from turnwise.models.http.dialect import Dialect, Speaker
from turnwise.models.secret import Secret

__all__ = ["NO_KEY", "Received", "SdkChat", "as_builtin_error", "open_http_client"]

NO_KEY = "none"
"""What an SDK that insists on a key is given for a local server that needs none."""

_CONNECT_TIMEOUT_S = 10.0


class Received(Protocol):
    """What is read of an HTTP response; header names in lower case."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers."""
        ...

    @property
    def content(self) -> bytes:
        """The whole body."""
        ...


def open_http_client(*, timeout_s: float, proxy: str | None) -> Any:
    """An httpx2 client for an SDK: no proxy but the one given, no redirects, as many connections as there are calls."""
    import httpx2  # noqa: PLC0415 - comes with the SDKs

    return httpx2.AsyncClient(
        # As for aiohttp: what OpenSSL trusts, SSL_CERT_FILE included, which trust_env=False would leave out.
        verify=ssl.create_default_context(),
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S)),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=60.0),
        proxy=proxy,
        trust_env=False,
        follow_redirects=False,
    )


def as_builtin_error(error: BaseException) -> OSError:
    """An error of an HTTP library as the built-in one that stands for it."""
    import httpx2  # noqa: PLC0415 - comes with the SDKs

    if isinstance(error, httpx2.ConnectTimeout):
        return TimeoutError("no connection within the time allowed")
    if isinstance(error, httpx2.TimeoutException):
        return TimeoutError()
    return ConnectionError(f"{type(error).__name__}: {error}"[:300])


class SdkChat:
    """A ChatModel behind a vendor's SDK.

    Args:
        send: Sends a request and gives the response, also where the SDK raised it as an error; raises OSError when
            there is none, and DataError when an image file is gone or changed.
        read: Makes the reply of a response.
        close: Gives back the connections; may be called twice.
    """

    def __init__(
        self,
        address: Address,
        *,
        send: Callable[[ChatRequest, Dialect], Awaitable[Received]],
        read: Callable[[Answer], Reply],
        close: Callable[[], Awaitable[None]],
        timeout_s: float,
        key: Secret | None,
    ) -> None:
        self._address = address
        self._send = send
        self._read = read
        self._close = close
        self._timeout_s = timeout_s
        self._key = key
        self._speaker = Speaker(address.name, Dialect())

    @property
    def name(self) -> str:
        """The canonical spelling, with the address."""
        return self._address.name

    async def reply(self, request: ChatRequest) -> Reply:
        """Ask the server; ask again without temperature or format when it says that it does not take them.

        Raises:
            DataError: an image file is gone or changed.
        """
        return await self._speaker.reply(request, self._ask, self._read)

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        await self._close()

    async def _ask(self, request: ChatRequest, dialect: Dialect) -> Answer | Reply:
        started = time.perf_counter()
        try:
            # The timeouts of an HTTP library are between two bytes; a server that drips would be waited for for ever.
            async with asyncio.timeout(self._timeout_s):
                received = await self._send(request, dialect)
        except TimeoutError as error:
            reply = failed("timeout", str(error) or "no complete answer within the time allowed", retryable=True)
        except OSError as error:
            reply = failed("connection", str(error), retryable=True)
        else:
            return _answer(received, latency_ms=_ms_since(started), key=self._key)
        return msgspec.structs.replace(reply, latency_ms=_ms_since(started))


def _answer(received: Received, *, latency_ms: float, key: Secret | None) -> Answer:
    return Answer(
        status=received.status_code,
        content_type=media_type(received.headers),
        # Servers quote the key in their errors, so it is covered before anything is read or cut short.
        body=key.hide_in(received.content) if key is not None else received.content,
        latency_ms=latency_ms,
        retry_after_s=retry_after_s(received.headers.get("retry-after"), datetime.now(UTC)),
    )


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
