"""Calls that set a job up, watch it and fetch it: asked again while they fail in passing, ended with a clear sentence.

A job runs for hours, so a poll that fails is nothing; and a job costs money, so it is never made twice in doubt.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec

from turnwise.errors import EndpointDown
from turnwise.models.batch.job import BatchJob, BatchModel, BatchStatus
from turnwise.models.chat import Failure, Reply
from turnwise.models.http.answer import Answer, is_success
from turnwise.models.http.error_body import read_error
from turnwise.models.retry import RetryPolicy

__all__ = ["Ask", "Patience", "wait_for_batch"]

Ask = Callable[[], Awaitable[Answer | Reply]]
"""Sends a call once; a failed reply where there was no answer."""

_Body = TypeVar("_Body")
_OVERLOADED = 529


class Patience:
    """How long the calls about jobs are tried.

    Args:
        name: The model, for the sentence that ends it.
        policy: Attempts and waits of one call.
    """

    def __init__(
        self,
        name: str,
        policy: RetryPolicy,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._name = name
        self._policy = policy
        self._draw = draw
        self.sleep = sleep

    async def body(self, ask: Ask, decoder: msgspec.json.Decoder[_Body]) -> _Body:
        """The body of the first answer that can be read.

        Raises:
            EndpointDown: the key or the call is refused, or no attempt got an answer.
        """
        attempt = 1
        while isinstance(got := _read(await ask(), decoder), Failure):
            await self._wait(got, attempt)
            attempt += 1
        return got

    async def body_once(
        self, ask: Ask, decoder: msgspec.json.Decoder[_Body], *, look: Callable[[], Awaitable[_Body | None]]
    ) -> _Body:
        """The same for a call that must not have its effect twice; `look` finds what an unclear attempt made.

        Raises:
            EndpointDown: as above; whether the last attempt had its effect may be unclear.
        """
        attempt = 1
        while True:
            outcome = await ask()
            got = _read(outcome, decoder)
            if not isinstance(got, Failure):
                return got
            await self._wait(got, attempt)
            if _is_unclear(outcome) and (found := await look()) is not None:
                return found
            attempt += 1

    async def _wait(self, failure: Failure, attempt: int) -> None:
        if not failure.retryable or attempt >= self._policy.max_attempts:
            tries = "once" if attempt == 1 else f"{attempt} times"
            raise EndpointDown(
                f"{self._name}: a call about a batch job failed {tries}; the last cause: {failure.kind}, "
                f"{failure.message.rstrip('.')}; jobs already made go on: check address, key and server, then run the "
                "same command again"
            )
        await self.sleep(self._policy.wait_s(failure, attempt, self._draw()))


async def wait_for_batch(
    model: BatchModel,
    job: BatchJob,
    *,
    every_s: float = 60.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> BatchStatus:
    """The status of a job once it runs no more, polled every so many seconds.

    Raises:
        EndpointDown: as for `poll`.
    """
    while (status := await model.poll(job)).state == "running":
        await sleep(every_s)
    return status


def _read(outcome: Answer | Reply, decoder: msgspec.json.Decoder[_Body]) -> _Body | Failure:
    if isinstance(outcome, Answer) and is_success(outcome):
        try:
            return decoder.decode(outcome.body or b"")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Failure("invalid_reply", f"the answer about a batch job cannot be read ({error})", retryable=True)
    reply = read_error(outcome) if isinstance(outcome, Answer) else outcome
    return reply.failure or Failure("rejected", "a content filter refused the call", retryable=False)


def _is_unclear(outcome: Answer | Reply) -> bool:
    """Whether the server may have done what it was asked for although it did not say so."""
    if isinstance(outcome, Reply) or is_success(outcome):
        return True
    return outcome.status >= HTTPStatus.INTERNAL_SERVER_ERROR and outcome.status != _OVERLOADED
