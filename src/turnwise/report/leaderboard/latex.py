"""A leaderboard as LaTeX tables with the rules of booktabs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from turnwise import __version__
from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.leaderboard.lines import TWIN_COLUMNS, CellText, Line, column_words, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words
from turnwise.report.notes import control_note

__all__ = ["latex_text", "leaderboard_as_latex"]

_COLUMNS_OF_TEXT = 4
"""As many columns of numbers have room in a line of text."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line's end, a bare bracket is its argument
    "]": "{]}",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
}
# Controls, and what turns the direction of text: no compiler takes them, no reader sees them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def leaderboard_as_latex(board: Leaderboard, notes: Sequence[str] = ()) -> str:
    r"""A `table` or `table*` for each benchmark under each judge; notes on whole runs are comments at the top."""
    head = [
        f"% Written by turnwise {__version__}; the preamble needs \\usepackage{{booktabs,graphicx}}.",
        *(f"% {_in_one_line(note)}" for note in notes),
    ]
    tables = [table for table in board.tables if table.columns]
    parts = [line for number, table in enumerate(tables, 1) for line in _table(board, table, number)]
    return "\n".join([*head, *parts, ""])


def latex_text(text: str) -> str:
    """Text that LaTeX sets as it reads, whatever it holds."""
    return "".join(_SPECIAL.get(letter, letter) for letter in _in_one_line(text))


def _in_one_line(text: str) -> str:
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def _table(board: Leaderboard, table: LeaderboardTable, number: int) -> Iterator[str]:
    columns = [column_words(column) for column in table.columns]
    columns += [*TWIN_COLUMNS, "frontier"] if table.frontier else []
    # Beyond a page's width a table is set over both columns of a page, as large as they hold.
    wide = len(columns) > _COLUMNS_OF_TEXT
    name = "table*" if wide else "table"
    yield rf"\begin{{{name}}}"
    yield r"\centering"
    yield rf"\caption{{{latex_text(_caption(board, table))}}}"
    yield rf"\label{{tab:{number}-{_slug(table.benchmark)}-{_slug(table.judge)}}}"
    if wide:
        yield r"\resizebox{\textwidth}{!}{%"
    yield rf"\begin{{tabular}}{{l{'r' * len(columns)}}}"
    yield r"\toprule"
    yield rf" & {' & '.join(map(_heading, columns))} \\"
    yield r"\midrule"
    for place, line in enumerate(lines_of(board, table)):
        if place:
            yield r"\addlinespace"
        yield from _rows(line)
    yield r"\bottomrule"
    yield rf"\end{{tabular}}{'}' * wide}"
    yield rf"\end{{{name}}}"


def _caption(board: Leaderboard, table: LeaderboardTable) -> str:
    """What this table is about, and what changes how it reads; nothing of other tables."""
    alone = msgspec.structs.replace(board, tables=[table])
    notes = (*notes_of_board(alone), control_note(table.judge), withheld_words(alone))
    about = f"{table.benchmark}, judged by {table.judge}: {basis(table)}."
    return " ".join([about, *(f"{note[:1].upper()}{note[1:]}." for note in notes if note is not None)])


def _slug(name: str) -> str:
    """Letters and digits of a name: what a label can be made of."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _rows(line: Line) -> Iterator[str]:
    """Three rows a run: values, intervals, and below them ranks and counts."""
    last = [[line.point.on_frontier], [""], [""]] if line.point else [[], [], []]
    numbers = [*line.cells, *((line.point.safety, line.point.utility) if line.point else ())]
    values = [latex_text(cell.value) for cell in numbers]
    intervals = [_small(latex_text(cell.interval)) for cell in numbers]
    counts = [_small(_counts(cell)) for cell in numbers]
    name = f"{latex_text(line.letter)} {latex_text(line.name)}"
    for first, cells, more in zip((name, "", ""), (values, intervals, counts), last, strict=True):
        yield rf"{' & '.join([first, *cells, *more])} \\"


def _counts(cell: CellText) -> str:
    rank = f"rank {cell.range.replace('-', '--')}, " if cell.range else ""
    failed = "" if cell.n_failed == "0" else f", {cell.n_failed} failed"
    return f"{rank}$n={cell.n.replace(',', '{,}')}${failed}"


def _small(text: str) -> str:
    return rf"{{\footnotesize {text}}}" if text else ""


def _heading(words: str) -> str:
    r"""One word a line, the arrow behind the last; a shortstack breaks at \\."""
    *first, last = words.replace(" ↓", "\0↓").replace(" ↑", "\0↑").split(" ")
    lines = [latex_text(word.replace("\0", " ")) for word in (*first, last)]
    return r"\shortstack[r]{" + r" \\ ".join(lines) + "}"
