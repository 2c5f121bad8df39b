"""From spellings to an engine: the target and the judges of a run, opened and closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from turnwise.errors import UsageError
from turnwise.evaluate.commons import LocalCommons
from turnwise.evaluate.endpoints import Endpoints, Machinery
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.listener import Stop
from turnwise.judge import Judge, Sees, open_judge
from turnwise.models import PacingLimits
from turnwise.rollout import Asking, Conduct, read_prices

__all__ = ["Brief", "open_endpoints", "open_engine"]


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine is made of, wherever it runs.

    Fields:
        target: Its spelling; None where nothing is asked and only judged.
        asking: How questions about dialogues are asked; None where they are not.
        seed: Of simulated models that are spelled without one.
        repeat: Times each judge that asks a model rules on a transcript.
    """

    target: str | None
    judges: tuple[str, ...]
    judge_sees: Sees
    conduct: Conduct
    asking: Asking | None
    seed: int
    repeat: int = 1


@asynccontextmanager
async def open_endpoints(machinery: Machinery, brief: Brief) -> AsyncIterator[tuple[Endpoints, LocalCommons]]:
    """The endpoints of a run in this process, and what they have in common.

    Raises:
        UsageError: the price table cannot be read.
    """
    limits = PacingLimits(machinery.concurrency, machinery.rpm, machinery.tpm)
    commons = LocalCommons(limits, machinery.caps, machinery.cache)
    try:
        prices = read_prices(machinery.prices)
        yield Endpoints(machinery, commons, prices, seed=brief.seed, share=brief.conduct.share), commons
    finally:
        commons.close()


@asynccontextmanager
async def open_engine(brief: Brief, endpoints: Endpoints, stop: Stop) -> AsyncIterator[Engine]:
    """The engine of a run.

    Raises:
        UsageError: a spelling, key or limit is wrong, a judge is given twice, or there is none that can repeat.
        RunFileError: the response cache cannot be used.
    """
    stop.then(endpoints.close_budget)
    async with AsyncExitStack() as opened:
        target = None if brief.target is None else endpoints.open(brief.target)
        if target is not None:
            opened.push_async_callback(target.close)
        judges = []
        for judge in _judges(brief, endpoints):
            opened.push_async_callback(judge.close)
            judges.append(judge)
        names = [judge.card.name for judge in judges]
        if len(set(names)) < len(names):
            raise UsageError(f"a judge is given twice: {', '.join(names)}")
        if brief.repeat > 1 and all(judge.card.model is None for judge in judges):
            raise UsageError(f"repeat is {brief.repeat}, but no judge asks a model ({', '.join(names)}); leave it away")
        yield Engine(target=target, judges=judges, conduct=brief.conduct, asking=brief.asking, stop=stop)


def _judges(brief: Brief, endpoints: Endpoints) -> Iterator[Judge]:
    """Every judge of a run, followed by its repeats if it asks a model; one that does not says the same each time."""
    for spelling in brief.judges:
        first = open_judge(spelling, open_target=endpoints.open, sees=brief.judge_sees)
        yield first
        for repeat in range(2, brief.repeat + 1) if first.card.model else ():
            yield open_judge(spelling, open_target=endpoints.open, sees=brief.judge_sees, repeat=repeat)
