"""`turnwise panel`: the judges of a run beside each other, and the replies they dispute."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnwise.cli import options as given
from turnwise.cli.printable import one_line

__all__ = ["panel"]


def panel(
    run: given.Run,
    *,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge", "-j", metavar="JUDGE", help="A member; give two or more. [default: all, without repeats]"
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most this many disputed replies.")] = 20,
    reasons: Annotated[
        bool, typer.Option("--reasons", help="Show why each judge ruled so. It may quote harmful or offensive text.")
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE.csv", help="Write the disputed replies for people to label; a new file."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    as_json: given.AsJson = False,
) -> None:
    """Say how far the judges of a run agree, what they come to as a panel, and which replies they dispute most.

    Nobody is asked. `--csv` writes what `turnwise annotate import` reads, blind, the most disputed first: no random
    sample, so `turnwise calibrate` corrects no number by it.
    """
    from turnwise.cli.finish import print_json, print_rich
    from turnwise.metrics import PANEL, panel_name, panel_of_run
    from turnwise.metrics.people import write_sheet
    from turnwise.report import counted
    from turnwise.report.panel import panel_as_json, render_panel
    from turnwise.runfile import Reader

    with Reader(run) as reader:
        found = panel_of_run(reader, panel_name(judge) if judge else PANEL, seed=seed)
        if csv is not None:
            rows = {row.number: row for row in reader.scored_rows("")}
            disputed = [rows[one.number] for one in found.disagreements[:limit]]
            guide = write_sheet(csv, reader, disputed, drawn_by="", option="--csv")
    if as_json:
        print_json(panel_as_json(found, limit=limit, show_reasons=reasons))
    else:
        print_rich(render_panel(found, limit=limit, show_reasons=reasons))
    if csv is not None:
        said = f"{counted(len(disputed), 'disputed reply')} written to {csv}, how to label them to {guide}"
        print(one_line(f"turnwise: {said}; what was said is in it in full, and can be harmful"), file=sys.stderr)
