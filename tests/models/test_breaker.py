"""Giving up on a dead endpoint, and on nothing else."""

from __future__ import annotations

import asyncio

import pytest

from models.misbehaving import OpenChat, Server, fails, says
from turnwise.errors import EndpointDown
from turnwise.models import Breaker, ChatRequest, FailureKind, GivenUp, Message, Reply, failed

ASK = ChatRequest((Message("user", "Hi"),))
GOOD = Reply(state="ok", text="Hello.")
BLOCKED = Reply(state="provider_blocked")


class Repeating:
    """A ChatModel that goes round a list of replies, and counts the calls."""

    name = "openai:m@http://dead.example/v1"

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies
        self.calls = 0

    async def reply(self, request: ChatRequest) -> Reply:
        """The next reply, from the start again after the last."""
        self.calls += 1
        return self.replies[(self.calls - 1) % len(self.replies)]

    async def close(self) -> None:
        """Nothing to give back."""


def failing(kind: FailureKind, message: str = "gone") -> Reply:
    """A failed reply of a kind."""
    return failed(kind, message, retryable=True)


@pytest.mark.parametrize("kind", ["connection", "timeout", "server_error", "rate_limited"])
async def test_failures_in_a_row_open_it_and_later_calls_are_refused_at_once(kind: FailureKind) -> None:
    """The fifth raises one sentence with model, number and cause; the next raises without asking."""
    inner = Repeating(failing(kind))
    breaker = Breaker(inner)
    assert [(await breaker.reply(ASK)).state for _ in range(4)] == ["failed"] * 4
    with pytest.raises(GivenUp, match=rf"openai:m@http://dead.example/v1 failed 5 times .* {kind}, gone") as fifth:
        await breaker.reply(ASK)
    with pytest.raises(EndpointDown, match="failed 5 times") as sixth:
        await breaker.reply(ASK)
    assert inner.calls == 5
    assert fifth.value.reply == failing(kind)
    assert not isinstance(sixth.value, GivenUp)


async def test_a_refused_key_opens_it_at_the_second_time() -> None:
    """Asking again does not mend a key."""
    breaker = Breaker(Repeating(failing("auth", "HTTP 401: bad key")))
    await breaker.reply(ASK)
    with pytest.raises(EndpointDown, match="bad key"):
        await breaker.reply(ASK)


@pytest.mark.parametrize("sign_of_life", [GOOD, BLOCKED])
async def test_an_answer_in_between_starts_the_count_again(sign_of_life: Reply) -> None:
    """Four failures after every sign of life never open it."""
    breaker = Breaker(Repeating(*[failing("timeout")] * 4, sign_of_life))
    for _ in range(50):
        await breaker.reply(ASK)


@pytest.mark.parametrize("kind", ["rejected", "invalid_reply", "empty_reply", "model_error"])
async def test_failures_of_single_requests_do_not_count(kind: FailureKind) -> None:
    """A request that is wrong, or a reply that is, says nothing about the endpoint."""
    breaker = Breaker(Repeating(failing(kind, "HTTP 400: too long")))
    for _ in range(20):
        await breaker.reply(ASK)


async def test_failures_of_single_requests_do_not_reset_either() -> None:
    """Four timeouts, an empty reply and a fifth timeout open it."""
    breaker = Breaker(Repeating(*[failing("timeout")] * 4, failing("empty_reply"), failing("timeout")))
    for _ in range(5):
        await breaker.reply(ASK)
    with pytest.raises(EndpointDown, match="failed 5 times"):
        await breaker.reply(ASK)


async def test_a_server_without_the_model_opens_it(server: Server, open_chat: OpenChat) -> None:
    """A real server's 404 counts, though it is a rejection: every further request would meet it."""
    server.plan = [fails(404, "the model does not exist")]
    breaker = Breaker(open_chat())
    for _ in range(4):
        await breaker.reply(ASK)
    with pytest.raises(EndpointDown, match="the model does not exist"):
        await breaker.reply(ASK)
    assert len(server.received) == 5


async def test_calls_in_flight_finish_or_raise(server: Server, open_chat: OpenChat) -> None:
    """With many calls at once, those that fail after the end raise, and an answer that still comes is kept."""
    server.plan = [*[fails(503)] * 7, says("Late but fine.")]
    breaker = Breaker(open_chat())
    results = await asyncio.gather(*(breaker.reply(ASK) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, EndpointDown) for result in results) >= 1
    assert all(isinstance(result, EndpointDown | Reply) for result in results)


async def test_name_and_close_are_those_of_the_model_inside() -> None:
    """The wrapper is spelled like its model, and closing it closes that."""
    breaker = Breaker(Repeating(GOOD))
    assert breaker.name == "openai:m@http://dead.example/v1"
    await breaker.close()
