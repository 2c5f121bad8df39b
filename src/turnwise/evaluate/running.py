"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from turnwise.errors import DataError, UsageError
from turnwise.evaluate.agenda import Agenda, Listed, draw
from turnwise.evaluate.batching import batch_price, open_batch_target, run_in_waves
from turnwise.evaluate.cluster import Order, run_on_cluster
from turnwise.evaluate.costs.estimate import RunEstimate, estimate
from turnwise.evaluate.endpoints import Machinery
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.listener import Listener, Silent, Stop
from turnwise.evaluate.opening import Brief, open_endpoints, open_engine
from turnwise.evaluate.pipeline import run_here
from turnwise.evaluate.prepare import open_benchmarks, prepare
from turnwise.evaluate.settings import RunSettings, stored_settings
from turnwise.judge import Judge, JudgeCard, Sees
from turnwise.metrics.people import lend_calibrations
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
        NotMeasurable: nobody labelled the run that is to calibrate the judges; nothing was sent.
        EndpointDown: an endpoint stopped answering; what was answered is stored, calling again goes on.
        BudgetSpent: a cap was reached; as for EndpointDown.
        RunFileError: the run file cannot be written.
    """
    machinery, stop = machinery or Machinery(), stop or Stop()
    _refuse_batches(settings, machinery)
    brief = _brief(settings, asks=machinery.batch_poll_s is None)
    async with AsyncExitStack() as opened:
        endpoints, commons = await opened.enter_async_context(open_endpoints(machinery, brief))
        engine = await opened.enter_async_context(open_engine(brief, endpoints, stop))
        batched = None
        if machinery.batch_poll_s is not None:
            batched = open_batch_target(settings.target, endpoints, commons, poll_s=machinery.batch_poll_s)
            opened.push_async_callback(batched.close)
        benchmarks, absent = open_benchmarks(settings.benchmarks, path)
        lent = _lent(engine.judges, machinery.calibrated_by)
        writer = opened.enter_context(Writer(path))
        prepare(writer, settings, benchmarks=benchmarks, judges=engine.judges)
        _store_cards(writer, lent)
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
        await _do(ledger, engine, _agenda(ledger, engine, settings), order)


async def dry_run(settings: RunSettings, path: Path, *, machinery: Machinery | None = None) -> RunEstimate:
    """Check the settings as a run would, and say what it would take; nothing is sent.

    Raises:
        UsageError: a setting, file, record or key is wrong.
        RunFileError: the run file is there and cannot be read.
    """
    machinery = machinery or Machinery()
    _refuse_batches(settings, machinery)
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
        _lent(engine.judges, machinery.calibrated_by)
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
    repeat: int = 1,
    machinery: Machinery | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> list[str]:
    """Let judges rule on a run's stored transcripts, without asking the target again; returns the judges' names.

    Those that ask a model rule `repeat` times, each time as a judge of its own; what is there already counts.

    Raises:
        UsageError: a judge is not known, or ruled here earlier under another rubric.
        NotMeasurable: nobody labelled the run that is to calibrate the judges.
        EndpointDown: a judge's endpoint stopped answering; calling again goes on.
        BudgetSpent: a cap was reached; as for EndpointDown.
        RunFileError: the run file is absent or cannot be written.
    """
    machinery, stop = machinery or Machinery(), stop or Stop()
    with Reader(path) as before:
        settings, known = stored_settings(before), before.judges()
    brief = Brief(
        target=None,
        judges=tuple(judges),
        judge_sees=sees,
        conduct=settings.conduct(),
        asking=None,
        seed=settings.seed,
        repeat=repeat,
    )
    async with AsyncExitStack() as opened:
        endpoints, commons = await opened.enter_async_context(open_endpoints(machinery, brief))
        engine = await opened.enter_async_context(open_engine(brief, endpoints, stop))
        _refuse_other_cards(path, known, engine.judges)
        lent = _lent(engine.judges, machinery.calibrated_by)
        writer = opened.enter_context(Writer(path))
        _store_cards(writer, [*(judge.card for judge in engine.judges), *lent])
        ledger = _ledger(opened.enter_context(Reader(path)), writer, engine.judges, listener)
        await _do(ledger, engine, Listed(ledger.begin_judging()), Order(brief, machinery, commons))
        return [judge.card.name for judge in engine.judges]


def _refuse_batches(settings: RunSettings, machinery: Machinery) -> None:
    if settings.until_half_width is not None and machinery.batch_poll_s is not None:
        raise UsageError(
            "a batch job asks for all dialogues, and until_half_width stops before all are asked: use one of the two"
        )


def _agenda(ledger: Ledger, engine: Engine, settings: RunSettings) -> Agenda:
    """What a run asks: all that is pending, or as much of it as its headlines need."""
    pending, until = ledger.unfinished(settings.asking()), settings.until()
    cards = [judge.card for judge in engine.judges]
    agenda: Agenda = Listed(pending) if until is None else draw(ledger.reader, cards, until, pending)
    ledger.started(agenda.most)
    return agenda


async def _do(ledger: Ledger, engine: Engine, agenda: Agenda, order: Order) -> None:
    """Have the engine's work done: here, or by workers elsewhere that open the same engine."""
    machinery = order.machinery
    if machinery.ray is None:
        await run_here(ledger, engine, agenda, concurrency=machinery.concurrency, flush=order.commons.flush)
    else:
        await run_on_cluster(ledger, engine, agenda, order)


def _brief(settings: RunSettings, *, asks: bool) -> Brief:
    return Brief(
        target=settings.target if asks else None,
        judges=settings.judges,
        judge_sees=settings.judge_sees,
        conduct=settings.conduct(),
        asking=settings.asking() if asks else None,
        seed=settings.seed,
        repeat=settings.repeat,
    )


def _ledger(reader: Reader, writer: Writer, judges: Sequence[Judge], listener: Listener | None) -> Ledger:
    names = [judge.card.name for judge in judges]
    return Ledger(reader=reader, writer=writer, judges=names, listener=listener or Silent())


def _lent(judges: Sequence[Judge], lender: Path | None) -> list[JudgeCard]:
    """The cards of the judges of which people's labels in another run tell what they are worth, with what these say."""
    if lender is None:
        return []
    with Reader(lender) as reader:
        return lend_calibrations([judge.card for judge in judges], reader)


def _store_cards(writer: Writer, cards: Sequence[JudgeCard]) -> None:
    for card in cards:
        writer.add_judge(card)
    writer.commit()


def _refuse_other_cards(path: Path, known: Sequence[JudgeCard], ready: Sequence[Judge]) -> None:
    earlier = {card.name: card for card in known}
    for card in (judge.card for judge in ready):
        if not card.rules_as(earlier.get(card.name, card)):
            shown = msgspec.json.encode(earlier[card.name]).decode()
            raise DataError(f"{path}: {card.name} ruled here before under another rubric or view ({shown})")
