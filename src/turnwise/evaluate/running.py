"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from turnwise.errors import DataError
from turnwise.evaluate.batching import batch_price, open_batch_target, run_in_waves
from turnwise.evaluate.cluster import Order, run_on_cluster
from turnwise.evaluate.endpoints import Machinery
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.estimate import RunEstimate, estimate
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.listener import Listener, Silent, Stop
from turnwise.evaluate.opening import Brief, open_endpoints, open_engine
from turnwise.evaluate.pipeline import run_here
from turnwise.evaluate.prepare import open_benchmarks, prepare
from turnwise.evaluate.settings import RunSettings, stored_settings
from turnwise.judge import Judge, JudgeCard, Sees
from turnwise.runfile import Reader, Writer

__all__ = ["dry_run", "evaluate", "rejudge"]


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
    machinery, stop = machinery or Machinery(), stop or Stop()
    brief = _brief(settings, asks=machinery.batch_poll_s is None)
    async with AsyncExitStack() as opened:
        endpoints, commons = await opened.enter_async_context(open_endpoints(machinery, brief))
        engine = await opened.enter_async_context(open_engine(brief, endpoints, stop))
        batched = None
        if machinery.batch_poll_s is not None:
            batched = open_batch_target(settings.target, endpoints, commons, poll_s=machinery.batch_poll_s)
            opened.push_async_callback(batched.close)
        benchmarks, absent = open_benchmarks(settings.benchmarks, path)
        writer = opened.enter_context(Writer(path))
        prepare(writer, settings, benchmarks=benchmarks, judges=engine.judges)
        ledger = _ledger(opened.enter_context(Reader(path)), writer, engine.judges, listener)
        for spelling in absent:
            ledger.listener.noted(f"{spelling} is not there any more; the run goes on with the dialogues in its file")
        if batched is not None:
            await run_in_waves(
                ledger,
                batched,
                engine,
                conduct=brief.conduct,
                asking=settings.asking(),
                concurrency=machinery.concurrency,
                stop=stop,
                flush=commons.flush,
            )
            return
        order = Order(brief, machinery, commons)
        await _do(ledger, engine, ledger.begin(brief.asking), order)


async def dry_run(settings: RunSettings, path: Path, *, machinery: Machinery | None = None) -> RunEstimate:
    """Check the settings as a run would, and say what it would take; nothing is sent.

    Raises:
        UsageError: a setting, file, record or key is wrong.
        RunFileError: the run file is there and cannot be read.
    """
    machinery = machinery or Machinery()
    brief = _brief(settings, asks=machinery.batch_poll_s is None)
    async with AsyncExitStack() as opened:
        endpoints, commons = await opened.enter_async_context(open_endpoints(machinery, brief))
        engine = await opened.enter_async_context(open_engine(brief, endpoints, Stop()))
        if machinery.batch_poll_s is not None:
            batched = open_batch_target(settings.target, endpoints, commons, poll_s=machinery.batch_poll_s)
            opened.push_async_callback(batched.close)
            target = (batched.name, batch_price(endpoints.price(batched.name)))
        else:
            assert engine.target is not None, "a live run has a target"
            target = (engine.target.name, endpoints.price(engine.target.name))
        benchmarks, _ = open_benchmarks(settings.benchmarks, path)
        planned = estimate(
            path,
            fill=lambda writer: prepare(writer, settings, benchmarks=benchmarks, judges=engine.judges),
            target=target,
            judges=[(judge, endpoints.price(judge.card.model or "")) for judge in engine.judges],
            conduct=settings.conduct(),
            asking=settings.asking(),
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
    machinery, stop = machinery or Machinery(), stop or Stop()
    with Reader(path) as before:
        settings, known = stored_settings(before), before.judges()
    brief = Brief(
        target=None, judges=tuple(judges), judge_sees=sees, conduct=settings.conduct(), asking=None, seed=settings.seed
    )
    async with AsyncExitStack() as opened:
        endpoints, commons = await opened.enter_async_context(open_endpoints(machinery, brief))
        engine = await opened.enter_async_context(open_engine(brief, endpoints, stop))
        _refuse_other_cards(path, known, engine.judges)
        writer = opened.enter_context(Writer(path))
        for judge in engine.judges:
            writer.add_judge(judge.card)
        writer.commit()
        ledger = _ledger(opened.enter_context(Reader(path)), writer, engine.judges, listener)
        await _do(ledger, engine, ledger.begin_judging(), Order(brief, machinery, commons))
        return [judge.card.name for judge in engine.judges]


async def _do(ledger: Ledger, engine: Engine, numbers: list[int], order: Order) -> None:
    """Have the engine's work done: here, or by workers elsewhere that open the same engine."""
    machinery = order.machinery
    if machinery.ray is None:
        await run_here(ledger, engine, numbers, concurrency=machinery.concurrency, flush=order.commons.flush)
    else:
        await run_on_cluster(ledger, engine, numbers, order)


def _brief(settings: RunSettings, *, asks: bool) -> Brief:
    return Brief(
        target=settings.target if asks else None,
        judges=settings.judges,
        judge_sees=settings.judge_sees,
        conduct=settings.conduct(),
        asking=settings.asking() if asks else None,
        seed=settings.seed,
    )


def _ledger(reader: Reader, writer: Writer, judges: Sequence[Judge], listener: Listener | None) -> Ledger:
    names = [judge.card.name for judge in judges]
    return Ledger(reader=reader, writer=writer, judges=names, listener=listener or Silent())


def _refuse_other_cards(path: Path, known: Sequence[JudgeCard], ready: Sequence[Judge]) -> None:
    earlier = {card.name: card for card in known}
    for card in (judge.card for judge in ready):
        # What a card tells besides what it rules by may be missing in an older file.
        if msgspec.structs.replace(earlier.get(card.name, card), rules_on=card.rules_on) != card:
            shown = msgspec.json.encode(earlier[card.name]).decode()
            raise DataError(f"{path}: {card.name} ruled here before under another rubric or view ({shown})")
