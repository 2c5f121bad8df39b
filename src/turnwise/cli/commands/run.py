"""`turnwise run`: from benchmarks, a target and judges to a run file, a table and an HTML report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec.structs import replace

from turnwise.cli import options as given

if TYPE_CHECKING:
    from turnwise.evaluate import Machinery, RunSettings

__all__ = ["run"]


def _settings(  # one parameter for each option
    *,
    benchmark: Annotated[
        list[str], typer.Option("--benchmark", "-b", metavar="NAME[:PATH]", help="What is asked; may be repeated.")
    ] = ["starter"],  # noqa: B006 - typer copies it
    target: Annotated[
        str, typer.Option("--target", "-t", metavar="PROVIDER:MODEL[@URL]", help="The model under test.")
    ] = "simulated:eroding",
    judge: given.Judges = ["rules"],  # noqa: B006 - typer copies it
    judge_sees: given.JudgeSees = "image",
    repeat: given.Repeat = 1,
    history: Annotated[
        Literal["scripted", "live"] | None,
        typer.Option(help="Earlier replies: scripted, or the target's own. [default: as each dialogue says]"),
    ] = None,
    placement: Annotated[
        Literal["first", "last", "every", "published"], typer.Option(help="User turns that carry the images.")
    ] = "first",
    questions: Annotated[
        Literal["fresh", "inline", "none"],
        typer.Option(help="Questions about a dialogue: asked in a request of their own, as its next turn, or not."),
    ] = "fresh",
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="At most this many dialogues: whole groups of each benchmark, seeded."),
    ] = None,
    until_half_width: Annotated[
        float | None,
        typer.Option(metavar="H", help="Ask whole groups in random order; stop when each headline is known to +-H."),
    ] = None,
    headline: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="With --until-half-width: asr, refusal_rate, over_refusal_rate. [default: asr]"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of every random draw.")] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.0, max=10.0, metavar="T", help="Sampling temperature of the target.")
    ] = 0.0,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Longest reply of the target, in tokens.")] = 1024,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out malformed records, listing them.")] = False,
    no_share: Annotated[
        bool, typer.Option("--no-share", help="Ask once for each dialogue, also where twins send the same request.")
    ] = False,
) -> RunSettings:
    """The options that shape the numbers, as one value."""
    from turnwise.cli.headlines import parse_headlines
    from turnwise.evaluate import RunSettings

    return RunSettings(
        benchmarks=tuple(benchmark),
        target=target,
        judges=tuple(judge),
        judge_sees=judge_sees,
        repeat=repeat,
        history=history,
        placement=placement,
        questions=questions,
        limit=limit,
        until_half_width=until_half_width,
        headlines=parse_headlines(headline, until_half_width),
        seed=seed,
        temperature=temperature,
        max_tokens=max_tokens,
        skip_bad=skip_bad,
        share=not no_share,
    )


@given.taking(settings=_settings, machinery=given.limits)
def run(
    *,
    settings: RunSettings,
    machinery: Machinery,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="Ask the target in batch jobs, a turn of all dialogues each: half price, hours."),
    ] = False,
    poll_s: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="With --batch: time between two looks at a job, in seconds.")
    ] = 60.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, say what the run would take, and send nothing.")
    ] = False,
    scoring: given.Scoring = "strict",
    show_incomplete: given.ShowIncomplete = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The run file. [default: under runs/]")
    ] = None,
    as_json: given.AsJson = False,
) -> None:
    """Run dialogues against a target, judge the replies, print the numbers and write an HTML report.

    Without options: the starter benchmark, a simulated target and the rules judge, offline. The same command goes on
    where an earlier one stopped.

    Spelling. Benchmarks: starter, safemt:PATH, mtmcs:PATH, cosafe:PATH, safedialbench:PATH, jsonl:PATH (a PATH may be a
    Hugging Face id). Targets: openai:MODEL@BASE_URL (key from OPENAI_API_KEY), simulated:NAME, scripted:FILE and more.
    `turnwise list` explains them.
    """
    from turnwise import __version__
    from turnwise.evaluate import default_path

    machinery = given.cautious(machinery, settings.target, *settings.judges)
    if batch:
        machinery = replace(machinery, batch_poll_s=poll_s)
    path = out or default_path(settings, __version__)
    if dry_run:
        from turnwise.cli.planning import show_estimate
        from turnwise.evaluate import dry_run as planned

        show_estimate(planned(settings, path, machinery=machinery), settings, as_json=as_json)
        return
    from turnwise.cli.finish import finish
    from turnwise.cli.headlines import until_words
    from turnwise.cli.stopping import keeping
    from turnwise.evaluate import evaluate

    title = f"{', '.join(settings.benchmarks)} -> {settings.target} -> {', '.join(settings.judges)}"
    title += until_words(settings)
    with keeping(path, title) as going:
        going.run(evaluate(settings, path, machinery=machinery, listener=going.listener, stop=going.stop))
    finish(path, as_json=as_json, scoring=scoring, seed=settings.seed, show_incomplete=show_incomplete)
