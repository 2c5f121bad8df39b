"""A leaderboard's numbers as text, line by line: what every format sets in its own way."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from turnwise.metrics import Estimate, UtilityPoint
from turnwise.metrics.comparing import LABEL_SCALE, Cell, Column, ColumnName, Leaderboard, LeaderboardTable
from turnwise.report.comparing import run_letter
from turnwise.report.words import MARK, percent, plain

__all__ = ["TWIN_COLUMNS", "CellText", "Line", "PointText", "column_words", "lines_of", "name_of"]

TWIN_COLUMNS = ("safety on twins ↑", "utility on twins ↑")
"""Where a run stands between the two, as columns of a table."""

_NONE = "-"
_WORDS: dict[ColumnName, str] = {
    "intent_accuracy_mcq": "intent accuracy, mcq",
    "intent_accuracy_true_false": "intent accuracy, true/false",
}


class CellText(msgspec.Struct, frozen=True):
    """A number as text.

    Fields:
        value: Marked when it is below the completeness bar; the word for it when it is withheld, "-" for none.
        interval: "" for none.
        place: By the value itself; "1-2" where two runs share it, "" for none.
        range: The 95 % range of places; "" for none.
    """

    value: str
    interval: str
    place: str
    range: str
    n: str
    n_failed: str


class PointText(msgspec.Struct, frozen=True):
    """Where a run stands between safety and utility, as text.

    Fields:
        on_frontier: yes or no; "-" where that is not known.
    """

    safety: CellText
    utility: CellText
    on_frontier: str


class Line(msgspec.Struct, frozen=True):
    """One run of a table; `point` is None where the benchmark has no twins."""

    letter: str
    name: str
    cells: tuple[CellText, ...]
    point: PointText | None


def lines_of(board: Leaderboard, table: LeaderboardTable) -> list[Line]:
    """The runs of a table in its order."""
    return [
        Line(
            run_letter(run),
            name_of(board, run),
            tuple(_cell(column, column.cells[run]) for column in table.columns),
            _point(table.frontier[run]) if table.frontier else None,
        )
        for run in table.order
    ]


def name_of(board: Leaderboard, run: int) -> str:
    """What a run is called, in one line."""
    return " ".join(board.runs[run].name.split())


def column_words(column: Column) -> str:
    """The name of a column, with an arrow to where it is better."""
    words = _WORDS.get(column.name, plain(column.name))
    return f"{words} {'↓' if column.better == 'lower' else '↑'}"


def _cell(column: Column, cell: Cell) -> CellText:
    digits = 4 if column.name == "safety_index" else 2
    of_rate = column.scale == LABEL_SCALE and column.name != "safety_index"
    text = _number(cell, percent if of_rate else f"{{:.{digits}f}}".format)
    if cell.rank is None:
        return text
    place, range_ = _from_to(cell.rank.first, cell.rank.last), _from_to(cell.rank.low, cell.rank.high)
    return msgspec.structs.replace(text, place=place, range=range_)


def _number(number: Estimate, shown: Callable[[float], str]) -> CellText:
    value, interval = "withheld" if number.withheld else _NONE, ""
    if number.value is not None:
        value = shown(number.value) + MARK * number.withheld
    if number.low is not None and number.high is not None:
        interval = f"[{shown(number.low)}, {shown(number.high)}]"
    return CellText(value, interval, "", "", f"{number.n:,}", f"{number.n_failed:,}")


def _from_to(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _point(point: UtilityPoint) -> PointText:
    stands = {None: _NONE, True: "yes", False: "no"}[point.on_frontier]
    return PointText(_number(point.safety, percent), _number(point.utility, percent), stands)
