"""What the dialogues of a run wait for: the next request of each, and once where several come to the same one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import msgspec

from turnwise.evaluate.engine import Answered, Exchanged, Row, Work
from turnwise.models import ChatRequest, Reply, failed
from turnwise.rollout import Answer, Asking, Conduct, Exchange, ask_questions, converse, transcript_of

__all__ = ["Place", "Waiting", "row_of", "waiting_requests"]

Place = tuple[int, int | str]
"""The number of a dialogue, and in it a turn or the id of a question."""


class Waiting(msgspec.Struct, frozen=True):
    """A request, and the places that wait for the reply to it, in run order."""

    sha256: str
    request: ChatRequest
    places: list[Place]


def row_of(place: Place, sha256: str, reply: Reply) -> Row:
    """The row that a reply makes at a place."""
    number, asked = place
    if isinstance(asked, int):
        return Exchanged(number, Exchange(asked, sha256, reply))
    return Answered(number, Answer(asked, sha256, reply))


class _NoteTaker:
    """A ChatModel that takes down what it is asked, and never answers."""

    name = "nobody"

    def __init__(self) -> None:
        self.asked: dict[str, ChatRequest] = {}

    async def reply(self, request: ChatRequest) -> Reply:
        self.asked[request.sha256()] = request
        return failed("model_error", "nobody was asked", retryable=True)

    async def close(self) -> None:
        """Nothing is open."""


async def waiting_requests(
    works: Iterable[Work], conduct: Conduct, asking: Asking | None
) -> tuple[dict[str, Waiting], list[Row]]:
    """Every request that a dialogue waits for, by its sha256, and the rows that need no reply to be known.

    Dialogues that share a reply share one request: under `conduct.share` equal requests are one; otherwise each
    carries its dialogue's sample number.
    """
    waiting: dict[str, Waiting] = {}
    known: list[Row] = []
    for work in works:
        asker = _NoteTaker()
        async for asked, sha256, reply in _next(work, asker, conduct, asking):
            place = (work.number, asked)
            if sha256 in asker.asked:
                waiting.setdefault(sha256, Waiting(sha256, asker.asked[sha256], [])).places.append(place)
            else:
                known.append(row_of(place, sha256, reply))
    return waiting, known


async def _next(
    work: Work, asker: _NoteTaker, conduct: Conduct, asking: Asking | None
) -> AsyncIterator[tuple[int | str, str, Reply]]:
    """What comes after the exchanges so far: the next turn, or, when the dialogue has ended, all its questions."""
    ended = True
    async for exchange in converse(work.dialogue, asker, conduct, answered=work.held):
        ended = False
        yield exchange.turn, exchange.request_sha256, exchange.reply
    if ended and asking is not None:
        transcript = transcript_of(work.dialogue, conduct, work.held)
        async for answer in ask_questions(transcript, asker, conduct, asking=asking, answered=work.answered):
            yield answer.question, answer.request_sha256, answer.reply
