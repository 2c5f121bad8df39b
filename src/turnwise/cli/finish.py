"""What `run` and `judge` end with: the report beside the run file, the table or JSON, and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from turnwise.evaluate import report_path
from turnwise.metrics import Scoring, slices_of_run
from turnwise.report import render_slices, run_as_json, write_report
from turnwise.runfile import Reader

__all__ = ["finish", "print_json", "print_rich"]


def finish(
    path: Path,
    *,
    as_json: bool,
    scoring: Scoring,
    seed: int,
    show_incomplete: bool,
    judges: Sequence[str] = (),
    lengths: Sequence[int] | None = None,
    html: Path | None = None,
) -> None:
    """Measure the run at `path`, write its HTML report and print its numbers.

    Raises:
        typer.Exit: with code 1, when a slice is below the completeness bar and was not asked for as it is.
    """
    html = html or report_path(path)
    with Reader(path) as reader:
        slices = slices_of_run(reader, scoring=scoring, lengths=lengths, judges=judges, seed=seed)
        write_report(html, reader=reader, slices=slices, show_incomplete=show_incomplete)
        notes = _load_notes(reader)
    if as_json:
        print_json(run_as_json(slices, show_incomplete=show_incomplete))
    else:
        print_rich(render_slices(slices, show_incomplete=show_incomplete))
        for note in notes:
            print(note)
        print(f"run file  {path}")
        print(f"report    {html}")
    if any(item.completeness.withheld for item in slices) and not show_incomplete:
        raise typer.Exit(1)


def print_json(value: object) -> None:
    """One JSON value on standard output, indented."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


def print_rich(content: object) -> None:
    """A Rich renderable on standard output; plain text of a fixed width when piped."""
    from rich.console import Console

    console = Console(file=sys.stdout, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=120)
    console.print(content)


def _load_notes(reader: Reader) -> list[str]:
    """What loading met that changes how the numbers read, one line a benchmark and matter."""
    stored = reader.settings().get("load_notes")
    lines = []
    for spelling, notes in (msgspec.json.decode(stored) if stored else {}).items():
        if notes["missing_images"]:
            lines.append(
                f"note      {spelling}: {notes['missing_images']:,} images are missing; those went as text only"
            )
        lines += [f"note      {spelling}: {count:,} x {quirk}" for quirk, count in notes["quirks"].items()]
        lines += [f"left out  {sentence}" for sentence in notes["bad"]]
    return lines
