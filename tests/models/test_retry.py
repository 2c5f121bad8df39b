"""Trying again: what is retried, how long is waited, what is counted."""

from __future__ import annotations

import pytest

from models.misbehaving import OpenChat, Server, fails, says
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Failure, Message, Reply, Retrying, RetryPolicy, failed

ASK = ChatRequest((Message("user", "Hi"),))
PASSING = failed("server_error", "busy", retryable=True)
LASTING = failed("auth", "no", retryable=False)
GOOD = Reply(state="ok", text="Hello.")


class Listed:
    """A ChatModel that gives the replies of a list."""

    name = "listed"

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.closed = False

    async def reply(self, request: ChatRequest) -> Reply:
        """The next reply."""
        return self.replies.pop(0)

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class Clock:
    """A sleep that takes no time and remembers how long it was to be."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Note the wait."""
        self.waits_s.append(seconds)


def half() -> float:
    """A draw in the middle."""
    return 0.5


async def test_a_passing_failure_is_tried_again_until_it_passes() -> None:
    """Waits are the draw times a bound that doubles from the base; attempts add up."""
    clock = Clock()
    reply = await Retrying(Listed(PASSING, PASSING, GOOD), sleep=clock, draw=half).reply(ASK)
    assert (reply.text, reply.attempts) == ("Hello.", 3)
    assert clock.waits_s == [0.25, 0.5]


async def test_it_gives_up_after_the_attempts_allowed() -> None:
    """The last failure comes back, after one wait fewer than there were attempts."""
    clock = Clock()
    reply = await Retrying(Listed(*[PASSING] * 9), sleep=clock, draw=half).reply(ASK)
    assert (reply.state, reply.attempts) == ("failed", 5)
    assert clock.waits_s == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("final", [LASTING, GOOD, Reply(state="provider_blocked")])
async def test_what_will_not_change_is_not_tried_again(final: Reply) -> None:
    """Lasting failures, blocks and replies come back at once."""
    clock, inner = Clock(), Listed(final, GOOD)
    reply = await Retrying(inner, sleep=clock).reply(ASK)
    assert reply == final
    assert len(inner.replies) == 1
    assert clock.waits_s == []


@pytest.mark.parametrize(
    ("retry_after_s", "attempt", "wait_s"),
    [(None, 1, 0.25), (None, 7, 15.0), (None, 5_000, 15.0), (8.0, 1, 8.25), (0.0, 1, 0.25), (900.0, 1, 120.0)],
)
def test_waits_are_bounded_and_retry_after_is_waited_out(
    retry_after_s: float | None, attempt: int, wait_s: float
) -> None:
    """Our own waits end at 30 s, the server's at 120 s, and jitter comes on top of the server's."""
    failure = Failure("rate_limited", "slow", retryable=True, retry_after_s=retry_after_s)
    assert RetryPolicy().wait_s(failure, attempt, 0.5) == wait_s


async def test_requests_sent_inside_one_attempt_are_counted() -> None:
    """A reply that took two requests counts as two."""
    two = Reply(state="ok", text="Hello.", attempts=2)
    reply = await Retrying(Listed(PASSING, two), sleep=Clock()).reply(ASK)
    assert reply.attempts == 3


async def test_a_real_server_gets_one_request_an_attempt(server: Server, open_chat: OpenChat) -> None:
    """Against a server: 429 with a wait, 503, then an answer, in three requests."""
    server.plan = [fails(429, retry_after=2), fails(503), says("Back again.")]
    clock = Clock()
    reply = await Retrying(open_chat(), sleep=clock, draw=half).reply(ASK)
    assert (reply.text, reply.attempts, len(server.received)) == ("Back again.", 3, 3)
    assert clock.waits_s == [2.25, 0.5]


async def test_name_and_close_are_those_of_the_model_inside() -> None:
    """The wrapper is spelled like its model and closes it."""
    inner = Listed()
    model = Retrying(inner)
    await model.close()
    assert (model.name, inner.closed) == ("listed", True)


def test_a_policy_asks_at_least_once() -> None:
    """No attempts at all is a wrong setting."""
    with pytest.raises(UsageError, match="at least 1"):
        RetryPolicy(max_attempts=0)
