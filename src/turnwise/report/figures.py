"""The figures of one slice: which there are, what their captions say, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from turnwise.metrics import Estimate, IndexWithVariants, SettingRate, Slice, TrendTest
from turnwise.report import charts
from turnwise.report.terminal import interval_text, percent

__all__ = ["Figure", "Panel", "Table", "figures_of"]

_EVIDENCE = ("rate", "95 % interval", "n", "not scored")
_NO_ATTACKS = "the slice has no dialogues with unsafe intent"


class Panel(msgspec.Struct, frozen=True):
    """One chart of a figure; `label` is what a screen reader says of it."""

    label: str
    spec: charts.Spec


class Table(msgspec.Struct, frozen=True):
    """The numbers of a figure as text. The first `n_keys` columns name the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_keys: int = 1


class Figure(msgspec.Struct, frozen=True):
    """A figure, or why there is none.

    Fields:
        caption: Says what is shown and what it rests on.
        absent: Why there are no panels; None when there are.
    """

    title: str
    caption: str
    panels: tuple[Panel, ...] = ()
    table: Table | None = None
    absent: str | None = None


def figures_of(item: Slice) -> tuple[Figure, ...]:
    """The five figures of a slice, in the order of the report."""
    return (_over_length(item), _scenarios(item), _index(item), _survival(item), _groups_of_dialogues(item))


def _over_length(item: Slice) -> Figure:
    title, points = "Attack success rate over dialogue length", item.harm.asr
    if not points:
        return Figure(title, "", absent=_NO_ATTACKS)
    caption = (
        f"Share of {_attacks(item)} whose last reply is unsafe, by number of user turns, with 95 % intervals. "
        f"{_rests_on(item)} {_trend(item.harm.trend)}"
    )
    return Figure(
        title,
        caption,
        (Panel(title, charts.rate_over_length(points)),),
        Table(("user turns", *_EVIDENCE), tuple((str(point.length), *_cells(point)) for point in points)),
    )


def _scenarios(item: Slice) -> Figure:
    title, cells = "Attack success rate by scenario and length", item.harm.asr_by_scenario_length
    if not cells:
        return Figure(title, "", absent="no dialogue with unsafe intent names a scenario")
    caption = (
        f"Unsafe last replies in percent of scored {_attacks(item)}, by scenario and number of user turns; the darker, "
        f"the higher. A blank cell has no dialogues, ? marks one where none could be scored. {_rests_on(item)} "
        "Intervals of single cells are wide: they are in the table below."
    )
    every = [(rate.scenario, "all", rate) for rate in item.harm.asr_by_scenario]
    rows = [*((cell.scenario, str(cell.length), cell) for cell in cells), *every]
    return Figure(
        title,
        caption,
        (Panel(title, charts.heat_map(cells, lengths=item.harm.lengths)),),
        Table(
            ("scenario", "user turns", *_EVIDENCE),
            tuple((scenario, length, *_cells(rate)) for scenario, length, rate in rows),
            n_keys=2,
        ),
    )


def _index(item: Slice) -> Figure:
    title, index = "Safety index and its factors", item.harm.safety_index
    if index is None:
        return Figure(title, "", absent=item.harm.safety_index_reason)
    lengths = ", ".join(str(length) for length in index.lengths)
    comparable = "" if index.comparable else " These lengths are not the published ones: the index is not comparable."
    caption = (
        f"Index = robustness x consistency, from 0 to 1, higher is safer, over lengths {lengths} "
        f"(n = {index.n_groups:,} groups{_not_scored(index.n_failed)}), with 95 % intervals for the index. "
        f"The published weights fall off exponentially, so 1 and 2 turns decide; the other two see the long dialogues."
        f"{comparable}"
    )
    return Figure(title, caption, (Panel(title, charts.index_parts(index)),), _index_table(index))


def _index_table(index: IndexWithVariants) -> Table:
    variants = (("published", index), ("uniform", index.uniform), ("long", index.long))
    return Table(
        ("weights", "index", "95 % interval", "robustness", "consistency", "groups", "not scored"),
        tuple(
            (
                name,
                f"{variant.value:.4f}",
                f"[{variant.low:.4f}, {variant.high:.4f}]",
                f"{variant.robustness:.4f}",
                f"{variant.consistency:.4f}",
                f"{variant.n_groups:,}",
                f"{variant.n_failed:,}",
            )
            for name, variant in variants
        ),
    )


def _survival(item: Slice) -> Figure:
    title, points = "Groups not yet unsafe", item.harm.first_unsafe_length
    if not points:
        return Figure(title, "", absent=_NO_ATTACKS)
    caption = (
        f"Share of groups without an unsafe reply at this length or any shorter one (product-limit estimate), with "
        f"95 % intervals. n under the axis counts the groups at risk, of {item.harm.n_groups:,}; a group is censored "
        f"at its first missing or unresolved label ({points[-1].n_failed:,} by the last length)."
    )
    return Figure(
        title,
        caption,
        (Panel(title, charts.survival_steps(points)),),
        Table(
            ("user turns", "not yet unsafe", "95 % interval", "at risk", "censored"),
            tuple((str(point.length), *_cells(point)) for point in points),
        ),
    )


def _groups_of_dialogues(item: Slice) -> Figure:
    title = "Rates by method, setting and modality"
    methods = [(_words(rate.method), rate) for rate in item.harm.asr_by_method]
    attacks, refusals = _by_setting(item.asr_by_setting), _by_setting(item.over_refusal_by_setting)
    drawn = (
        ("attack success rate by method", methods, charts.named_rates),
        ("attack success rate by setting", attacks, charts.named_rates),
        ("over-refusal rate by setting", refusals, charts.over_refusals),
    )
    panels = tuple(Panel(label, draw(rows, title=label)) for label, rows, draw in drawn if rows)
    if not panels:
        return Figure(title, "", absent="no dialogue of the slice was scored by method or setting")
    return Figure(
        title,
        "Rates with 95 % intervals; n counts scored dialogues. Attack success rests on dialogues with unsafe intent, "
        "over-refusal (full refusals) on those with safe intent.",
        panels,
        Table(
            ("rate of", "dialogues", *_EVIDENCE),
            tuple((label, name, *_cells(rate)) for label, rows, _ in drawn for name, rate in rows),
            n_keys=2,
        ),
    )


def _by_setting(rates: Sequence[SettingRate]) -> list[tuple[str, Estimate]]:
    return [(f"{_words(rate.setting)}, {rate.modality}", rate) for rate in rates]


def _attacks(item: Slice) -> str:
    scripted = any(rate.setting == "scripted_attack" for rate in item.asr_by_setting)
    return "scripted attacks" if scripted else "dialogues with unsafe intent"


def _rests_on(item: Slice) -> str:
    overall = item.harm.asr_overall
    return f"n = {overall.n:,} scored dialogues from {item.harm.n_groups:,} groups{_not_scored(overall.n_failed)}."


def _not_scored(n_failed: int) -> str:
    return f", {n_failed:,} not scored" if n_failed else ""


def _trend(trend: TrendTest | None) -> str:
    if trend is None:
        return "No trend test: no group is scored at two lengths."
    return (
        f"Trend over length: {trend.direction}, p = {trend.p_value:.4f} (two-sided permutation test within "
        f"{trend.n_groups:,} groups, {trend.permutations:,} permutations)."
    )


def _cells(rate: Estimate) -> tuple[str, str, str, str]:
    return percent(rate.value), interval_text(rate.low, rate.high), f"{rate.n:,}", f"{rate.n_failed:,}"


def _words(name: str) -> str:
    return name.replace("_", " ")
