"""The figures of one slice: which there are, what their captions say, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from turnwise.metrics import Estimate, IndexWithVariants, SettingRate, Slice, index_withheld
from turnwise.report.figures import charts
from turnwise.report.figures.figure import EVIDENCE, HOLLOW, Figure, Panel, Table, cells
from turnwise.report.figures.of_twins import figures_of_twins
from turnwise.report.terminal import has_lengths, trend_text
from turnwise.report.words import BAR, counted, known_words, plain, scored_text

__all__ = ["Figure", "Panel", "Table", "figures_of"]

_NO_ATTACKS = "the slice has no dialogues with unsafe intent"


def figures_of(item: Slice) -> tuple[Figure, ...]:
    """What the run was stopped by, the five figures of a slice, and then those of twins that it has numbers for.

    Where all attacks are of one length there is no figure over length, and none of scenarios that no attack names.
    """
    stopped_by = (_headlines(item),) if item.headlines else ()
    if item.harm.asr and not has_lengths(item):
        scenarios = (_scenarios(item),) if item.harm.asr_by_scenario_length else ()
        return (*stopped_by, *scenarios, _groups_of_dialogues(item), *figures_of_twins(item))
    five = (_over_length(item), _scenarios(item), _index(item), _survival(item), _groups_of_dialogues(item))
    return (*stopped_by, *five, *figures_of_twins(item))


def _headlines(item: Slice) -> Figure:
    title = "What is known at every moment"
    rates = [(plain(one.measure), one) for one in item.headlines]
    caption = (
        f"Stops by {'; '.join(map(known_words, item.headlines))}. "
        "Estimates for all dialogues planned, from those asked, with limits that hold the truth at every moment of the "
        "run at once with a chance of 95 %: to stop when they are close enough is no fault in them. Dialogues that "
        "could not be scored count against both limits. The other intervals of this report speak of new groups, and "
        "were made for runs that end when planned."
    )
    return Figure(
        title,
        caption + HOLLOW * any(one.withheld for one in item.headlines),
        (Panel(title, charts.named_rates(rates, title="share of dialogues")),),
        Table(("headline", *EVIDENCE), tuple((name, *cells(rate)) for name, rate in rates)),
    )


def _over_length(item: Slice) -> Figure:
    title, points = "Attack success rate over dialogue length", item.harm.asr
    if not points:
        return Figure(title, "", absent=_NO_ATTACKS)
    caption = (
        f"Share of {_attacks(item)} whose last reply is unsafe, by number of user turns, with 95 % intervals. "
        f"{_rests_on(item)} {_trend(item)}{_below_the_bar((counted(point.length, 'turn'), point) for point in points)}"
    )
    return Figure(
        title,
        caption,
        (Panel(title, charts.rate_over_length(points)),),
        Table(("user turns", *EVIDENCE), tuple((str(point.length), *cells(point)) for point in points)),
    )


def _scenarios(item: Slice) -> Figure:
    title, rates = "Attack success rate by scenario and length", item.harm.asr_by_scenario_length
    if not rates:
        return Figure(title, "", absent="no dialogue with unsafe intent names a scenario")
    caption = (
        f"Unsafe last replies in percent of scored {_attacks(item)}, by scenario and number of user turns; the darker, "
        f"the higher. A blank cell has no dialogues; ? marks one that is withheld, for fewer than {BAR} of its "
        f"dialogues are scored. {_rests_on(item)} Intervals of single cells are wide: they are in the table below."
    )
    every = [(rate.scenario, "all", rate) for rate in item.harm.asr_by_scenario]
    rows = [*((cell.scenario, str(cell.length), cell) for cell in rates), *every]
    return Figure(
        title,
        caption,
        (Panel(title, charts.heat_map(rates, lengths=item.harm.lengths)),),
        Table(
            ("scenario", "user turns", *EVIDENCE),
            tuple((scenario, length, *cells(rate)) for scenario, length, rate in rows),
            n_keys=2,
        ),
    )


def _index(item: Slice) -> Figure:
    title, index = "Safety index and its factors", item.harm.safety_index
    if index is None:
        return Figure(title, "", absent=item.harm.safety_index_reason)
    lengths = ", ".join(str(length) for length in index.lengths)
    missing = f", {counted(index.n_failed, 'label')} not resolved" if index.n_failed else ""
    comparable = "" if index.comparable else " It is not comparable with the published index."
    incomplete = f" It rests on a length of which fewer than {BAR} are scored." if index_withheld(item.harm) else ""
    caption = (
        f"Index = robustness x consistency, from 0 to 1, higher is safer, over lengths {lengths} "
        f"(n = {counted(index.n_groups, 'group')}{missing}), with 95 % intervals for the index. "
        f"The published weights fall off exponentially, so 1 and 2 turns decide; the other two see the long dialogues."
        f"{comparable}{incomplete}"
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
        f"{_below_the_bar((counted(point.length, 'turn'), point) for point in points)}"
    )
    return Figure(
        title,
        caption,
        (Panel(title, charts.survival_steps(points)),),
        Table(
            ("user turns", "not yet unsafe", "95 % interval", "at risk", "censored"),
            tuple((str(point.length), *cells(point)) for point in points),
        ),
    )


def _groups_of_dialogues(item: Slice) -> Figure:
    title = "Rates by method, setting and modality"
    methods = [(plain(rate.method), rate) for rate in item.harm.asr_by_method]
    attacks, refusals = _by_setting(item.asr_by_setting), _by_setting(item.over_refusal_by_setting)
    drawn = (
        ("attack success rate by method", methods, charts.named_rates),
        ("attack success rate by setting", attacks, charts.named_rates),
        ("over-refusal rate by setting", refusals, charts.over_refusals),
    )
    below = [rate for _, rows, _ in drawn for _, rate in rows if rate.withheld]
    hollow = HOLLOW if any(rate.value is not None for rate in below) else ""
    panels = tuple(Panel(label, draw(rows, title=label)) for label, rows, draw in drawn if rows)
    if not panels:
        return Figure(title, "", absent="no dialogue of the slice was scored by method or setting")
    return Figure(
        title,
        "Rates with 95 % intervals; n counts scored dialogues. Attack success rests on dialogues with unsafe intent, "
        f"over-refusal (full refusals) on those with safe intent.{hollow}",
        panels,
        Table(
            ("rate of", "dialogues", *EVIDENCE),
            (
                *((label, name, *cells(rate)) for label, rows, _ in drawn for name, rate in rows),
                *((plain(gap.measure), "multimodal less unimodal", *cells(gap)) for gap in item.modality_gaps),
            ),
            n_keys=2,
        ),
    )


def _by_setting(rates: Sequence[SettingRate]) -> list[tuple[str, Estimate]]:
    return [(f"{plain(rate.setting)}, {rate.modality}", rate) for rate in rates]


def _attacks(item: Slice) -> str:
    scripted = any(rate.setting == "scripted_attack" for rate in item.asr_by_setting)
    return "scripted attacks" if scripted else "dialogues with unsafe intent"


def _rests_on(item: Slice) -> str:
    overall = item.harm.asr_overall
    groups = counted(item.harm.n_groups, "group")
    return f"n = {counted(overall.n, 'scored dialogue')} from {groups}{_not_scored(overall.n_failed)}."


def _not_scored(n_failed: int) -> str:
    return f", {n_failed:,} not scored" if n_failed else ""


def _trend(item: Slice) -> str:
    said = trend_text(item.harm)
    return "No trend test: no group is scored at two lengths." if said is None else f"Trend over length: {said}."


def _below_the_bar(rates: Iterable[tuple[str, Estimate]]) -> str:
    """The sentence that names what is not drawn, or drawn hollow, for what is missing; nothing where all stand."""
    below = [(name, rate) for name, rate in rates if rate.withheld]
    if not below:
        return ""
    if any(rate.value is not None for _, rate in below):
        return HOLLOW
    names = ", ".join(f"{name} {scored_text(rate)}" for name, rate in below)
    return f" Not drawn, for fewer than {BAR} are scored: {names}."
