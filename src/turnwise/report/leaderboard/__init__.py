"""A leaderboard for whoever reads it: terminal, HTML, Markdown, CSV, LaTeX, JSON."""

from turnwise.report.leaderboard.as_json import leaderboard_as_json
from turnwise.report.leaderboard.latex import leaderboard_as_latex
from turnwise.report.leaderboard.markdown import leaderboard_as_markdown
from turnwise.report.leaderboard.notes import notes_of_runs
from turnwise.report.leaderboard.page import leaderboard_as_html
from turnwise.report.leaderboard.terminal import render_leaderboard
from turnwise.report.leaderboard.tidy import leaderboard_as_csv

__all__ = [
    "leaderboard_as_csv",
    "leaderboard_as_html",
    "leaderboard_as_json",
    "leaderboard_as_latex",
    "leaderboard_as_markdown",
    "notes_of_runs",
    "render_leaderboard",
]
