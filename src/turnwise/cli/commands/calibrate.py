"""`turnwise calibrate`: the judges of a run against the people who labelled its replies."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from turnwise.cli import options as given

__all__ = ["calibrate"]


def calibrate(
    run: given.Run,
    *,
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this person's labels. [default: the majority's]")
    ] = None,
    by: Annotated[
        Literal["turn", "scenario"] | None, typer.Option(help="Show how judges agree with people on each apart.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    show_incomplete: given.ShowIncomplete = False,
    as_json: given.AsJson = False,
) -> None:
    """Say how far each judge agrees with people, and what its numbers are when people correct them.

    Corrected numbers hold whatever the judge is worth (prediction-powered inference). Exit code 1 when one is withheld,
    or there are no labels; `turnwise annotate` brings them in. A calibration that a judge's card has from another run
    (`--calibrated-by`) comes first, and corrects nothing here.
    """
    from turnwise.cli.finish import print_json, print_rich
    from turnwise.cli.printable import one_line
    from turnwise.metrics.people import calibrate_run, calibrated_cards
    from turnwise.report import card_lines
    from turnwise.report.judges import cards_as_json
    from turnwise.report.people import people_as_json, render_people
    from turnwise.runfile import Reader

    with Reader(run) as reader:
        lent = [one for one in calibrated_cards(reader, None) if one.calibrated_on is not None]
        if lent and not as_json:
            print("\n".join(map(one_line, card_lines(lent))))
        found = calibrate_run(reader, annotator=annotator, by=(by,) if by else (), seed=seed)
    if as_json:
        print_json({**people_as_json(found, show_incomplete=show_incomplete), "lent": cards_as_json(lent)})
    else:
        print_rich(render_people(found, show_incomplete=show_incomplete))
    if not show_incomplete and any(one.corrected is not None and one.corrected.withheld for one in found.corrected):
        raise typer.Exit(1)
