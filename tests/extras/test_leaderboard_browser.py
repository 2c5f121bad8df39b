"""The HTML leaderboard in a real browser without a network: it draws, it fits, and no name in it runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from extras.test_report_browser import opened, pytestmark
from report.leaderboard.boards import HOSTILE, board_of, cell, column
from turnwise.report.leaderboard import leaderboard_as_html

__all__ = ["pytestmark"]


@pytest.mark.parametrize("width", [1200, 400])
def test_charts_are_drawn_and_nothing_runs_or_overflows(tmp_path: Path, width: int) -> None:
    """Both charts are drawn under the policy, only the file itself is read, and the page is as wide as the window."""
    path = tmp_path / "board.html"
    path.write_text(leaderboard_as_html(board_of(HOSTILE, "two")), encoding="utf-8")

    with opened(path, width=width) as (page, seen):
        assert page.locator("[data-spec] svg").count() == page.locator("[data-spec]").count() == 2
        assert (seen.console, seen.errors, seen.dialogs) == ([], [], [])
        assert seen.requests == [path.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "</script><script>alert(1)</script>" in page.locator("table.board").inner_text()


@pytest.mark.parametrize(("n_columns", "scrolled", "goes_on"), [(8, 0, True), (8, 10_000, False), (1, 0, False)])
def test_a_shadow_stands_where_a_table_goes_on(tmp_path: Path, n_columns: int, scrolled: int, *, goes_on: bool) -> None:
    """It is on the right at the beginning of eight measures, not at their end, and not beside one measure."""
    board = board_of("simulated:paranoid", "two", columns=[column(cell(0.4), cell(0.3)) for _ in range(n_columns)])
    path = tmp_path / "board.html"
    path.write_text(leaderboard_as_html(board), encoding="utf-8")

    with opened(path, width=400) as (page, _):
        ranks = page.locator(".scroll:has(table.board)")
        ranks.evaluate("(part, far) => { part.scrollLeft = far; }", scrolled)
        seen = Image.open(io.BytesIO(ranks.screenshot())).convert("L")
    # The lightest of a column is the ground between letters and rules; the outermost rows are half the page around it.
    edge = seen.crop((seen.width - 2, 3, seen.width - 1, seen.height - 3))
    assert (max(edge.tobytes()) < 240) is goes_on
