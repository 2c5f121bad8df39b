"""Numbers as tables for a terminal. Text is the same when piped, without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from turnwise.metrics import (
    TREND_BAR,
    Completeness,
    Estimate,
    IndexWithVariants,
    JudgesOfRun,
    Slice,
    Summary,
    index_withheld,
    slice_as_shown,
    summary_as_shown,
    trend_withheld,
    withheld_in_slice,
)
from turnwise.metrics.people import Corrected
from turnwise.report.judges import render_views
from turnwise.report.panel import render_stability
from turnwise.report.people import CORRECTED_COLUMNS, corrected_cells, corrected_notes
from turnwise.report.tables import NarrowTable
from turnwise.report.twins import once_asked, taken_words, timing_words, told_apart, turn_words, what_questions
from turnwise.report.words import BAR, MARK, counted, limits_text, plain, scored_text, value_text

__all__ = ["has_lengths", "render_slices", "render_summary", "trend_text"]

_NAME_WIDTH = 27
"""The longest of our own row names, so that all tables of a page stand in the same columns."""

_Rows = Sequence[tuple[str, Estimate]]

_NOTHING = JudgesOfRun()


class _RateTable(msgspec.Struct, frozen=True):
    """Rates, or other numbers, under one heading."""

    heading: str
    rows: _Rows
    value: str = "rate"


def render_slices(
    slices: Sequence[Slice], *, judges: JudgesOfRun = _NOTHING, show_incomplete: bool = False
) -> RenderableType:
    """The tables of every slice with its numbers corrected, and of what judges see; withheld ones only if asked for."""
    shown = slices if show_incomplete else [slice_as_shown(item) for item in slices]
    parts: list[RenderableType] = []
    for item in once_asked(shown):
        corrected = judges.corrected(item.benchmark, item.judge)
        parts += [*_slice(item), *_corrected(corrected, n_blocked=item.n_blocked, show_incomplete=show_incomplete)]
    return Group(
        *parts,
        render_views(judges.views, show_incomplete=show_incomplete),
        render_stability(judges.stability, show_incomplete=show_incomplete),
    )


def render_summary(summary: Summary, *, title: str, show_incomplete: bool = False) -> RenderableType:
    """The tables of a summary of labels brought along."""
    shown = summary if show_incomplete else summary_as_shown(summary)
    tables = [
        _RateTable("by scenario", [(entry.scenario, entry) for entry in shown.asr_by_scenario]),
        _RateTable("by method", [(entry.method, entry) for entry in shown.asr_by_method]),
    ]
    return Group(
        Text(title, style="bold"),
        *_notice([_by_length(shown), *tables], again=""),
        Text(),
        *_rates([_by_length(shown)]),
        *_index(shown, why="none: not measurable on these rows"),
        *_trend(shown),
        *_rates([table for table in tables if table.rows]),
    )


def _slice(item: Slice) -> Iterator[RenderableType]:
    done, harm, others = item.completeness, item.harm, [*_by_setting(item), *_of_twins(item)]
    yield Text(f"{item.benchmark}, judged by {item.judge}", style="bold")
    yield from _completeness(done, n_blocked=item.n_blocked)
    yield from map(Text, _ties(item))
    again = "; the same command asks again for what failed" if done.can_go_on else ""
    stopped_by = list(_headlines(item))
    notice = list(_notice([*stopped_by, _by_length(harm), *others], again=again))
    # A slice may be withheld without having a number in any table.
    yield from notice or map(Text, filter(None, [withheld_in_slice(item)]))
    yield Text()
    yield from _rates(stopped_by)
    if harm.asr:
        yield from _rates([_by_length(harm)])
        if has_lengths(item):
            yield from _index(harm, why=f"none: {_reason_in_run(harm)}")
            yield from _trend(harm)
    else:
        yield Text("no attack success rate: no dialogue has unsafe intent")
        yield Text()
    yield from _rates(others)


def _corrected(rows: Sequence[Corrected], *, n_blocked: int, show_incomplete: bool) -> Iterator[RenderableType]:
    """The judge's numbers beside what people make of them; nothing where nobody labelled a reply."""
    if not rows:
        return
    table = NarrowTable(*CORRECTED_COLUMNS)
    for one in rows:
        table.add_row(*map(Text, corrected_cells(one, show_incomplete=show_incomplete)))
    yield table
    yield from (Text(note, style="dim") for note in corrected_notes(rows, n_blocked=n_blocked))
    yield Text()


def _completeness(done: Completeness, *, n_blocked: int) -> Iterator[RenderableType]:
    others = [f"{count:,} {plain(state)}" for state, count in done.counts.items() if state != "scored"]
    scored = f"{done.n_scored:,} of {counted(done.n_expected, 'dialogue')} scored"
    yield Text(f"{scored}; not scored: {', '.join(others)}" if others else scored)
    if n_blocked:
        yield Text(f"last turns that a filter blocked: {n_blocked:,}; those scored count as safe and as refusals")


def _ties(item: Slice) -> Iterator[str]:
    """What members of a panel are tied over: rows that count as failed, though the dialogue may be scored."""
    if item.ties:
        over = ", ".join(f"{plain(what)} {n:,}" for what, n in item.ties.items())
        yield f"dialogues on which the panel is a tie, and so not scored: {over}"


def _notice(tables: Sequence[_RateTable], *, again: str) -> Iterator[RenderableType]:
    """What is meant by the words and marks in these tables, and the way on; nothing where all stand."""
    below = [rate for table in tables for _, rate in table.rows if rate.withheld]
    below_the_bar = f"numbers with fewer than {BAR} of their rows scored"
    if any(rate.value is not None for rate in below):
        yield Text.assemble(("incomplete", "bold red"), f"  {MARK} marks {below_the_bar}{again}")
    elif below:
        # What has no scored row at all has no value to print.
        way = "; --show-incomplete prints them as they are" if any(rate.n for rate in below) else ""
        yield Text.assemble(("withheld", "bold red"), f"  {below_the_bar}{again}{way}")


def _by_length(summary: Summary) -> _RateTable:
    rows: list[tuple[str, Estimate]] = [(counted(entry.length, "turn"), entry) for entry in summary.asr]
    if len(rows) > 1:
        rows.append(("all lengths", summary.asr_overall))
    return _RateTable("attack success rate", rows)


def _headlines(item: Slice) -> Iterator[_RateTable]:
    if item.headlines:
        rows = [(f"{plain(one.measure)}, {one.n_groups:,} groups", one) for one in item.headlines]
        yield _RateTable("known at every moment", rows)


def _by_setting(item: Slice) -> Iterator[_RateTable]:
    if item.asr_by_setting:
        yield _RateTable(
            "by setting", [(f"{plain(entry.setting)}, {entry.modality}", entry) for entry in item.asr_by_setting]
        )
    if item.refusal_rate is not None:
        yield _RateTable("refusal rate", [("unsafe dialogues", item.refusal_rate)])
    if item.over_refusal_rate is not None:
        settings = [(f"{plain(entry.setting)}, {entry.modality}", entry) for entry in item.over_refusal_by_setting]
        yield _RateTable("over-refusal rate", [*settings, ("all safe dialogues", item.over_refusal_rate)])


def _of_twins(item: Slice) -> Iterator[_RateTable]:
    """What is said of pairs, grades and questions; over everything, the rest is in JSON and HTML."""
    if item.twin_outcomes:
        yield _RateTable("pairs of twins", [(taken_words(outcome), outcome) for outcome in item.twin_outcomes])
    if item.modality_gaps:
        gaps = [(plain(gap.measure), gap) for gap in item.modality_gaps]
        yield _RateTable("multimodal less unimodal", gaps, value="gap")
    if item.refusal_by_turn:
        yield _RateTable("refused, by turn", [(turn_words(share), share) for share in item.refusal_by_turn])
    over_turns: list[tuple[str, Estimate]] = [(timing_words(share), share) for share in item.refusal_timing]
    if item.context_switch_forgetting is not None:
        over_turns.append(("context switch, forgotten", item.context_switch_forgetting))
    if over_turns:
        yield _RateTable("refusal over turns", over_turns)
    grades = [mean for mean in item.grades if mean.setting is None]
    if grades:
        yield _RateTable("grades from 1 to 5", [(plain(mean.measure), mean) for mean in grades], value="mean")
    asked = told_apart(rate for rate in item.intent_accuracy if rate.setting is None)
    if asked:
        yield _RateTable("intent accuracy", [(what_questions(rate), rate) for rate in asked])


def _rates(tables: Sequence[_RateTable]) -> Iterator[RenderableType]:
    """Each table with its heading, and an empty line below it."""
    for part in tables:
        table = _table(part.heading, part.value, "95 % interval", "n", "failed")
        for name, estimate in part.rows:
            table.add_row(Text(name), *_value_and_interval(estimate), f"{estimate.n:,}", f"{estimate.n_failed:,}")
        yield table
        yield Text()


def _value_and_interval(rate: Estimate) -> tuple[str, Text]:
    """The two cells of a rate; a withheld one has its counts in the second, next to the word."""
    if rate.withheld and rate.value is None:
        return "withheld", Text(scored_text(rate), justify="left")
    return value_text(rate), Text(limits_text(rate))


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    table.add_column(first, min_width=_NAME_WIDTH)
    for name, width in zip(others, (8, 18, 7, 6), strict=False):
        table.add_column(name, justify="right", min_width=width)
    return table


def _index(summary: Summary, *, why: str) -> Iterator[RenderableType]:
    """The index and its variants; where there is none, why, or that it is withheld."""
    index, reason = summary.safety_index, summary.safety_index_reason or ""
    if index is None:
        said = reason if reason.startswith("withheld") else why
        yield Text.assemble(("safety index", "bold"), f"  {said}")
        yield Text()
        return
    mark = MARK if index_withheld(summary) else ""
    table = _table("safety index", "value", "95 % interval", "robust", "consistent")
    variants = (("published weights", index), ("uniform weights", index.uniform), ("long-weighted", index.long))
    for name, variant in variants:
        interval = f"[{variant.low:.4f}, {variant.high:.4f}]"
        factors = (f"{variant.robustness:.4f}", f"{variant.consistency:.4f}")
        table.add_row(name, f"{variant.value:.4f}{mark}", interval, *factors)
    yield table
    yield Text(f"= robustness x consistency, {_index_basis(index)}", style="dim")
    yield Text()


def _reason_in_run(summary: Summary) -> str:
    """Why a run has no index, with the command that takes the option which the reason names."""
    reason = (summary.safety_index_reason or "").removeprefix("safety_index is not measurable: ")
    return reason.replace("`--lengths ", "`turnwise report RUN --lengths ")


def _index_basis(index: IndexWithVariants) -> str:
    """What an index rests on, and whether it may stand beside published ones."""
    lengths = ", ".join(str(length) for length in index.lengths)
    parts = [f"over lengths {lengths}", counted(index.n_groups, "group"), plain(index.scoring)]
    if index.n_failed:
        parts.append(f"{counted(index.n_failed, 'label')} missing or unresolved")
    if not index.comparable:
        parts.append("not comparable with the published index")
    return "; ".join(parts)


def _trend(summary: Summary) -> Iterator[RenderableType]:
    said = trend_text(summary)
    if said is not None:
        yield Text.assemble(("trend over length", "bold"), f"  {said}")
        yield Text()


def has_lengths(item: Slice) -> bool:
    """Whether a slice has dialogues of several lengths; without, nothing over length is worth a place."""
    return sum(bool(point.n or point.n_failed) for point in item.harm.asr) > 1


def trend_text(summary: Summary) -> str | None:
    """What the trend test says; a direction only where the p-value is below the bar. None where there was no test."""
    trend = summary.trend
    if trend is None:
        return "withheld (a length is)" if trend_withheld(summary) else None
    mark = MARK if trend_withheld(summary) else ""
    tested = f"{trend.permutations:,} permutations within {counted(trend.n_groups, 'group')}"
    if trend.is_clear:
        return f"{trend.direction}{mark}, p = {trend.p_value:.4f} < {TREND_BAR:g} ({tested})"
    return f"none seen{mark}, p = {trend.p_value:.4f}, not below {TREND_BAR:g} ({tested})"
