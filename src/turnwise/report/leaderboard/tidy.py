"""A leaderboard as CSV: one row for each run and number, so that any tool can filter and plot it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from turnwise.metrics import Estimate
from turnwise.metrics.comparing import Leaderboard, LeaderboardTable, Rank
from turnwise.metrics.people.sheet import spreadsheet_cell

__all__ = ["leaderboard_as_csv"]

_COLUMNS = (
    "benchmark",
    "judge",
    "run",
    "path",
    "target",
    "measure",
    "better",
    "value",
    "low",
    "high",
    "n",
    "n_failed",
    "incomplete",
    "rank_first",
    "rank_last",
    "rank_low",
    "rank_high",
    "n_ranked",
    "on_frontier",
    "n_shared",
    "n_any",
)
_Row = dict[str, str | float | None]


def leaderboard_as_csv(board: Leaderboard) -> str:
    """A header, then runs in the order of each table; an empty cell is a number that is not there.

    Safety and utility on twins are rows of their own, `twin_safety` and `twin_utility`. No text is taken for a formula.
    """
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(_COLUMNS)
    for table in board.tables:
        for row in _rows(board, table):
            sheet.writerow([_cell(row.get(name)) for name in _COLUMNS])
    return text.getvalue()


def _rows(board: Leaderboard, table: LeaderboardTable) -> Iterator[_Row]:
    for run in table.order:
        one = board.runs[run]
        point = table.frontier[run] if table.frontier else None
        about: _Row = {
            "benchmark": table.benchmark,
            "judge": table.judge,
            "run": one.name,
            "path": one.path,
            "target": one.target,
            "n_shared": table.n_shared,
            "n_any": table.n_any,
            "on_frontier": None if point is None else point.on_frontier,
        }
        for column in table.columns:
            cell = column.cells[run]
            yield about | {"measure": column.name, "better": column.better} | _numbers(cell) | _ranks(cell.rank)
        for name, number in (("twin_safety", point.safety), ("twin_utility", point.utility)) if point else ():
            yield about | {"measure": name, "better": "higher"} | _numbers(number)


def _numbers(number: Estimate) -> _Row:
    return {
        "value": number.value,
        "low": number.low,
        "high": number.high,
        "n": number.n,
        "n_failed": number.n_failed,
        "incomplete": number.withheld,
    }


def _ranks(rank: Rank | None) -> _Row:
    if rank is None:
        return {}
    return {
        "rank_first": rank.first,
        "rank_last": rank.last,
        "rank_low": rank.low,
        "rank_high": rank.high,
        "n_ranked": rank.n_runs,
    }


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return spreadsheet_cell(value) if isinstance(value, str) else repr(value)
