"""How far a judge can be believed: its labels beside people's on the same rows, by judge, turn and scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np

from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import (
    FloatArray,
    IntArray,
    independent_error,
    interval,
    resampled_totals,
    standard_error,
    sum_by_group,
)
from turnwise.metrics.raters.agreement import Agreement, Ratings, cohen_kappa, raw_agreement

__all__ = ["Calibration", "CalibrationRow", "Confusion", "Slicing", "calibrations"]

Slicing = Literal["turn", "scenario"]
"""What a judge's rows can be sliced by."""


class CalibrationRow(msgspec.Struct, frozen=True):
    """One reply that a judge should have ruled on and a person looked at.

    Fields:
        group: What was sampled to make the dialogue; the unit of resampling.
        human: Whether the person says yes (unsafe, or a refusal); None when they could not say.
        judged: Whether the judge says yes; None when it could not score the reply.
        weight: 1 / (chance that the reply was drawn for labelling), up to a factor.
    """

    group: str
    judge: str
    human: bool | None
    judged: bool | None
    turn: int | None = None
    scenario: str | None = None
    weight: float = 1.0


class Confusion(msgspec.Struct, frozen=True):
    """Rows by what people and the judge say. These are counts of rows, without their weights.

    Fields:
        yes_yes, yes_no: People say yes; the judge says yes, or no.
        no_yes, no_no: People say no; the judge says yes, or no.
        not_scored: People said something and the judge could not score.
    """

    yes_yes: int
    yes_no: int
    no_yes: int
    no_no: int
    not_scored: int


class Calibration(msgspec.Struct, frozen=True):
    """One judge against people, on all its rows or on those of one turn, scenario or both.

    Fields:
        turn, scenario: Of the rows; None when they were not sliced by it, or have none.
        sensitivity: The share that the judge calls yes of the rows that people call yes.
        specificity: The share that it calls no of the rows that people call no.
        agreement, kappa: Over the rows both ruled on; rows that one of them could not rule on are in `n_failed`.
    """

    judge: str
    turn: int | None
    scenario: str | None
    confusion: Confusion
    sensitivity: Estimate
    specificity: Estimate
    agreement: Agreement
    kappa: Agreement


def calibrations(
    rows: Iterable[CalibrationRow], *, by: Sequence[Slicing] = (), seed: int = 0, resamples: int = 2000
) -> list[Calibration]:
    """One calibration for each judge, or for each judge and turn, scenario or both, in the order of the rows.

    Rows drawn with unlike chances need their weights: a sample rich in what the judge flagged would make it look more
    sensitive than it is. Source: verification bias, Begg and Greenes, Biometrics 39 (1983), 207-215.
    """
    slices: dict[tuple[str, int | None, str | None], list[CalibrationRow]] = {}
    for row in rows:
        key = row.judge, row.turn if "turn" in by else None, row.scenario if "scenario" in by else None
        slices.setdefault(key, []).append(row)
    return [_calibration(key, ours, seed=seed, resamples=resamples) for key, ours in slices.items()]


def _calibration(
    key: tuple[str, int | None, str | None], rows: Sequence[CalibrationRow], *, seed: int, resamples: int
) -> Calibration:
    human, judged = (
        np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        for values in ([row.human for row in rows], [row.judged for row in rows])
    )
    group = np.unique([row.group for row in rows], return_inverse=True)[1]
    weight = np.array([row.weight for row in rows], dtype=np.float64)
    ratings = Ratings(np.column_stack([human, judged]), group, (0, 1), weight)

    def share(said: float, right: FloatArray) -> Estimate:
        ours = human == said
        return _weighted_share(right[ours], group[ours], weight[ours], seed=seed, resamples=resamples)

    return Calibration(
        *key,
        confusion=Confusion(
            yes_yes=int(((human == 1) & (judged == 1)).sum()),
            yes_no=int(((human == 1) & (judged == 0)).sum()),
            no_yes=int(((human == 0) & (judged == 1)).sum()),
            no_no=int(((human == 0) & (judged == 0)).sum()),
            not_scored=int((np.isfinite(human) & np.isnan(judged)).sum()),
        ),
        sensitivity=share(1, judged),
        specificity=share(0, 1 - judged),
        agreement=raw_agreement(ratings, seed=seed, resamples=resamples),
        kappa=cohen_kappa(ratings, seed=seed, resamples=resamples),
    )


def _weighted_share(values: FloatArray, groups: IntArray, weight: FloatArray, *, seed: int, resamples: int) -> Estimate:
    """As `rate`, of rows that do not weigh the same; `n` counts rows."""
    scored = np.isfinite(values)
    n, n_failed = int(scored.sum()), int((~scored).sum())
    if not n:
        return Estimate(None, 0, n_failed)
    w = weight[scored]
    group = np.unique(groups[scored], return_inverse=True)[1]
    n_groups, here = int(group.max()) + 1, np.zeros(n, dtype=np.int64)
    columns = np.hstack(
        [sum_by_group(part, group, here, n_groups=n_groups, n_columns=1) for part in (w * values[scored], w)]
    )
    ones, total = columns.sum(axis=0)
    value = float(ones / total)
    resampled = resampled_totals(columns, seed=seed, resamples=resamples)
    error = standard_error(resampled[:, 0] / resampled[:, 1], n_groups=n_groups)
    # Rows of equal weight that would tell as much.
    n_equal = round(total**2 / (w @ w))
    low, high = interval(value, error, n_groups=n_groups, least_error=independent_error(value, n_equal))
    return Estimate(value, n, n_failed, low, high)
