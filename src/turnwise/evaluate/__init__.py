"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from turnwise.benchmarks import open_benchmark
from turnwise.errors import DataError, UsageError
from turnwise.evaluate.pipeline import Listener, Pipeline, Silent
from turnwise.evaluate.prepare import prepare
from turnwise.evaluate.settings import Machinery, RunSettings, default_path, report_path, stored_settings
from turnwise.judge import Judge, JudgeCard, Sees, open_judge
from turnwise.models import ChatModel, ModelSettings, guarded_by_limits, open_model
from turnwise.runfile import Reader, Writer

__all__ = [
    "Listener",
    "Machinery",
    "RunSettings",
    "Silent",
    "default_path",
    "evaluate",
    "rejudge",
    "report_path",
    "stored_settings",
]


async def evaluate(
    settings: RunSettings, path: Path, *, machinery: Machinery | None = None, listener: Listener | None = None
) -> None:
    """Run the settings into the run file at `path`, or go on with what is missing there.

    Raises:
        UsageError: a setting, file, record or key is wrong; nothing was sent.
        EndpointDown: an endpoint stopped answering; what was answered is stored, calling again goes on.
        RunFileError: the run file cannot be written.
    """
    machinery = machinery or Machinery()
    async with AsyncExitStack() as opened:
        target = await opened.enter_async_context(_target(settings.target, machinery, settings.seed))
        judges = await opened.enter_async_context(
            _judges(settings.judges, machinery, sees=settings.judge_sees, seed=settings.seed)
        )
        benchmarks = [open_benchmark(spelling) for spelling in settings.benchmarks]
        writer = opened.enter_context(Writer(path))
        prepare(writer, settings, benchmarks=benchmarks, judges=judges)
        reader = opened.enter_context(Reader(path))
        pipeline = Pipeline(
            reader=reader,
            writer=writer,
            target=target,
            judges=judges,
            conduct=settings.conduct(),
            listener=listener or Silent(),
        )
        await pipeline.run(concurrency=machinery.concurrency)


async def rejudge(
    path: Path,
    judges: Sequence[str],
    *,
    sees: Sees = "image",
    machinery: Machinery | None = None,
    listener: Listener | None = None,
) -> list[str]:
    """Let judges rule on a run's stored transcripts, without asking the target again; returns the judges' names.

    Raises:
        UsageError: a judge is not known, or ruled here earlier under another rubric.
        EndpointDown: a judge's endpoint stopped answering; calling again goes on.
        RunFileError: the run file is absent or cannot be written.
    """
    machinery = machinery or Machinery()
    with Reader(path) as before:
        settings, known = stored_settings(before), before.judges()
    async with AsyncExitStack() as opened:
        ready = await opened.enter_async_context(_judges(judges, machinery, sees=sees, seed=settings.seed))
        _refuse_other_cards(path, known, ready)
        writer = opened.enter_context(Writer(path))
        for judge in ready:
            writer.add_judge(judge.card)
        writer.commit()
        reader = opened.enter_context(Reader(path))
        pipeline = Pipeline(
            reader=reader,
            writer=writer,
            target=None,
            judges=ready,
            conduct=settings.conduct(),
            listener=listener or Silent(),
        )
        await pipeline.run(concurrency=machinery.concurrency)
        return [judge.card.name for judge in ready]


def _refuse_other_cards(path: Path, known: Sequence[JudgeCard], ready: Sequence[Judge]) -> None:
    earlier = {card.name: card for card in known}
    for card in (judge.card for judge in ready):
        if earlier.get(card.name, card) != card:
            shown = msgspec.json.encode(earlier[card.name]).decode()
            raise DataError(f"{path}: {card.name} ruled here before under another rubric or view ({shown})")


def _open(spelling: str, machinery: Machinery, seed: int) -> ChatModel:
    limits = ModelSettings(
        timeout_s=machinery.timeout_s, max_attempts=machinery.max_attempts, proxy=machinery.proxy, seed=seed
    )
    return guarded_by_limits(open_model(spelling, settings=limits), limits)


@asynccontextmanager
async def _target(spelling: str, machinery: Machinery, seed: int) -> AsyncIterator[ChatModel]:
    model = _open(spelling, machinery, seed)
    try:
        yield model
    finally:
        await model.close()


@asynccontextmanager
async def _judges(
    spellings: Sequence[str], machinery: Machinery, *, sees: Sees, seed: int
) -> AsyncIterator[list[Judge]]:
    opened: list[Judge] = []
    try:
        opened.extend(
            open_judge(spelling, open_target=lambda name: _open(name, machinery, seed), sees=sees)
            for spelling in spellings
        )
        names = [judge.card.name for judge in opened]
        if len(set(names)) < len(names):
            raise UsageError(f"a judge is given twice: {', '.join(names)}")
        yield opened
    finally:
        for judge in opened:
            await judge.close()
