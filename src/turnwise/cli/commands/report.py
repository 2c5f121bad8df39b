"""`turnwise report`: the numbers of a run file again with its HTML report, or several runs as a leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from turnwise.cli import options as given
from turnwise.cli.lengths import parse_lengths
from turnwise.cli.printable import one_line
from turnwise.errors import UsageError

if TYPE_CHECKING:
    from turnwise.metrics.comparing import Leaderboard

__all__ = ["report"]


class _Board(msgspec.Struct, frozen=True):
    """That a leaderboard is wanted, and what it is sorted by and written to."""

    sort_by: str | None
    markdown: Path | None
    csv: Path | None
    latex: Path | None


def _board(  # one parameter for each option
    *,
    leaderboard: Annotated[
        bool,
        typer.Option(
            "--leaderboard", help="Runs side by side: every measure with its interval and the range of ranks."
        ),
    ] = False,
    sort_by: Annotated[
        str | None,
        typer.Option(metavar="MEASURE", help="Sort the leaderboard by this. [default: asr]"),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the leaderboard as Markdown too.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the leaderboard as CSV too, a row for each run and measure."),
    ] = None,
    latex: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the leaderboard as LaTeX too (booktabs, graphicx).")
    ] = None,
) -> _Board | None:
    """The options of a leaderboard; None where none is wanted."""
    if leaderboard:
        return _Board(sort_by, markdown, csv, latex)
    options = {"--sort-by": sort_by, "--markdown": markdown, "--csv": csv, "--latex": latex}
    for name in (name for name, value in options.items() if value is not None):
        raise UsageError(f"{name} is about a leaderboard; add --leaderboard")
    return None


@given.taking(board=_board)
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="The run file; several for a leaderboard.")],
    *,
    board: _Board | None,
    scoring: Annotated[
        Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")
    ] = "strict",
    lengths: Annotated[
        str | None,
        typer.Option(metavar="1,2,4", help="Lengths the safety index is declared over. [default: 1,2,4,6,8]"),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge", "-j", metavar="JUDGE", help="Only this judge, or panel, or panel:A+B; may be repeated."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the resampling.")] = 0,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the HTML goes. [default: beside the run, named for -j and --lengths; for a leaderboard none]",
        ),
    ] = None,
    show_incomplete: given.ShowIncomplete = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Compute the numbers of a run file, print them and write the HTML report.

    With --leaderboard: of several runs, over the dialogues all of them have, as a table for each benchmark and judge.
    Exit code 1 when a number is withheld.
    """
    if board is not None:
        if scoring != "strict":
            raise UsageError("a leaderboard is scored strictly; leave --scoring away")
        _leaderboard(
            runs,
            board,
            as_json=as_json,
            html=html,
            show_incomplete=show_incomplete,
            judges=judge or (),
            lengths=parse_lengths(lengths),
            seed=seed,
        )
        return
    if len(runs) > 1:
        raise UsageError(
            f"{len(runs)} runs are given; `turnwise report A B --leaderboard` sets them side by side, "
            "`turnwise compare A B` tests what changed"
        )
    from turnwise.cli.finish import finish

    finish(
        runs[0],
        as_json=as_json,
        scoring=scoring,
        seed=seed,
        show_incomplete=show_incomplete,
        judges=judge or (),
        lengths=parse_lengths(lengths),
        html=html,
    )


def _leaderboard(
    runs: Sequence[Path],
    board: _Board,
    *,
    as_json: bool,
    html: Path | None,
    show_incomplete: bool,
    judges: Sequence[str],
    lengths: Sequence[int] | None,
    seed: int,
) -> None:
    from turnwise.cli.finish import print_json, print_rich
    from turnwise.cli.headlines import measure_named
    from turnwise.metrics.comparing import leaderboard
    from turnwise.report.leaderboard import leaderboard_as_json, notes_of_runs, render_leaderboard
    from turnwise.runfile import Reader

    with ExitStack() as opened:
        readers = [opened.enter_context(Reader(run)) for run in runs]
        found = leaderboard(
            readers,
            judges=judges,
            sort_by=board.sort_by and measure_named(board.sort_by),
            lengths=lengths,
            show_incomplete=show_incomplete,
            seed=seed,
        )
        notes = notes_of_runs(readers)
    files = _write(found, notes, board, html)
    if as_json:
        print_json({**leaderboard_as_json(found, notes), "files": files})
    else:
        print_rich(render_leaderboard(found, notes))
        for kind, path in files.items():
            print(one_line(f"{kind:<8}  {path}"))
    if found.withheld and not show_incomplete:
        raise typer.Exit(1)


def _write(found: Leaderboard, notes: Sequence[str], board: _Board, html: Path | None) -> dict[str, str]:
    """Write the files that are wanted; gives their paths by kind."""
    from turnwise.report import write_whole
    from turnwise.report.leaderboard import (
        leaderboard_as_csv,
        leaderboard_as_html,
        leaderboard_as_latex,
        leaderboard_as_markdown,
    )

    wanted: dict[str, tuple[Path | None, Callable[[], str]]] = {
        "html": (html, lambda: leaderboard_as_html(found, notes)),
        "markdown": (board.markdown, lambda: leaderboard_as_markdown(found, notes)),
        "csv": (board.csv, lambda: leaderboard_as_csv(found)),
        "latex": (board.latex, lambda: leaderboard_as_latex(found, notes)),
    }
    files = {}
    for kind, (path, text) in wanted.items():
        if path is not None:
            write_whole(path, text())
            files[kind] = str(path)
    return files
