"""What the dialogues of a run wait for: the next request of each, and once where several come to the same one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from turnwise.dialogue import Dialogue
from turnwise.models import ChatRequest, Reply, failed
from turnwise.rollout import Conduct, Exchange, converse
from turnwise.runfile import Reader

__all__ = ["Waiting", "waiting_requests"]


class Waiting(msgspec.Struct, frozen=True):
    """A request, the turn it asks, and the numbers of the dialogues that wait for the reply, in run order."""

    sha256: str
    request: ChatRequest
    turn: int
    numbers: list[int]


class _NoteTaker:
    """A ChatModel that takes down what it is asked, and never answers."""

    name = "nobody"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    async def reply(self, request: ChatRequest) -> Reply:
        self.asked.append(request)
        return failed("model_error", "nobody was asked", retryable=True)

    async def close(self) -> None:
        """Nothing is open."""


async def waiting_requests(reader: Reader, conduct: Conduct) -> dict[str, Waiting]:
    """Every request that a dialogue of the run waits for, by its sha256; dialogues that share a reply share one.

    Under `conduct.share` equal requests are one; otherwise each carries its dialogue's sample number.
    """
    waiting: dict[str, Waiting] = {}
    for number in reader.pending([]):
        found = await _next(reader.dialogue(number), conduct, reader.exchanges(number))
        if found is not None:
            waiting.setdefault(found.sha256, found).numbers.append(number)
    return waiting


async def _next(dialogue: Dialogue, conduct: Conduct, answered: Sequence[Exchange]) -> Waiting | None:
    """What comes after the exchanges so far; None when the dialogue has ended."""
    asker = _NoteTaker()
    turns = [exchange async for exchange in converse(dialogue, asker, conduct, answered=answered)]
    return Waiting(turns[0].request_sha256, asker.asked[0], turns[0].turn, []) if turns else None
