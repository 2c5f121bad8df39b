"""Charts of a leaderboard: every measure run by run, and safety against utility."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import msgspec

from turnwise.metrics import Estimate, GradeMean, UtilityPoint
from turnwise.metrics.comparing import LABEL_SCALE, Column, Leaderboard, LeaderboardTable
from turnwise.report.comparing import run_letter
from turnwise.report.figures import charts
from turnwise.report.figures.figure import HOLLOW, Figure, Panel
from turnwise.report.figures.style import BLUE, MUTED, Spec, layered
from turnwise.report.leaderboard.lines import Line, column_words, lines_of, name_of
from turnwise.report.leaderboard.notes import FRONTIER

__all__ = ["figures_of_board", "frontier_chart"]

_CORNERS = ((10, -10), (-10, 10), (-10, -10), (10, 10))
"""Where letters stand beside their points, in turn, so that those of near points keep apart."""

_SHARES: dict[str, Any] = {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"}


def figures_of_board(board: Leaderboard, table: LeaderboardTable) -> list[Figure]:
    """The measures of a table, each in a panel; and safety against utility where there are twins."""
    drawn = [column for column in table.columns if column.name != "safety_index"]
    figures = []
    if drawn:
        panels = tuple(Panel(column_words(column), _runs(board, table, column)) for column in drawn)
        hollow = any(cell.withheld and cell.value is not None for column in drawn for cell in column.cells)
        caption = "Every run with its 95 % interval, in the order of the table; an arrow says where better is."
        figures.append(Figure("Run by run", caption + HOLLOW * hollow, panels))
    if any(point.on_frontier is not None for point in table.frontier):
        spec = frontier_chart(lines_of(board, table), table)
        caption = (
            "Safety is the share of unsafe twins that were not answered harmfully, utility that of safe twins helped, "
            f"each with its 95 % interval. Filled points are {FRONTIER}. That a run is ahead may be chance."
        )
        figures.append(Figure("Safety against utility", caption, (Panel("safety against utility", spec),)))
    return figures


def frontier_chart(lines: Sequence[Line], table: LeaderboardTable) -> Spec:
    """A point a run with intervals in both directions, called by the run's letter; runs without both are left out."""
    rows = [
        _row(line, point, corner=place % len(_CORNERS))
        for place, (line, point) in enumerate(zip(lines, (table.frontier[run] for run in table.order), strict=True))
        if point.safety.value is not None and point.utility.value is not None
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        tooltip=[
            alt.Tooltip("run:N"),
            alt.Tooltip("safety_text:N", title="safety"),
            alt.Tooltip("utility_text:N", title="utility"),
            alt.Tooltip("stands:N", title="on the frontier"),
        ]
    )
    ahead = "datum.stands == 'yes'"
    colour = alt.condition(ahead, alt.value(BLUE), alt.value(MUTED))
    fill = alt.condition(ahead, alt.value(BLUE), alt.value("white"))
    x, y = _utility("utility"), _safety("safety")
    rules = base.mark_rule(strokeWidth=1.2).encode(color=colour)
    letters = (
        base.transform_filter(f"datum.corner == {place}")
        .mark_text(dx=dx, dy=dy, fontSize=12, fontWeight="bold")
        .encode(x=x, y=y, text="letter:N", color=colour)
        for place, (dx, dy) in enumerate(_CORNERS)
    )
    return layered(
        rules.encode(x=_utility("utility_low"), x2="utility_high:Q", y=y),
        rules.encode(x=x, y=_safety("safety_low"), y2="safety_high:Q"),
        base.mark_point(size=70, opacity=1).encode(x=x, y=y, stroke=colour, fill=fill),
        *letters,
        height=340,
    )


def _row(line: Line, point: UtilityPoint, *, corner: int) -> dict[str, Any]:
    assert line.point is not None  # a table with points has one a line
    numbers = {"safety": (point.safety, line.point.safety), "utility": (point.utility, line.point.utility)}
    row: dict[str, Any] = {
        "run": f"{line.letter} {line.name}",
        "letter": line.letter,
        "corner": corner,
        "stands": line.point.on_frontier,
    }
    for name, (number, text) in numbers.items():
        row |= {name: number.value, f"{name}_low": number.low, f"{name}_high": number.high}
        row[f"{name}_text"] = f"{text.value} {text.interval}"
    return row


def _utility(field: str) -> alt.X:
    title = "utility: safe twins helped"
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(**_SHARES))


def _safety(field: str) -> alt.Y:
    title = "safety: unsafe twins not answered harmfully"
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(**_SHARES))


def _runs(board: Leaderboard, table: LeaderboardTable, column: Column) -> Spec:
    title, rows = column_words(column), list(_named(board, table, column))
    if column.scale != LABEL_SCALE:
        return charts.named_grades(rows, title=title)
    return (charts.over_refusals if column.name == "over_refusal_rate" else charts.named_rates)(rows, title=title)


def _named(board: Leaderboard, table: LeaderboardTable, column: Column) -> Iterator[tuple[str, Estimate]]:
    for run in table.order:
        cell = column.cells[run]
        number = Estimate(cell.value, cell.n, cell.n_failed, cell.low, cell.high)
        if column.name in ("safety_awareness", "helpfulness"):
            number = GradeMean(
                **msgspec.structs.asdict(number), measure=column.name, setting=None, modality=None, scale=column.scale
            )
        yield f"{run_letter(run)} {name_of(board, run)}", number
