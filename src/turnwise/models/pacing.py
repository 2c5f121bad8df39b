"""How hard an endpoint is pressed: requests in flight, per minute, tokens per minute; shared by all who use it.

Stands between a provider and its retries, so that a request that waits for its next attempt holds no place.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from turnwise.errors import UsageError
from turnwise.models.chat import ChatModel, ChatRequest, Reply

__all__ = ["Gate", "Paced", "PacingLimits"]

_CONGESTION = frozenset({"rate_limited", "server_error", "timeout"})
_BACK_OFF = 0.5
# A server that answers this many times slower than it did at its best is overloaded, whatever its status codes say.
_SLOW_TIMES = 8.0
_SLOW_BACK_OFF = 0.9
_SLOW_LEAST_MS = 2_000.0
_SMOOTHING = 0.05
_CHARACTERS_A_TOKEN = 4
_IMAGE_TOKENS = 600


class PacingLimits(msgspec.Struct, frozen=True):
    """What an endpoint is asked at most.

    Fields:
        in_flight: Requests at once; the adaptive limit starts there and never exceeds it.
        rpm: Requests a minute, evenly spread; None for no limit.
        tpm: Tokens a minute, input and output; estimated before a request, corrected by its usage.
    """

    in_flight: int = 16
    rpm: float | None = None
    tpm: float | None = None

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be sent."""
        for name in ("in_flight", "rpm", "tpm"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise UsageError(f"{name} is {value}: give a number above 0")


class Gate:
    """The limits of one endpoint.

    Requests in flight follow additive increase, multiplicative decrease: one more for each full round of answers, half
    as many after a 429, a 5xx or a time-out, a tenth fewer while answers come far slower than they did. A decrease
    counts once for all requests that were already under way. A Retry-After closes the gate for everybody.

    Source: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance", 1989.
    """

    def __init__(
        self,
        limits: PacingLimits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limits = limits
        self.limit = float(limits.in_flight)
        self.in_flight = 0
        self._clock = clock
        self._sleep = sleep
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed_until = 0.0
        self._next_request = 0.0
        self._next_tokens = 0.0
        self._decreased_at = float("-inf")
        self._latency_ms: float | None = None
        self._best_latency_ms = float("inf")

    async def enter(self, tokens: int) -> float:
        """Wait for a place, then for the rates; returns when the request may be sent, on the gate's clock."""
        if self._waiting or self.in_flight >= int(self.limit):
            await self._place()
        else:
            self.in_flight += 1
        try:
            await self._rates(tokens)
        except BaseException:
            self._free()
            raise
        return self._clock()

    def leave(self, sent: float, reply: Reply | None, tokens: int) -> None:
        """Free the place of a request and learn from its reply; None when it was cancelled."""
        self._free()
        if reply is None:
            return
        used = (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
        if self.limits.tpm is not None and used:
            self._next_tokens += (used - tokens) * 60.0 / self.limits.tpm
        failure = reply.failure
        if failure is not None and failure.kind in _CONGESTION:
            if failure.retry_after_s is not None:
                self._closed_until = max(self._closed_until, self._clock() + failure.retry_after_s)
            self._decrease(sent, _BACK_OFF)
        elif failure is None:
            self._increase()
            self._watch_latency(sent, reply.latency_ms)

    async def _place(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._free()  # the place was given just before the caller went away
            raise

    async def _rates(self, tokens: int) -> None:
        while (wait_s := self._closed_until - self._clock()) > 0:
            await self._sleep(wait_s)
        start = now = self._clock()
        if self.limits.rpm is not None:
            start = max(start, self._next_request)
            self._next_request = start + 60.0 / self.limits.rpm
        if self.limits.tpm is not None:
            start = max(start, self._next_tokens)
            self._next_tokens = start + tokens * 60.0 / self.limits.tpm
        if start > now:
            await self._sleep(start - now)

    def _free(self) -> None:
        self.in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_flight < int(self.limit):
            future = self._waiting.popleft()
            if not future.done():
                self.in_flight += 1
                future.set_result(None)

    def _increase(self) -> None:
        most = self.limits.in_flight
        if self.limit < most:
            self.limit = min(float(most), self.limit + 1.0 / self.limit)
            self._admit()

    def _decrease(self, sent: float, factor: float) -> None:
        if sent >= self._decreased_at:
            self._decreased_at = self._clock()
            self.limit = max(1.0, self.limit * factor)

    def _watch_latency(self, sent: float, latency_ms: float) -> None:
        smooth = self._latency_ms
        smooth = latency_ms if smooth is None else smooth + _SMOOTHING * (latency_ms - smooth)
        self._latency_ms = smooth
        self._best_latency_ms = min(self._best_latency_ms, smooth)
        if smooth > _SLOW_LEAST_MS and smooth > _SLOW_TIMES * self._best_latency_ms:
            self._decrease(sent, _SLOW_BACK_OFF)


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
        tokens = _estimated_tokens(request) if self._gate.limits.tpm is not None else 0
        sent = await self._gate.enter(tokens)
        reply: Reply | None = None
        try:
            reply = await self._model.reply(request)
        finally:
            self._gate.leave(sent, reply, tokens)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


def _estimated_tokens(request: ChatRequest) -> int:
    text = sum(len(message.text) for message in request.messages)
    images = sum(len(message.images) for message in request.messages)
    return text // _CHARACTERS_A_TOKEN + images * _IMAGE_TOKENS + (request.parameters.max_tokens or 0)
