"""A run whose target is asked in batch jobs: first the waves, then the judges, live, over all that was answered."""

from __future__ import annotations

from collections.abc import Callable

from turnwise.evaluate.agenda import Listed
from turnwise.evaluate.batching.target import BatchTarget
from turnwise.evaluate.batching.waves import Waves
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.listener import Stop
from turnwise.evaluate.pipeline import run_here
from turnwise.rollout import Asking, Conduct

__all__ = ["run_in_waves"]


async def run_in_waves(
    ledger: Ledger,
    target: BatchTarget,
    judging: Engine,
    *,
    conduct: Conduct,
    asking: Asking | None,
    concurrency: int,
    stop: Stop,
    flush: Callable[[], None],
) -> None:
    """Do all that is pending: ask `target` in waves, then let an engine that only judges do the rest.

    Raises:
        EndpointDown, BudgetSpent, RunFileError: as for Waves and run_here.
    """
    reader, listener = ledger.reader, ledger.listener
    pending = ledger.begin(asking)
    waves = Waves(target, ledger=ledger, conduct=conduct, asking=asking, stop=stop)
    await waves.run()
    if stop.asked:
        return
    to_judge = ledger.unjudged()
    for number in sorted(set(pending).difference(to_judge)):
        listener.finished(reader.dialogue(number))
    await run_here(ledger, judging, Listed(to_judge), concurrency=concurrency, flush=flush)
