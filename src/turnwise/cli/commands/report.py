"""`turnwise report`: the numbers of a run file again, and its HTML report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from turnwise.cli import options as given
from turnwise.cli.lengths import parse_lengths

__all__ = ["report"]


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")],
    *,
    scoring: Annotated[
        Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")
    ] = "strict",
    lengths: Annotated[
        str | None,
        typer.Option(metavar="1,2,4", help="Lengths the safety index is declared over. [default: 1,2,4,6,8]"),
    ] = None,
    judge: Annotated[
        list[str] | None, typer.Option("--judge", "-j", metavar="JUDGE", help="Only this judge; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the HTML goes. [default: beside the run]")
    ] = None,
    show_incomplete: given.ShowIncomplete = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Compute the numbers of a run file, print them and write the HTML report."""
    from turnwise.cli.finish import finish

    finish(
        run,
        as_json=as_json,
        scoring=scoring,
        seed=seed,
        show_incomplete=show_incomplete,
        judges=judge or (),
        lengths=parse_lengths(lengths),
        html=html,
    )
