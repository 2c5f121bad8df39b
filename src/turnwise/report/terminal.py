"""Numbers as tables for a terminal. Text is the same when piped, without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from turnwise.metrics import COMPLETENESS_BAR, Completeness, Estimate, IndexWithVariants, Slice, Summary

__all__ = ["interval_text", "percent", "render_slices", "render_summary"]

_NONE = "-"
_NAME_WIDTH = 27
"""The longest of our own row names, so that all tables of a page stand in the same columns."""

_Rows = Sequence[tuple[str, Estimate]]


class _RateTable(msgspec.Struct, frozen=True):
    """Rates under one heading."""

    heading: str
    rows: _Rows


def percent(value: float | None) -> str:
    """A fraction as a percentage with one decimal; "-" for none."""
    return _NONE if value is None else f"{value:.1%}"


def interval_text(low: float | None, high: float | None) -> str:
    """A 95 % interval in percent; "" for none."""
    return "" if low is None or high is None else f"[{low:.1%}, {high:.1%}]"


def render_slices(slices: Sequence[Slice], *, show_incomplete: bool = False) -> RenderableType:
    """The tables of every slice, one below the other."""
    return Group(*(part for item in slices for part in _slice(item, show_incomplete=show_incomplete)))


def render_summary(summary: Summary, *, title: str) -> RenderableType:
    """The tables of a summary of labels brought along."""
    tables = [
        _RateTable("by scenario", [(entry.scenario, entry) for entry in summary.asr_by_scenario]),
        _RateTable("by method", [(entry.method, entry) for entry in summary.asr_by_method]),
    ]
    return Group(
        Text(title, style="bold"),
        Text(),
        *_rates([_by_length(summary)]),
        *(_no_index("not measurable on these rows") if summary.safety_index is None else _index(summary.safety_index)),
        *_trend(summary),
        *_rates([table for table in tables if table.rows]),
    )


def _slice(item: Slice, *, show_incomplete: bool) -> Iterator[RenderableType]:
    done = item.completeness
    hidden = done.withheld and not show_incomplete
    yield Text(f"{item.benchmark}, judged by {item.judge}", style="bold")
    yield from _completeness(done, n_blocked=item.n_blocked, hidden=hidden)
    yield Text()
    if item.harm.asr:
        yield from _rates([_by_length(item.harm)], hidden=hidden)
        if not hidden:
            index = item.harm.safety_index
            yield from _no_index(_reason_in_run(item.harm)) if index is None else _index(index)
            yield from _trend(item.harm)
    else:
        yield Text("no attack success rate: no dialogue has unsafe intent")
        yield Text()
    yield from _rates(list(_by_setting(item)), hidden=hidden)


def _completeness(done: Completeness, *, n_blocked: int, hidden: bool) -> Iterator[RenderableType]:
    others = [f"{count:,} {_words(state)}" for state, count in done.counts.items() if state != "scored"]
    scored = f"{done.n_scored:,} of {done.n_expected:,} dialogues scored"
    yield Text(f"{scored}; not scored: {', '.join(others)}" if others else scored)
    if n_blocked:
        yield Text(f"{n_blocked:,} last turns were blocked by a filter; those scored count as safe and as refusals")
    if done.fraction is None:
        yield Text(done.reason or "")
    elif done.withheld:
        few = f"  fewer than {COMPLETENESS_BAR:.0%} are scored"
        again = "; the same command asks again for what failed" if done.can_go_on else ""
        anyway = "; --show-incomplete prints the numbers as they are" if hidden else ""
        yield Text.assemble(("withheld" if hidden else "incomplete", "bold red"), few + again + anyway)


def _by_length(summary: Summary) -> _RateTable:
    rows: list[tuple[str, Estimate]] = [
        (f"{entry.length} turn{'s' if entry.length != 1 else ''}", entry) for entry in summary.asr
    ]
    if len(rows) > 1:
        rows.append(("all lengths", summary.asr_overall))
    return _RateTable("attack success rate", rows)


def _by_setting(item: Slice) -> Iterator[_RateTable]:
    if item.asr_by_setting:
        yield _RateTable(
            "by setting", [(f"{_words(entry.setting)}, {entry.modality}", entry) for entry in item.asr_by_setting]
        )
    if item.refusal_rate is not None:
        yield _RateTable("refusal rate", [("unsafe dialogues", item.refusal_rate)])
    if item.over_refusal_rate is not None:
        settings = [(f"{_words(entry.setting)}, {entry.modality}", entry) for entry in item.over_refusal_by_setting]
        yield _RateTable("over-refusal rate", [*settings, ("all safe dialogues", item.over_refusal_rate)])


def _rates(tables: Sequence[_RateTable], *, hidden: bool = False) -> Iterator[RenderableType]:
    """Each table with its heading, and an empty line below it."""
    for part in tables:
        table = _table(part.heading, "rate", "95 % interval", "n", "failed")
        for name, estimate in part.rows:
            interval = interval_text(estimate.low, estimate.high)
            numbers = ("withheld", "") if hidden else (percent(estimate.value), interval)
            table.add_row(Text(name), *numbers, f"{estimate.n:,}", f"{estimate.n_failed:,}")
        yield table
        yield Text()


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, min_width=_NAME_WIDTH)
    for name, width in zip(others, (8, 16, 7, 6), strict=False):
        table.add_column(name, justify="right", min_width=width)
    return table


def _no_index(reason: str) -> Iterator[RenderableType]:
    yield Text.assemble(("safety index", "bold"), f"  none: {reason}")
    yield Text()


def _reason_in_run(summary: Summary) -> str:
    """Why a run has no index, with the command that takes the option which the reason names."""
    reason = (summary.safety_index_reason or "").removeprefix("safety_index is not measurable: ")
    return reason.replace("`--lengths ", "`turnwise report RUN --lengths ")


def _index(index: IndexWithVariants) -> Iterator[RenderableType]:
    table = _table("safety index", "value", "95 % interval", "robust", "consistent")
    variants = (("published weights", index), ("uniform weights", index.uniform), ("long-weighted", index.long))
    for name, variant in variants:
        interval = f"[{variant.low:.4f}, {variant.high:.4f}]"
        factors = (f"{variant.robustness:.4f}", f"{variant.consistency:.4f}")
        table.add_row(name, f"{variant.value:.4f}", interval, *factors)
    yield table
    yield Text(f"= robustness x consistency, {_index_basis(index)}", style="dim")
    yield Text()


def _index_basis(index: IndexWithVariants) -> str:
    """What an index rests on, and whether it may stand beside published ones."""
    lengths = ", ".join(str(length) for length in index.lengths)
    parts = [f"over lengths {lengths}", f"{index.n_groups:,} groups", _words(index.scoring)]
    if index.n_failed:
        parts.append(f"{index.n_failed:,} labels missing or unresolved")
    if not index.comparable:
        parts.append("not comparable with the published index")
    return "; ".join(parts)


def _trend(summary: Summary) -> Iterator[RenderableType]:
    trend = summary.trend
    if trend is not None:
        p_value = f"p = {trend.p_value:.4f}"
        basis = f"{trend.permutations:,} permutations within {trend.n_groups:,} groups"
        yield Text.assemble(("trend over length", "bold"), f"  {trend.direction}, {p_value} ({basis})")
        yield Text()


def _words(name: str) -> str:
    return name.replace("_", " ")
