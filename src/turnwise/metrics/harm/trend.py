"""Does harm rise with the length of the dialogue? A permutation test within groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics.interval import FloatArray, IntArray
from turnwise.metrics.labels import Labels, Scoring, declared

__all__ = ["TREND_BAR", "Direction", "TrendTest", "trend_test"]

Direction = Literal["rising", "falling", "flat"]

TREND_BAR = 0.05
"""Only below this p-value is a trend said to be one."""

_CHUNK_CELLS = 2_000_000
# Statistics are sums of fractions: equal ones may differ in the last bits, and must count as ties.
_TIE = 1e-9


class TrendTest(msgspec.Struct, frozen=True):
    """A two-sided permutation test of unsafe labels against length.

    Fields:
        statistic: Sum over groups of the cross-products of label and rank of length about their group means;
            above 0 when unsafe labels sit at longer lengths.
        p_value: (1 + permutations at least as far from 0) / (1 + permutations), so never 0.
        n_groups: Groups that contribute: scored at two lengths or more.
        direction: The sign of the statistic, which chance has too; read it where the trend `is_clear`.
    """

    statistic: float
    p_value: float
    n_groups: int
    permutations: int
    direction: Direction

    @property
    def is_clear(self) -> bool:
        """Whether labels exchangeable over the lengths would seldom come out like this: a p-value below the bar."""
        return self.p_value < TREND_BAR


def trend_test(
    labels: Labels,
    *,
    seed: int = 0,
    permutations: int = 2000,
    scoring: Scoring = "strict",
    lengths: Sequence[int] | None = None,
) -> TrendTest:
    """Test whether labels are exchangeable over the lengths of their group.

    Permutes the scored labels of each group over its scored rows, so differences between groups and ties in the
    labels cost nothing. Lengths enter by rank among the declared ones (default: those that have rows), so 6 to 8 weighs
    as much as 1 to 2. Left out: rows without a resolved label or at other lengths, and groups scored at fewer than two
    lengths. Groups whose labels all agree add 0 to the statistic and to every permutation.

    Raises:
        NotMeasurable: no group is scored at two lengths.
        UsageError: fewer than one permutation, or `lengths` is no set of lengths.

    Source: the score statistic of conditional logistic regression, stratified by group; p-value with the observed
    arrangement counted in: Phipson and Smyth, SAGMB 9 (2010), 39, arXiv 1603.05766.
    """
    if permutations < 1:
        raise UsageError(f"permutations is {permutations}; use at least 1, better 2000")
    rising = declared(lengths if lengths is not None else labels.lengths or (0,))
    values, ranks, n_groups = _rows_in_groups(labels, scoring, rising)
    if not n_groups:
        raise NotMeasurable("trend is not measurable: no group has scored labels at two lengths or more; score them")
    observed = float(np.nansum(values * ranks))
    mixed = _mixed(values)
    permuted = _permuted(values[mixed], ranks[mixed], seed=seed, permutations=permutations)
    extreme = int(np.count_nonzero(np.abs(permuted) >= abs(observed) - _TIE))
    return TrendTest(observed, (1 + extreme) / (1 + permutations), n_groups, permutations, _direction(observed))


def _rows_in_groups(labels: Labels, scoring: Scoring, lengths: Sequence[int]) -> tuple[FloatArray, FloatArray, int]:
    """Labels and centred ranks of contributing groups, shape (n_groups, most rows in a group), nan where a row ends."""
    ranks, values = labels.length_codes(lengths), labels.values(scoring)
    kept = np.isfinite(values) & (ranks >= 0)
    order = np.lexsort((ranks[kept], labels.group[kept]))
    group, rank, value = labels.group[kept][order], ranks[kept][order], values[kept][order]
    _, first, row, count = np.unique(group, return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(group)) - first[row]
    shape = (len(first), int(count.max(initial=0)))
    label_table, rank_table = np.full(shape, np.nan), np.full(shape, np.nan)
    label_table[row, place], rank_table[row, place] = value, rank
    if not len(first):
        return label_table, rank_table, 0
    several = np.nanmax(rank_table, axis=1) > np.nanmin(rank_table, axis=1)
    centred = rank_table - np.nanmean(rank_table, axis=1, keepdims=True)
    return label_table[several], centred[several], int(several.sum())


def _mixed(values: FloatArray) -> IntArray:
    """The groups whose labels disagree: the only ones that permuting changes."""
    return np.flatnonzero(np.nanmax(values, axis=1) > np.nanmin(values, axis=1))


def _permuted(values: FloatArray, ranks: FloatArray, *, seed: int, permutations: int) -> FloatArray:
    """The statistic of each permutation, shape (permutations,)."""
    rng = np.random.default_rng(seed)
    statistics = np.zeros(permutations)
    chunk = max(1, _CHUNK_CELLS // max(1, len(values)))
    for start in range(0, permutations, chunk):
        size = min(chunk, permutations - start)
        statistics[start : start + size] = _draw(values, ranks, size=size, rng=rng)
    return statistics


def _draw(values: FloatArray, ranks: FloatArray, *, size: int, rng: np.random.Generator) -> FloatArray:
    """Selection sampling: place by place, a label is unsafe with chance (unsafe left) / (labels left).

    Source: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S. It is exact: every arrangement of a
    group's labels is equally likely.
    """
    unsafe_left = np.tile(np.nansum(values, axis=1), (size, 1))
    labels_left = np.isfinite(values).sum(axis=1).astype(np.float64)
    statistics = np.zeros(size)
    for place in range(values.shape[1]):
        there = np.isfinite(values[:, place])
        unsafe = (rng.random(unsafe_left.shape) * labels_left < unsafe_left) & there
        statistics += unsafe @ np.where(there, ranks[:, place], 0.0)
        unsafe_left -= unsafe
        labels_left = labels_left - there
    return statistics


def _direction(statistic: float) -> Direction:
    if abs(statistic) <= _TIE:
        return "flat"
    return "rising" if statistic > 0 else "falling"
