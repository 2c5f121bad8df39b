"""The run in this process: dialogues flow through the engine to the run file, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from turnwise.errors import EndpointDown
from turnwise.evaluate.agenda import Agenda
from turnwise.evaluate.engine import Engine, Row, Work
from turnwise.evaluate.ledger import Ledger
from turnwise.rollout import BudgetSpent

__all__ = ["run_here", "say_why"]


async def run_here(
    ledger: Ledger, engine: Engine, agenda: Agenda, *, concurrency: int, flush: Callable[[], None]
) -> None:
    """Do what the agenda asks for, `concurrency` dialogues at a time; `flush` is called as often as rows are committed.

    Raises:
        EndpointDown, BudgetSpent: no more can be asked. Calls in flight were let finish; all answers are stored.
        RunFileError: the run file cannot be written any more.
    """

    def works() -> Iterator[Work]:
        while (number := agenda.next()) is not None:
            yield ledger.work(number)

    def tell(row: Row) -> None:
        ledger.record(row)
        agenda.learn(row)

    queue = works()
    async with ledger.committing(flush) as group:
        for _ in range(min(concurrency, agenda.most)):
            group.create_task(engine.work(queue, tell))
    say_why(ledger, engine.ended)


def say_why(ledger: Ledger, ended: EndpointDown | BudgetSpent | None) -> None:
    """Note in the run file why a run ended early, and raise it.

    Raises:
        EndpointDown, BudgetSpent: that is why it ended.
    """
    if ended is not None:
        ledger.writer.add_event("ended_early", str(ended))
        ledger.writer.commit()
        raise ended
