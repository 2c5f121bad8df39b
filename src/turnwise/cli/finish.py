"""What `run`, `judge` and `report` end with: the table or JSON, the HTML report beside the run, and the exit code."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from turnwise.cli.printable import printable, wrapped
from turnwise.evaluate import report_path
from turnwise.metrics import JudgesOfRun, Scoring, Slice, judges_of_run, slices_of_run, withheld_in_slice
from turnwise.report import card_lines, render_slices, run_as_json, run_notes, write_report
from turnwise.runfile import Reader

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["finish", "print_json", "print_notes", "print_rich"]

_PIPED_WIDTH = 120
# Beyond what JSON itself escapes: characters that drive a terminal.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


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
    """Measure the run at `path`, print its numbers and write its HTML report.

    The report of chosen judges or declared lengths has a name of its own: the one beside the run is of all of it.

    Raises:
        typer.Exit: with code 1, when a headline number is withheld.
    """
    html = html or report_path(path, *judges, *_declared(lengths))
    with Reader(path) as reader:
        slices = slices_of_run(reader, scoring=scoring, lengths=lengths, judges=judges, seed=seed)
        said = judges_of_run(reader, judges=judges, seed=seed)
        notes = list(run_notes(reader))
        # The report takes a few seconds; the numbers need not wait for it.
        (_print_as_json if as_json else _print_tables)(
            slices, said, notes, run_file=path, report=html, show_incomplete=show_incomplete
        )
        sys.stdout.flush()
        write_report(html, reader=reader, slices=slices, judges=said, show_incomplete=show_incomplete)
    if any(map(withheld_in_slice, slices)) and not show_incomplete:
        raise typer.Exit(1)


def _declared(lengths: Sequence[int] | None) -> Sequence[str]:
    return () if lengths is None else (f"lengths {','.join(map(str, lengths))}",)


def _print_as_json(
    slices: Sequence[Slice],
    judges: JudgesOfRun,
    notes: Sequence[str],
    *,
    run_file: Path,
    report: Path,
    show_incomplete: bool,
) -> None:
    places = {"run_file": str(run_file), "report": str(report)}
    print_json({**run_as_json(slices, judges=judges, show_incomplete=show_incomplete), "notes": notes, **places})


def _print_tables(
    slices: Sequence[Slice],
    judges: JudgesOfRun,
    notes: Sequence[str],
    *,
    run_file: Path,
    report: Path,
    show_incomplete: bool,
) -> None:
    print_rich(render_slices(slices, judges=judges, show_incomplete=show_incomplete))
    _print_lines(f"judge     {line}" for line in card_lines(judges.cards))
    print_notes(notes)
    _print_lines([f"run file  {run_file}", f"report    {report}"])


def print_notes(notes: Sequence[str]) -> None:
    """What changes how numbers read, a line each."""
    _print_lines(f"note      {note}" for note in notes)


def _print_lines(lines: Iterable[str]) -> None:
    text = "\n".join(map(printable, lines))
    if text:
        print(wrapped(text, sys.stdout))


def print_json(value: object) -> None:
    """One JSON value on standard output, indented."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    print(_TO_ESCAPE.sub(lambda found: json.dumps(found[0])[1:-1], text))


def print_rich(content: RenderableType) -> None:
    """A Rich renderable on standard output; plain text of a fixed width, without blanks at line ends, when piped."""
    from rich.console import Console
    from rich.segment import Segment, Segments

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=_PIPED_WIDTH)
    # Names in the tables come from benchmarks; Rich passes escape sequences in them on.
    drawn = [Segment(printable(part.text), part.style) for part in console.render(content)]
    if console.is_terminal:
        console.print(Segments(drawn), end="")
    else:
        print("\n".join(line.rstrip() for line in "".join(part.text for part in drawn).split("\n")), end="")
