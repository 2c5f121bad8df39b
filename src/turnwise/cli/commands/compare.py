"""`turnwise compare`: what changed between runs, dialogue by dialogue."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from turnwise.cli import options as given
from turnwise.errors import UsageError

__all__ = ["compare"]


def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="A B [C ..]", help="Run files; each is compared with the first.")
    ],
    *,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            "-j",
            metavar="JUDGE",
            help="Whose verdicts are compared; panel: of all, panel:A+B. [default: the only one]",
        ),
    ] = None,
    by: Annotated[
        Literal["scenario", "setting", "modality", "method", "length"] | None,
        typer.Option(help="Compare each part of the dialogues too."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    show_incomplete: given.ShowIncomplete = False,
    as_json: given.AsJson = False,
) -> None:
    """Compare runs of the same benchmarks under the same judge, over the dialogues they share.

    Differences are paired, intervals and p-values go by groups, and p-values are adjusted over all comparisons made
    (Holm). Exit code 1 when a number over all dialogues is withheld.
    """
    from turnwise.cli.finish import print_json, print_notes, print_rich
    from turnwise.metrics.comparing import compare_runs
    from turnwise.report import stopping_notes
    from turnwise.report.comparing import comparison_as_json, render_comparison
    from turnwise.runfile import Reader

    if len(runs) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError("one run is given; name at least two, as in `turnwise compare A B`")
    with ExitStack() as opened:
        readers = [opened.enter_context(Reader(run)) for run in runs]
        found = compare_runs(readers, judge=judge, by=by, show_incomplete=show_incomplete, seed=seed)
        notes = [f"{reader.path}: {note}" for reader in readers for note in stopping_notes(reader)]
    if as_json:
        print_json({**comparison_as_json(found), "notes": notes})
    else:
        print_rich(render_comparison(found))
        print_notes(notes)
    if not show_incomplete and any(change.withheld for change in found.changes if change.part is None):
        raise typer.Exit(1)
