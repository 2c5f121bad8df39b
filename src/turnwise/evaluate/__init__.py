"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from turnwise.benchmarks import open_benchmark
from turnwise.errors import DataError, UsageError
from turnwise.evaluate.batch_target import BatchTarget
from turnwise.evaluate.batched import run_in_waves
from turnwise.evaluate.endpoints import Endpoints, Machinery
from turnwise.evaluate.estimate import RoleEstimate, RunEstimate, estimate
from turnwise.evaluate.pipeline import Listener, Pipeline, Silent, Stop
from turnwise.evaluate.prepare import prepare
from turnwise.evaluate.settings import RunSettings, default_path, report_path, stored_settings
from turnwise.judge import Judge, JudgeCard, Sees, open_judge
from turnwise.models import ChatModel
from turnwise.runfile import Reader, Writer

__all__ = [
    "Listener",
    "Machinery",
    "RoleEstimate",
    "RunEstimate",
    "RunSettings",
    "Silent",
    "Stop",
    "default_path",
    "dry_run",
    "evaluate",
    "rejudge",
    "report_path",
    "stored_settings",
]

_Target = TypeVar("_Target", bound=ChatModel | BatchTarget)


async def evaluate(
    settings: RunSettings,
    path: Path,
    *,
    machinery: Machinery | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> None:
    """Run the settings into the run file at `path`, or go on with what is missing there.

    `stop` ends the run early when it is asked: calls in flight are let finish, no new one is made. A batch job under
    way goes on at the provider, and calling again picks it up.

    Raises:
        UsageError: a setting, file, record or key is wrong; nothing was sent.
        EndpointDown: an endpoint stopped answering; what was answered is stored, calling again goes on.
        BudgetSpent: a cap was reached; as for EndpointDown.
        RunFileError: the run file cannot be written.
    """
    machinery = machinery or Machinery()
    async with _endpoints(machinery, seed=settings.seed, share=settings.share) as endpoints, AsyncExitStack() as opened:
        target = await opened.enter_async_context(_closing(endpoints.open_target(settings.target)))
        judges = await opened.enter_async_context(_judges(settings.judges, endpoints.open, sees=settings.judge_sees))
        benchmarks = [open_benchmark(spelling) for spelling in settings.benchmarks]
        writer = opened.enter_context(Writer(path))
        prepare(writer, settings, benchmarks=benchmarks, judges=judges)
        pipeline = Pipeline(
            reader=opened.enter_context(Reader(path)),
            writer=writer,
            target=None if isinstance(target, BatchTarget) else target,
            judges=judges,
            conduct=settings.conduct(),
            listener=listener or Silent(),
        )
        run = partial(run_in_waves, pipeline, target) if isinstance(target, BatchTarget) else pipeline.run
        await run(concurrency=machinery.concurrency, stop=stop, flush=endpoints.flush)


async def dry_run(settings: RunSettings, path: Path, *, machinery: Machinery | None = None) -> RunEstimate:
    """Check the settings as a run would, and say what it would take; nothing is sent.

    Raises:
        UsageError: a setting, file, record or key is wrong.
        RunFileError: the run file is there and cannot be read.
    """
    machinery = machinery or Machinery()
    async with _endpoints(machinery, seed=settings.seed, share=settings.share) as endpoints, AsyncExitStack() as opened:
        target = await opened.enter_async_context(_closing(endpoints.open_target(settings.target)))
        judges = await opened.enter_async_context(_judges(settings.judges, endpoints.open, sees=settings.judge_sees))
        benchmarks = [open_benchmark(spelling) for spelling in settings.benchmarks]
        planned = estimate(
            path,
            fill=lambda writer: prepare(writer, settings, benchmarks=benchmarks, judges=judges),
            target=(target.name, endpoints.target_price(target.name)),
            judges=[(judge, endpoints.price(judge.card.model or "")) for judge in judges],
            conduct=settings.conduct(),
            concurrency=machinery.concurrency,
            reply_limit=settings.max_tokens,
        )
        if machinery.batch_poll_s is None:
            return planned
        live_calls = sum(role.calls for role in planned.roles if role.role != "target")
        return msgspec.structs.replace(planned, rounds=live_calls / machinery.concurrency)


async def rejudge(
    path: Path,
    judges: Sequence[str],
    *,
    sees: Sees = "image",
    machinery: Machinery | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> list[str]:
    """Let judges rule on a run's stored transcripts, without asking the target again; returns the judges' names.

    Raises:
        UsageError: a judge is not known, or ruled here earlier under another rubric.
        EndpointDown: a judge's endpoint stopped answering; calling again goes on.
        BudgetSpent: a cap was reached; as for EndpointDown.
        RunFileError: the run file is absent or cannot be written.
    """
    machinery = machinery or Machinery()
    with Reader(path) as before:
        settings, known = stored_settings(before), before.judges()
    async with _endpoints(machinery, seed=settings.seed, share=settings.share) as endpoints, AsyncExitStack() as opened:
        ready = await opened.enter_async_context(_judges(judges, endpoints.open, sees=sees))
        _refuse_other_cards(path, known, ready)
        writer = opened.enter_context(Writer(path))
        for judge in ready:
            writer.add_judge(judge.card)
        writer.commit()
        pipeline = Pipeline(
            reader=opened.enter_context(Reader(path)),
            writer=writer,
            target=None,
            judges=ready,
            conduct=settings.conduct(),
            listener=listener or Silent(),
        )
        await pipeline.run(concurrency=machinery.concurrency, stop=stop, flush=endpoints.flush)
        return [judge.card.name for judge in ready]


def _refuse_other_cards(path: Path, known: Sequence[JudgeCard], ready: Sequence[Judge]) -> None:
    earlier = {card.name: card for card in known}
    for card in (judge.card for judge in ready):
        if earlier.get(card.name, card) != card:
            shown = msgspec.json.encode(earlier[card.name]).decode()
            raise DataError(f"{path}: {card.name} ruled here before under another rubric or view ({shown})")


@asynccontextmanager
async def _endpoints(machinery: Machinery, *, seed: int, share: bool) -> AsyncIterator[Endpoints]:
    endpoints = Endpoints(machinery, seed=seed, share=share)
    try:
        yield endpoints
    finally:
        endpoints.close()


@asynccontextmanager
async def _closing(model: _Target) -> AsyncIterator[_Target]:
    try:
        yield model
    finally:
        await model.close()


@asynccontextmanager
async def _judges(
    spellings: Sequence[str], open_target: Callable[[str], ChatModel], *, sees: Sees
) -> AsyncIterator[list[Judge]]:
    opened: list[Judge] = []
    try:
        opened.extend(open_judge(spelling, open_target=open_target, sees=sees) for spelling in spellings)
        names = [judge.card.name for judge in opened]
        if len(set(names)) < len(names):
            raise UsageError(f"a judge is given twice: {', '.join(names)}")
        yield opened
    finally:
        for judge in opened:
            await judge.close()
