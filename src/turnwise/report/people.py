"""Judges against people as tables for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from turnwise.metrics import Calibration, CorrectedEstimate, Estimate, as_shown
from turnwise.metrics.comparing import LABEL_SCALE
from turnwise.metrics.people import Corrected, PeopleReport
from turnwise.report.comparing import number_text
from turnwise.report.tables import NarrowTable
from turnwise.report.words import BAR, coefficient_text, counted, interval_text, percent, plain

__all__ = [
    "CORRECTED_COLUMNS",
    "corrected_as_json",
    "corrected_cells",
    "corrected_notes",
    "judge_letter",
    "people_as_json",
    "render_people",
]

CORRECTED_COLUMNS = ("corrected by people", "raw", "95 % interval", "corrected", "95 % interval", "labelled")
"""Columns of numbers raw and corrected; `corrected_cells` fills them."""

_LONG_NAME = 20
"""Beside a longer name of a judge no numbers have room: all judges get letters."""


def people_as_json(found: PeopleReport, *, show_incomplete: bool = False) -> dict[str, Any]:
    """All fields by name; values and intervals of withheld numbers are null unless asked for."""
    corrected = corrected_as_json(found.corrected, show_incomplete=show_incomplete)
    return {**msgspec.to_builtins(msgspec.structs.replace(found, corrected=[])), "corrected": corrected}


def corrected_as_json(rows: Sequence[Corrected], *, show_incomplete: bool = False) -> list[dict[str, Any]]:
    """Numbers raw and corrected; values and intervals of withheld ones are null unless asked for."""
    return [_corrected_as_json(one if show_incomplete else _as_shown(one)) for one in rows]


def _corrected_as_json(one: Corrected) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(one)
    said["raw"]["incomplete"] = one.raw.withheld
    if one.corrected is not None:
        said["corrected"]["incomplete"] = one.corrected.withheld
        if one.corrected.value is None:
            said["corrected"] |= dict.fromkeys(("run_low", "run_high", "judged"))
    return said


def corrected_cells(one: Corrected, *, show_incomplete: bool = False) -> tuple[str, ...]:
    """A number raw and corrected, as `CORRECTED_COLUMNS` names it. One about a setting stands below that about all."""
    shown = one if show_incomplete else _as_shown(one)
    raw, number, scale = shown.raw, shown.corrected, shown.scale
    name = plain(one.measure) if one.setting is None else f"  {plain(one.setting)}s"
    given = (name, number_text(raw, scale), _interval(raw, scale))
    if number is None:
        return (*given, "none", "", "-")
    return (*given, number_text(number, scale), _interval(number, scale), f"{number.n_labelled:,}")


def corrected_notes(rows: Sequence[Corrected], *, n_blocked: int = 0) -> Iterator[str]:
    """What a corrected number is about, and why one is not there."""
    if rows and n_blocked:
        yield f"raw and corrected are about answered last turns: the {n_blocked:,} blocked are in neither"
    yield from dict.fromkeys(f"not corrected: {one.reason}" for one in rows if one.reason is not None)
    if n_unsettled := max((one.corrected.n_unsettled for one in rows if one.corrected is not None), default=0):
        yield f"{counted(n_unsettled, 'reply')} people could not settle: corrected limits hold whatever these are"


def render_people(found: PeopleReport, *, show_incomplete: bool = False) -> RenderableType:
    """Who labelled, how each judge agrees with them, and its numbers corrected."""
    shown = found.corrected if show_incomplete else [_as_shown(one) for one in found.corrected]
    called = _called([*(one.judge for one in (*found.harm, *found.refusal)), *(one.judge for one in shown)])
    return Group(
        *_who(found),
        *_letters(called),
        *_judges("harm", "unsafe", found.harm, called),
        *_judges("refusal", "refused", found.refusal, called),
        *_numbers(shown, called),
    )


def judge_letter(place: int) -> str:
    """What the judge at a place is called in tables: A for the first."""
    return ascii_uppercase[place] if place < len(ascii_uppercase) else f"judge {place + 1}"


def _called(judges: Iterable[str]) -> dict[str, str]:
    """What each judge is called in the tables: its name, or a letter where one of the names is long."""
    names = list(dict.fromkeys(judges))
    if all(len(name) <= _LONG_NAME for name in names):
        return dict(zip(names, names, strict=True))
    return {name: judge_letter(place) for place, name in enumerate(names)}


def _letters(called: Mapping[str, str]) -> Iterator[RenderableType]:
    """Whose letters these are, where there are any."""
    given = [Text.assemble((short, "bold"), f"  {name}") for name, short in called.items() if short != name]
    yield from (*given, Text()) if given else ()


def _as_shown(one: Corrected) -> Corrected:
    return msgspec.structs.replace(one, raw=as_shown(one.raw), corrected=one.corrected and as_shown(one.corrected))


def _who(found: PeopleReport) -> Iterator[RenderableType]:
    listed = ", ".join(f"{one.name} ({one.n:,}, of which {one.n_unsure:,} unsure)" for one in found.annotators)
    drawn = f"drawn by the labels of {found.drawn_by}" if found.drawn_by else "not drawn as one sample"
    yield Text(f"{counted(found.n_replies, 'reply')} labelled by {listed}; {drawn}")
    if found.between is not None:
        between = found.between
        coefficients = (("agreement", between.agreement), ("alpha", between.alpha), ("AC1", between.ac1))
        said = ", ".join(f"{name} {coefficient_text(number)}" for name, number in coefficients)
        yield Text(f"people with each other: {said}, on {counted(between.agreement.n, 'reply')}")
        if between.n_tied:
            yield Text(f"tied, and so without a label: {counted(between.n_tied, 'reply')}")
    yield Text()


def _judges(what: str, yes: str, rows: Sequence[Calibration], called: Mapping[str, str]) -> Iterator[RenderableType]:
    """Two tables: what the judges said where people said yes or no, and how well they agree."""
    if not rows:
        return
    counts = NarrowTable(f"{what}: people / judge", f"{yes}/{yes}", f"{yes}/not", f"not/{yes}", "not/not", "not scored")
    shares = NarrowTable(what, "sensitivity", "specificity", "agreement", "kappa", "n", "failed")
    for row in rows:
        name, seen = Text(_about(row, called)), row.confusion
        cells = (seen.yes_yes, seen.yes_no, seen.no_yes, seen.no_no, seen.not_scored)
        counts.add_row(name, *(f"{cell:,}" for cell in cells))
        agreed = (_share(row.sensitivity), _share(row.specificity), _share(row.agreement), coefficient_text(row.kappa))
        shares.add_row(name, *map(Text, agreed), f"{row.agreement.n:,}", f"{row.agreement.n_failed:,}")
    yield from (counts, Text(), shares, Text())


def _about(row: Calibration, called: Mapping[str, str]) -> str:
    parts = (None if row.turn is None else f"turn {row.turn}", row.scenario)
    return ", ".join([called[row.judge], *filter(None, parts)])


def _numbers(rows: Sequence[Corrected], called: Mapping[str, str]) -> Iterator[RenderableType]:
    if not rows:
        return
    table = NarrowTable("number", "judge says", "95 % interval", "corrected", "95 % interval", "this run", "labelled")
    for one in rows:
        raw, number, scale = one.raw, one.corrected, one.scale
        table.add_row(
            Text(f"{one.benchmark}, {called[one.judge]}: {_words(one)}"),
            number_text(raw, scale),
            Text(_interval(raw, scale)),
            "-" if number is None else number_text(number, scale),
            Text("" if number is None else _interval(number, scale)),
            Text("" if number is None or number.value is None else _run_interval(number, scale)),
            "-" if number is None else f"{number.n_labelled:,}",
        )
    yield from (table, Text())
    yield from map(Text, corrected_notes(rows))
    if any(one.corrected is not None and one.corrected.withheld for one in rows):
        yield Text(f"fewer than {BAR} of the dialogues are scored or labelled; --show-incomplete prints all numbers")


def _words(one: Corrected) -> str:
    """The name of a number, with the setting where it is about one."""
    return ", ".join(filter(None, (plain(one.measure), plain(one.setting or ""))))


def _interval(number: Estimate, scale: tuple[float, float]) -> str:
    return _ends(number.low, number.high, scale)


def _run_interval(number: CorrectedEstimate, scale: tuple[float, float]) -> str:
    return _ends(number.run_low, number.run_high, scale)


def _ends(low: float | None, high: float | None, scale: tuple[float, float]) -> str:
    if scale == LABEL_SCALE or low is None or high is None:
        return interval_text(low, high)
    return f"[{low:.2f}, {high:.2f}]"


def _share(number: Estimate) -> str:
    return " ".join(filter(None, (percent(number.value), interval_text(number.low, number.high))))
