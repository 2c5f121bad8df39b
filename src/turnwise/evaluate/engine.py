"""What happens to one dialogue, whoever keeps the run file: it is held, judged, asked about; every step is a row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import msgspec

from turnwise.dialogue import Dialogue
from turnwise.errors import EndpointDown
from turnwise.evaluate.listener import Stop
from turnwise.judge import Judge, Verdict, blocked_verdict, failed_verdict
from turnwise.models import ChatModel, GivenUp
from turnwise.rollout import (
    Answer,
    Asking,
    BudgetSpent,
    Conduct,
    Exchange,
    RunStopped,
    Transcript,
    ask_questions,
    converse,
    transcript_of,
)

__all__ = ["Answered", "Engine", "Exchanged", "Finished", "Judged", "Row", "Work"]


class Work(msgspec.Struct, frozen=True):
    """A dialogue to be done.

    Fields:
        number: Its place in the run.
        held: The stored exchanges that did not fail.
        ruled: Names of the judges that have ruled already.
        answered: The stored answers to questions that did not fail.
    """

    number: int
    dialogue: Dialogue
    held: tuple[Exchange, ...] = ()
    ruled: frozenset[str] = frozenset()
    answered: tuple[Answer, ...] = ()


class Exchanged(msgspec.Struct, frozen=True, tag="exchanged"):
    """A turn was asked."""

    number: int
    exchange: Exchange


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """A judge ruled."""

    number: int
    judge: str
    verdict: Verdict


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """A question was asked."""

    number: int
    answer: Answer


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """All that could be done for a dialogue was done."""

    number: int


Row = Exchanged | Judged | Answered | Finished
Tell = Callable[[Row], None]


class Engine:
    """Holds and judges dialogues until there are no more, the run is asked to stop, or a model cannot be asked.

    Attributes:
        target: None when only judging is asked for: dialogues are then judged as they stand.
        asking: How the target is asked the questions about a dialogue; None when it is not.
        stop: Asked from outside to end early.
        ended: Why no more can be asked; None while it can.
    """

    def __init__(
        self,
        *,
        target: ChatModel | None,
        judges: Sequence[Judge],
        conduct: Conduct,
        asking: Asking | None,
        stop: Stop,
    ) -> None:
        self.target = target
        self.asking = asking
        self.judges = judges
        self._conduct = conduct
        self.stop = stop
        self.ended: EndpointDown | BudgetSpent | None = None

    @property
    def ending(self) -> bool:
        """Whether no new call is to be made."""
        return self.stop.asked or self.ended is not None

    async def work(self, queue: Iterator[Work], tell: Tell) -> None:
        """Do one dialogue of a shared queue after the other; several may take from it at the same time."""
        for work in queue:
            if self.ending:
                return
            await self.do(work, tell)
            # Where replies come from a cache nothing waits, and one worker would run ahead of all the others.
            await asyncio.sleep(0)

    async def do(self, work: Work, tell: Tell) -> None:
        """Do one dialogue, as far as it goes."""
        try:
            held = await self._held(work, tell)
            if held is None:
                return
            if held:
                transcript = transcript_of(work.dialogue, self._conduct, held)
                await self._judge(work, transcript, tell)
                await self._question(work, transcript, tell)
            tell(Finished(work.number))
        except RunStopped:
            return  # what waited to be sent was not sent, and is asked when the run goes on
        except (EndpointDown, BudgetSpent) as error:
            self.ended = error

    async def _held(self, work: Work, tell: Tell) -> list[Exchange] | None:
        """All exchanges of the dialogue; None when the run ended in the middle."""
        held = list(work.held)
        if self.target is None:
            return held
        async for exchange in converse(work.dialogue, self.target, self._conduct, answered=work.held):
            tell(Exchanged(work.number, exchange))
            held.append(exchange)
            if self.ending:
                return None
        return held

    async def _question(self, work: Work, transcript: Transcript, tell: Tell) -> None:
        """Ask the target the questions about the dialogue that it has not answered yet.

        Raises:
            RunStopped: the run ended before all of them were asked.
        """
        if self.target is None or self.asking is None:
            return
        left = len(work.dialogue.questions) - len(work.answered)
        if left and self.ending:
            raise RunStopped("the run ended before the questions about this dialogue")
        asked = ask_questions(transcript, self.target, self._conduct, asking=self.asking, answered=work.answered)
        async for answer in asked:
            tell(Answered(work.number, answer))
            left -= 1
            if left and self.ending:
                raise RunStopped("the run ended in the middle of the questions about this dialogue")

    async def _judge(self, work: Work, transcript: Transcript, tell: Tell) -> None:
        """Ask every judge that has not ruled yet; one whose endpoint is down does not keep the others from ruling."""
        if transcript.censored:
            return
        down: EndpointDown | BudgetSpent | None = None
        for judge in self.judges:
            if judge.card.name in work.ruled:
                continue
            try:
                verdicts = await _rulings(judge, transcript)
            except GivenUp as error:
                verdicts, down = [failed_verdict(transcript.final, error.reply)], EndpointDown(str(error))
            except (EndpointDown, BudgetSpent) as error:
                down = error
                continue
            # Nothing comes between these rows, so they are stored together or not at all.
            for verdict in verdicts:
                tell(Judged(work.number, judge.card.name, verdict))
        if down is not None:
            raise down


async def _rulings(judge: Judge, transcript: Transcript) -> Sequence[Verdict]:
    if transcript.final.reply.state != "ok":
        return [blocked_verdict(transcript.final)]
    return await judge.judge(transcript)
