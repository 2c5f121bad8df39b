"""Calls to the files and batches of an OpenAI-compatible server, one attempt each; no answer is a failed reply."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import aiohttp

from turnwise import __version__
from turnwise.models.batch.spool import Spool
from turnwise.models.chat import Reply, failed
from turnwise.models.http.address import Address
from turnwise.models.http.answer import Answer, is_success, retry_after_s
from turnwise.models.secret import Secret

__all__ = ["OpenAICalls"]

_CONNECT_TIMEOUT_S = 10.0
_BODY_LIMIT_BYTES = 32 * 1024 * 1024
# Files are given time by their size: the slowest line on which a job of hours still makes sense.
_SLOWEST_BYTES_A_S = 100_000
_BOUNDARY = "turnwise-batch-0c5b6f0e7a8d4b21"
_JSON = {"Content-Type": "application/json"}


class OpenAICalls:
    """The connection to one server.

    Args:
        endpoint: The model and where it is.
        key: Shown to this server alone.
        timeout_s: Time for a call; a file gets more by its size.
        proxy: URL of an HTTP proxy.

    Raises:
        UsageError: the server is remote and there is no key for it.
    """

    def __init__(self, endpoint: Address, *, key: Secret | None, timeout_s: float, proxy: str | None) -> None:
        endpoint.check_key(key)
        self.endpoint = endpoint
        self._key = key
        self._timeout_s = timeout_s
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer | Reply:
        """The answer to a GET."""
        return await self._caught("GET", path, query=query)

    async def post(self, path: str, body: bytes = b"{}") -> Answer | Reply:
        """The answer to a POST of JSON."""
        return await self._caught("POST", path, data=body, headers=_JSON)

    async def upload(self, spool: Spool) -> Answer | Reply:
        """The answer to an upload of what a spool holds, sent in pieces of bounded size."""
        before, after = _form_around_file()
        size_bytes = len(before) + spool.size_bytes + len(after)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Content-Length": str(size_bytes),
        }
        form = _form(before, spool, after)
        return await self._caught("POST", "/files", data=form, headers=headers, size_bytes=size_bytes)

    async def download(self, path: str, spool: Spool) -> Answer | Reply:
        """The answer to a GET whose body, when it is a success, is added to a spool; a body cut short is a failure."""
        return await self._caught("GET", path, into=spool)

    def hide_key(self, data: bytes) -> bytes:
        """The data with the key covered, should the server have quoted it."""
        return data if self._key is None else self._key.hide_in(data)

    async def close(self) -> None:
        """Give back the connections; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _caught(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        size_bytes: int = 0,
        into: Spool | None = None,
    ) -> Answer | Reply:
        total_s = None if into is not None else self._timeout_s + size_bytes / _SLOWEST_BYTES_A_S
        connect_s = min(self._timeout_s, _CONNECT_TIMEOUT_S)
        timeout = aiohttp.ClientTimeout(total=total_s, connect=connect_s, sock_read=total_s or self._timeout_s)
        url = f"{self.endpoint.base_url}{path}"
        try:
            async with self._open_session().request(
                method,
                url,
                params=query,
                data=data,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                allow_redirects=False,
            ) as response:
                return await self._answer(response, into)
        except TimeoutError:
            return failed("timeout", f"no complete answer from {path} within the time allowed", retryable=True)
        except (aiohttp.ClientError, OSError) as error:
            return failed("connection", f"{type(error).__name__}: {error}"[:300], retryable=True)

    async def _answer(self, response: aiohttp.ClientResponse, into: Spool | None) -> Answer | Reply:
        answer = Answer(
            status=response.status,
            content_type=response.content_type,
            body=b"",
            latency_ms=0.0,
            retry_after_s=retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC)),
        )
        if into is not None and is_success(answer):
            return await _spooled(response, into, answer)
        body = await _read_capped(response)
        # Servers quote the key in their errors, so it is covered before anything is read or cut short.
        return Answer(
            status=answer.status,
            content_type=answer.content_type,
            body=self.hide_key(body),
            latency_ms=0.0,
            retry_after_s=answer.retry_after_s,
        )

    def _open_session(self) -> aiohttp.ClientSession:
        """The session, made inside the running loop on the first call."""
        if self._session is None:
            headers = {"User-Agent": f"turnwise/{__version__}"}
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key.reveal()}"
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers, trust_env=False)
        return self._session


async def _spooled(response: aiohttp.ClientResponse, spool: Spool, answer: Answer) -> Answer | Reply:
    start = spool.size_bytes
    try:
        async for chunk in response.content.iter_any():
            spool.write(chunk)
    except BaseException:
        spool.cut(start)
        raise
    if not spool.ends_whole(start):
        spool.cut(start)
        return failed("connection", "the results file was cut off in a row", retryable=True)
    spool.write(b"\n")
    return answer


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    chunks, size_bytes = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > _BODY_LIMIT_BYTES:
            response.close()
            break
    return b"".join(chunks)


def _form_around_file() -> tuple[bytes, bytes]:
    """The multipart form of an upload, before and after the file itself."""
    before = (
        f"--{_BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f"--{_BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="turnwise.jsonl"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    return before.encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()


async def _form(before: bytes, spool: Spool, after: bytes) -> AsyncIterator[bytes]:
    yield before
    async for chunk in spool.chunks():
        yield chunk
    yield after
