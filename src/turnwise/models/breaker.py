"""The end of a dead endpoint: around retries, the one place in `models` that raises for what a server does."""

from __future__ import annotations

from turnwise.errors import EndpointDown
from turnwise.models.chat import ChatModel, ChatRequest, Failure, Reply
from turnwise.models.http.error_body import NOT_FOUND

__all__ = ["Breaker", "GivenUp"]

_COUNTED = frozenset({"connection", "timeout", "server_error", "rate_limited", "auth"})


class GivenUp(EndpointDown):
    """An endpoint was given up over a request; `reply` says how that failed, with the attempts it took."""

    def __init__(self, sentence: str, reply: Reply) -> None:
        super().__init__(sentence)
        self.reply = reply


class Breaker:
    """A ChatModel that gives up on another one after failures in a row that say nobody is there.

    Counted: connection, timeout, server_error, rate_limited, auth, and a rejection with 404. A reply that is ok or
    blocked starts the count again. Failures of single requests (too long, unreadable) neither count nor reset.

    Args:
        threshold: Counted failures in a row that end it.
        auth_threshold: The same for refused keys alone, which do not get better by asking.
    """

    def __init__(self, model: ChatModel, *, threshold: int = 5, auth_threshold: int = 2) -> None:
        self._model = model
        self._threshold = threshold
        self._auth_threshold = auth_threshold
        self._failures = 0
        self._auth_failures = 0
        self._down: str | None = None

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside.

        Raises:
            GivenUp: with this failure there are too many in a row.
            EndpointDown: there were before; nothing was sent.
        """
        if self._down is not None:
            raise EndpointDown(self._down)
        reply = await self._model.reply(request)
        self._count(reply)
        if self._down is not None and reply.state == "failed":
            raise GivenUp(self._down, reply)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()

    def _count(self, reply: Reply) -> None:
        failure = reply.failure
        if failure is None:
            self._failures = self._auth_failures = 0
        elif _says_nobody_is_there(failure):
            self._failures += 1
            self._auth_failures += failure.kind == "auth"
            if self._failures >= self._threshold or self._auth_failures >= self._auth_threshold:
                self._down = self._down or self._sentence(failure)

    def _sentence(self, failure: Failure) -> str:
        return (
            f"{self.name} failed {self._failures} times in a row and was given up; the last cause: {failure.kind}, "
            f"{failure.message.rstrip('.')}; check address, key and server, then run the same command again"
        )


def _says_nobody_is_there(failure: Failure) -> bool:
    return failure.kind in _COUNTED or failure.message.startswith(NOT_FOUND)
