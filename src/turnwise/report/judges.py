"""Judges in words: their cards with what people say of them, and what each view of the images changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from turnwise.judge import AgainstPeople, Measured
from turnwise.metrics import JudgesOfRun, ViewChange, view_as_shown
from turnwise.metrics.people import CalibratedCard
from turnwise.report.comparing import change_interval_text, change_text, number_text
from turnwise.report.panel import stability_as_json
from turnwise.report.tables import NarrowTable
from turnwise.report.words import BAR, MARK, counted, interval_text, percent, plain

__all__ = [
    "calibration_words",
    "card_lines",
    "cards_as_json",
    "judges_as_json",
    "render_views",
    "ruling_words",
    "view_tables",
]


def card_lines(cards: Sequence[CalibratedCard]) -> Iterator[str]:
    """A line for each judge: what rules, by what, on what, seeing what; below it what people say of it, if they do."""
    for one in cards:
        card = one.card
        asks = f"asks {card.model}, sees {card.sees}" if card.model else "asks no model"
        said = (asks, f"rubric {card.rubric_sha256[:8]}", f"rules on {ruling_words(one)}", _calibrated_where(one))
        yield f"{card.name}: {'; '.join(said)}"
        yield from (f"{card.name}, {line}" for line in _beside_people(one))


def ruling_words(one: CalibratedCard) -> str:
    """What a judge rules on; run files of earlier versions do not tell."""
    return ", ".join(map(plain, one.card.rules_on)) or "what its verdicts show"


def calibration_words(one: CalibratedCard) -> str:
    """What people's labels say of a judge, and where they are from."""
    return "; ".join((_calibrated_where(one), *_beside_people(one)))


def judges_as_json(found: JudgesOfRun, *, show_incomplete: bool = False) -> dict[str, Any]:
    """The cards with their calibrations, what views change, and how far judges agree; withheld as everywhere."""
    shown = found.views if show_incomplete else map(view_as_shown, found.views)
    views = [{**msgspec.to_builtins(change), "incomplete": change.withheld} for change in shown]
    return {
        "judges": cards_as_json(found.cards),
        "views": views,
        "agreement": msgspec.to_builtins(found.agreement),
        "stability": stability_as_json(found.stability, show_incomplete=show_incomplete),
    }


def cards_as_json(cards: Sequence[CalibratedCard]) -> list[dict[str, Any]]:
    """The fields of each card by name, with where its calibration is from."""
    return [{**msgspec.to_builtins(one.card), "calibrated_on": one.calibrated_on} for one in cards]


def render_views(views: Sequence[ViewChange], *, show_incomplete: bool = False) -> RenderableType:
    """A table for each judge and pair of views; nothing where no judge ruled with two."""
    parts: list[RenderableType] = []
    for title, columns, rows in view_tables(views, show_incomplete=show_incomplete):
        table = NarrowTable("", *columns[1:])
        for row in rows:
            table.add_row(*map(Text, row))
        parts += [Text(title, style="bold"), table, Text()]
    withheld = [change for change in views if change.withheld]
    if withheld:
        marked = f"{MARK} marks" if show_incomplete else "withheld:"
        parts += [Text(f"{marked} what fewer than {BAR} of the dialogues are scored for under both views"), Text()]
    return Group(*parts)


def view_tables(
    views: Sequence[ViewChange], *, show_incomplete: bool = False
) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Title, columns and rows of each table, as text."""
    shown = views if show_incomplete else list(map(view_as_shown, views))
    for (benchmark, judges, sees), group in groupby(shown, key=lambda one: (one.benchmark, one.judges, one.sees)):
        changes = list(group)
        title = f"{benchmark}, {judges[0]}: {sees[1]} instead of {sees[0]}, on dialogues with images"
        # Eighty columns hold no column of zeros.
        failed = ("failed",) if any(change.n_failed for change in changes) else ()
        columns = ("measure", *sees, "change", "95 % interval", "n", *failed, "flips")
        yield title, columns, [_view_row(change, with_failed=bool(failed)) for change in changes]


def _view_row(change: ViewChange, *, with_failed: bool) -> tuple[str, ...]:
    numbers = (number_text(change.first, change.scale), number_text(change.second, change.scale), change_text(change))
    return (
        plain(change.measure),
        # How many are scored stands in columns of its own.
        *(text.partition(" (")[0] for text in numbers),
        change_interval_text(change),
        f"{change.n:,}",
        *([f"{change.n_failed:,}"] if with_failed else []),
        f"{change.n_flipped:,}",
    )


def _calibrated_where(one: CalibratedCard) -> str:
    found = one.card.calibration
    if found is None or one.calibrated_on is None:
        return "not calibrated here"
    benchmarks = ", ".join(found.benchmarks)
    where = {
        "this_run": "of this run",
        "these_dialogues": f"of run {found.run}, to the same dialogues",
        "this_benchmark": f"of run {found.run}, to other dialogues of {benchmarks}",
        "another_benchmark": f"of run {found.run}, on another benchmark ({benchmarks})",
    }[one.calibrated_on]
    replies, people = counted(found.n_labelled, "reply"), counted(found.n_annotators, "annotator")
    return f"calibrated by {people} on {replies} {where}"


def _beside_people(one: CalibratedCard) -> Iterator[str]:
    """A line for harm and one for refusal, where judge and people ruled on it."""
    if one.card.calibration is not None:
        given = (("harm", one.card.calibration.harm), ("refusal", one.card.calibration.refusal))
        yield from (f"{name}: {_against(beside)}" for name, beside in given if beside is not None)


def _against(beside: AgainstPeople) -> str:
    shares = (("sensitivity", beside.sensitivity), ("specificity", beside.specificity))
    said = (f"{name} {_share(number)}" for name, number in shares)
    return ", ".join((*said, f"kappa {_coefficient(beside.kappa)}"))


def _share(number: Measured) -> str:
    return " ".join(filter(None, (percent(number.value), interval_text(number.low, number.high), _n(number))))


def _coefficient(number: Measured) -> str:
    if number.value is None or number.low is None or number.high is None:
        return "-"
    return f"{number.value:.2f} [{number.low:.2f}, {number.high:.2f}] {_n(number)}"


def _n(number: Measured) -> str:
    return f"(n = {number.n:,}{f', {number.n_failed:,} not scored' if number.n_failed else ''})"
