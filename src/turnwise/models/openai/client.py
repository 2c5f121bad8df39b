"""`openai:MODEL@BASE_URL`: any OpenAI-compatible chat completions server, over our own lean client.

Made for vLLM, SGLang, llama.cpp, Ollama, `transformers serve`, OpenRouter and OpenAI. One request is one POST of bytes
that are already encoded; how many run at once is the caller's business.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec

from turnwise import __version__
from turnwise.models.chat import ChatRequest, Reply, failed
from turnwise.models.http.address import Address
from turnwise.models.http.answer import Answer, media_type, retry_after_s
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect, Speaker, TokenLimit
from turnwise.models.http.posting import Posted, open_poster
from turnwise.models.openai.reply import read_reply
from turnwise.models.openai.wire import Fragments, body_pieces
from turnwise.models.secret import Secret

__all__ = ["OpenAIChat"]


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
        self._poster = open_poster(endpoint.call_url, headers=_headers(key), timeout_s=timeout_s, proxy=proxy)
        self._fragments = Fragments(images=images)
        limit: TokenLimit = "max_completion_tokens" if endpoint.host == "api.openai.com" else "max_tokens"
        self._speaker = Speaker(endpoint.name, Dialect(limit))

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
        await self._poster.close()

    async def _ask(self, request: ChatRequest, dialect: Dialect) -> Answer | Reply:
        body = body_pieces(self._endpoint.model, request, self._fragments, dialect)
        started = time.perf_counter()
        try:
            posted = await self._poster.post(body)
        except TimeoutError as error:
            reply = failed("timeout", str(error) or "no complete answer within the time allowed", retryable=True)
        except OSError as error:
            reply = failed("connection", str(error)[:300], retryable=True)
        else:
            return self._answer(posted, _ms_since(started))
        return msgspec.structs.replace(reply, latency_ms=_ms_since(started))

    def _answer(self, posted: Posted, latency_ms: float) -> Answer:
        return Answer(
            status=posted.status,
            content_type=media_type(posted.headers),
            body=self._covered(posted.body, posted.status),
            latency_ms=latency_ms,
            retry_after_s=retry_after_s(posted.headers.get("retry-after"), datetime.now(UTC)),
        )

    def _covered(self, body: bytes | None, status: int) -> bytes | None:
        """The body with the key covered where a server may quote it: in errors. A reply is left as it was said."""
        if self._key is None or body is None or (status == HTTPStatus.OK and b'"error"' not in body):
            return body
        return self._key.hide_in(body)


def _headers(key: Secret | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": f"turnwise/{__version__}"}
    return headers if key is None else headers | {"Authorization": f"Bearer {key.reveal()}"}


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
