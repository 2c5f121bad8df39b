"""A run whose target is asked in batch jobs: first the waves, then the judges, live, over all that was answered."""

from __future__ import annotations

from collections.abc import Callable

from turnwise.dialogue import Dialogue
from turnwise.evaluate.batch_target import BatchTarget
from turnwise.evaluate.pipeline import Listener, Pipeline, Stop
from turnwise.evaluate.waves import Waves
from turnwise.judge import Verdict
from turnwise.rollout import Exchange

__all__ = ["run_in_waves"]


class _Begun:
    """A listener that was told already how much there is to do."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.exchanged: Callable[[Dialogue, Exchange], None] = listener.exchanged
        self.judged: Callable[[Dialogue, str, Verdict], None] = listener.judged
        self.finished: Callable[[Dialogue], None] = listener.finished
        self.noted: Callable[[str], None] = listener.noted

    def started(self, *, total: int, pending: int) -> None:
        """Say nothing: the waves have begun the run."""


async def run_in_waves(
    pipeline: Pipeline,
    target: BatchTarget,
    *,
    concurrency: int,
    stop: Stop | None = None,
    flush: Callable[[], None] | None = None,
) -> None:
    """Do all that is pending: ask `target` in waves, then run a pipeline that only judges.

    Raises:
        EndpointDown, BudgetSpent, RunFileError: as for Waves and Pipeline.
    """
    stop = stop or Stop()
    reader, listener = pipeline.reader, pipeline.listener
    names = [judge.card.name for judge in pipeline.judges]
    pending = reader.pending(names)
    listener.started(total=reader.count(), pending=len(pending))
    waves = Waves(target, reader=reader, writer=pipeline.writer, conduct=pipeline.conduct, listener=listener, stop=stop)
    await waves.run()
    if stop.asked:
        return
    to_judge = set(reader.unjudged(names))
    for number in pending:
        if number not in to_judge:
            listener.finished(reader.dialogue(number))
    pipeline.listener = _Begun(listener)
    await pipeline.run(concurrency=concurrency, stop=stop, flush=flush)
