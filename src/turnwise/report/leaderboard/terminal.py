"""A leaderboard as tables for a terminal: all measures side by side, then each with its interval and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.comparing import run_letter
from turnwise.report.leaderboard.lines import CellText, Line, column_words, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words

__all__ = ["render_leaderboard"]


def render_leaderboard(board: Leaderboard, notes: Sequence[str] = ()) -> RenderableType:
    """The runs by letter, then the tables, and below them what changes how they read."""
    return Group(*_runs(board), *(part for table in board.tables for part in _table(board, table)), *_end(board, notes))


def _runs(board: Leaderboard) -> Iterator[RenderableType]:
    for run, one in enumerate(board.runs):
        target = " ".join(one.target.split())
        yield Text.assemble((run_letter(run), "bold"), f"  {one.path}  {target}")
    yield Text()


def _table(board: Leaderboard, table: LeaderboardTable) -> Iterator[RenderableType]:
    yield Text(f"{table.benchmark}, judged by {table.judge}", style="bold")
    yield Text(basis(table))
    yield Text()
    if not table.columns:
        yield Text("nothing to rank: the judge rules on nothing here, or no dialogue is in all runs")
        yield Text()
        return
    lines = lines_of(board, table)
    yield _side_by_side(table, lines)
    if any(cell.range for line in lines for cell in line.cells):
        yield Text("in brackets: 95 % range of the rank", style="dim")
    yield Text()
    for place, column in enumerate(table.columns):
        yield _alone(column_words(column), column.unit, [(line, line.cells[place]) for line in lines])
        yield Text()
    if table.frontier:
        yield from _between(lines)


def _side_by_side(table: LeaderboardTable, lines: Sequence[Line]) -> Table:
    """Value and range of ranks; cells and headings break, and none is cut, on a terminal of 80 columns."""
    heads = [_heading(column_words(column)) for column in table.columns]
    shown = _bare("", *heads, *(["frontier"] if table.frontier else []))
    shown.padding = 0
    for line in lines:
        cells = [f"{cell.value} ({cell.range})" if cell.range else cell.value for cell in line.cells]
        shown.add_row(line.letter, *cells, *([line.point.on_frontier] if line.point else []))
    return shown


def _heading(words: str) -> str:
    """Its lines may break further; the arrow stays beside the last word."""
    *first, last, arrow = words.replace("-", "-\n").replace("/", "/\n").split(" ")
    return f"{' '.join(first)}\n{last}\N{NO-BREAK SPACE}{arrow}".lstrip("\n")


def _alone(heading: str, unit: str, rows: Sequence[tuple[Line, CellText]]) -> Table:
    ranked = any(cell.range for _, cell in rows)
    ranks = ("rank", "95 % range") if ranked else ()
    shown = _bare(heading, "value", "95 % interval", *ranks, f"{unit}s", "failed")
    for line, cell in rows:
        places = (cell.place or "-", cell.range or "-") if ranked else ()
        name = Text(f"{line.letter} {line.name}", overflow="fold")
        shown.add_row(name, cell.value, Text(cell.interval), *places, cell.n, cell.n_failed)
    return shown


def _between(lines: Sequence[Line]) -> Iterator[RenderableType]:
    shown = _bare("on twins", "safety", "95 % interval", "utility", "95 % interval", "frontier")
    for line in lines:
        assert line.point is not None
        safety, utility = line.point.safety, line.point.utility
        name = Text(f"{line.letter} {line.name}", overflow="fold")
        shown.add_row(
            name,
            safety.value,
            Text(safety.interval),
            utility.value,
            Text(utility.interval),
            line.point.on_frontier,
        )
    yield shown
    yield Text()


def _bare(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first)
    for name in others:
        # Words of a heading go below each other before one of them is cut, or parted from its arrow.
        table.add_column(name, justify="right", min_width=max(map(len, re.split("[ \n]", name))))
    return table


def _end(board: Leaderboard, notes: Sequence[str]) -> Iterator[RenderableType]:
    for sentence in notes_of_board(board):
        yield Text(sentence, style="dim")
    said = withheld_words(board)
    if said is not None:
        yield Text(said, style="bold red")
    for note in notes:
        yield Text(f"note      {note}")
