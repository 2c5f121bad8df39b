"""Another try for what may pass: between a provider and the breaker, for every network provider alike."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import msgspec

from turnwise.errors import UsageError
from turnwise.models.chat import ChatModel, ChatRequest, Failure, Reply

__all__ = ["RetryPolicy", "Retrying"]


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how long to wait.

    Fields:
        max_attempts: Times a request is given to the model, the first one included.
        base_s: The longest wait before the second attempt; it doubles before each further one.
        cap_s: The longest wait of our own choosing.
        retry_after_cap_s: The longest wait that a server's Retry-After is given.
    """

    max_attempts: int = 5
    base_s: float = 0.5
    cap_s: float = 30.0
    retry_after_cap_s: float = 120.0

    def __post_init__(self) -> None:
        """Refuse a policy that never asks."""
        if self.max_attempts < 1:
            raise UsageError(f"max_attempts is {self.max_attempts}: give at least 1")

    def wait_s(self, failure: Failure, attempt: int, draw: float) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1); `draw` is in [0, 1).

        Full jitter: uniform between nothing and the doubling bound, so that clients which failed together do not come
        back together. A Retry-After is waited out in full first.

        Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
        """
        # The exponent is bounded because 2.0**1024 overflows; the cap is reached long before.
        jitter_s = draw * min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 64))
        if failure.retry_after_s is None:
            return jitter_s
        return min(self.retry_after_cap_s, failure.retry_after_s + jitter_s)


_DEFAULT_POLICY = RetryPolicy()


class Retrying:
    """A ChatModel that asks another one again while its failures are retryable."""

    def __init__(
        self,
        model: ChatModel,
        policy: RetryPolicy = _DEFAULT_POLICY,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._policy = policy
        self._sleep = sleep
        self._draw = draw

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The first reply that is no retryable failure, or the last one; `attempts` counts all requests sent."""
        reply = await self._model.reply(request)
        attempts = reply.attempts
        for attempt in range(1, self._policy.max_attempts):
            if reply.failure is None or not reply.failure.retryable:
                break
            await self._sleep(self._policy.wait_s(reply.failure, attempt, self._draw()))
            reply = await self._model.reply(request)
            attempts += reply.attempts
        return reply if attempts == reply.attempts else msgspec.structs.replace(reply, attempts=attempts)

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()
