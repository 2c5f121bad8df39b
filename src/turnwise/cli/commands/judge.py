"""`turnwise judge`: let judges rule on a run that is already there."""

from __future__ import annotations

from turnwise.cli import options as given

__all__ = ["judge"]


def judge(
    run: given.Run,
    *,
    judge: given.Judges,
    judge_sees: given.JudgeSees = "image",
    concurrency: given.Concurrency = 16,
    timeout_s: given.Timeout = 120.0,
    max_attempts: given.MaxAttempts = 5,
    proxy: given.Proxy = None,
    rpm: given.Rpm = None,
    tpm: given.Tpm = None,
    max_requests: given.MaxRequests = None,
    max_cost_usd: given.MaxCost = None,
    max_minutes: given.MaxMinutes = None,
    prices: given.Prices = None,
    no_cache: given.NoCache = False,
    scoring: given.Scoring = "strict",
    show_incomplete: given.ShowIncomplete = False,
    as_json: given.AsJson = False,
) -> None:
    """Judge the stored transcripts of a run with other judges; the target is not asked again."""
    from turnwise.cli.finish import finish
    from turnwise.cli.stopping import keeping
    from turnwise.evaluate import rejudge

    machinery = given.machinery(
        concurrency=concurrency,
        timeout_s=timeout_s,
        max_attempts=max_attempts,
        proxy=proxy,
        rates=(rpm, tpm),
        caps=(max_requests, max_cost_usd, max_minutes),
        prices=prices,
        no_cache=no_cache or any(given.may_be_another_model(name) for name in judge),
    )
    with keeping(run, f"{run} -> {', '.join(judge)}") as going:
        work = rejudge(run, judge, sees=judge_sees, machinery=machinery, listener=going.listener, stop=going.stop)
        going.run(work)
    finish(run, as_json=as_json, scoring=scoring, seed=0, show_incomplete=show_incomplete)
