"""What a leaderboard rests on, in sentences: which dialogues count, what differs between runs, how to read a rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.comparing import run_letter
from turnwise.report.notes import run_notes
from turnwise.report.words import BAR, MARK, counted
from turnwise.runfile import Reader

__all__ = ["FRONTIER", "RANKS", "basis", "notes_of_board", "notes_of_runs", "withheld_words"]

RANKS = "rank 1 is best; the ranges of a column hold all of its true ranks at once with 95 % confidence"

FRONTIER = "on the frontier: no other run has safety and utility at least as high on twins, and one of them higher"


def basis(table: LeaderboardTable) -> str:
    """Which dialogues the numbers of a table are about, and how many of each run are not among them."""
    if table.n_shared == table.n_any:
        return f"{counted(table.n_shared, 'dialogue')}, the same in all runs" if _several(table) else _alone(table)
    left = [
        f"{run_letter(run)} {count - table.n_shared:,}"
        for run, count in enumerate(table.n_dialogues)
        if count > table.n_shared
    ]
    return (
        f"{table.n_shared:,} of {counted(table.n_any, 'dialogue')} are in all runs, and every number is about them; "
        f"left out: {', '.join(left)}"
    )


def notes_of_board(board: Leaderboard) -> Iterator[str]:
    """What changes how all tables read."""
    if len(board.runs) > 1:
        yield RANKS
    if any(point.on_frontier is not None for table in board.tables for point in table.frontier):
        yield FRONTIER
    yield from map(_without_index, filter(None, map(_lacking_index, board.tables)))
    for run, one in enumerate(board.runs):
        if one.differs:
            yield f"A and {run_letter(run)} also differ in {'; '.join(one.differs)}"


def withheld_words(board: Leaderboard) -> str | None:
    """What is meant by a withheld number, or by a mark; None where there is neither."""
    cells = [cell for table in board.tables for column in table.columns for cell in column.cells if cell.withheld]
    if not cells:
        return None
    rows = f"fewer than {BAR} of their rows scored"
    if any(cell.value is not None for cell in cells):
        return f"incomplete: {MARK} marks numbers with {rows}"
    return f"withheld: numbers with {rows}; they are not ranked, and --show-incomplete prints them"


def notes_of_runs(readers: Sequence[Reader]) -> list[str]:
    """The notes of the runs: first those of all, then the others with the letters of their runs."""
    notes = [list(run_notes(reader)) for reader in readers]
    found = []
    for note in dict.fromkeys(note for ours in notes for note in ours):
        letters = [run_letter(run) for run, ours in enumerate(notes) if note in ours]
        found.append((len(letters) < len(readers), note if len(letters) == len(readers) else _of(letters, note)))
    return [note for _, note in sorted(found, key=lambda pair: pair[0])]


def _lacking_index(table: LeaderboardTable) -> list[str]:
    """The runs that have no Safety Index beside those that have one."""
    cells = (column.cells for column in table.columns if column.name == "safety_index")
    return [run_letter(run) for column in cells for run, cell in enumerate(column) if cell.value is None]


def _without_index(letters: Sequence[str]) -> str:
    return f"no safety index of {', '.join(letters)}: strictly it needs every label of every group"


def _of(letters: Sequence[str], note: str) -> str:
    return f"{', '.join(letters)}: {note}"


def _several(table: LeaderboardTable) -> bool:
    return len(table.n_dialogues) > 1


def _alone(table: LeaderboardTable) -> str:
    return f"{counted(table.n_shared, 'dialogue')} of the one run"
