"""The HTML report: one file that opens anywhere, offline. Formats what `gather` read and `figures` drew.

Everything of a benchmark or a model in it is untrusted text: the template escapes all of it, and the content security
policy lets the browser run exactly the two scripts written here, known by their hashes, and fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import vl_convert
from markupsafe import Markup

from turnwise import __version__
from turnwise.errors import RunFileError
from turnwise.metrics import Estimate, Slice, index_withheld
from turnwise.report.page.gather import Part, ReportData, gather
from turnwise.report.words import BAR, MARK, counted, interval_text, plain, value_text
from turnwise.runfile import Reader

__all__ = ["render_report", "write_report"]


class _Headline(msgspec.Struct, frozen=True):
    """One number of the row on top: what it is, its value and interval as text, and what it rests on."""

    name: str
    value: str
    interval: str
    rests_on: str


def write_report(path: Path, *, reader: Reader, slices: Sequence[Slice], show_incomplete: bool = False) -> None:
    """Write the report of a run as one HTML file, whole or not at all.

    Raises:
        RunFileError: the run file cannot be read, or the report cannot be written.
    """
    page = render_report(gather(reader, slices, show_incomplete=show_incomplete))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, page)
    except OSError as error:
        raise RunFileError(f"{path}: the report cannot be written ({error.strerror}); choose another place") from error


def render_report(report: ReportData) -> str:
    """The report as one HTML document without any reference to another file."""
    specs: dict[str, Any] = {}
    sections = [_section(part, specs) for part in report.parts]
    bundle, script = _bundle(), _asset("report.js")
    # StrictUndefined: a name misspelt there fails here, not as a gap in the report.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    environment.filters["thousands"] = "{:,}".format
    environment.filters["words"] = plain
    environment.filters["counted"] = counted
    return environment.from_string(_asset("template.html")).render(
        report=report,
        sections=sections,
        specs=specs,
        version=__version__,
        bar=BAR,
        mark=MARK,
        style=Markup(_asset("report.css")),  # noqa: S704 - our own file
        bundle=Markup(bundle),  # noqa: S704 - the chart runtime, as vl-convert bundles it
        script=Markup(script),  # noqa: S704 - our own file
        script_hashes=" ".join(_csp_hash(text) for text in (bundle, script)),
    )


def _section(part: Part, specs: dict[str, Any]) -> dict[str, Any]:
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
        "headlines": list(_headlines(item)),
        "figures": [(figure, panels[place]) for place, figure in enumerate(figures)],
        "examples": part.examples,
    }


def _headlines(item: Slice) -> Iterator[_Headline]:
    index = item.harm.safety_index
    yield _rate("Attack success rate", item.harm.asr_overall, "no dialogues with unsafe intent")
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
    yield _rate("Refusal rate, unsafe intent", item.refusal_rate, "no verdict of the judge says anything about it")
    missing = "no dialogues with safe intent" if item.refusal_rate else "not ruled on, or no dialogues with safe intent"
    yield _rate("Over-refusal rate, safe intent", item.over_refusal_rate, missing)


def _rate(name: str, rate: Estimate | None, missing: str) -> _Headline:
    if rate is None or not rate.n + rate.n_failed:
        return _Headline(name, "none", "", missing)
    evidence = f"n = {counted(rate.n, 'dialogue')}" + (f", {rate.n_failed:,} not scored" if rate.n_failed else "")
    return _Headline(name, value_text(rate), interval_text(rate.low, rate.high), evidence)


@cache
def _bundle() -> str:
    """Vega-Embed with all it needs, for a <script> tag."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg] # its stub forgets that the snippet is optional


def _asset(name: str) -> str:
    return resources.files("turnwise.report.page").joinpath(name).read_text("utf-8")


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _replace(path: Path, page: str) -> None:
    """Write beside the place and move there, so that a reader never meets half a file."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(page)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
