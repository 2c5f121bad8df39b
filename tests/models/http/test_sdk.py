"""A model behind an SDK, without one: what the call comes to is a typed reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import pytest

from turnwise.errors import DataError
from turnwise.models import ChatRequest, Message, Reply
from turnwise.models.http.address import Service, parse_address
from turnwise.models.http.answer import Answer, is_success, text_answer
from turnwise.models.http.dialect import Dialect
from turnwise.models.http.error_body import read_error
from turnwise.models.http.sdk import Received, SdkChat
from turnwise.models.secret import Secret

ASK = ChatRequest((Message("user", "Hi"),))
SERVICE = Service("vendor", default_base_url="https://api.example", key_variables=("VENDOR_KEY",))
Send = Callable[[ChatRequest, Dialect], Awaitable[Received]]


class Response(msgspec.Struct, frozen=True):
    """A response as an SDK has it."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=lambda: {"content-type": "text/plain; charset=utf-8"})


def read(answer: Answer) -> Reply:
    """The body as the words of the reply, after its type."""
    if not is_success(answer):
        return read_error(answer)
    body = answer.body or b""
    return text_answer(answer, f"{answer.content_type}|{body.decode()}", finish_reason="stop")


def chat(send: Send, *, timeout_s: float = 20.0) -> SdkChat:
    """A model whose SDK is one function."""

    async def close() -> None:
        """Nothing to give back."""

    address = parse_address("m@http://localhost", SERVICE)
    return SdkChat(address, send=send, read=read, close=close, timeout_s=timeout_s, key=Secret("sk-9"))


def gives(*responses: Response) -> Send:
    """An SDK that gives these responses in turn."""
    left = iter(responses)

    async def send(_request: ChatRequest, _dialect: Dialect) -> Received:
        return next(left)

    return send


def raises(error: Exception) -> Send:
    """An SDK that raises."""

    async def send(_request: ChatRequest, _dialect: Dialect) -> Received:
        raise error

    return send


async def test_a_response_is_read_with_its_bare_type_and_without_the_key() -> None:
    """The type comes without its charset; a key that is quoted back is starred."""
    reply = await chat(gives(Response(200, b"your key is sk-9"))).reply(ASK)
    assert (reply.state, reply.text) == ("ok", "text/plain|your key is ***")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (TimeoutError(), "timeout", "no complete answer within the time allowed"),
        (TimeoutError("no connection within the time allowed"), "timeout", "no connection within the time allowed"),
        (ConnectionError("ReadError: cut"), "connection", "ReadError: cut"),
    ],
)
async def test_a_call_without_a_response_is_a_failure(error: Exception, kind: str, message: str) -> None:
    """What the network does is a retryable failure with its cause."""
    failure = (await chat(raises(error)).reply(ASK)).failure
    assert failure is not None
    assert (failure.kind, failure.message, failure.retryable) == (kind, message, True)


async def test_a_call_that_never_ends_is_cut_off() -> None:
    """The clock is ours, whatever the SDK's timeouts are."""

    async def send(_request: ChatRequest, _dialect: Dialect) -> Received:
        await asyncio.sleep(3600)
        return Response(200, b"")

    failure = (await chat(send, timeout_s=0.05).reply(ASK)).failure
    assert failure is not None
    assert failure.kind == "timeout"


async def test_a_changed_image_is_an_error_of_the_data() -> None:
    """A file that is gone is no failure of the model, and is not retried as one."""
    with pytest.raises(DataError, match="gone"):
        await chat(raises(DataError("the image is gone"))).reply(ASK)


async def test_a_dialect_is_learned_through_the_sdk_too() -> None:
    """A refused temperature is left out of the second call."""
    heard: list[frozenset[str]] = []
    respond = gives(Response(400, b'{"error": {"message": "temperature is deprecated"}}'), Response(200, b"Hi"))

    async def send(request: ChatRequest, dialect: Dialect) -> Received:
        heard.append(frozenset(dialect.without))
        return await respond(request, dialect)

    reply = await chat(send).reply(ASK)
    assert (reply.state, reply.attempts) == ("ok", 2)
    assert heard == [frozenset(), frozenset({"temperature"})]


async def test_a_wait_that_is_asked_for_is_told() -> None:
    """Retry-After comes through."""
    headers = {"content-type": "application/json", "retry-after": "3"}
    failure = (await chat(gives(Response(429, b"{}", headers))).reply(ASK)).failure
    assert failure is not None
    assert (failure.kind, failure.retry_after_s) == ("rate_limited", 3.0)
