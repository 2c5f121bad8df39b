"""A server behind a gate, in virtual time: what the tests of pacing share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from models.virtual_time import now, run_virtually
from turnwise.models import ChatRequest, Gate, Message, Paced, PacingLimits, Parameters, Reply, Usage, failed

ASK = ChatRequest((Message("user", "x" * 400),), Parameters(max_tokens=100))  # estimated at 200 tokens
GOOD = Reply("ok", "Hello.", "stop", latency_ms=100.0)
BUSY = failed("rate_limited", "HTTP 429: slow down", retryable=True)


class Server:
    """A ChatModel that answers after a time, and notes when each request came and how many it had at once."""

    name = "server:one"

    def __init__(self, plan: Callable[[int], tuple[float, Reply]], gate: Gate) -> None:
        self.plan = plan
        self.gate = gate
        self.began: list[float] = []
        self.limits: list[int] = []
        self.at_once = 0
        self.closed = False

    async def reply(self, request: ChatRequest) -> Reply:
        """The planned reply of the request's number, from 0."""
        takes_s, reply = self.plan(len(self.began))
        self.began.append(now())
        self.at_once += 1
        self.limits.append(int(self.gate.limit))
        assert self.at_once <= int(self.gate.limit)
        try:
            await asyncio.sleep(takes_s)
        finally:
            self.at_once -= 1
        return reply

    async def close(self) -> None:
        """Note it."""
        self.closed = True


def paced(plan: Callable[[int], tuple[float, Reply]], **limits: Any) -> tuple[Paced, Server, Gate]:
    """A server behind a gate in virtual time."""
    gate = Gate(PacingLimits(**limits), clock=now)
    server = Server(plan, gate)
    return Paced(server, gate), server, gate


def always(reply: Reply, takes_s: float = 1.0) -> Callable[[int], tuple[float, Reply]]:
    """The same reply to everything."""
    return lambda _: (takes_s, reply)


def used(tokens: int) -> Reply:
    """A reply that says how many tokens it took."""
    return Reply("ok", "Hello.", usage=Usage(tokens - 10, 10))


def all_at_once(model: Paced, count: int) -> list[float]:
    """Send requests at the same moment; when each was answered."""
    return run_virtually(answer_times(model, count))


async def answer_times(model: Paced, count: int) -> list[float]:
    """The same, inside a loop that runs already."""

    async def one() -> float:
        await model.reply(ASK)
        return now()

    return await asyncio.gather(*(one() for _ in range(count)))
