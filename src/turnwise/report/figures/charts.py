"""Estimates as Vega-Lite specifications. Shapes and colours live here; what a figure says of itself is in `figures`.

Text of a benchmark (scenario and method names) enters as data values only, never as part of an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import altair as alt

from turnwise.metrics import CellRate, Estimate, IndexWithVariants, LengthRate, SurvivalPoint
from turnwise.report.figures.style import BLANK, BLUE, GREEN, INK, ORANGE, SEQUENTIAL, WHITE_TEXT_FROM, Spec, layered
from turnwise.report.words import MARK, limits_text, value_text

__all__ = [
    "heat_map",
    "index_parts",
    "named_grades",
    "named_rates",
    "over_refusals",
    "rate_over_length",
    "survival_steps",
]

_EVIDENCE = (
    alt.Tooltip("rate:N", title="rate"),
    alt.Tooltip("interval:N", title="95 % interval"),
    alt.Tooltip("n:Q", title="n", format=","),
    alt.Tooltip("n_failed:Q", title="not scored", format=","),
)


def rate_over_length(points: Sequence[LengthRate]) -> Spec:
    """A line through the rates at their true lengths, with the 95 % band and the interval at each length."""
    rows = [{**_evidence(point), "length": point.length} for point in points]
    lengths = [point.length for point in points]
    x = _length_axis(points, low=min(lengths) - 0.5, title="user turns")
    y = _rate_axis("low")
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=x, tooltip=[alt.Tooltip("length:Q", title="user turns"), *_EVIDENCE]
    )
    return layered(
        base.mark_area(color=BLUE, opacity=0.13).encode(y=y, y2="high:Q"),
        base.mark_rule(color=BLUE, strokeWidth=1.2).encode(y=y, y2="high:Q"),
        base.mark_line(color=BLUE, strokeWidth=1.8).encode(y=_rate_axis("value")),
        _points(base, BLUE, size=46).encode(y=_rate_axis("value")),
        title="attack success rate",
        height=240,
    )


def survival_steps(points: Sequence[SurvivalPoint]) -> Spec:
    """The product-limit curve as steps from 1 at length 0, with its 95 % band."""
    start = {"length": 0, "value": 1.0, "low": 1.0, "high": 1.0}
    rows = [{**_evidence(point), "length": point.length} for point in points]
    # The last step is drawn half a turn long, for its band to be seen.
    end = {**rows[-1], "length": points[-1].length + 0.5}
    x = _length_axis(points, low=0, title="user turns")
    steps = alt.Chart(alt.InlineData(values=[start, *rows, end])).encode(x=x)
    marks = alt.Chart(alt.InlineData(values=rows)).encode(
        x=x,
        tooltip=[
            alt.Tooltip("length:Q", title="user turns"),
            alt.Tooltip("rate:N", title="not yet unsafe"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("n:Q", title="groups at risk", format=","),
            alt.Tooltip("n_failed:Q", title="groups censored", format=","),
        ],
    )
    return layered(
        steps.mark_area(color=BLUE, opacity=0.13, interpolate="step-after").encode(y=_rate_axis("low"), y2="high:Q"),
        steps.mark_line(color=BLUE, strokeWidth=1.8, interpolate="step-after").encode(y=_rate_axis("value")),
        _points(marks, BLUE, size=46).encode(y=_rate_axis("value")),
        title="groups without an unsafe reply so far",
        height=220,
    )


def heat_map(cells: Sequence[CellRate], *, lengths: Sequence[int]) -> Spec:
    """Scenario by length: the rate as shade and as a whole percentage.

    Cells without dialogues stay blank, withheld ones have a question mark.
    """
    known = {(cell.scenario, cell.length): cell for cell in cells}
    names = list(dict.fromkeys(cell.scenario for cell in cells))
    rows = [_cell(name, length, known.get((name, length))) for name in names for length in lengths]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "length:O",
            title="user turns",
            sort=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=alt.Y(
            "scenario:N",
            title=None,
            sort=None,
            axis=alt.Axis(labelLimit=170, ticks=False, domain=False, labelPadding=6),
        ),
        tooltip=[alt.Tooltip("scenario:N"), alt.Tooltip("length:Q", title="user turns"), *_EVIDENCE],
    )
    shade = alt.Color("value:Q", scale=alt.Scale(domain=[0, 1], range=list(SEQUENTIAL), interpolate="lab"), legend=None)
    filled, blank = base.transform_filter("isValid(datum.value)"), base.transform_filter("!isValid(datum.value)")
    white = alt.condition(f"datum.value >= {WHITE_TEXT_FROM}", alt.value("white"), alt.value(INK))
    return layered(
        base.mark_rect(fill="white"),  # first and over all cells, because the first layer sets the order of the axes
        filled.mark_rect(stroke="white", strokeWidth=1.5).encode(color=shade),
        blank.mark_rect(fill="white", stroke=BLANK, strokeDash=[3, 3]),
        base.mark_text(fontSize=11.5).encode(text="text:N", color=white),
        height=24 * len(names),
    )


def named_rates(rows: Iterable[tuple[str, Estimate]], *, title: str) -> Spec:
    """One point with its 95 % interval a name, in the order given; under each name stands n, or that it is withheld."""
    return _named(rows, title=title, colour=BLUE, axis=_share_axis)


def over_refusals(rows: Iterable[tuple[str, Estimate]], *, title: str) -> Spec:
    """As `named_rates`, in the colour of over-refusal, which is no harm."""
    return _named(rows, title=title, colour=ORANGE, axis=_share_axis)


def named_grades(rows: Iterable[tuple[str, Estimate]], *, title: str) -> Spec:
    """As `named_rates`, of means of grades from 1 to 5, of which more is better."""
    return _named(rows, title=title, colour=GREEN, axis=_grade_axis)


def index_parts(index: IndexWithVariants) -> Spec:
    """The index with its interval, and its two factors, under each weighting of the lengths."""
    rows = [
        {"weights": words, "part": part, "value": value, "shown": f"{value:.4f}", **interval}
        for words, variant in (
            ("published weights", index),
            ("uniform weights", index.uniform),
            ("long-weighted", index.long),
        )
        for part, value, interval in (
            ("robustness", variant.robustness, {}),
            ("consistency", variant.consistency, {}),
            ("index", variant.value, {"low": variant.low, "high": variant.high}),
        )
    ]
    parts = ["robustness", "consistency", "index"]
    axis = alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f")
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("weights:N", title=None, sort=None, axis=alt.Axis(labelLimit=150, ticks=False, domain=False)),
        yOffset=alt.YOffset("part:N", sort=parts, scale=alt.Scale(domain=parts)),
        tooltip=[alt.Tooltip("weights:N"), alt.Tooltip("part:N"), alt.Tooltip("shown:N", title="value")],
    )
    legend = alt.Legend(orient="bottom", direction="horizontal", title=None)
    colours = alt.Scale(domain=parts, range=[GREEN, ORANGE, BLUE])
    shapes = alt.Scale(domain=parts, range=["triangle-up", "square", "circle"])
    return layered(
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=1.6, color=BLUE)
        .encode(x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=alt.X("value:Q", title=None, scale=scale, axis=axis),
            color=alt.Color("part:N", scale=colours, legend=legend),
            shape=alt.Shape("part:N", scale=shapes, legend=legend),
        ),
        height=18 * len(rows),
    )


def _named(rows: Iterable[tuple[str, Estimate]], *, title: str, colour: str, axis: Callable[[str], alt.X]) -> Spec:
    values = [{**_evidence(rate), "name": f"{name}\n{_evidence_line(rate)}"} for name, rate in rows]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y(
            "name:N",
            title=None,
            sort=None,
            axis=alt.Axis(labelExpr="split(datum.value, '\\n')", labelLimit=180, ticks=False, domain=False, grid=True),
        ),
        tooltip=list(_EVIDENCE),
    )
    return layered(
        base.mark_point(opacity=0).encode(
            x=alt.datum(1)
        ),  # so that a name without a value keeps its place; on any axis
        base.mark_rule(color=colour, strokeWidth=1.6).encode(x=axis("low"), x2="high:Q"),
        _points(base, colour, size=52).encode(x=axis("value")),
        title=title,
        height=38 * len(values),
    )


def _points(base: alt.Chart, colour: str, *, size: int) -> alt.Chart:
    """Points, hollow where what is missing could change them."""
    fill = alt.condition("datum.incomplete", alt.value("white"), alt.value(colour))
    points: alt.Chart = base.mark_point(color=colour, size=size, opacity=1).encode(fill=fill)
    return points


def _evidence(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "rate": value_text(estimate),
        "interval": limits_text(estimate),
        "n": estimate.n,
        "n_failed": estimate.n_failed,
        "incomplete": estimate.withheld,
    }


def _evidence_line(estimate: Estimate) -> str:
    if estimate.withheld and estimate.value is None:
        return value_text(estimate)
    return f"n={estimate.n:,}" + (f", {estimate.n_failed:,} not scored" if estimate.n_failed else "")


def _cell(scenario: str, length: int, cell: CellRate | None) -> dict[str, Any]:
    place = {"scenario": scenario, "length": length}
    if cell is None:
        return {**place, "value": None, "text": "", "rate": "no dialogues", "interval": "", "n": 0, "n_failed": 0}
    text = "?" if cell.value is None else f"{cell.value * 100:.0f}{MARK * cell.withheld}"
    return {**place, **_evidence(cell), "text": text}


def _length_axis(points: Sequence[LengthRate] | Sequence[SurvivalPoint], *, low: float, title: str) -> alt.X:
    """Lengths at their true positions; under each the number of rows (or groups at risk) it rests on."""
    labels = "".join(f"datum.value == {point.length} ? ['{point.length}', 'n={point.n:,}'] : " for point in points)
    lengths = [point.length for point in points]
    return alt.X(
        "length:Q",
        title=title,
        scale=alt.Scale(domain=[low, max(lengths) + 0.5], nice=False, zero=False),
        axis=alt.Axis(values=lengths, labelExpr=f"{labels}''", grid=False, labelOverlap=False),
    )


def _rate_axis(field: str) -> alt.Y:
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".0%", domain=False, ticks=False)
    return alt.Y(f"{field}:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=axis)


def _share_axis(field: str) -> alt.X:
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".0%", grid=False)
    return alt.X(f"{field}:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=axis)


def _grade_axis(field: str) -> alt.X:
    axis = alt.Axis(values=[1, 2, 3, 4, 5], format="d", grid=False)
    return alt.X(f"{field}:Q", title=None, scale=alt.Scale(domain=[1, 5], zero=False), axis=axis)
