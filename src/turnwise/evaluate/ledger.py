"""The run file as those who do the work see it: what is still to do, and where the rows go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import get_args

from turnwise.dialogue import Dialogue, QuestionKind
from turnwise.evaluate.engine import Answered, Exchanged, Judged, Row, Work
from turnwise.evaluate.listener import Listener
from turnwise.rollout import Asking
from turnwise.runfile import COMMIT_AFTER_S, Reader, Writer

__all__ = ["Ledger"]


class Ledger:
    """Gives out the dialogues of a run that need work, and takes in what was done to them.

    Args:
        judges: Names of the judges that are to rule.
    """

    def __init__(self, *, reader: Reader, writer: Writer, judges: Sequence[str], listener: Listener) -> None:
        self.reader = reader
        self.writer = writer
        self.listener = listener
        self._judges = judges
        self._touched: set[int] = set()
        self._given_out: dict[int, Dialogue] = {}

    def begin(self, asking: Asking | None) -> list[int]:
        """The numbers of the dialogues that need anything, in the order to do them; the listener is told."""
        return self._begun(self.unfinished(asking))

    def begin_judging(self) -> list[int]:
        """The same of those that only need a verdict."""
        return self._begun(self.unjudged())

    def unfinished(self, asking: Asking | None) -> list[int]:
        """The numbers of the dialogues that need anything."""
        return self._fresh(self.reader.pending(self._judges, _kinds(asking)))

    def unasked(self, asking: Asking | None) -> list[int]:
        """The numbers of the dialogues that need the target."""
        return self._fresh(self.reader.pending([], _kinds(asking)))

    def unjudged(self) -> list[int]:
        """The numbers of the dialogues that only need a verdict."""
        return self._fresh(self.reader.unjudged(self._judges))

    def started(self, n_pending: int) -> None:
        """Tell the listener how much there is to do at most."""
        self.listener.started(total=self.reader.count(), pending=n_pending)

    def _begun(self, numbers: list[int]) -> list[int]:
        self.started(len(numbers))
        return numbers

    def _fresh(self, numbers: list[int]) -> list[int]:
        self._touched = self.reader.touched()
        return numbers

    def work(self, number: int) -> Work:
        """A dialogue with what is stored of it."""
        dialogue = self._given_out[number] = self.reader.dialogue(number)
        if number not in self._touched:
            return Work(number, dialogue)
        held = (exchange for exchange in self.reader.exchanges(number) if exchange.reply.state != "failed")
        verdicts = self.reader.verdicts(number)
        # A judge may rule on every turn; it has ruled when its word on the last one is there.
        ruled = (name for name, verdict in verdicts if verdict.turn == dialogue.length and verdict.state != "failed")
        answered = (answer for answer in self.reader.answers(number) if answer.reply.state != "failed")
        return Work(number, dialogue, tuple(held), frozenset(ruled), tuple(answered))

    def record(self, row: Row) -> None:
        """Write a row down, and tell the listener."""
        dialogue = self._given_out[row.number]
        if isinstance(row, Exchanged):
            self.writer.add_exchange(row.number, row.exchange)
            self.listener.exchanged(dialogue, row.exchange)
        elif isinstance(row, Judged):
            self.writer.add_verdict(row.number, row.judge, row.verdict)
            self.listener.judged(dialogue, row.judge, row.verdict)
        elif isinstance(row, Answered):
            self.writer.add_answer(row.number, row.answer)
            self.listener.answered(dialogue, row.answer)
        else:
            del self._given_out[row.number]
            self.listener.finished(dialogue)

    def take_back(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers that were given out and not finished; what is known of them is read anew next time."""
        self.writer.commit()
        unfinished = [number for number in numbers if self._given_out.pop(number, None) is not None]
        self._touched.update(unfinished)
        return unfinished

    @asynccontextmanager
    async def committing(self, flush: Callable[[], None]) -> AsyncIterator[asyncio.TaskGroup]:
        """A task group for the work; meanwhile and at its end rows are committed, and `flush` is called as often.

        Raises:
            RunFileError: the run file cannot be written any more. It ends the work before more calls are paid for.
        """
        try:
            async with asyncio.TaskGroup() as watching:
                committing = watching.create_task(self._commit_often(flush))
                try:
                    async with asyncio.TaskGroup() as group:
                        yield group
                finally:
                    committing.cancel()
        except BaseExceptionGroup as several:
            raise _first(several) from None
        finally:
            self.writer.commit()

    async def _commit_often(self, flush: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(COMMIT_AFTER_S / 2)
            if self.writer.commit_due:
                self.writer.commit()
                flush()


def _kinds(asking: Asking | None) -> tuple[QuestionKind, ...]:
    return () if asking is None else get_args(QuestionKind)


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error itself: people are to read one sentence, not a group."""
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
