"""A leaderboard as LaTeX tables with the rules of booktabs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from turnwise import __version__
from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.leaderboard.lines import CellText, Line, column_words, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words

__all__ = ["latex_text", "leaderboard_as_latex"]

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
    r"""A `table` for each benchmark under each judge; the preamble needs \usepackage{booktabs}."""
    said = withheld_words(board)
    below = [*notes_of_board(board), *([said] if said else []), *notes]
    head = f"% Written by turnwise {__version__}; the preamble needs \\usepackage{{booktabs}}."
    parts = [line for table in board.tables if table.columns for line in _table(board, table, below)]
    return "\n".join([head, *parts, ""])


def latex_text(text: str) -> str:
    """Text that LaTeX sets as it reads, whatever it holds."""
    line = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    return "".join(_SPECIAL.get(letter, letter) for letter in line)


def _table(board: Leaderboard, table: LeaderboardTable, notes: Sequence[str]) -> Iterator[str]:
    columns = [*(column_words(column) for column in table.columns), *(["frontier"] if table.frontier else [])]
    about = f"{table.benchmark}, judged by {table.judge}: {basis(table)}."
    caption = " ".join([about, *(f"{note[:1].upper()}{note[1:]}." for note in notes)])
    yield r"\begin{table}"
    yield r"\centering"
    yield rf"\caption{{{latex_text(caption)}}}"
    yield rf"\begin{{tabular}}{{l{'r' * len(columns)}}}"
    yield r"\toprule"
    yield rf" & {' & '.join(map(_heading, columns))} \\"
    yield r"\midrule"
    for place, line in enumerate(lines_of(board, table)):
        if place:
            yield r"\addlinespace"
        yield from _rows(line)
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield r"\end{table}"


def _rows(line: Line) -> Iterator[str]:
    """Three rows a run: values, intervals, and below them ranks and counts."""
    last = [[line.point.on_frontier], [""], [""]] if line.point else [[], [], []]
    values = [latex_text(cell.value) for cell in line.cells]
    intervals = [_small(latex_text(cell.interval)) for cell in line.cells]
    counts = [_small(_counts(cell)) for cell in line.cells]
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
