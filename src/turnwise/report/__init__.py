"""Formats estimates: terminal, HTML, JSON. Computes nothing."""

from turnwise.report.as_json import run_as_json, summary_as_json
from turnwise.report.html import write_report
from turnwise.report.notes import load_notes
from turnwise.report.terminal import interval_text, percent, render_slices, render_summary

__all__ = [
    "interval_text",
    "load_notes",
    "percent",
    "render_slices",
    "render_summary",
    "run_as_json",
    "summary_as_json",
    "write_report",
]
