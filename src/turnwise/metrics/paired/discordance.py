"""The dialogues on which two runs disagree: McNemar's test, its clustered form, and the odds of going one way."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from turnwise.metrics.interval import FloatArray, IntArray
from turnwise.metrics.rates import rate

__all__ = ["Discordance", "discordance"]


class Discordance(msgspec.Struct, frozen=True):
    """How labels of 0 and 1 moved from a first run to a second over the same rows.

    Fields:
        n_rose, n_fell: Rows that went from 0 to 1, and from 1 to 0.
        odds_ratio: n_rose / n_fell, the odds ratio of matched pairs; None when no row fell.
        odds_low, odds_high: Its 95 % interval, groups resampled; `odds_high` None when it has no end, both None when
            no row moved.
        mcnemar_p: Exact and two-sided over rows. It takes rows for independent, so it is too small where the rows of a
            group move together.
        clustered_p: The same question with groups as the unit.
    """

    n_rose: int
    n_fell: int
    odds_ratio: float | None
    odds_low: float | None
    odds_high: float | None
    mcnemar_p: float
    clustered_p: float


def discordance(first: FloatArray, second: FloatArray, groups: IntArray, *, seed: int, resamples: int) -> Discordance:
    """What the rows on which two runs disagree say.

    Args:
        first: Shape (n_rows,): 0 or 1, all scored.
        second: Shape (n_rows,): the same rows in the other run.
        groups: Shape (n_rows,): code of the group of each row.
        seed: Of the resampling behind the interval of the odds.
        resamples: How many.

    Source: exact test, McNemar, Psychometrika 12 (1947), 153-157; clustered test, Obuchowski, Statistics in Medicine 17
    (1998), 1495-1507: (K - 1) / K (sum of d)^2 / (sum of d^2), d the rises less the falls of one of K groups, against
    chi-squared with one degree of freedom.
    Differs: the odds are those of a rate over the rows that moved, so that their interval resamples groups.
    """
    change = second - first
    moved = change != 0
    n_rose, n_fell = int(np.count_nonzero(change > 0)), int(np.count_nonzero(change < 0))
    share = rate((change[moved] > 0).astype(np.float64), groups[moved], seed=seed, resamples=resamples)
    return Discordance(
        n_rose=n_rose,
        n_fell=n_fell,
        odds_ratio=_odds(share.value),
        odds_low=_odds(share.low),
        odds_high=_odds(share.high),
        mcnemar_p=_mcnemar(n_rose, n_fell),
        clustered_p=_clustered(
            np.bincount(np.unique(groups, return_inverse=True)[1], weights=change).astype(np.float64)
        ),
    )


def _odds(share: float | None) -> float | None:
    return None if share is None or share >= 1 else share / (1 - share)


def _mcnemar(n_rose: int, n_fell: int) -> float:
    """Twice the chance of so few on the rarer side of n fair coins, in whole numbers so that no tail is lost."""
    n = n_rose + n_fell
    total = term = 1
    for k in range(min(n_rose, n_fell)):
        term = term * (n - k) // (k + 1)
        total += term
    return min(1.0, 2 * total / (1 << n))


def _clustered(changes: FloatArray) -> float:
    squares = float((changes**2).sum())
    if not squares:
        return 1.0
    n_groups = len(changes)
    statistic = (n_groups - 1) / n_groups * float(changes.sum()) ** 2 / squares
    return math.erfc(math.sqrt(statistic / 2))
