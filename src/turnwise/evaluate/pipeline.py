"""The run in this process: dialogues flow through the engine to the run file, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable

from turnwise.errors import EndpointDown
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.ledger import Ledger
from turnwise.rollout import BudgetSpent

__all__ = ["run_here", "say_why"]


async def run_here(
    ledger: Ledger, engine: Engine, numbers: list[int], *, concurrency: int, flush: Callable[[], None]
) -> None:
    """Do the dialogues with these numbers, `concurrency` at a time; `flush` is called as often as rows are committed.

    Raises:
        EndpointDown, BudgetSpent: no more can be asked. Calls in flight were let finish; all answers are stored.
        RunFileError: the run file cannot be written any more.
    """
    queue = ledger.works(numbers)
    async with ledger.committing(flush) as group:
        for _ in range(min(concurrency, len(numbers))):
            group.create_task(engine.work(queue, ledger.record))
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
