"""A leaderboard in the Markdown of GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.gates import markdown_cell
from turnwise.report.leaderboard.lines import TWIN_COLUMNS, CellText, Line, column_words, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words

__all__ = ["leaderboard_as_markdown"]


def leaderboard_as_markdown(board: Leaderboard, notes: Sequence[str] = ()) -> str:
    """A heading and a table for each benchmark under each judge, then what changes how they read."""
    parts = [line for table in board.tables for line in _table(board, table)]
    said = withheld_words(board)
    below = [*notes_of_board(board), *([said] if said else []), *notes]
    return "\n".join([*parts, *(f"- {markdown_cell(note)}" for note in below), ""])


def _table(board: Leaderboard, table: LeaderboardTable) -> Iterator[str]:
    yield f"### {markdown_cell(table.benchmark)}, judged by {markdown_cell(table.judge)}"
    yield ""
    yield f"{markdown_cell(basis(table))}."
    yield ""
    if table.columns:
        heads = ["", "run", *(column_words(column) for column in table.columns)]
        heads += [*TWIN_COLUMNS, "on the frontier"] if table.frontier else []
        yield f"| {' | '.join(map(markdown_cell, heads))} |"
        yield f"|{'---|' * len(heads)}"
        for line in lines_of(board, table):
            yield f"| {' | '.join(_cells(line))} |"
        yield ""


def _cells(line: Line) -> Iterator[str]:
    yield line.letter
    yield markdown_cell(line.name)
    yield from map(_cell, line.cells)
    if line.point:
        yield from map(_cell, (line.point.safety, line.point.utility))
        yield line.point.on_frontier


def _cell(cell: CellText) -> str:
    rank = f"rank {cell.range}, " if cell.range else ""
    failed = "" if cell.n_failed == "0" else f", {cell.n_failed} failed"
    return f"{markdown_cell(f'{cell.value} {cell.interval}'.rstrip())}<br>{rank}n {cell.n}{failed}"
