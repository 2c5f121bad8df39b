"""One call for identical requests: those in flight at the same time, and those answered a moment ago in this run.

Twins send the same first turns, and dialogues of one group often the same prefix; they are scheduled next to each
other, so a short memory is enough. The paired design also lowers the variance of what is compared.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import msgspec

from turnwise.models import ChatModel, ChatRequest, GivenUp, Reply

__all__ = ["Shared", "shared"]

_REMEMBERED = 4096
_REMEMBERED_CHARACTERS = 16_000_000


class _Call:
    """A request under way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[Reply]) -> None:
        self.task = task
        self.waiting = 0


class Shared:
    """A ChatModel that asks another one once for requests that are the same to the last byte.

    Args:
        remembered: Answers kept for who asks a little later; the oldest goes first.
        remembered_characters: The same bound on the sum of their texts.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        remembered: int = _REMEMBERED,
        remembered_characters: int = _REMEMBERED_CHARACTERS,
    ) -> None:
        self._model = model
        self._remembered = remembered
        self._remembered_characters = remembered_characters
        self._calls: dict[str, _Call] = {}
        self._running: set[asyncio.Task[Reply]] = set()
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._characters = 0

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside, marked as shared for all but the first who ask.

        A failure or an error reaches all who wait for it and is not remembered: whoever asks after it asks again. A
        call goes on until the last of those who wait for it is cancelled.
        """
        key = request.sha256()
        kept = self._replies.get(key)
        if kept is not None:
            self._replies.move_to_end(key)
            return shared(kept)
        call = self._calls.get(key)
        if call is not None:
            try:
                return shared(await self._wait(key, call))
            except GivenUp as down:
                raise GivenUp(str(down), shared(down.reply)) from None
        call = self._calls[key] = self._start(key, request)
        return await self._wait(key, call)

    async def close(self) -> None:
        """End what is under way and close the model inside."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._model.close()

    def _start(self, key: str, request: ChatRequest) -> _Call:
        call = _Call(asyncio.get_running_loop().create_task(self._model.reply(request)))
        self._running.add(call.task)
        call.task.add_done_callback(lambda _: self._finish(key, call))
        return call

    async def _wait(self, key: str, call: _Call) -> Reply:
        call.waiting += 1
        try:
            return await asyncio.shield(call.task)
        finally:
            call.waiting -= 1
            if not call.waiting and not call.task.done():
                self._forget(key, call)
                call.task.cancel()

    def _finish(self, key: str, call: _Call) -> None:
        self._running.discard(call.task)
        self._forget(key, call)
        # Looking at the error also tells asyncio that it was seen, when every waiter was cancelled.
        if not call.task.cancelled() and call.task.exception() is None:
            self._remember(key, call.task.result())

    def _forget(self, key: str, call: _Call) -> None:
        # Somebody may have asked again since this call was cancelled.
        if self._calls.get(key) is call:
            del self._calls[key]

    def _remember(self, key: str, reply: Reply) -> None:
        if reply.state == "failed" or key in self._replies:
            return
        self._replies[key] = reply
        self._characters += len(reply.text)
        while len(self._replies) > self._remembered or self._characters > self._remembered_characters:
            _, oldest = self._replies.popitem(last=False)
            self._characters -= len(oldest.text)


def shared(reply: Reply) -> Reply:
    """A reply as it stands for those who did not ask for it first."""
    return msgspec.structs.replace(reply, origin="shared", attempts=0, latency_ms=0.0)
