"""A chat server that misbehaves for chosen messages, and every way it does: what the tests of whole runs ask."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from aiohttp import web

from models.misbehaving import Handler, answers, completion, fails, hangs, says, sends
from turnwise.models import FailureKind

WORD = "malfunction"
"""Stands in every body that is no reply; it must never be said to a model or stored as said by one."""

SAID, HALF = "Of course.", "Half an ans"
"""All that the server ever says as a reply: a whole one, and what a filter let through."""

RETRY_AFTER_S = 0.2

Course = Literal["retried", "given up", "blocked", "answered"]
"""What a run makes of a misbehaviour that goes on; the first two are failures."""


class Misbehaviour(msgspec.Struct, frozen=True):
    """One way to misbehave.

    Fields:
        kind: The failure it is; None when it is none.
        ends_endpoint: Whether nothing else for five requests in a row means that nobody is there.
    """

    handler: Handler
    course: Course
    kind: FailureKind | None = None
    ends_endpoint: bool = False


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """Cut the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def tears(request: web.Request) -> web.StreamResponse:
    """Cut the connection in the middle of a reply's words."""
    body = json.dumps(completion(f"{WORD} and more")).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: body.index(b" and more")])
    assert request.transport is not None
    request.transport.abort()
    return response


async def drips(request: web.Request) -> web.StreamResponse:
    """Send a whole reply, a byte at a time, slower than anybody waits."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for byte in json.dumps(completion(WORD)).encode():
        await response.write(bytes([byte]))
        await asyncio.sleep(0.05)
    return response


MISBEHAVIOURS = {
    "429 with Retry-After": Misbehaviour(
        fails(429, WORD, retry_after=RETRY_AFTER_S), "retried", "rate_limited", ends_endpoint=True
    ),
    "429": Misbehaviour(fails(429, WORD), "retried", "rate_limited", ends_endpoint=True),
    "500": Misbehaviour(fails(500, WORD), "retried", "server_error", ends_endpoint=True),
    "503": Misbehaviour(fails(503, WORD), "retried", "server_error", ends_endpoint=True),
    "hang": Misbehaviour(hangs, "retried", "timeout", ends_endpoint=True),
    "slow drip": Misbehaviour(drips, "retried", "timeout", ends_endpoint=True),
    "hang-up": Misbehaviour(hangs_up, "retried", "connection", ends_endpoint=True),
    "reset in the body": Misbehaviour(tears, "retried", "connection", ends_endpoint=True),
    "invalid JSON": Misbehaviour(sends(b'{"choices": [' + WORD.encode()), "retried", "invalid_reply"),
    "HTML": Misbehaviour(sends(b"<p>" + WORD.encode(), content_type="text/html"), "retried", "invalid_reply"),
    "no choices": Misbehaviour(answers({"choices": [], "note": WORD}), "retried", "invalid_reply"),
    "no words": Misbehaviour(answers(completion(" \n", note=WORD)), "retried", "empty_reply"),
    "200 with a passing error": Misbehaviour(
        answers({"error": {"message": WORD, "code": 503}}), "retried", "server_error", ends_endpoint=True
    ),
    "200 with an error": Misbehaviour(answers({"error": {"message": WORD}}), "given up", "rejected"),
    "400": Misbehaviour(fails(400, WORD), "given up", "rejected"),
    "content filter": Misbehaviour(answers(completion("", finish_reason="content_filter", note=WORD)), "blocked"),
    "filter after words": Misbehaviour(answers(completion(HALF, finish_reason="content_filter")), "answered"),
}


class Asked(msgspec.Struct, frozen=True):
    """One request: role and text of each message, and when it came."""

    messages: list[tuple[str, str]]
    came_s: float

    @property
    def last(self) -> str:
        """The text of the last message."""
        return self.messages[-1][1]


class Moody:
    """The handler of a server that answers by the last message.

    `moods` lists what meets a message: the handlers in turn, the last of them for ever. All others get SAID.
    """

    def __init__(self) -> None:
        self.moods: Mapping[str, Sequence[Handler]] = {}
        self.asked: list[Asked] = []
        self.base_url = ""

    @property
    def target(self) -> str:
        """The spelling of the model here."""
        return f"openai:model@{self.base_url}"

    def counts(self, first: int = 0) -> Counter[str]:
        """How often each last message came, from request number `first` on."""
        return Counter(asked.last for asked in self.asked[first:])

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Write the request down and answer it as the mood is."""
        messages = [(message["role"], message["content"]) for message in (await request.json())["messages"]]
        asked = Asked(messages, time.monotonic())
        self.asked.append(asked)
        listed = self.moods.get(asked.last, [says(SAID)])
        return await listed[min(self.counts()[asked.last], len(listed)) - 1](request)
