"""`turnwise annotate`: replies go out for people to label, and their labels come in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnwise.cli import options as given
from turnwise.cli.printable import one_line

__all__ = ["annotate"]

annotate = typer.Typer(
    no_args_is_help=True, help="Have people label replies of a run, to see what its judges are worth."
)


@annotate.command("export", short_help="Draw replies and write them as a CSV to fill in.")
def export_(
    run: given.Run,
    *,
    n: Annotated[int, typer.Option("--n", "-n", min=1, metavar="N", help="About how many replies.")] = 100,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Seed of the draw.")] = 0,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge", "-j", metavar="JUDGE", help="By whose labels replies are drawn. [default: the only one]"
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.csv", help="The file to write; a new one.")],
) -> None:
    """Draw replies to label and write them as CSV, blind: without verdicts, names of target and judge, and ids.

    Whole pairs of twins and whole groups are drawn, what the judge calls harmful more often than its share. Fill in
    label (safe, unsafe or unsure) and, if wanted, stance (refusal, caveat, compliance), the grades (1 to 5) and note;
    take out the lines that nobody labelled. The order is random, so a first part is a sample too. What the words mean
    is written beside it, to NAME.guide.md, unless there is such a file.
    """
    from turnwise.metrics.comparing import one_judge
    from turnwise.metrics.people import draw, write_sheet
    from turnwise.report import counted
    from turnwise.runfile import Reader

    with Reader(run) as reader:
        drawn_by = one_judge(reader, judge).name
        rows = draw(reader, drawn_by, n, seed=seed)
        guide = write_sheet(out, reader, rows, drawn_by=drawn_by)
    print(one_line(f"{counted(len(rows), 'reply')} to label written to {out}, how to label them to {guide}"))
    print("turnwise: the file holds what was said in full; it can be harmful or offensive", file=sys.stderr)


@annotate.command("import", short_help="Store the labels of a filled-in CSV in the run.")
def import_(
    run: given.Run,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The filled-in file.")],
    *,
    annotator: Annotated[str, typer.Option(metavar="NAME", help="Who labelled; several people can.")],
) -> None:
    """Store labels in the run file, all of them or, if one line is wrong, none.

    What the same person said of the same reply before is replaced. `turnwise calibrate RUN` says what they show.
    """
    from turnwise.metrics.people import read_sheet
    from turnwise.report import counted
    from turnwise.runfile import Reader, Writer

    with Reader(run) as reader:
        annotations = read_sheet(file, reader, annotator=annotator)
    with Writer(run) as writer:
        writer.add_annotations(annotations)
    print(one_line(f"{counted(len(annotations), 'label')} of {annotator.strip()} stored in {run}"))
