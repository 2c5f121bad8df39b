"""`turnwise judge`: let judges rule on a run that is already there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["judge"]


def judge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")],
    *,
    judge: Annotated[
        list[str],
        typer.Option("--judge", "-j", metavar="JUDGE", help="rules, safemt:TARGET or scripted:FILE; may be repeated."),
    ],
    judge_sees: Annotated[
        Literal["image", "neither"], typer.Option(help="Whether LLM judges are given the dialogue's images.")
    ] = "image",
    concurrency: Annotated[int, typer.Option(min=1, max=4096, metavar="N", help="Dialogues in flight.")] = 16,
    timeout_s: Annotated[float, typer.Option(min=0.1, metavar="S", help="Time for one request, in seconds.")] = 120.0,
    max_attempts: Annotated[
        int, typer.Option(min=1, metavar="N", help="Times a request is sent before its reply counts as failed.")
    ] = 5,
    proxy: Annotated[
        str | None, typer.Option(metavar="URL", help="HTTP proxy; the environment's proxies are not used.")
    ] = None,
    scoring: Annotated[
        Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")
    ] = "strict",
    show_incomplete: Annotated[
        bool, typer.Option("--show-incomplete", help="Show headline numbers below 98 % completeness.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Judge the stored transcripts of a run with other judges; the target is not asked again."""
    from turnwise.cli.finish import finish
    from turnwise.cli.progress import watching
    from turnwise.cli.stopping import keeping
    from turnwise.evaluate import Machinery, rejudge

    machinery = Machinery(concurrency=concurrency, timeout_s=timeout_s, max_attempts=max_attempts, proxy=proxy)
    with keeping(run), watching(f"{run} -> {', '.join(judge)}") as listener:
        listener.run(rejudge(run, judge, sees=judge_sees, machinery=machinery, listener=listener))
    finish(run, as_json=as_json, scoring=scoring, seed=0, show_incomplete=show_incomplete)
