"""The run itself: dialogues flow through target and judges to the run file, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from turnwise.dialogue import Dialogue
from turnwise.errors import EndpointDown
from turnwise.judge import Judge, Verdict, blocked_verdict
from turnwise.models import ChatModel
from turnwise.rollout import BudgetSpent, Conduct, Exchange, Transcript, converse, transcript_of
from turnwise.runfile import COMMIT_AFTER_S, Reader, Writer

__all__ = ["Listener", "Pipeline", "Silent", "Stop"]


class Listener(Protocol):
    """Hears what happens while a run goes on; the command line draws it."""

    def started(self, *, total: int, pending: int) -> None:
        """The run begins: `pending` of `total` dialogues need work."""
        ...

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """A turn was asked."""
        ...

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """A judge ruled."""
        ...

    def finished(self, dialogue: Dialogue) -> None:
        """All that could be done for a dialogue was done."""
        ...

    def noted(self, words: str) -> None:
        """Something else that people should know: how a batch job goes on."""
        ...


class Silent:
    """A listener that does nothing."""

    def started(self, *, total: int, pending: int) -> None:
        """Do nothing."""

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Do nothing."""

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """Do nothing."""

    def finished(self, dialogue: Dialogue) -> None:
        """Do nothing."""

    def noted(self, words: str) -> None:
        """Do nothing."""


class Stop:
    """A wish to end the run early, that whoever drives it may utter from outside at any time."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self) -> None:
        """Let calls in flight finish and make no new ones."""
        self.asked = True


class Pipeline:
    """Holds what every dialogue of a run passes through.

    `target` is None when only judging is asked for: dialogues are then judged as they stand in the run file.
    """

    def __init__(
        self,
        *,
        reader: Reader,
        writer: Writer,
        target: ChatModel | None,
        judges: Sequence[Judge],
        conduct: Conduct,
        listener: Listener,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.target = target
        self.judges = judges
        self.conduct = conduct
        self.listener = listener
        self._ended: EndpointDown | BudgetSpent | None = None
        self._stop = Stop()
        self._touched: set[int] = set()

    async def run(self, *, concurrency: int, stop: Stop | None = None, flush: Callable[[], None] | None = None) -> None:
        """Do all that is pending, `concurrency` dialogues at a time; `flush` is called as often as rows are committed.

        Raises:
            EndpointDown, BudgetSpent: no more can be asked. Calls in flight were let finish; all answers are stored.
            RunFileError: the run file cannot be written any more.
        """
        self._stop = stop or self._stop
        names = [judge.card.name for judge in self.judges]
        pending = self.reader.pending(names) if self.target else self.reader.unjudged(names)
        self._touched = self.reader.touched()
        self.listener.started(total=self.reader.count(), pending=len(pending))
        queue = iter(pending)
        try:
            async with asyncio.TaskGroup() as group:
                committing = group.create_task(_commit_often(self.writer, flush))
                try:
                    await self._all(queue, min(concurrency, len(pending)))
                finally:
                    committing.cancel()
        except BaseExceptionGroup as several:
            raise _first(several) from None
        finally:
            self.writer.commit()
        if self._ended is not None:
            self.writer.add_event("ended_early", str(self._ended))
            raise self._ended

    async def _all(self, queue: Iterator[int], workers: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(queue))

    async def _work(self, queue: Iterator[int]) -> None:
        """Take dialogues from the shared queue until it is empty or the run ends early."""
        for number in queue:
            if self._ending:
                return
            try:
                await self._dialogue(number)
            except (EndpointDown, BudgetSpent) as error:
                self._ended = error

    @property
    def _ending(self) -> bool:
        return self._stop.asked or self._ended is not None

    async def _dialogue(self, number: int) -> None:
        dialogue = self.reader.dialogue(number)
        stored = self.reader.exchanges(number) if number in self._touched else []
        held = [exchange for exchange in stored if exchange.reply.state != "failed"]
        if self.target is not None:
            async for exchange in converse(dialogue, self.target, self.conduct, answered=held):
                self.writer.add_exchange(number, exchange)
                self.listener.exchanged(dialogue, exchange)
                held.append(exchange)
                if self._ending:
                    return
        if held:
            await self._judge(number, dialogue, held)
        self.listener.finished(dialogue)

    async def _judge(self, number: int, dialogue: Dialogue, held: Sequence[Exchange]) -> None:
        """Ask every judge that has not ruled yet; one whose endpoint is down does not keep the others from ruling."""
        transcript = transcript_of(dialogue, self.conduct, held)
        if transcript.censored:
            return
        stored = self.reader.verdicts(number) if number in self._touched else []
        ruled = {name for name, verdict in stored if verdict.state != "failed"}
        down: EndpointDown | BudgetSpent | None = None
        for judge in self.judges:
            if judge.card.name in ruled:
                continue
            try:
                verdict = await _ruling(judge, transcript)
            except (EndpointDown, BudgetSpent) as error:
                down = error
                continue
            self.writer.add_verdict(number, judge.card.name, verdict)
            self.listener.judged(dialogue, judge.card.name, verdict)
        if down is not None:
            raise down


async def _ruling(judge: Judge, transcript: Transcript) -> Verdict:
    if transcript.final.reply.state != "ok":
        return blocked_verdict(transcript.final)
    return await judge.judge(transcript)


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error itself: people are to read one sentence, not a group."""
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _commit_often(writer: Writer, flush: Callable[[], None] | None) -> None:
    """Commit what is written several times a second. A full disk ends the run here, before more calls are paid for."""
    while True:
        await asyncio.sleep(COMMIT_AFTER_S / 2)
        if writer.commit_due:
            writer.commit()
            if flush is not None:
                flush()
