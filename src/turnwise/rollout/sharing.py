"""One call for identical requests: those in flight at the same time, and those answered a moment ago in this run.

Twins send the same first turns, and dialogues of one group often the same prefix; they are scheduled next to each
other, so a short memory is enough. The paired design also lowers the variance of what is compared.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import msgspec

from turnwise.models import ChatModel, ChatRequest, Reply

__all__ = ["Shared"]

_REMEMBERED = 4096


class Shared:
    """A ChatModel that asks another one once for requests that are the same to the last byte."""

    def __init__(self, model: ChatModel, *, remembered: int = _REMEMBERED) -> None:
        self._model = model
        self._remembered = remembered
        self._calls: OrderedDict[str, asyncio.Task[Reply]] = OrderedDict()

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside, marked as shared for all but the first who ask.

        A failure is not remembered: whoever asks after it asks again.
        """
        key = request.sha256()
        call = self._calls.get(key)
        if call is not None:
            reply = await asyncio.shield(call)
            return msgspec.structs.replace(reply, origin="shared", attempts=0, latency_ms=0.0)
        call = asyncio.get_running_loop().create_task(self._ask(key, request))
        # When every waiter was cancelled nobody else looks at the call's error.
        call.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._calls[key] = call
        # A caller that goes away must not take the call from those who wait for the same one.
        return await asyncio.shield(call)

    async def close(self) -> None:
        """Close the model inside."""
        for call in self._calls.values():
            call.cancel()
        self._calls.clear()
        await self._model.close()

    async def _ask(self, key: str, request: ChatRequest) -> Reply:
        try:
            reply = await self._model.reply(request)
        except BaseException:
            self._calls.pop(key, None)
            raise
        if reply.state == "failed":
            self._calls.pop(key, None)
        while len(self._calls) > self._remembered:
            oldest = next(iter(self._calls))
            if not self._calls[oldest].done():
                break
            del self._calls[oldest]
        return reply
