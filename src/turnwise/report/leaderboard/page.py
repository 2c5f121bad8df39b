"""A leaderboard as one HTML file that opens anywhere, offline: in the style and under the policy of a run's report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

from turnwise.metrics.comparing import Leaderboard, LeaderboardTable
from turnwise.report.comparing import run_letter
from turnwise.report.leaderboard.lines import column_words, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words
from turnwise.report.page.document import render_page

__all__ = ["leaderboard_as_html"]

_NO_BREAK = "\N{NO-BREAK SPACE}"


def leaderboard_as_html(board: Leaderboard, notes: Sequence[str] = ()) -> str:
    """The page; every name in it is untrusted text, see `document`."""
    specs: dict[str, Any] = {}
    return render_page(
        _asset("template.html"),
        title="Multi-turn safety: leaderboard",
        specs=specs,
        filters={"breakable": _breakable},
        board_style=Markup(_asset("leaderboard.css")),  # noqa: S704 - our own file
        board=board,
        runs=[(run_letter(run), one) for run, one in enumerate(board.runs)],
        sections=[_section(board, table, specs) for table in board.tables],
        withheld=withheld_words(board),
        notes=[*notes_of_board(board), *notes],
    )


def _section(board: Leaderboard, table: LeaderboardTable, specs: dict[str, Any]) -> dict[str, Any]:
    """What the template needs for one table; its charts are added to `specs` under the ids given to the panels."""
    # Altair is slow to import, and only a page with figures needs it.
    from turnwise.report.leaderboard.chart import figures_of_board  # noqa: PLC0415

    figures = []
    for figure in figures_of_board(board, table):
        ids = [f"chart-{len(specs) + number}" for number in range(len(figure.panels))]
        specs.update(zip(ids, (panel.spec for panel in figure.panels), strict=True))
        figures.append((figure, ids))
    return {
        "table": table,
        "basis": basis(table),
        "heads": [_NO_BREAK.join(column_words(column).rsplit(" ", 1)) for column in table.columns],
        "units": [column.unit for column in table.columns],
        "lines": lines_of(board, table),
        "figures": figures,
    }


def _breakable(name: str) -> Markup:
    """A name that breaks behind the marks in it before it breaks within a word."""
    return Markup("<wbr>").join(map(escape, re.split("(?<=[:/@_-])", name)))


def _asset(name: str) -> str:
    return resources.files("turnwise.report.leaderboard").joinpath(name).read_text("utf-8")
