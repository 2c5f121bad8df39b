"""From the rows of a run file to its numbers: one slice for each benchmark under each judge, never mixed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from turnwise.judge import Dimension
from turnwise.metrics.comparing.measures import MEASURES, gives
from turnwise.metrics.estimate import Completeness, Estimate, completeness
from turnwise.metrics.harm.summary import Summary, summarise
from turnwise.metrics.labels import LabelRow, Labels, Scoring
from turnwise.metrics.raters.sitting import card_named, judges_of, rows_under, ties_under
from turnwise.metrics.sequential.headlines import SequentialHeadline, headlines_of_run
from turnwise.metrics.twins import (
    Drawing,
    GradeMean,
    IntentAccuracy,
    ModalityGap,
    RefusalTiming,
    SettingRate,
    TurnRefusal,
    TwinOutcome,
    courses,
    forgetting,
    grade_means,
    intent_accuracy,
    intent_rows,
    modality_gaps,
    pair_accuracy,
    refusal_by_turn,
    refusal_timing,
    twin_outcomes,
    twin_pairs,
)
from turnwise.runfile import AnswerRow, Reader, ScoredRow, TurnRow

__all__ = ["Slice", "slices_of_run"]

_REFUSAL = MEASURES[1]


class Slice(msgspec.Struct, frozen=True):
    """The numbers of one benchmark under one judge.

    Fields:
        harm: Attack success of the scripted attacks, over length; of all unsafe dialogues where there are none.
        asr_by_setting: Attack success rate of the unsafe dialogues, by setting and modality.
        refusal_rate: Full refusals among unsafe dialogues; None when the judge does not rule on refusal.
        over_refusal_rate: Full refusals among safe dialogues; None when there are none or the judge does not say.
        over_refusal_by_setting: The same by setting and modality.
        completeness: Dialogues by outcome.
        ties: Of a panel, dialogues on which as many members say one thing as another, by what over. For a number that
            rests on it they could not be scored.
        n_blocked: Dialogues whose last turn a filter blocked. They count as safe and as refusals.
        pair_accuracy: Pairs whose unsafe twin was refused and whose safe twin was helped; None without pairs, or when
            the judge does not rule on refusal.
        pair_accuracy_by_setting: The same by setting and modality.
        twin_outcomes: The shares of the four ways in which both twins of a pair can be taken.
        modality_gaps: ASR and over-refusal of multimodal dialogues less those of unimodal ones, paired by group.
        grades: Mean grades from 1 to 5; empty when the judge gives none.
        intent_accuracy: Questions about the dialogues answered right, whoever judges; empty when none was to be asked.
        refusal_by_turn: Turns of live dialogues that were refused; this and the next two need a judge of all turns.
        refusal_timing: When unsafe escalations are refused: at their last turn, too early, or never.
        context_switch_forgetting: Unsafe context switches helped at last, of those refused at their first turn.
        headlines: Of a run that stops when they are known: what is known of them, at every moment at once.
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
    pair_accuracy: Estimate | None = None
    pair_accuracy_by_setting: list[SettingRate] = []
    twin_outcomes: list[TwinOutcome] = []
    modality_gaps: list[ModalityGap] = []
    grades: list[GradeMean] = []
    intent_accuracy: list[IntentAccuracy] = []
    refusal_by_turn: list[TurnRefusal] = []
    refusal_timing: list[RefusalTiming] = []
    context_switch_forgetting: Estimate | None = None
    headlines: list[SequentialHeadline] = []
    ties: dict[Dimension, int] = {}


def slices_of_run(
    reader: Reader,
    *,
    scoring: Scoring = "strict",
    lengths: Sequence[int] | None = None,
    judges: Sequence[str] = (),
    seed: int = 0,
    resamples: int = 2000,
) -> list[Slice]:
    """One slice for each benchmark under each judge, in the order of the run.

    `judges` chooses among its judges, and may name panels of them. A panel rules on dialogues, not on every turn. What
    only repeats a judge has no slice unless it is named.

    Raises:
        UsageError: a judge is named that never ruled here, or `lengths` is no set of lengths.
        NotMeasurable: a panel is asked for where one judge ruled.
    """
    cards = [card_named(reader, name) for name in judges] or judges_of(reader)
    turns = {card.name: list(reader.turn_rows(card.name)) for card in cards if card.turns == "all"}
    headlines = headlines_of_run(reader, [card.name for card in cards])
    asked = _intent_accuracy(reader, scoring=scoring, seed=seed, resamples=resamples)
    slices = []
    for card in cards:
        judge, rules_on = card.name, card.rules_on
        rows, ties = rows_under(reader, judge), ties_under(reader, judge)
        for benchmark in dict.fromkeys(row.benchmark for row in rows):
            ours = [row for row in rows if row.benchmark == benchmark]
            harm = summarise(
                Labels.from_rows(_label_row(row) for row in _attacks(ours)),
                scoring=scoring,
                lengths=lengths,
                seed=seed,
                resamples=resamples,
            )
            whole = _slice(ours, benchmark, judge, harm, rules_on=rules_on)
            whole = _with_twins(whole, ours, rules_on=rules_on)
            whole = _with_turns(whole, ours, turns.get(judge, ()))
            stopped_by = [one for one in headlines if (one.benchmark, one.judge) == (benchmark, judge)]
            slices.append(
                msgspec.structs.replace(
                    whole,
                    intent_accuracy=asked.get(benchmark, []),
                    headlines=stopped_by,
                    ties=ties.get(benchmark, {}),
                )
            )
    return slices


def _intent_accuracy(reader: Reader, *, scoring: Scoring, seed: int, resamples: int) -> dict[str, list[IntentAccuracy]]:
    """Intent accuracy by benchmark. Answers are right or wrong by themselves, whoever judges the dialogues."""
    rows: dict[str, list[AnswerRow]] = defaultdict(list)
    for row in reader.answer_rows():
        rows[row.benchmark].append(row)
    return {
        benchmark: intent_accuracy(intent_rows(ours), scoring=scoring, seed=seed, resamples=resamples)
        for benchmark, ours in rows.items()
    }


def _slice(
    rows: Sequence[ScoredRow], benchmark: str, judge: str, harm: Summary, *, rules_on: Sequence[Dimension]
) -> Slice:
    drawing = Drawing(harm.seed, harm.resamples)
    refusals = gives(_REFUSAL, rows, rules_on)
    unsafe = [row for row in rows if row.intent == "unsafe"]
    safe = [row for row in rows if row.intent == "safe"]
    return Slice(
        benchmark=benchmark,
        judge=judge,
        harm=harm,
        asr_by_setting=drawing.by_setting(unsafe, _unsafe),
        refusal_rate=drawing.rate(unsafe, _refused) if refusals and unsafe else None,
        over_refusal_rate=drawing.rate(safe, _refused) if refusals and safe else None,
        over_refusal_by_setting=drawing.by_setting(safe, _refused) if refusals else [],
        completeness=completeness(Counter(map(_outcome, rows)), n_expected=len(rows)),
        n_blocked=sum(
            row.reply_state in ("provider_blocked", "guard_blocked") and row.reply_turn == row.length for row in rows
        ),
    )


def _with_twins(item: Slice, rows: Sequence[ScoredRow], *, rules_on: Sequence[Dimension]) -> Slice:
    """The slice with what is said of twins and what its judge grades."""
    harm, drawing = item.harm, Drawing(item.harm.seed, item.harm.resamples)
    pairs = twin_pairs(rows) if gives(_REFUSAL, rows, rules_on) else []
    return msgspec.structs.replace(
        item,
        pair_accuracy=drawing.rate(pairs, pair_accuracy) if pairs else None,
        pair_accuracy_by_setting=drawing.by_setting(pairs, pair_accuracy),
        twin_outcomes=twin_outcomes(pairs, seed=harm.seed, resamples=harm.resamples),
        modality_gaps=modality_gaps(rows, rules_on=rules_on, seed=harm.seed, resamples=harm.resamples),
        grades=grade_means(rows, rules_on=rules_on, scoring=harm.scoring, seed=harm.seed, resamples=harm.resamples),
    )


def _with_turns(item: Slice, rows: Sequence[ScoredRow], turns: Sequence[TurnRow]) -> Slice:
    """The slice with what is said of single turns, if its judge rules on them."""
    if not turns:
        return item
    seed, resamples = item.harm.seed, item.harm.resamples
    held = courses(rows, turns)
    return msgspec.structs.replace(
        item,
        refusal_by_turn=refusal_by_turn(held, seed=seed, resamples=resamples),
        refusal_timing=refusal_timing(held, seed=seed, resamples=resamples),
        context_switch_forgetting=forgetting(held, seed=seed, resamples=resamples),
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
