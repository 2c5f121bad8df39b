"""`turnwise export`: a run file for other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from turnwise.cli.printable import printable

__all__ = ["export"]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="PATH", help="The file (jsonl) or folder (parquet) to write; a new one."),
    ],
    format_: Annotated[
        Literal["jsonl", "parquet"],
        typer.Option("--format", help="jsonl: a line a dialogue. parquet: a folder with four tables."),
    ] = "jsonl",
) -> None:
    """Write dialogues, replies, verdicts, answers and annotations of a run as JSON Lines or Parquet.

    The files hold what was said in full; it can be harmful or offensive. A run that is still going on is written as it
    stands. Parquet needs the extra 'hub'.
    """
    from turnwise.report import counted
    from turnwise.runfile import export_jsonl, export_parquet

    write = {"jsonl": export_jsonl, "parquet": export_parquet}[format_]
    done = write(run, out)
    more = ((done.answers, "answer"), (done.annotations, "annotation"))
    rows = (counted(done.dialogues, "dialogue"), counted(done.replies, "reply"), counted(done.verdicts, "verdict"))
    print(", ".join([*rows, *(counted(count, noun) for count, noun in more if count)]))
    for file in done.files:
        print(printable(f"written to {file}"))
    print("turnwise: the export holds what was said in full; it can be harmful or offensive", file=sys.stderr)
