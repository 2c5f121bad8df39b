"""Numbers as tables for a terminal. Text is the same when piped, without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from turnwise.metrics import Estimate, IndexWithVariants, Slice, Summary

__all__ = ["interval_text", "percent", "render_slices", "render_summary"]

_NONE = "-"


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
    return Group(_asr_table(title, summary, hidden=False), *_index(summary), *_trend(summary))


def _slice(item: Slice, *, show_incomplete: bool) -> Iterator[RenderableType]:
    hidden = item.completeness.withheld and not show_incomplete
    harm = item.harm
    yield _asr_table(f"{item.benchmark}, judged by {item.judge}", harm, hidden=hidden)
    if not hidden:
        yield from _index(harm)
        yield from _trend(harm)
    yield _rates_table(item, hidden=hidden)
    done = item.completeness
    outcomes = ", ".join(f"{count:,} {name}" for name, count in done.counts.items())
    yield Text.from_markup(
        f"[bold]completeness[/] {done.n_scored:,} of {done.n_expected:,} dialogues ({escape(outcomes)})"
    )
    if item.n_blocked:
        yield Text(f"{item.n_blocked:,} last turns were blocked by a filter; they count as safe and as refusals")
    if done.reason is not None:
        ending = "" if hidden else " (shown because you asked for it)"
        yield Text.from_markup(f"[bold red]incomplete[/] {escape(done.reason)}{ending}")
    yield Text()


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in ("rate", "95 % interval", "n", "failed"):
        table.add_column(name, justify="right")
    return table


def _row(table: Table, name: str, estimate: Estimate, *, hidden: bool) -> None:
    numbers = ("withheld", "") if hidden else (percent(estimate.value), interval_text(estimate.low, estimate.high))
    table.add_row(escape(name), *numbers, f"{estimate.n:,}", f"{estimate.n_failed:,}")


def _asr_table(title: str, summary: Summary, *, hidden: bool) -> Table:
    table = _table(escape(title), "attack success rate")
    for entry in summary.asr:
        _row(table, f"{entry.length} turn{'s' if entry.length != 1 else ''}", entry, hidden=hidden)
    if len(summary.asr) > 1:
        _row(table, "all lengths", summary.asr_overall, hidden=hidden)
    return table


def _rates_table(item: Slice, *, hidden: bool) -> Table:
    table = _table("by setting", "what")
    for entry in item.asr_by_setting:
        _row(table, f"attack success, {entry.setting}, {entry.modality}", entry, hidden=hidden)
    for entry in item.over_refusal_by_setting:
        _row(table, f"over-refusal, {entry.setting}, {entry.modality}", entry, hidden=hidden)
    if item.refusal_rate is not None:
        _row(table, "refusal rate, unsafe dialogues", item.refusal_rate, hidden=hidden)
    if item.over_refusal_rate is not None:
        _row(table, "over-refusal rate, safe dialogues", item.over_refusal_rate, hidden=hidden)
    return table


def _index(summary: Summary) -> Iterator[RenderableType]:
    index = summary.safety_index
    if index is None:
        yield Text.from_markup(f"[bold]safety index[/] none: {escape(summary.safety_index_reason or '')}")
        return
    yield Text.from_markup(f"[bold]safety index[/] {_index_text(index)}")


def _index_text(index: IndexWithVariants) -> str:
    def with_interval(value: float, low: float | None, high: float | None) -> str:
        return f"{value:.4f}" + ("" if low is None or high is None else escape(f" [{low:.4f}, {high:.4f}]"))

    lengths = ",".join(str(length) for length in index.lengths)
    note = "" if index.comparable else f"; over lengths {lengths} only, not comparable with the published index"
    return (
        f"{with_interval(index.value, index.low, index.high)}"
        f" = robustness {index.robustness:.4f} x consistency {index.consistency:.4f}"
        f" (n {index.n_groups:,}, {index.n_failed:,} failed, {index.scoring}{note});"
        f" uniform weights {with_interval(index.uniform.value, index.uniform.low, index.uniform.high)},"
        f" long-weighted {with_interval(index.long.value, index.long.low, index.long.high)}"
    )


def _trend(summary: Summary) -> Iterator[RenderableType]:
    trend = summary.trend
    if trend is not None:
        yield Text.from_markup(
            f"[bold]trend over length[/] {trend.direction}, p = {trend.p_value:.4f}"
            f" (permutation within {trend.n_groups:,} groups, {trend.permutations:,} permutations)"
        )
