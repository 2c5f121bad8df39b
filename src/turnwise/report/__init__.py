"""Formats estimates: terminal, HTML, JSON. Computes nothing."""

from turnwise.report.as_json import run_as_json, summary_as_json
from turnwise.report.judges import card_lines
from turnwise.report.notes import run_notes, stopping_notes
from turnwise.report.page.document import write_whole
from turnwise.report.page.html import write_report
from turnwise.report.terminal import render_slices, render_summary
from turnwise.report.words import counted, interval_text, percent, plain

__all__ = [
    "card_lines",
    "counted",
    "interval_text",
    "percent",
    "plain",
    "render_slices",
    "render_summary",
    "run_as_json",
    "run_notes",
    "stopping_notes",
    "summary_as_json",
    "write_report",
    "write_whole",
]
