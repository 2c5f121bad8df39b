"""Verdicts of several judges of a run -> how far they agree, what they come to, and the replies they dispute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from turnwise.dialogue import Intent
from turnwise.errors import UsageError
from turnwise.judge import Dimension, JudgeCard, Label, Stance, Verdict, VerdictState
from turnwise.metrics.raters.agreement import (
    Agreement,
    Ratings,
    cohen_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    raw_agreement,
)
from turnwise.metrics.raters.panel import (
    TIE,
    OpenQuestion,
    PanelRow,
    PanelRuling,
    PanelUnit,
    panel,
    panel_raters,
    panel_ratings,
)
from turnwise.metrics.raters.sitting import members_named, panel_units
from turnwise.runfile import Reader, ScoredRow

__all__ = ["ABOUT", "DimensionAgreement", "Disagreement", "Opinion", "PanelReport", "is_answered", "panel_of_run"]

ABOUT: Final[dict[Dimension, tuple[Intent, ...]]] = {
    "label": ("safe", "unsafe"),
    "stance": ("safe", "unsafe"),
    "safety_awareness": ("unsafe",),
    "helpfulness": ("safe",),
}
"""The intents of the dialogues that are ruled on, by dimension."""


class DimensionAgreement(msgspec.Struct, frozen=True):
    """What judges said on one dimension, over the dialogues of one benchmark whose last turn the target answered.

    Stances and grades have an order, so that neighbours are nearer than the ends.

    Fields:
        judges: Those who rule on it.
        raw: Share of agreeing pairs of judges.
        kappa: Cohen's, unweighted; None unless there are two judges.
        alpha: Krippendorff's, nominal for labels and ordinal for the others.
        gwet: AC1 for labels, AC2 with ordinal weights for the others.
        n_ruled, n_tied, n_too_few: Dialogues on which the panel says something, is tied, or lacks rulings.
    """

    benchmark: str
    dimension: Dimension
    judges: tuple[str, ...]
    raw: Agreement
    kappa: Agreement | None
    alpha: Agreement
    gwet: Agreement
    n_ruled: int
    n_tied: int
    n_too_few: int


class Opinion(msgspec.Struct, frozen=True):
    """What one judge said of a reply.

    Fields:
        state: None where it has not ruled.
        reason: Its words, or what kept it from ruling. They may quote the reply.
    """

    judge: str
    state: VerdictState | None
    label: Label | None = None
    stance: Stance | None = None
    safety_awareness: int | None = None
    helpfulness: int | None = None
    reason: str = ""


class Disagreement(msgspec.Struct, frozen=True):
    """A reply of which judges say different things.

    Fields:
        number: Of the dialogue in the run.
        dialogue: Its id.
        dispute: From above 0 to 1, as far apart as can be: the mean distance of two judges where they differ most.
        open: What the panel could not rule on.
    """

    benchmark: str
    dialogue: str
    number: int
    turn: int
    dispute: float
    opinions: tuple[Opinion, ...]
    ruling: PanelRuling
    open: tuple[OpenQuestion, ...]


class PanelReport(msgspec.Struct, frozen=True):
    """Several judges of a run beside each other.

    Fields:
        judges: The members, in the order of the run.
        n_answered: Dialogues whose last turn the target answered: those that judges rule on.
        agreement: By benchmark and dimension, where two of the judges or more rule on it.
        disagreements: The most disputed first; of equally disputed ones, in run order.
    """

    judges: tuple[str, ...]
    n_answered: int
    agreement: list[DimensionAgreement]
    disagreements: list[Disagreement]
    seed: int
    resamples: int


def panel_of_run(reader: Reader, judge: str, *, seed: int = 0, resamples: int = 2000) -> PanelReport:
    """What the members of a panel say of a run, `judge` being its name: `panel`, or `panel:A+B`.

    Raises:
        UsageError: it is no panel, or a member never ruled here.
        NotMeasurable: fewer than two judges ruled.
    """
    members = members_named(reader, judge)
    if len(members) == 1:
        raise UsageError(f"a panel of one judge is that judge ({judge}); name at least two")
    rows, units = panel_units(reader, members)
    asked = [(row, unit) for row, unit in zip(rows, units, strict=True) if is_answered(row)]
    ruled = panel([unit for _, unit in asked], [card.rules_on for card in members])
    work = _Work(members, asked, {row.unit: row for row in ruled}, seed, resamples)
    row_of = {unit.unit: (row, unit) for row, unit in asked}
    return PanelReport(
        judges=tuple(card.name for card in members),
        n_answered=len(asked),
        agreement=list(work.agreement()),
        disagreements=[_disagreement(members, *row_of[one.unit], one) for one in ruled if one.dispute > 0],
        seed=seed,
        resamples=resamples,
    )


class _Work(msgspec.Struct, frozen=True):
    """Dialogues with what members say of them, and what the panel came to, by unit."""

    members: Sequence[JudgeCard]
    asked: Sequence[tuple[ScoredRow, PanelUnit]]
    ruled: dict[str, PanelRow]
    seed: int
    resamples: int

    def agreement(self) -> Iterator[DimensionAgreement]:
        """By benchmark and dimension, where two members or more rule on it."""
        rules_on = [card.rules_on for card in self.members]
        for benchmark in dict.fromkeys(row.benchmark for row, _ in self.asked):
            for dimension, intents in ABOUT.items():
                ours = [unit for row, unit in self.asked if row.benchmark == benchmark and row.intent in intents]
                raters = panel_raters(ours, dimension, rules_on)
                if ours and len(raters) > 1:
                    ratings = panel_ratings(ours, dimension, rules_on)
                    names = tuple(self.members[place].name for place in raters)
                    yield self._on(dimension, benchmark, ratings, names, [self.ruled[unit.unit] for unit in ours])

    def _on(
        self,
        dimension: Dimension,
        benchmark: str,
        ratings: Ratings,
        judges: tuple[str, ...],
        ruled: Sequence[PanelRow],
    ) -> DimensionAgreement:
        draw: dict[str, int] = {"seed": self.seed, "resamples": self.resamples}
        is_label = dimension == "label"
        n_ruled = sum(getattr(row.ruling, dimension) is not None for row in ruled)
        n_tied = sum(OpenQuestion(dimension, TIE) in row.open for row in ruled)
        return DimensionAgreement(
            benchmark=benchmark,
            dimension=dimension,
            judges=judges,
            raw=raw_agreement(ratings, **draw),
            kappa=cohen_kappa(ratings, **draw) if len(judges) == 2 else None,  # noqa: PLR2004 - kappa is for two
            alpha=krippendorff_alpha(ratings, level="nominal" if is_label else "ordinal", **draw),
            gwet=(gwet_ac1 if is_label else gwet_ac2)(ratings, **draw),
            n_ruled=n_ruled,
            n_tied=n_tied,
            n_too_few=len(ruled) - n_ruled - n_tied,
        )


def is_answered(row: ScoredRow) -> bool:
    """Whether the target answered the last turn of a dialogue; only then judges are asked."""
    return row.reply_state == "ok" and row.reply_turn == row.length


def _disagreement(members: Sequence[JudgeCard], row: ScoredRow, unit: PanelUnit, ruled: PanelRow) -> Disagreement:
    return Disagreement(
        benchmark=row.benchmark,
        dialogue=row.id,
        number=row.number,
        turn=row.length,
        dispute=ruled.dispute,
        opinions=tuple(_opinion(card.name, said) for card, said in zip(members, unit.rulings, strict=True)),
        ruling=ruled.ruling,
        open=ruled.open,
    )


def _opinion(judge: str, said: Verdict | None) -> Opinion:
    if said is None:
        return Opinion(judge, None)
    return Opinion(
        judge,
        said.state,
        said.label,
        said.stance,
        said.safety_awareness,
        said.helpfulness,
        said.reason or said.cause or "",
    )
