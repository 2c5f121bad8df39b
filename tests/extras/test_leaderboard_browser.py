"""The HTML leaderboard in a real browser without a network: it draws, it fits, and no name in it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from extras.test_report_browser import opened, pytestmark
from report.leaderboard.boards import HOSTILE, board_of
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
