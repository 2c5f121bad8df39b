"""Rows of MTMCS-Bench held against the target and the judge of `known`, and the numbers of that run as plain counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from evaluate.answering import QUICK, Answering, settings_of
from evaluate.mtmcs.known import answers_of_row
from turnwise.evaluate import Machinery, evaluate
from turnwise.metrics import Estimate, Scoring, Slice, slices_of_run
from turnwise.runfile import Reader

__all__ = ["Counts", "counts", "hold", "intent", "measured"]

Counts = tuple[float | None, int, int]


async def hold(
    server: Answering,
    spelling: str,
    run: Path,
    *,
    machinery: Machinery = QUICK,
    numbers: Mapping[str, int] | None = None,
    **fields: Any,
) -> None:
    """Run a benchmark of rows; `numbers` as in `answers_of_row`, `fields` are settings of the run."""
    server.answer, server.latency_s = partial(answers_of_row, numbers=numbers), 0.0
    judge = f"mtmcs:{server.target('judge')},turns=all"
    await evaluate(settings_of(server, spelling, judges=(judge,), **fields), run, machinery=machinery)


def measured(run: Path, scoring: Scoring) -> Slice:
    """The one slice of the run."""
    with Reader(run) as reader:
        (item,) = slices_of_run(reader, scoring=scoring, resamples=50)
    return item


def counts(number: Estimate | None) -> Counts:
    """Value, n, n_failed; the value to 6 decimals."""
    assert number is not None
    return None if number.value is None else round(number.value, 6), number.n, number.n_failed


def intent(item: Slice) -> dict[tuple[str, str | None], Counts]:
    """Intent accuracy over all settings, by kind and intent."""
    return {(one.kind, one.intent): counts(one) for one in item.intent_accuracy if one.setting is None}
