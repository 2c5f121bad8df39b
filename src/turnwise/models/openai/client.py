"""`openai:MODEL@BASE_URL`: any OpenAI-compatible chat completions server, over our own lean client.

Made for vLLM, SGLang, llama.cpp, Ollama, `transformers serve`, OpenRouter and OpenAI. One request is one POST of bytes
that are already encoded; how many run at once is the caller's business.
"""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
import msgspec

from turnwise import __version__
from turnwise.models.chat import ChatRequest, Reply, failed
from turnwise.models.http.address import Address
from turnwise.models.http.answer import Answer, retry_after_s
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect, Speaker, TokenLimit
from turnwise.models.openai.reply import read_reply
from turnwise.models.openai.wire import Fragments, encode_body
from turnwise.models.secret import Secret

__all__ = ["OpenAIChat"]

_CONNECT_TIMEOUT_S = 10.0
_BODY_LIMIT_BYTES = 32 * 1024 * 1024
# aiohttp warns about raw bytes beyond this size; a stream of the same bytes is written in slices instead.
_WHOLE_BODY_BYTES = 1024 * 1024


class OpenAIChat:
    """A ChatModel behind an OpenAI-compatible server.

    Raises:
        UsageError: the server is remote and there is no key for it.
    """

    def __init__(
        self,
        endpoint: Address,
        *,
        key: Secret | None = None,
        timeout_s: float = 120.0,
        proxy: str | None = None,
        images: ByteCache | None = None,
    ) -> None:
        endpoint.check_key(key)
        self._endpoint = endpoint
        self._key = key
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S))
        self._fragments = Fragments(images=images)
        limit: TokenLimit = "max_completion_tokens" if endpoint.host == "api.openai.com" else "max_tokens"
        self._speaker = Speaker(endpoint.name, Dialect(limit))
        self._session: aiohttp.ClientSession | None = None

    @property
    def name(self) -> str:
        """The canonical spelling, with the address."""
        return self._endpoint.name

    async def reply(self, request: ChatRequest) -> Reply:
        """Ask the server; ask again in a simpler dialect when it says that it does not take a part of the request.

        Raises:
            DataError: an image file is gone or changed.
        """
        return await self._speaker.reply(request, self._ask, read_reply)

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(self, request: ChatRequest, dialect: Dialect) -> Answer | Reply:
        body = encode_body(self._endpoint.model, request, self._fragments, dialect)
        started = time.perf_counter()
        try:
            return await self._post(body, started)
        except TimeoutError as error:
            what = "connection" if isinstance(error, aiohttp.ConnectionTimeoutError) else "complete answer"
            reply = failed("timeout", f"no {what} within the time allowed", retryable=True)
        except (aiohttp.ClientError, OSError) as error:
            reply = failed("connection", f"{type(error).__name__}: {error}"[:300], retryable=True)
        return msgspec.structs.replace(reply, latency_ms=_ms_since(started))

    async def _post(self, body: bytes, started: float) -> Answer:
        data = body if len(body) <= _WHOLE_BODY_BYTES else io.BytesIO(body)
        url, proxy = self._endpoint.call_url, self._proxy
        async with self._open_session().post(url, data=data, proxy=proxy, allow_redirects=False) as response:
            received = await _read_capped(response)
            return Answer(
                status=response.status,
                content_type=response.content_type,
                body=self._covered(received, response.status),
                latency_ms=_ms_since(started),
                retry_after_s=retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC)),
            )

    def _covered(self, body: bytes | None, status: int) -> bytes | None:
        """The body with the key covered where a server may quote it: in errors. A reply is left as it was said."""
        if self._key is None or body is None or (status == HTTPStatus.OK and b'"error"' not in body):
            return body
        return self._key.hide_in(body)

    def _open_session(self) -> aiohttp.ClientSession:
        """The session, made inside the running loop on the first request."""
        if self._session is None:
            headers = {"Content-Type": "application/json", "User-Agent": f"turnwise/{__version__}"}
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key.reveal()}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
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
        if size_bytes > _BODY_LIMIT_BYTES:
            response.close()
            return None
    return b"".join(chunks)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
