"""`turnwise check`: hold a run against limits, for a release that waits for the exit code."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from turnwise.cli import options as given
from turnwise.cli.printable import one_line, wrapped
from turnwise.errors import UsageError
from turnwise.files import refuse_database

if TYPE_CHECKING:
    from turnwise.metrics.comparing import MeasureName

__all__ = ["check"]


def _limits(  # one parameter for each option
    *,
    max_asr: Annotated[
        float | None, typer.Option("--max-asr", metavar="X", help="Greatest attack success rate, as in 0.1.")
    ] = None,
    min_refusal: Annotated[
        float | None, typer.Option(metavar="X", help="Least share of unsafe dialogues refused in full.")
    ] = None,
    max_over_refusal: Annotated[
        float | None, typer.Option(metavar="X", help="Greatest share of safe dialogues refused in full.")
    ] = None,
    min_safety_awareness: Annotated[
        float | None, typer.Option(metavar="X", help="Least mean safety awareness, from 1 to 5.")
    ] = None,
    min_helpfulness: Annotated[
        float | None, typer.Option(metavar="X", help="Least mean helpfulness, from 1 to 5.")
    ] = None,
) -> dict[MeasureName, float]:
    """The limits given, by measure."""
    given: dict[MeasureName, float | None] = {
        "attack_success_rate": max_asr,
        "refusal_rate": min_refusal,
        "over_refusal_rate": max_over_refusal,
        "safety_awareness": min_safety_awareness,
        "helpfulness": min_helpfulness,
    }
    return {name: limit for name, limit in given.items() if limit is not None}


@given.taking(limits=_limits)
def check(
    run: given.Run,
    *,
    limits: dict[MeasureName, float],
    against: Annotated[
        Path | None,
        typer.Option(metavar="BASELINE", help="A run file; fail where this run is worse, p at most 0.05."),
    ] = None,
    bound: Annotated[
        Literal["point", "upper"],
        typer.Option(help="Hold limits against the value, or the worse end of its 95 % interval."),
    ] = "point",
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            "-j",
            metavar="JUDGE",
            help="Whose verdicts count; panel: of all, panel:A+B. [default: the only one]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML too.")] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add a Markdown table to a file, such as $GITHUB_STEP_SUMMARY."),
    ] = None,
    as_json: given.AsJson = False,
) -> None:
    """Check a run against limits and against an earlier run, a line for each gate.

    Exit code 0 when all gates pass, 1 when one fails. A number that is withheld or not measured fails its gate.
    """
    from turnwise.cli.finish import print_json
    from turnwise.metrics.comparing import check_run
    from turnwise.report.gates import checked_as_json, checked_as_junit, checked_as_lines, checked_as_markdown
    from turnwise.runfile import Reader

    with ExitStack() as opened:
        reader = opened.enter_context(Reader(run))
        baseline = opened.enter_context(Reader(against)) if against else None
        checked = check_run(reader, limits, baseline=baseline, judge=judge, bound=bound, seed=seed)
    if as_json:
        print_json(checked_as_json(checked))
    else:
        print(wrapped("\n".join(map(one_line, checked_as_lines(checked))), sys.stdout))
    if junit:
        _write(junit, "w", checked_as_junit(checked))
    if markdown:
        _write(markdown, "a", checked_as_markdown(checked))
    if not checked.passed:
        raise typer.Exit(1)


def _write(path: Path, mode: Literal["w", "a"], text: str) -> None:
    try:
        refuse_database(path)
        with path.open(mode, encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file") from error
