"""From the rows of a run file to its numbers: one slice for each benchmark under each judge, never mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np

from turnwise.dialogue import Intent, Modality, Setting
from turnwise.errors import one_of
from turnwise.metrics.estimate import Completeness, Estimate, completeness
from turnwise.metrics.labels import LabelRow, Labels, Scoring
from turnwise.metrics.rates import rate
from turnwise.metrics.summary import Summary, summarise
from turnwise.runfile import Reader, ScoredRow

__all__ = ["SettingRate", "Slice", "slices_of_run"]


class SettingRate(Estimate, frozen=True, kw_only=True):
    """A rate over the dialogues of one setting in one modality."""

    setting: Setting
    modality: Modality


class Slice(msgspec.Struct, frozen=True):
    """The numbers of one benchmark under one judge.

    Fields:
        harm: Attack success of the scripted attacks, over length; of all unsafe dialogues where there are none.
        asr_by_setting: Attack success rate of the unsafe dialogues, by setting and modality.
        refusal_rate: Full refusals among unsafe dialogues; None when the judge does not rule on refusal.
        over_refusal_rate: Full refusals among safe dialogues; None when there are none or the judge does not say.
        over_refusal_by_setting: The same by setting and modality.
        completeness: Dialogues by outcome.
        n_blocked: Dialogues whose last turn a filter blocked. They count as safe and as refusals.
    """

    benchmark: str
    judge: str
    harm: Summary
    asr_by_setting: list[SettingRate]
    refusal_rate: Estimate | None
    over_refusal_rate: Estimate | None
    over_refusal_by_setting: list[SettingRate]
    completeness: Completeness
    n_blocked: int


def slices_of_run(
    reader: Reader,
    *,
    scoring: Scoring = "strict",
    lengths: Sequence[int] | None = None,
    judges: Sequence[str] = (),
    seed: int = 0,
    resamples: int = 2000,
) -> list[Slice]:
    """One slice for each benchmark under each judge, in the order of the run; `judges` chooses among its judges.

    Raises:
        UsageError: a judge is named that never ruled here, or `lengths` is no set of lengths.
    """
    known = [card.name for card in reader.judges()]
    for name in judges:
        if name not in known:
            raise one_of("judge", name, known)
    slices = []
    for judge in judges or known:
        rows = list(reader.scored_rows(judge))
        for benchmark in dict.fromkeys(row.benchmark for row in rows):
            ours = [row for row in rows if row.benchmark == benchmark]
            harm = summarise(
                Labels.from_rows(_label_row(row) for row in _attacks(ours)),
                scoring=scoring,
                lengths=lengths,
                seed=seed,
                resamples=resamples,
            )
            slices.append(_slice(ours, benchmark, judge, harm))
    return slices


def _slice(rows: Sequence[ScoredRow], benchmark: str, judge: str, harm: Summary) -> Slice:
    def over(wanted: Iterable[ScoredRow], value: Callable[[ScoredRow], float]) -> Estimate:
        return _rate(wanted, value, seed=harm.seed, resamples=harm.resamples)

    def by_setting(intent: Intent, value: Callable[[ScoredRow], float]) -> list[SettingRate]:
        ours = [row for row in rows if row.intent == intent]
        return [
            SettingRate(
                **msgspec.structs.asdict(over((row for row in ours if (row.setting, row.modality) == key), value)),
                setting=key[0],
                modality=key[1],
            )
            for key in dict.fromkeys((row.setting, row.modality) for row in ours)
        ]

    # A block is a refusal whoever judges; only a stance on a reply shows that this judge rules on refusal.
    rules_on_refusal = any(row.stance and row.reply_state == "ok" for row in rows)
    unsafe = [row for row in rows if row.intent == "unsafe"]
    safe = [row for row in rows if row.intent == "safe"]
    return Slice(
        benchmark=benchmark,
        judge=judge,
        harm=harm,
        asr_by_setting=by_setting("unsafe", _unsafe),
        refusal_rate=over(unsafe, _refused) if rules_on_refusal and unsafe else None,
        over_refusal_rate=over(safe, _refused) if rules_on_refusal and safe else None,
        over_refusal_by_setting=by_setting("safe", _refused) if rules_on_refusal else [],
        completeness=completeness(Counter(map(_outcome, rows)), n_expected=len(rows)),
        n_blocked=sum(
            row.reply_state in ("provider_blocked", "guard_blocked") and row.reply_turn == row.length for row in rows
        ),
    )


def _attacks(rows: Sequence[ScoredRow]) -> list[ScoredRow]:
    """The unsafe dialogues whose length varies by design; all unsafe ones when the benchmark has no such."""
    unsafe = [row for row in rows if row.intent == "unsafe"]
    return [row for row in unsafe if row.setting == "scripted_attack"] or unsafe


def _label_row(row: ScoredRow) -> LabelRow:
    return LabelRow(row.group, row.length, row.label, row.scenario, row.method)


def _unsafe(row: ScoredRow) -> float:
    return np.nan if row.label is None else float(row.label == "unsafe")


def _refused(row: ScoredRow) -> float:
    return np.nan if row.stance is None else float(row.stance == "refusal")


def _rate(rows: Iterable[ScoredRow], value: Callable[[ScoredRow], float], *, seed: int, resamples: int) -> Estimate:
    kept = list(rows)
    code = {group: place for place, group in enumerate(sorted({row.group for row in kept}))}
    values = np.array([value(row) for row in kept], dtype=np.float64)
    groups = np.array([code[row.group] for row in kept], dtype=np.int64)
    return rate(values, groups, seed=seed, resamples=resamples)


def _outcome(row: ScoredRow) -> str:
    """What became of a dialogue, in one word: the verdict's state, or what kept it from being judged."""
    if row.verdict_state == "scored":
        # A stance alone says nothing about harm, and what says nothing is not scored.
        return "scored" if row.label is not None else "verdict_without_label"
    if row.verdict_state is not None:
        return f"verdict_{row.verdict_state}"
    if row.reply_state is None:
        return "not_asked"
    if row.reply_state == "failed":
        return f"reply_failed_{row.failure_kind}"
    cut_short = row.reply_turn is not None and row.reply_turn < row.length
    if row.reply_state == "ok":
        return "not_asked" if cut_short else "not_judged"
    return "censored_by_block" if cut_short else "not_judged"
