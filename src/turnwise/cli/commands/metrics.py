"""`turnwise metrics`: the numbers of labels brought along in a CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from turnwise.cli import options as given
from turnwise.cli.lengths import parse_lengths

__all__ = ["metrics"]


def metrics(
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS.csv", help="Columns group, length, label (safe or unsafe).")
    ],
    *,
    scoring: Annotated[
        Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")
    ] = "strict",
    lengths: Annotated[
        str | None,
        typer.Option(metavar="1,2,4", help="Lengths the safety index is declared over. [default: 1,2,4,6,8]"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    show_incomplete: given.ShowIncomplete = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Compute ASR by length, the safety index and the rest from own labels.

    Exit code 1 when the safety index is not defined on them, or a rate is withheld; the reason is printed. What
    as_published scoring gives is shown in any case, marked where it is incomplete.
    """
    from turnwise.cli.finish import print_json, print_rich
    from turnwise.metrics import Labels, read_labels, summarise, withheld_in_summary
    from turnwise.report import render_summary, summary_as_json

    declared = parse_lengths(lengths)
    summary = summarise(Labels.from_rows(read_labels(labels)), scoring=scoring, lengths=declared, seed=seed)
    # What the authors' scorer prints is the point of as_published.
    shown = show_incomplete or scoring == "as_published"
    if as_json:
        print_json(summary_as_json(summary, show_incomplete=shown))
    else:
        print_rich(render_summary(summary, title=str(labels), show_incomplete=shown))
    reason = summary.safety_index_reason or (None if shown else withheld_in_summary(summary))
    if reason is not None:
        print(f"turnwise: {reason}", file=sys.stderr)
        raise typer.Exit(1)
