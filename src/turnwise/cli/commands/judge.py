"""`turnwise judge`: let judges rule on a run that is already there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnwise.cli import options as given

if TYPE_CHECKING:
    from turnwise.evaluate import Machinery

__all__ = ["judge"]


@given.taking(machinery=given.limits)
def judge(
    run: given.Run,
    *,
    judge: given.Judges,
    judge_sees: given.JudgeSees = "image",
    repeat: given.Repeat = 1,
    machinery: Machinery,
    scoring: given.Scoring = "strict",
    show_incomplete: given.ShowIncomplete = False,
    as_json: given.AsJson = False,
) -> None:
    """Judge the stored transcripts of a run with other judges; the target is not asked again."""
    from turnwise.cli.finish import finish
    from turnwise.cli.stopping import keeping
    from turnwise.evaluate import rejudge

    machinery = given.cautious(machinery, *judge)
    with keeping(run, f"{run} -> {', '.join(judge)}") as going:
        work = rejudge(
            run,
            judge,
            sees=judge_sees,
            repeat=repeat,
            machinery=machinery,
            listener=going.listener,
            stop=going.stop,
        )
        going.run(work)
    finish(run, as_json=as_json, scoring=scoring, seed=0, show_incomplete=show_incomplete)
