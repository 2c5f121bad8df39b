"""The HTML report: one file that opens anywhere, offline. Formats what `gather` read and `figures` drew.

Everything of a benchmark or a model in it is untrusted text, see `document`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from turnwise.metrics import Estimate, JudgesOfRun, Slice, index_withheld, stability_as_shown
from turnwise.metrics.comparing import MeasureName
from turnwise.metrics.people import Corrected
from turnwise.report.figures.table import Table
from turnwise.report.judges import calibration_words, ruling_words, view_tables
from turnwise.report.page.document import asset, render_page, write_whole
from turnwise.report.page.gather import Part, ReportData, gather
from turnwise.report.panel import rates_text, share_text
from turnwise.report.people import CORRECTED_COLUMNS, corrected_cells, corrected_notes
from turnwise.report.words import MARK, coefficient_text, counted, interval_text, plain, value_text
from turnwise.runfile import Reader

__all__ = ["render_report", "write_report"]

_HEADLINE: dict[MeasureName, str] = {
    "attack_success_rate": "Attack success rate",
    "refusal_rate": "Refusal rate, unsafe intent",
    "over_refusal_rate": "Over-refusal rate, safe intent",
}
"""What the headlines of a slice are called that people can correct."""

_NO_UNSAFE = "no dialogues with unsafe intent"


class _Headline(msgspec.Struct, frozen=True):
    """One number of the row on top: what it is, its value and interval as text, and what it rests on.

    Fields:
        corrected: The same number as people would have it; "" where nobody labelled a reply.
    """

    name: str
    value: str
    interval: str
    rests_on: str
    corrected: str = ""


def write_report(
    path: Path, *, reader: Reader, slices: Sequence[Slice], judges: JudgesOfRun, show_incomplete: bool = False
) -> None:
    """Write the report of a run as one HTML file, whole or not at all.

    Raises:
        RunFileError: the run file cannot be read, or the report cannot be written.
    """
    write_whole(path, render_report(gather(reader, slices, judges=judges, show_incomplete=show_incomplete)))


def render_report(report: ReportData) -> str:
    """The report as one HTML document without any reference to another file."""
    specs: dict[str, Any] = {}
    sections = [_section(part, specs, show_incomplete=report.show_incomplete) for part in report.parts]
    return render_page(
        asset("template.html"),
        title=f"{report.target}: multi-turn safety",
        specs=specs,
        filters={
            "coefficient": coefficient_text,
            "rates": rates_text,
            "share": share_text,
            "ruling": ruling_words,
            "calibration": calibration_words,
        },
        report=report,
        sections=sections,
        views=list(_view_tables(report)),
        stability=report.judges.stability
        if report.show_incomplete
        else list(map(stability_as_shown, report.judges.stability)),
    )


def _section(part: Part, specs: dict[str, Any], *, show_incomplete: bool) -> dict[str, Any]:
    """What the template needs for one slice; its charts are added to `specs` under the ids given to the panels."""
    # Altair is slow to import, and only a report with figures needs it.
    from turnwise.report.figures.of_slice import figures_of  # noqa: PLC0415

    item = part.slice
    figures = figures_of(item)
    panels: dict[int, list[str]] = {}
    for place, figure in enumerate(figures):
        panels[place] = [f"chart-{len(specs) + number}" for number in range(len(figure.panels))]
        specs.update(zip(panels[place], (panel.spec for panel in figure.panels), strict=True))
    return {
        "slice": item,
        "withheld": part.withheld,
        "headlines": list(_headlines(part, show_incomplete=show_incomplete)),
        "corrected": _corrected_table(part, show_incomplete=show_incomplete),
        "corrected_notes": list(corrected_notes(part.corrected, n_blocked=item.n_blocked)),
        "figures": [(figure, panels[place]) for place, figure in enumerate(figures)],
        "examples": part.examples,
    }


def _view_tables(report: ReportData) -> Iterator[tuple[str, Table]]:
    """What each view of the images changes, with the title of each table."""
    for title, columns, rows in view_tables(report.judges.views, show_incomplete=report.show_incomplete):
        yield title, Table(columns, tuple(rows))


def _corrected_table(part: Part, *, show_incomplete: bool) -> Table | None:
    """The numbers of a slice raw and corrected by people; None where nobody labelled a reply of it."""
    rows = tuple(corrected_cells(one, show_incomplete=show_incomplete) for one in part.corrected)
    return Table(CORRECTED_COLUMNS, rows) if rows else None


def _headlines(part: Part, *, show_incomplete: bool) -> Iterator[_Headline]:
    """The numbers on top, each with what people make of it, as far as they labelled replies."""
    # One about a setting comes after the one about all: the headline is about the same dialogues as the last.
    corrected = {_HEADLINE[one.measure]: one for one in part.corrected if one.measure in _HEADLINE}
    for headline in _raw_headlines(part.slice):
        one = corrected.get(headline.name)
        yield (
            headline
            if one is None
            else msgspec.structs.replace(headline, corrected=_corrected_words(one, show_incomplete=show_incomplete))
        )


def _corrected_words(one: Corrected, *, show_incomplete: bool) -> str:
    if one.corrected is None:
        return "not corrected by people; the table below says why"
    *_, value, interval, labelled = corrected_cells(one, show_incomplete=show_incomplete)
    return f"corrected by people {value} {interval}, {labelled} labelled"


def _raw_headlines(item: Slice) -> Iterator[_Headline]:
    index = item.harm.safety_index
    for one in item.headlines:
        yield _rate(f"{plain(one.measure).capitalize()}, all dialogues planned", one, "nothing scored yet")
    yield _rate(_HEADLINE["attack_success_rate"], item.harm.asr_overall, _NO_UNSAFE)
    reason = item.harm.safety_index_reason or ""
    if index is not None:
        evidence = f"n = {counted(index.n_groups, 'group')}"
        evidence += f", {counted(index.n_failed, 'label')} not resolved" if index.n_failed else ""
        value = f"{index.value:.4f}" + (MARK if index_withheld(item.harm) else "")
        yield _Headline("Safety index", value, f"[{index.low:.4f}, {index.high:.4f}]", evidence)
    elif reason.startswith("withheld"):
        yield _Headline("Safety index", reason, "", "its figure says why")
    else:
        yield _Headline("Safety index", "none", "", "not measurable on these rows; its figure says why")
    rules = item.refusal_rate is not None or item.over_refusal_rate is not None
    missing = _NO_UNSAFE if rules else "this judge does not rule on it"
    yield _rate(_HEADLINE["refusal_rate"], item.refusal_rate, missing)
    missing = "no dialogues with safe intent" if rules else "this judge does not rule on it"
    yield _rate(_HEADLINE["over_refusal_rate"], item.over_refusal_rate, missing)


def _rate(name: str, rate: Estimate | None, missing: str) -> _Headline:
    if rate is None or not rate.n + rate.n_failed:
        return _Headline(name, "none", "", missing)
    evidence = f"n = {counted(rate.n, 'dialogue')}" + (f", {rate.n_failed:,} not scored" if rate.n_failed else "")
    return _Headline(name, value_text(rate), interval_text(rate.low, rate.high), evidence)
