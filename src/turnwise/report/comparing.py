"""Comparisons of runs as tables for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from turnwise.metrics import Discordance, Estimate, ViewChange
from turnwise.metrics.comparing import LABEL_SCALE, Change, RunComparison
from turnwise.report.tables import NarrowTable
from turnwise.report.words import BAR, MARK, counted, plain, value_text

__all__ = [
    "change_interval_text",
    "change_text",
    "comparison_as_json",
    "number_text",
    "render_comparison",
    "run_letter",
]

_MOST_ODDS = 1000
"""Odds beyond this say that nearly nothing went the other way, and no more than that."""

_LABEL_WIDTH = 20
"""Of both tables, so that they stand in the same columns."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def comparison_as_json(found: RunComparison) -> dict[str, Any]:
    """All fields by name, with which way a difference goes and whether it is incomplete."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    for change, said in zip(found.changes, fields["changes"], strict=True):
        said |= {"direction": change.direction, "incomplete": change.withheld}
    return fields


def render_comparison(found: RunComparison) -> RenderableType:
    """Which runs these are; for each other run and benchmark, differences and the dialogues that changed."""
    return Group(*_runs(found), *(part for key in _tables(found) for part in _of(found, *key)), *_words(found))


def number_text(number: Estimate, scale: tuple[float, float]) -> str:
    """A rate in percent or a mean score; the word for it when it is withheld."""
    if scale == LABEL_SCALE or number.value is None:
        return value_text(number)
    return f"{number.value:.2f}{MARK * number.withheld}"


def change_text(change: Change | ViewChange) -> str:
    """A difference in percentage points, or in points of a score."""
    if change.value is None:
        return value_text(change)
    return f"{_signed(change.value, change.scale)}{_unit(change)}{MARK * change.withheld}"


def change_interval_text(change: Change | ViewChange) -> str:
    """Its 95 % interval; "" for none."""
    if change.low is None or change.high is None:
        return ""
    return f"[{_signed(change.low, change.scale)}, {_signed(change.high, change.scale)}]"


def _signed(value: float, scale: tuple[float, float]) -> str:
    return f"{100 * value:+.1f}" if scale == LABEL_SCALE else f"{value:+.2f}"


def _unit(change: Change | ViewChange) -> str:
    return " pp" if change.scale == LABEL_SCALE else ""


def run_letter(place: int) -> str:
    """What the run at a place is called in tables: A for the first."""
    return _LETTERS[place] if place < len(_LETTERS) else f"run {place + 1}"


def _runs(found: RunComparison) -> Iterator[RenderableType]:
    for place, run in enumerate(found.runs):
        yield Text.assemble((run_letter(place), "bold"), f"  {run.path}  {run.target}")
    for place, run in enumerate(found.runs[1:], 1):
        counts = f"{run.n_only_first:,} only in A, {run.n_only_here:,} only in {run_letter(place)}"
        yield Text(
            f"{counted(run.n_shared, 'dialogue')} in A and {run_letter(place)}, {counts}; judged by {found.judge}"
        )
        if run.differs:
            yield Text(f"A and {run_letter(place)} also differ in {'; '.join(run.differs)}")
    yield Text()


def _tables(found: RunComparison) -> list[tuple[int, str]]:
    return list(dict.fromkeys((change.run, change.benchmark) for change in found.changes))


def _of(found: RunComparison, run: int, benchmark: str) -> Iterator[RenderableType]:
    changes = [change for change in found.changes if (change.run, change.benchmark) == (run, benchmark)]
    yield _differences(f"{benchmark}: {run_letter(run)} less A", changes, run_letter(run))
    yield Text()
    moved = [change for change in changes if change.discordance is not None]
    if moved:
        yield _moved(f"{benchmark}: from A to {run_letter(run)}", moved)
        yield Text()


def _row_name(change: Change) -> str:
    name = plain(change.measure)
    return name if change.part is None else f"  {change.part}: {name}"


def _differences(heading: str, changes: Sequence[Change], run: str) -> NarrowTable:
    # Eighty columns hold no more: the p-value before Holm's correction is in the JSON.
    counts = ("n", "failed") if any(change.n_failed for change in changes) else ("n",)
    table = NarrowTable(heading, "A", run, "difference", *counts, "Holm p", label_width=_LABEL_WIDTH)
    for change in changes:
        table.add_row(
            Text(_row_name(change)),
            _short(number_text(change.first, change.scale)),
            _short(number_text(change.second, change.scale)),
            Text(f"{_short(change_text(change))} {change_interval_text(change)}".rstrip()),
            *(f"{count:,}" for count in (change.n, change.n_failed)[: len(counts)]),
            f"{_p(change.holm_p)} {change.direction or ''}".rstrip(),
        )
    return table


def _short(text: str) -> str:
    """A number, or the one word that it is withheld; how many were scored stands in columns of their own."""
    return text.partition(" (")[0]


def _moved(heading: str, changes: Sequence[Change]) -> NarrowTable:
    columns = ("rose", "fell", "odds", "95 % interval", "McNemar p", "by group p")
    table = NarrowTable(heading, *columns, label_width=_LABEL_WIDTH)
    for change in changes:
        moved = change.discordance
        assert moved is not None
        table.add_row(
            Text(_row_name(change)),
            f"{moved.n_rose:,}",
            f"{moved.n_fell:,}",
            _odds(moved.odds_ratio),
            Text(_odds_interval(moved)),
            _p(moved.mcnemar_p),
            _p(moved.clustered_p),
        )
    return table


def _words(found: RunComparison) -> Iterator[RenderableType]:
    yield Text(
        f"better and worse: Holm p at most 0.05, over {counted(found.n_tests, 'comparison')}; pp: percentage points",
        style="dim",
    )
    below = [change for change in found.changes if change.withheld]
    if any(change.value is not None for change in below):
        yield Text(f"incomplete  {MARK} marks numbers with fewer than {BAR} of their dialogues scored in both runs")
    elif below:
        way = "; --show-incomplete prints them" if any(change.n for change in below) else ""
        yield Text(f"withheld  fewer than {BAR} of the dialogues are scored in both runs{way}")


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if value >= 0.0001 else "<0.0001"  # noqa: PLR2004 - four decimals are shown


def _odds_interval(moved: Discordance) -> str:
    """The interval of the odds; "" when nothing moved. Odds without an upper end go on for ever."""
    if moved.odds_low is None:
        return ""
    return f"[{_odds(moved.odds_low)}, {'∞' if moved.odds_high is None else _odds(moved.odds_high)}]"


def _odds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < _MOST_ODDS else f">{_MOST_ODDS:,}"
