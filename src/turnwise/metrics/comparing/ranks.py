"""What several runs gave for the same rows -> the place of each among them, and how sure that is."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from turnwise.metrics.interval import FloatArray, IntArray
from turnwise.metrics.paired.comparison import change_limits

__all__ = ["Rank", "ranks"]

_ALPHA = 0.05
_CHUNK_CELLS = 2_000_000
_RESAMPLES = 500
# Sums of fractions that are equal may differ in the last bits, and must count as ties.
_TIE = 1e-9


class Rank(msgspec.Struct, frozen=True):
    """The place of a run among `n_runs`; 1 is best.

    Fields:
        first, last: Its places by the values themselves; apart only where other runs have the same value.
        low, high: Range of places that holds the true one. The ranges of all runs hold theirs at once in 95 %.
    """

    first: int
    last: int
    low: int
    high: int
    n_runs: int


def ranks(
    values: FloatArray,
    group: IntArray,
    *,
    better: Literal["lower", "higher"],
    seed: int = 0,
    permutations: int = 10_000,
) -> list[Rank]:
    """The rank of each run by the mean of its column.

    A range goes from 1 + the runs that are surely better to K - the runs that are surely worse. Surely is where the
    difference over the rows scored in both runs stands out among all pairs of runs at once, adjusted p at most 0.05,
    and its interval leaves out 0: the test alone is deceived by runs of which one fails in whole groups.

    Args:
        values: Shape (n_rows, n_runs), with a number in each column; nan could not be scored.
        group: Shape (n_rows,): code of the group of each row. Signs of whole groups are flipped.
        better: Which way is good.
        seed: Of the sign flips.
        permutations: How many.

    Source: ranges from simultaneous tests of all pairwise differences: Mogstad, Romano, Shaikh and Wilhelm, Review of
    Economic Studies 91 (2024), 476; Klein, Wright and Wieczorek, JRSS C 69 (2020), 589. Step-down maxima: Romano and
    Wolf, JASA 100 (2005), 94.
    Differs: the distribution of the greatest studentised difference comes from signs flipped at random by group, the
    test of `compare` for all pairs together, and not from a bootstrap around the estimates.
    """
    scores = values if better == "higher" else -values
    ahead = _surely_ahead(scores, group, seed=seed, permutations=permutations)
    mean, n_runs = np.nanmean(scores, axis=0), values.shape[1]
    apart = mean[:, None] - mean[None, :]
    found = []
    for run in range(n_runs):
        first = 1 + int((apart[:, run] > _TIE).sum())
        last = n_runs - int((apart[run] > _TIE).sum())
        # Rows scored in both of two runs may tell another story than all rows of each, never at the cost of the range.
        low, high = min(first, 1 + int(ahead[:, run].sum())), max(last, n_runs - int(ahead[run].sum()))
        found.append(Rank(first, last, low, high, n_runs))
    return found


def _surely_ahead(scores: FloatArray, group: IntArray, *, seed: int, permutations: int) -> NDArray[np.bool_]:
    """Whether the run of the row is surely better than the run of the column, shape (n_runs, n_runs)."""
    n_runs = scores.shape[1]
    one, other = np.triu_indices(n_runs, k=1)
    ahead = np.zeros((n_runs, n_runs), dtype=np.bool_)
    if len(one):
        shares = _studentised(scores, group, one, other)
        sure, total = _adjusted(shares, seed=seed, permutations=permutations) <= _ALPHA, shares.sum(axis=0)
        for pair in np.flatnonzero(sure):
            sure[pair] = _apart(scores[:, one[pair]] - scores[:, other[pair]], group, seed=seed)
        ahead[one, other], ahead[other, one] = sure & (total > 0), sure & (total < 0)
    return ahead


def _apart(change: FloatArray, group: IntArray, *, seed: int) -> bool:
    """Whether the interval of the difference of two runs leaves out 0, as it must for one to count as better."""
    scored = np.isfinite(change)
    code = np.unique(group[scored], return_inverse=True)[1]
    span = float(np.abs(change[scored]).max())
    low, high = change_limits(change[scored], code, span=span, seed=seed, resamples=_RESAMPLES)
    return low > 0 or high < 0


def _studentised(scores: FloatArray, group: IntArray, one: IntArray, other: IntArray) -> FloatArray:
    """Each group's part of the studentised difference of each pair of runs, shape (n_groups, n_pairs).

    A pair that differs nowhere has zeros. No sign changes the sum of squares, so that flipping studentises as well.
    """
    code = np.unique(group, return_inverse=True)[1]
    sums = np.column_stack(
        [
            np.bincount(code, weights=np.nan_to_num(scores[:, left] - scores[:, right]))
            for left, right in zip(one, other, strict=True)
        ]
    )
    size = np.sqrt((sums**2).sum(axis=0))
    shares: FloatArray = np.divide(sums, size, out=np.zeros_like(sums), where=size > _TIE)
    return shares


def _adjusted(shares: FloatArray, *, seed: int, permutations: int) -> FloatArray:
    """P-value of each pair, adjusted over all: the chance of a maximum as great among the pairs not yet told apart."""
    n_groups, n_pairs = shares.shape
    observed = np.abs(shares.sum(axis=0))
    order = np.argsort(-observed)
    shares, observed = shares[:, order], observed[order]
    rng, beyond = np.random.default_rng(seed), np.zeros(n_pairs)
    chunk = max(1, _CHUNK_CELLS // max(n_groups, n_pairs))
    for start in range(0, permutations, chunk):
        positive = rng.integers(2, size=(min(chunk, permutations - start), n_groups), dtype=np.int8)
        drawn = np.abs((2.0 * positive - 1) @ shares)
        greatest = np.maximum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
        beyond += (greatest > observed + _TIE).sum(axis=0)
        beyond += (np.abs(greatest - observed) <= _TIE).sum(axis=0) / 2
    adjusted = np.empty(n_pairs)
    adjusted[order] = np.maximum.accumulate((0.5 + beyond) / (1 + permutations))
    return adjusted
