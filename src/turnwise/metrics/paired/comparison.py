"""Pairs of two runs -> their difference, its interval and its p-value. docs/statistics.md has the reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from turnwise.errors import UsageError
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import FloatArray, IntArray, interval, resampled_totals, standard_error
from turnwise.metrics.paired.discordance import Discordance, discordance
from turnwise.metrics.paired.pairs import Pairs
from turnwise.metrics.rates import rate

__all__ = ["Comparison", "change_limits", "compare", "holm"]

_ALPHA = 0.05
_LABELS = (0.0, 1.0)
_CHUNK_CELLS = 2_000_000
# Sums of fractions that are equal may differ in the last bits, and must count as ties.
_TIE = 1e-9


class Comparison(Estimate, frozen=True, kw_only=True):
    """The second run less the first, over the dialogues scored in both; for rates this is the risk difference.

    Fields:
        n: Shared dialogues scored in both runs; `n_failed` are the other shared ones.
        low, high: 95 % interval. If 0 lies outside, `p_value` is at most 0.05; the reverse need not hold.
        p_value: Two-sided; None when there is nothing to compare.
        first, second: The mean of each run over the `n` dialogues.
        n_groups: Groups of the `n` dialogues.
        cohens_h: 2 asin(sqrt(second)) - 2 asin(sqrt(first)); None for scores.
        discordance: The rows that moved; None for scores.
    """

    p_value: float | None
    first: Estimate
    second: Estimate
    n_groups: int
    n_only_first: int
    n_only_second: int
    cohens_h: float | None
    discordance: Discordance | None


def compare(
    pairs: Pairs,
    *,
    scale: tuple[float, float] = _LABELS,
    seed: int = 0,
    resamples: int = 2000,
    permutations: int = 10_000,
) -> Comparison:
    """Compare two runs; `scale` is the least and the greatest value a dialogue can have, (1, 5) for such scores.

    The p-value asks whether the two runs could be swapped in any group: signs of the groups' differences are flipped,
    ties count half. It is exact where the groups that differ have at most `permutations` patterns of signs, else as
    many are drawn. The interval joins the intervals of the mean rise and of the mean fall.

    Raises:
        UsageError: a value lies outside `scale`, or there are too few resamples or permutations.

    Source: sign flips, Fisher's randomisation test, over groups; ties by half (mid-p), Fagerland, Lydersen and Laake,
    BMC Medical Research Methodology 13 (2013), 91, whose mid-p form of McNemar's test this is for groups of one.
    Interval: Zou and Donner, Statistics in Medicine 27 (2008), 1693.
    Differs: the parts of the interval are those of `interval`, with the correlation of the cluster bootstrap; it is
    stretched to 0 where the test does not reject.
    """
    _check(pairs, scale, permutations)
    scored, span = pairs.scored(), scale[1] - scale[0]
    change, n_failed = scored.second - scored.first, len(pairs.group) - len(scored.group)
    ours, theirs = (
        _mean(values, scored.group, scale=scale, n_failed=n_failed, seed=seed, resamples=resamples)
        for values in (scored.first, scored.second)
    )
    p_value, (low, high) = None, (None, None)
    if change.size:
        p_value = _sign_flip_p(change, scored.group, seed=seed, permutations=permutations)
        low, high = change_limits(change, scored.group, span=span, seed=seed, resamples=resamples)
        if p_value > _ALPHA:
            low, high = min(low, 0.0), max(high, 0.0)
    moved = None
    if scale == _LABELS and set(np.unique([scored.first, scored.second]).tolist()) <= set(_LABELS):
        moved = discordance(scored.first, scored.second, scored.group, seed=seed, resamples=resamples)
    return Comparison(
        value=float(change.mean()) if change.size else None,
        n=len(change),
        n_failed=n_failed,
        low=low,
        high=high,
        p_value=p_value,
        first=ours,
        second=theirs,
        n_groups=len(np.unique(scored.group)),
        n_only_first=pairs.n_only_first,
        n_only_second=pairs.n_only_second,
        cohens_h=_cohens_h(ours.value, theirs.value) if moved else None,
        discordance=moved,
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values of several comparisons, adjusted so that any false alarm among all of them has a chance of at most 5 %.

    They come back in their order. None (nothing to compare) stays None and does not count as a comparison.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        adjusted[place] = highest
    return adjusted


def _check(pairs: Pairs, scale: tuple[float, float], permutations: int) -> None:
    if scale[0] >= scale[1]:
        raise UsageError(f"the scale is {scale[0]:g} to {scale[1]:g}; name the least value first, then the greatest")
    if permutations < 1:
        raise UsageError(f"permutations is {permutations}; use at least 1, better 10000")
    for run, values in (("first", pairs.first), ("second", pairs.second)):
        outside = values[(values < scale[0]) | (values > scale[1])]
        if outside.size:
            raise UsageError(
                f"the {run} run has the value {outside[0]:g}, outside {scale[0]:g} to {scale[1]:g}; name the scale"
            )


def _mean(
    values: FloatArray, group: IntArray, *, scale: tuple[float, float], n_failed: int, seed: int, resamples: int
) -> Estimate:
    least, span = scale[0], scale[1] - scale[0]
    share = rate((values - least) / span, group, seed=seed, resamples=resamples)

    def back(limit: float | None) -> float | None:
        return None if limit is None else least + span * limit

    return Estimate(back(share.value), share.n, n_failed, back(share.low), back(share.high))


def change_limits(
    change: FloatArray, group: IntArray, *, span: float, seed: int, resamples: int
) -> tuple[float, float]:
    """The interval of the mean change, from those of the mean rise and the mean fall, each a share of `span`.

    Unlike the test it does not take the two runs for alike: it holds 0 too where one run fails in whole groups and the
    other row by row, at the same rate.
    """
    rows = [np.clip(change, 0, None) / span, np.clip(-change, 0, None) / span]
    columns = np.column_stack(
        [np.bincount(group, weights=weights) for weights in (*rows, np.ones_like(change))]
    ).astype(np.float64)
    totals = resampled_totals(columns, seed=seed, resamples=resamples)
    replicates = totals[:, :2] / totals[:, 2:]
    (rise, least_rise, most_rise), (fall, least_fall, most_fall) = (
        _part(part, replicates[:, place], n_groups=len(columns)) for place, part in enumerate(rows)
    )
    together = _correlation(replicates[:, 0], replicates[:, 1])
    down = _joined(rise - least_rise, most_fall - fall, together)
    up = _joined(most_rise - rise, fall - least_fall, together)
    return span * (rise - fall - down), span * (rise - fall + up)


def _part(rows: FloatArray, replicates: FloatArray, *, n_groups: int) -> tuple[float, float, float]:
    """Mean, low and high of what only rises, or only falls."""
    value = float(rows.mean())
    least_error = float(rows.std()) / math.sqrt(len(rows))
    error = standard_error(replicates, n_groups=n_groups)
    return value, *interval(value, error, n_groups=n_groups, least_error=least_error)


def _correlation(one: FloatArray, other: FloatArray) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0 else 0.0


def _joined(rise: float, fall: float, together: float) -> float:
    return math.sqrt(max(0.0, rise**2 - 2 * together * rise * fall + fall**2))


def _sign_flip_p(change: FloatArray, group: IntArray, *, seed: int, permutations: int) -> float:
    """Two-sided mid-p over signs of the groups that changed: all patterns, or random ones where there are more."""
    by_group = np.abs(np.bincount(group, weights=change))
    sizes, observed = by_group[by_group > _TIE], abs(float(change.sum()))
    if not len(sizes):
        return 1.0
    tie, beyond = _TIE * max(1.0, float(sizes.sum())), 0.0
    n_patterns = min(permutations, 1 << len(sizes))
    for positive in _signs(len(sizes), n_patterns, seed=seed):
        flipped = np.abs(2 * (positive @ sizes) - sizes.sum())
        beyond += float(np.count_nonzero(flipped > observed + tie))
        beyond += float(np.count_nonzero(np.abs(flipped - observed) <= tie)) / 2
    if n_patterns == 1 << len(sizes):
        return beyond / n_patterns
    # Among random patterns the observed one is one more.
    return (0.5 + beyond) / (1 + n_patterns)


def _signs(n_groups: int, n_patterns: int, *, seed: int) -> Iterator[NDArray[np.int8]]:
    """Patterns of signs, 1 or 0, in chunks of shape (n_some, n_groups): each one once if there are just so many."""
    rng, chunk = np.random.default_rng(seed), max(1, _CHUNK_CELLS // n_groups)
    for start in range(0, n_patterns, chunk):
        codes = np.arange(start, min(start + chunk, n_patterns))
        if n_patterns == 1 << n_groups:
            yield (codes[:, None] >> np.arange(n_groups) & 1).astype(np.int8)
        else:
            yield rng.integers(2, size=(len(codes), n_groups), dtype=np.int8)


def _cohens_h(first: float | None, second: float | None) -> float | None:
    """Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition, 1988, 6.2."""
    if first is None or second is None:
        return None
    return 2 * math.asin(math.sqrt(second)) - 2 * math.asin(math.sqrt(first))
