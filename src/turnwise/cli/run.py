"""`turnwise run`: from benchmarks, a target and judges to a run file, a table and an HTML report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["run"]


def run(  # one parameter for each option of the command
    *,
    benchmark: Annotated[
        list[str], typer.Option("--benchmark", "-b", metavar="NAME[:PATH]", help="What is asked; may be repeated.")
    ] = ["starter"],  # noqa: B006 - typer copies it
    target: Annotated[
        str, typer.Option("--target", "-t", metavar="PROVIDER:MODEL[@URL]", help="The model under test.")
    ] = "simulated:eroding",
    judge: Annotated[
        list[str],
        typer.Option("--judge", "-j", metavar="JUDGE", help="rules, safemt:TARGET or scripted:FILE; may be repeated."),
    ] = ["rules"],  # noqa: B006 - typer copies it
    judge_sees: Annotated[
        Literal["image", "neither"], typer.Option(help="Whether LLM judges are given the dialogue's images.")
    ] = "image",
    history: Annotated[
        Literal["scripted", "live"] | None,
        typer.Option(help="Earlier replies: scripted, or the target's own. [default: as each dialogue says]"),
    ] = None,
    placement: Annotated[
        Literal["first", "last", "every", "published"], typer.Option(help="User turns that carry the images.")
    ] = "first",
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="At most this many dialogues, in whole groups, in seeded order."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of every random draw.")] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.0, max=10.0, metavar="T", help="Sampling temperature of the target.")
    ] = 0.0,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Longest reply of the target, in tokens.")] = 1024,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out malformed records, listing them.")] = False,
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
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The run file. [default: under runs/]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Run dialogues against a target, judge the replies, print the numbers and write an HTML report.

    Without options: the starter benchmark, a simulated target and the rules judge, offline. The same command goes on
    where an earlier one stopped.

    Spelling. Benchmarks: starter, safemt:PATH, cosafe:PATH, safedialbench:PATH, jsonl:PATH (a PATH may be a Hugging
    Face id). Targets: openai:MODEL@BASE_URL (key from OPENAI_API_KEY), simulated:NAME, scripted:FILE. `turnwise list`
    explains them.
    """
    from turnwise import __version__
    from turnwise.cli.finish import finish
    from turnwise.cli.progress import watching
    from turnwise.cli.stopping import keeping
    from turnwise.evaluate import Machinery, RunSettings, default_path, evaluate

    settings = RunSettings(
        benchmarks=tuple(benchmark),
        target=target,
        judges=tuple(judge),
        judge_sees=judge_sees,
        history=history,
        placement=placement,
        limit=limit,
        seed=seed,
        temperature=temperature,
        max_tokens=max_tokens,
        skip_bad=skip_bad,
    )
    machinery = Machinery(concurrency=concurrency, timeout_s=timeout_s, max_attempts=max_attempts, proxy=proxy)
    path = out or default_path(settings, __version__)
    with keeping(path), watching(f"{', '.join(benchmark)} -> {target} -> {', '.join(judge)}") as listener:
        listener.run(evaluate(settings, path, machinery=machinery, listener=listener))
    finish(path, as_json=as_json, scoring=scoring, seed=seed, show_incomplete=show_incomplete)
