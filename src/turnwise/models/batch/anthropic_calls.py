"""Calls to the message batches of the Anthropic API over its SDK, one attempt each; no answer is a failed reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from turnwise.errors import missing_extra
from turnwise.models.batch.spool import Spool
from turnwise.models.chat import Reply, failed
from turnwise.models.http.address import Address
from turnwise.models.http.answer import Answer, retry_after_s
from turnwise.models.http.sdk import NO_KEY, Received, as_builtin_error, open_http_client
from turnwise.models.secret import Secret

__all__ = ["AnthropicCalls"]

_PATH = "/v1/messages/batches"
# A job is sent as one body, which is given time by its size.
_SLOWEST_BYTES_A_S = 100_000


class AnthropicCalls:
    """The connection to the API.

    Args:
        address: The model and where it is.
        key: Shown to this server alone.
        timeout_s: Time for a call; a body gets more by its size, results may take as long as they flow.
        proxy: URL of an HTTP proxy.

    Raises:
        UsageError: a remote server has no key, or the SDK is not installed.
    """

    def __init__(self, address: Address, *, key: Secret | None, timeout_s: float, proxy: str | None) -> None:
        address.check_key(key)
        try:
            import anthropic  # noqa: PLC0415 - an extra, and slow to import
            import httpx2  # noqa: PLC0415 - comes with it
        except ImportError as error:
            raise missing_extra("batch jobs of anthropic:...", "anthropic") from error
        self.address = address
        self._key = key
        self._timeout_s = timeout_s
        self._as_it_is = httpx2.Response
        self._errors = anthropic
        self._client: Any = anthropic.AsyncAnthropic(
            api_key=key.reveal() if key is not None else NO_KEY,
            base_url=address.base_url,
            timeout=timeout_s,
            max_retries=0,
            http_client=open_http_client(timeout_s=timeout_s, proxy=proxy),
        )

    async def get(self, path: str = "", query: Mapping[str, str] | None = None) -> Answer | Reply:
        """The answer to a GET under the path of batches."""
        options = {"params": dict(query or {})}
        return await self._caught(
            lambda: self._client.get(_PATH + path, cast_to=self._as_it_is, options=options), self._timeout_s
        )

    async def post(self, path: str = "") -> Answer | Reply:
        """The answer to a POST without a body."""
        return await self._caught(lambda: self._client.post(_PATH + path, cast_to=self._as_it_is), self._timeout_s)

    async def create(self, spool: Spool) -> Answer | Reply:
        """The answer to a new job whose body a spool holds, sent in pieces of bounded size."""
        size_bytes = spool.size_bytes
        options = {"headers": {"Content-Type": "application/json", "Content-Length": str(size_bytes)}}

        def send() -> Awaitable[Received]:
            sent: Awaitable[Received] = self._client.post(
                _PATH, cast_to=self._as_it_is, content=spool.chunks(), options=options
            )
            return sent

        return await self._caught(send, self._timeout_s + size_bytes / _SLOWEST_BYTES_A_S)

    async def results(self, job_id: str, take: Callable[[AsyncIterator[bytes]], Awaitable[None]]) -> Answer | Reply:
        """The answer to a fetch of results; where there are some, `take` is given their bytes as they come."""

        async def send() -> Received:
            async with self._client.messages.batches.with_streaming_response.results(job_id) as response:
                await take(response.iter_bytes())
                received: Received = self._as_it_is(200, content=b"{}")
                return received

        return await self._caught(send, None)

    def hide_key(self, data: bytes) -> bytes:
        """The data with the key covered, should the server have quoted it."""
        return data if self._key is None else self._key.hide_in(data)

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        await self._client.close()

    async def _caught(self, send: Callable[[], Awaitable[Received]], total_s: float | None) -> Answer | Reply:
        import httpx2  # noqa: PLC0415 - comes with the SDK

        try:
            # The timeouts of the HTTP library are between two bytes; one that drips would be waited for for ever.
            async with asyncio.timeout(total_s):
                return self._answer(await send())
        except self._errors.APIStatusError as error:
            return self._answer(error.response)
        except (self._errors.APIConnectionError, httpx2.HTTPError) as error:
            cause = as_builtin_error(error.__cause__ or error)
        except TimeoutError as error:
            cause = error
        except self._errors.AnthropicError as error:
            return failed("invalid_reply", f"{type(error).__name__}: {error}"[:300], retryable=True)
        if isinstance(cause, TimeoutError):
            return failed("timeout", str(cause) or "no complete answer within the time allowed", retryable=True)
        return failed("connection", str(cause), retryable=True)

    def _answer(self, received: Received) -> Answer:
        return Answer(
            status=received.status_code,
            content_type=received.headers.get("content-type", "").split(";")[0].strip(),
            # Servers quote the key in their errors, so it is covered before anything is read or cut short.
            body=self.hide_key(received.content),
            latency_ms=0.0,
            retry_after_s=retry_after_s(received.headers.get("retry-after"), datetime.now(UTC)),
        )
