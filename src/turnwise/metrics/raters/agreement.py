"""How far raters agree: people with people, judges with judges, a judge with people.

Every coefficient is 1 - seen / expected, the disagreement that is there over the one that chance would give, and both
are functions of sums over units: resampling groups costs one matrix product, as in interval.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from turnwise.errors import UsageError
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import FloatArray, IntArray, exact_share, interval, resampled_totals, standard_error

__all__ = [
    "Agreement",
    "Level",
    "Ratings",
    "cohen_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "raw_agreement",
]

Level = Literal["nominal", "ordinal", "interval"]
"""What a difference of two ratings means: other or not; ranks apart; squared distance."""

# Sums of fractions: what should be 0 may be off in the last bits.
_ZERO = 1e-12
_MOST_CATEGORIES = 30


class Agreement(Estimate, frozen=True, kw_only=True):
    """A coefficient of agreement: 1 perfect, 0 as by chance, at least -1 (raw agreement: a share in [0, 1]).

    Fields:
        n: Units that two raters or more rated.
        n_failed: Units that fewer rated. They are not in `n`.
        reason: Why `value` is None; None when it is not.
    """

    reason: str | None = None


class Ratings(msgspec.Struct, frozen=True, eq=False):
    """What raters said of the same units (a unit is what got rated: a reply, a dialogue).

    Fields:
        values: Shape (n_units, n_raters): one of `scale`, nan where a rater did not rate.
        group: Shape (n_units,): code of the group each unit belongs to; the unit of resampling.
        scale: All values a rater could give, rising: (0, 1) for labels, (1, 2, 3, 4, 5) for scores.
        weight: Shape (n_units,): 1 / (chance that the unit got rated), up to a factor; None when all were alike.
    """

    values: FloatArray
    group: IntArray
    scale: tuple[float, ...]
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse a table whose parts do not fit, and ratings that are not on the scale.

        Raises:
            UsageError: the scale is none, or a rating is not on it; the sentence names unit, rater and value.
        """
        if self.values.ndim != 2 or self.group.shape != self.values.shape[:1]:  # noqa: PLR2004 - units by raters
            raise ValueError(f"ratings of shape {self.values.shape} do not go with groups of shape {self.group.shape}")
        shown = ", ".join(f"{value:g}" for value in self.scale)
        if not 1 < len(self.scale) <= _MOST_CATEGORIES or list(self.scale) != sorted(set(self.scale)):
            raise UsageError(f"scale {shown or 'of nothing'}: give 2 to {_MOST_CATEGORIES} different values, rising")
        off = np.argwhere(np.isfinite(self.values) & ~np.isin(self.values, self.scale))
        if len(off):
            unit, rater = (int(place) for place in off[0])
            raise UsageError(f"unit {unit}, rater {rater}: {self.values[unit, rater]:g} is not on the scale {shown}")

    @property
    def counts(self) -> FloatArray:
        """How many raters gave each value, shape (n_units, n_categories)."""
        counts: FloatArray = (self.values[:, :, None] == np.array(self.scale)).astype(np.float64).sum(axis=1)
        return counts


class _Parts(NamedTuple):
    """What a coefficient is made of.

    Fields:
        rated: Shape (n_units,): whether two raters or more rated the unit.
        columns: Shape (n_units, n_columns): what is summed over units.
        disagreement: From column totals, shape (n_rows, n_columns), to the disagreement seen and expected, shape
            (n_rows,) each, scaled so that two ratings disagree by 1 at most.
        lowest: The smallest value the coefficient can take.
    """

    rated: NDArray[np.bool_]
    columns: FloatArray
    disagreement: Callable[[FloatArray], tuple[FloatArray, FloatArray]]
    lowest: float = -1.0


def raw_agreement(ratings: Ratings, *, seed: int = 0, resamples: int = 2000) -> Agreement:
    """The share of agreeing pairs of raters, mean over units. It takes no account of chance.

    Source: p_a of Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014, 5.3.
    """
    apart, several = _pairs_apart(ratings.counts, np.eye(len(ratings.scale)))

    def disagreement(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        return _share(totals[:, 0], totals[:, 1]), np.ones(len(totals))

    parts = _Parts(several > 0, np.column_stack([apart, several]), disagreement, lowest=0.0)
    return _agreement(ratings, parts, seed=seed, resamples=resamples)


def cohen_kappa(ratings: Ratings, *, seed: int = 0, resamples: int = 2000) -> Agreement:
    """Cohen's kappa of two raters; each keeps its own frequency of each category.

    When both put every unit into one category, chance agrees as often as they do, and there is no value.

    Raises:
        UsageError: there are not exactly two raters.

    Source: Cohen, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    if ratings.values.shape[1] != 2:  # noqa: PLR2004 - kappa is for two
        raise UsageError(f"Cohen's kappa is for 2 raters, here are {ratings.values.shape[1]}; use Krippendorff's alpha")
    q = len(ratings.scale)
    first, second = (ratings.values[:, rater, None] == np.array(ratings.scale) for rater in (0, 1))
    joint = (first[:, :, None] & second[:, None, :]).astype(np.float64)

    def disagreement(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        table = totals.reshape(-1, q, q)
        n = table.sum(axis=(1, 2))
        by_chance = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1)
        return 1 - _share(np.trace(table, axis1=1, axis2=2), n), 1 - _share(by_chance, n * n)

    parts = _Parts(joint.any(axis=(1, 2)), joint.reshape(len(joint), q * q), disagreement)
    return _agreement(ratings, parts, seed=seed, resamples=resamples)


def krippendorff_alpha(ratings: Ratings, *, level: Level, seed: int = 0, resamples: int = 2000) -> Agreement:
    """Krippendorff's alpha: any number of raters, ratings may be missing. One category for all: no value.

    Source: Krippendorff, Content Analysis, 2nd edition, 2004, chapter 11.
    """
    counts, q = ratings.counts, len(ratings.scale)
    m = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(q)
    coincidence = pairs / np.maximum(m - 1, 1)[:, None, None]

    def disagreement(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        table = totals.reshape(-1, q, q)
        frequency = table.sum(axis=2)
        n = frequency.sum(axis=1)
        distance = _distance(level, frequency, ratings.scale)
        by_chance = (frequency[:, :, None] * frequency[:, None, :] * distance).sum(axis=(1, 2))
        return _share((table * distance).sum(axis=(1, 2)), n), _share(by_chance, n * (n - 1))

    parts = _Parts(m > 1, coincidence.reshape(len(counts), q * q), disagreement)
    return _agreement(ratings, parts, seed=seed, resamples=resamples)


def gwet_ac1(ratings: Ratings, *, seed: int = 0, resamples: int = 2000) -> Agreement:
    """Gwet's AC1: any number of raters, ratings may be missing, and stable when nearly all ratings are alike.

    It depends on how many categories the scale has, used or not.

    Source: Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008), 29-48; missing ratings as in
    the Handbook of Inter-Rater Reliability, 4th edition, 2014, 5.3.
    """
    return _gwet(ratings, np.eye(len(ratings.scale)), seed=seed, resamples=resamples)


def gwet_ac2(ratings: Ratings, *, seed: int = 0, resamples: int = 2000) -> Agreement:
    """Gwet's AC2 with ordinal weights: neighbours on the scale agree in part (on 1 to 5: 0.9, 0.7, 0.4, 0).

    Source: Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014, 3.5 (ordinal weights) and 5.3.
    """
    place = np.arange(len(ratings.scale))
    apart = np.abs(place[:, None] - place)
    return _gwet(ratings, 1 - apart * (apart + 1) / (apart.max() * (apart.max() + 1)), seed=seed, resamples=resamples)


def _gwet(ratings: Ratings, weights: FloatArray, *, seed: int, resamples: int) -> Agreement:
    counts, q = ratings.counts, len(ratings.scale)
    apart, several = _pairs_apart(counts, weights)
    # A unit with one rating has no pair, but it does tell how often a category is used.
    used = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def disagreement(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        frequency = _share(totals[:, 2:], totals[:, 2:].sum(axis=1, keepdims=True))
        by_chance = weights.sum() / (q * (q - 1)) * (frequency * (1 - frequency)).sum(axis=1)
        return _share(totals[:, 0], totals[:, 1]), 1 - by_chance

    parts = _Parts(several > 0, np.column_stack([apart, several, used]), disagreement)
    return _agreement(ratings, parts, seed=seed, resamples=resamples)


def _resampled_units(columns: FloatArray, *, seed: int, resamples: int) -> FloatArray:
    """Column totals when as many units as there are get drawn with replacement, shape (resamples, n_columns).

    Few different things can be said of a unit, so it is drawn how often each is: as if unit by unit, at less cost.
    """
    kinds, count = np.unique(columns, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(columns), count / len(columns), size=resamples)
    totals: FloatArray = drawn @ kinds
    return totals


def _pairs_apart(counts: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean disagreement over the pairs of raters of each unit, 0 without a pair; and 1 where there is one."""
    m = counts.sum(axis=1)
    together = (counts * (counts @ weights - 1)).sum(axis=1) / np.maximum(m * (m - 1), 1)
    several = (m > 1).astype(np.float64)
    return (1 - together) * several, several


def _distance(level: Level, frequency: FloatArray, scale: tuple[float, ...]) -> FloatArray:
    """Squared distance of categories, 1 at most, shape (n_rows or 1, n_categories, n_categories).

    Ordinal: between the mean ranks of the categories among all ratings, so it depends on their frequency.
    """
    if level == "nominal":
        return 1 - np.eye(len(scale))[None]
    if level == "interval":
        place = (np.array(scale)[None] - scale[0]) / (scale[-1] - scale[0])
    else:
        place = _share(np.cumsum(frequency, axis=1) - frequency / 2, frequency.sum(axis=1, keepdims=True))
    squared: FloatArray = (place[:, :, None] - place[:, None, :]) ** 2
    return squared


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _agreement(ratings: Ratings, parts: _Parts, *, seed: int, resamples: int) -> Agreement:
    rated, columns, disagreement, lowest = parts
    n, n_failed = int(rated.sum()), int((~rated).sum())
    if not n:
        return Agreement(None, 0, n_failed, reason="no unit was rated by two raters")
    if ratings.weight is not None:
        columns = columns * (ratings.weight / ratings.weight[rated].mean())[:, None]
    seen, expected = (float(part[0]) for part in disagreement(columns.sum(axis=0)[None]))
    if expected <= _ZERO:
        reason = "every rating is the same, and so chance alone agrees as often as the raters do"
        return Agreement(None, n, n_failed, reason=reason)
    value, n_groups = 1 - seen / expected, len(np.unique(ratings.group[rated]))
    value = lowest if value < lowest + _ZERO else value
    if seen <= _ZERO:
        # All resamples agree too. A share of the groups may still disagree, by 1 at most.
        return Agreement(1.0, n, n_failed, max(lowest, 1 - exact_share(n_groups) / expected), 1.0)

    def error(totals: FloatArray, *, size: int) -> float:
        seen, expected = disagreement(totals)
        return standard_error(1 - _share(seen, expected), n_groups=size)

    codes = np.unique(ratings.group, return_inverse=True)[1]
    sums = np.zeros((int(codes.max()) + 1, columns.shape[1]))
    np.add.at(sums, codes, columns)
    by_group = error(resampled_totals(sums, seed=seed, resamples=resamples), size=n_groups)
    by_unit = error(_resampled_units(columns, seed=seed, resamples=resamples), size=n) if n_groups < n else 0.0
    # Stretched to [0, 1], where the logit of a coefficient from -1 to 1 is Fisher's z, twice.
    span = 1 - lowest
    low, high = interval((value - lowest) / span, by_group / span, n_groups=n_groups, least_error=by_unit / span)
    return Agreement(value, n, n_failed, lowest + span * low, lowest + span * high)
