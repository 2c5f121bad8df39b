"""`turnwise power`: how many groups it takes to see a difference, before paying for a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from turnwise.cli import options as given
from turnwise.cli.printable import wrapped

__all__ = ["power"]


def power(
    run: Annotated[
        Path | None, typer.Argument(metavar="[PILOT]", help="A run file to take rate, group size and correlation from.")
    ] = None,
    *,
    difference: Annotated[
        float, typer.Option(metavar="D", help="The difference of two rates to be seen, as in 0.1 or -0.1.")
    ],
    rate: Annotated[float | None, typer.Option(metavar="R", help="The first rate. [default: the pilot's]")] = None,
    correlation: Annotated[
        float,
        typer.Option(metavar="C", help="Of the two runs' labels of one dialogue; 0 asks for the most groups."),
    ] = 0.0,
    rows_per_group: Annotated[
        float | None, typer.Option(metavar="N", help="Dialogues of one group. [default: the pilot's, or 1]")
    ] = None,
    group_correlation: Annotated[
        float | None,
        typer.Option(metavar="C", help="Of differences within a group. [default: the pilot's labels', or 0]"),
    ] = None,
    power: Annotated[float, typer.Option(metavar="P", help="The chance to see the difference.")] = 0.8,
    alpha: Annotated[float, typer.Option(metavar="A", help="The greatest p-value that counts as seen.")] = 0.05,
    measure: Annotated[
        Literal["attack_success_rate", "refusal_rate", "over_refusal_rate"],
        typer.Option(help="Which rate of the pilot."),
    ] = "attack_success_rate",
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", "-b", metavar="NAME", help="Of the pilot. [default: the only one]")
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", "-j", metavar="JUDGE", help="Of the pilot. [default: the only one]")
    ] = None,
    as_json: given.AsJson = False,
) -> None:
    """Say how many groups a comparison of two runs needs to see a difference, and how many dialogues that are."""
    from turnwise.cli.finish import print_json
    from turnwise.metrics.comparing import plan, read_pilot
    from turnwise.report.planning import plan_as_json, plan_as_lines
    from turnwise.runfile import Reader

    pilot = None
    if run is not None:
        with Reader(run) as reader:
            pilot = read_pilot(reader, measure=measure, benchmark=benchmark, judge=judge)
    found = plan(
        difference,
        rate=rate,
        correlation=correlation,
        rows_per_group=rows_per_group,
        group_correlation=group_correlation,
        power=power,
        alpha=alpha,
        pilot=pilot,
    )
    if as_json:
        print_json(plan_as_json(found))
    else:
        print(wrapped("\n".join(plan_as_lines(found)), sys.stdout))
