"""How hard an endpoint is pressed: requests in flight, per minute, tokens per minute; shared by all who use it.

Stands between a provider and its retries, so that a request that waits for its next attempt holds no place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from turnwise.errors import UsageError
from turnwise.models.chat import ChatModel, ChatRequest, Reply

__all__ = ["Gate", "Paced", "PacingLimits", "Rate", "estimated_tokens"]

_CONGESTION = frozenset({"rate_limited", "server_error", "timeout"})
_BACK_OFF = 0.5
_SLOW_BACK_OFF = 0.9
_CHARACTERS_A_TOKEN = 4
_IMAGE_TOKENS = 600


class PacingLimits(msgspec.Struct, frozen=True):
    """What an endpoint is asked at most.

    Fields:
        in_flight: Requests at once; the adaptive limit starts there and never exceeds it.
        rpm: Requests a minute, evenly spread; None for no limit.
        tpm: Tokens a minute, input and output; estimated before a request, corrected by its usage.
        retry_after_cap_s: The longest time that a server's Retry-After keeps everybody out.
    """

    in_flight: int = 16
    rpm: float | None = None
    tpm: float | None = None
    retry_after_cap_s: float = 120.0

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be sent."""
        for name in ("in_flight", "rpm", "tpm"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}: give a number above 0")
        if self.in_flight < 1 or not self.retry_after_cap_s >= 0:
            raise UsageError("in_flight must be at least 1, and retry_after_cap_s not below 0")


class Gate:
    """The limits of one endpoint. Whoever waits, waits in the order of coming and holds nothing while waiting.

    Requests in flight follow additive increase, multiplicative decrease: one more for each full round of answers, half
    as many after a 429, a 5xx or a time-out, a tenth fewer while answers come far slower than they did. A decrease
    counts once for all requests that were already under way. A Retry-After closes the gate for everybody.

    Source: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance", 1989.
    """

    def __init__(self, limits: PacingLimits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.limit = float(limits.in_flight)
        self.in_flight = 0
        self._clock = clock
        self._queue = asyncio.Lock()
        self._queued = 0
        self._changed: asyncio.Future[None] | None = None
        self._closed_until = float("-inf")
        self._requests = Rate(limits.rpm)
        self._tokens = Rate(limits.tpm)
        self._sent = 0
        self._decreased_at = 0
        self._latency = _Latency()

    async def enter(self, tokens: int) -> int:
        """Wait until a request may be sent, and take its place; returns its number, for `leave`."""
        if not self._queued and self.in_flight < int(self.limit):
            now = self._clock()
            if now >= self._opens_at():
                return self._admit(now, tokens, credit=0.0)
        self._queued += 1
        try:
            async with self._queue:
                await self._admissible()
                # Having waited, a request makes good what waking up took; else a high rate would never be reached.
                return self._admit(self._clock(), tokens, credit=1.0)
        finally:
            self._queued -= 1

    def leave(self, number: int, reply: Reply | None, tokens: int) -> None:
        """Free the place of a request and learn from its reply; None when it was cancelled."""
        if reply is not None:
            self._learn(number, reply, tokens)
        self.in_flight -= 1
        _wake(self._changed)

    def _opens_at(self) -> float:
        return max(self._closed_until, self._requests.due, self._tokens.due)

    def _admit(self, now: float, tokens: int, *, credit: float) -> int:
        self.in_flight += 1
        self._sent += 1
        self._requests.take(now, 1.0, credit)
        self._tokens.take(now, tokens, credit)
        return self._sent

    async def _admissible(self) -> None:
        """Wait at the head of the queue for a place and for the rates."""
        while True:
            if self.in_flight >= int(self.limit):
                await self._change(None)
            elif (wait_s := self._opens_at() - self._clock()) > 0.0:
                await self._change(wait_s)
            else:
                return

    async def _change(self, within_s: float | None) -> None:
        """Wait until a request leaves, at most `within_s`."""
        loop = asyncio.get_running_loop()
        self._changed = future = loop.create_future()
        timer = None if within_s is None else loop.call_later(within_s, _wake, future)
        try:
            await future
        finally:
            self._changed = None
            if timer is not None:
                timer.cancel()

    def _learn(self, number: int, reply: Reply, tokens: int) -> None:
        used = (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
        if used:
            self._tokens.correct(used - tokens)
        failure = reply.failure
        if failure is None:
            if self.limit < self.limits.in_flight:
                self.limit = min(float(self.limits.in_flight), self.limit + 1.0 / self.limit)
            if reply.state == "ok" and self._latency.is_slow(reply):
                self._decrease(number, _SLOW_BACK_OFF)
        elif failure.kind in _CONGESTION:
            self._decrease(number, _BACK_OFF)
            closed_s = min(failure.retry_after_s or 0.0, self.limits.retry_after_cap_s)
            self._closed_until = max(self._closed_until, self._clock() + closed_s)

    def _decrease(self, number: int, factor: float) -> None:
        # All that were sent before the last decrease speak of the same congestion.
        if number > self._decreased_at:
            self._decreased_at = self._sent
            self.limit = max(1.0, self.limit * factor)


class Rate:
    """Units a minute, evenly spread: `due` is when the next request may go.

    Source: generic cell rate algorithm (ITU-T I.371), its burst tolerance kept to one request.
    """

    def __init__(self, per_minute: float | None) -> None:
        self.due = float("-inf")
        self._seconds_a_unit = 0.0 if per_minute is None else 60.0 / per_minute

    def take(self, now: float, units: float, credit: float) -> None:
        """Put the next request off by what this one takes; `credit` is the share of that which lateness makes good."""
        worth_s = units * self._seconds_a_unit
        self.due = max(self.due, now - credit * worth_s) + worth_s

    def correct(self, units: float) -> None:
        """Add units that an estimate left out, or take back those it had too many."""
        self.due += units * self._seconds_a_unit


class _Latency:
    """Whether answers come far slower than they did, whatever their status codes say.

    Counted by token: refusals are short and compliance is long, and neither says how busy the server is.
    """

    _SLOW_TIMES = 8.0
    _SLOW_LEAST_MS = 2_000.0
    _SMOOTHING = 0.05
    # What an answer takes before its first word, in tokens; keeps one-word answers comparable.
    _BEGINNING_TOKENS = 50

    def __init__(self) -> None:
        self._seen = 0
        self._smooth = 0.0
        self._best = float("inf")

    def is_slow(self, reply: Reply) -> bool:
        """Take in an answer; whether the latest ones, this one too, are far slower than the best there were."""
        tokens = reply.usage.output_tokens or len(reply.text) // _CHARACTERS_A_TOKEN
        each_ms = reply.latency_ms / (self._BEGINNING_TOKENS + tokens)
        self._seen += 1
        self._smooth += max(self._SMOOTHING, 1.0 / self._seen) * (each_ms - self._smooth)
        if self._seen * self._SMOOTHING >= 1.0:  # before that a single answer weighs too much
            self._best = min(self._best, self._smooth)
        return reply.latency_ms > self._SLOW_LEAST_MS and self._smooth > self._SLOW_TIMES * self._best


class Paced:
    """A ChatModel whose requests pass a gate."""

    def __init__(self, model: ChatModel, gate: Gate) -> None:
        self._model = model
        self._gate = gate

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside, once the gate lets the request through."""
        tokens = estimated_tokens(request) if self._gate.limits.tpm is not None else 0
        number = await self._gate.enter(tokens)
        reply: Reply | None = None
        try:
            reply = await self._model.reply(request)
        finally:
            self._gate.leave(number, reply, tokens)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def estimated_tokens(request: ChatRequest) -> int:
    """The tokens that a request and its reply are taken to use before anybody has counted them."""
    text = sum(len(message.text) for message in request.messages)
    images = sum(len(message.images) for message in request.messages)
    return text // _CHARACTERS_A_TOKEN + images * _IMAGE_TOKENS + (request.parameters.max_tokens or 0)
