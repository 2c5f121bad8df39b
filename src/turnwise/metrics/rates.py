"""Rates with their intervals, whole or by a key: ASR, refusal rate, over-refusal rate and the cells of a heat map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import (
    FloatArray,
    IntArray,
    exact_share,
    interval,
    resampled_blocks,
    standard_error,
    sum_by_group,
)

__all__ = ["rate", "rates_by"]

_BLOCK_KEYS = 128
# Totals held at once. 8 million are 64 MB, and there are two arrays of that size at the peak.
_TOTALS_AT_ONCE = 8_000_000
# Scores that are all alike show no spread; the share of groups that may be otherwise is that of a rate of 0.
_NO_SPREAD = 1e-12


def rate(values: FloatArray, groups: IntArray, *, seed: int, resamples: int = 2000) -> Estimate:
    """The share of scored rows that are 1, with its interval; of values between 0 and 1, their mean.

    Args:
        values: Shape (n_rows,): 1 yes, 0 no, nan could not be scored. Rows that are nan count in `n_failed` only.
        groups: Shape (n_rows,): code of the group each row belongs to; the unit of resampling.
        seed: Of the resampling.
        resamples: How many.

    Source: ASR as unsafe / (safe + unsafe), SafeMT, arXiv 2510.12133, official score.py.
    Differs: the interval and `n_failed` are ours; the official code gives the bare share.
    """
    return rates_by(values, groups, np.zeros(len(values), dtype=np.int64), n_keys=1, seed=seed, resamples=resamples)[0]


def rates_by(
    values: FloatArray, groups: IntArray, keys: IntArray, *, n_keys: int, seed: int, resamples: int = 2000
) -> list[Estimate]:
    """The rate for each key, in key order; a key without scored rows has value None.

    All keys share one set of group resamples, so a table costs few matrix products. Memory is bounded however many keys
    there are.

    Args:
        values: Shape (n_rows,), as in `rate`.
        groups: Shape (n_rows,), as in `rate`.
        keys: Shape (n_rows,): codes 0 to n_keys - 1; rows with a negative key are left out of every rate.
        n_keys: How many keys there are.
        seed: Of the resampling.
        resamples: How many.
    """
    _, group = np.unique(groups, return_inverse=True)
    n_groups = int(group.max(initial=-1)) + 1
    estimates = [Estimate(None, 0, 0)] * n_keys
    for some in _some_at_once(_blocks(values, group, keys), resamples):
        columns = [(block.groups, np.hstack([block.ones, block.counts])) for block in some]
        totals = resampled_blocks(columns, n_groups=n_groups, seed=seed, resamples=resamples)
        parts = np.split(totals, np.cumsum([2 * len(block.keys) for block in some])[:-1], axis=1)
        for block, part in zip(some, parts, strict=True):
            for key, estimate in zip(block.keys, block.estimates(part), strict=True):
                estimates[key] = estimate
    return estimates


class _Block(NamedTuple):
    """A few keys, and sums over the rows that have them, by group and key.

    Fields:
        keys: Shape (n_some,).
        groups: Shape (n_groups_here,); codes of the groups with such rows.
        ones, counts: Shape (n_groups_here, n_some); rows that are 1, and rows that were scored.
        squares: Shape (n_some,); sums of squares, which are those of `ones` where all values are 0 or 1.
        failed: Shape (n_some,); rows that were not.
    """

    keys: IntArray
    groups: IntArray
    ones: FloatArray
    counts: FloatArray
    squares: FloatArray
    failed: FloatArray

    def estimates(self, totals: FloatArray) -> list[Estimate]:
        """The rate of each key, from the resampled totals of ones and counts, shape (resamples, 2 * n_some)."""
        n_keys = len(self.keys)
        replicates = _share(totals[:, :n_keys], totals[:, n_keys:])
        return [
            _estimate(
                self.ones[:, k],
                self.counts[:, k],
                replicates[:, k],
                squares=float(self.squares[k]),
                n_failed=int(self.failed[k]),
            )
            for k in range(n_keys)
        ]


def _blocks(values: FloatArray, groups: IntArray, keys: IntArray) -> Iterator[_Block]:
    """The keys that have rows, some at a time. Few groups have rows of few keys, so a block is small."""
    order = np.argsort(keys, kind="stable")
    order = order[keys[order] >= 0]
    starts = np.unique(keys[order], return_index=True)[1]
    for rows in np.split(order, starts[_BLOCK_KEYS::_BLOCK_KEYS]):
        if len(rows):
            yield _block(values[rows], groups[rows], keys[rows])


def _block(values: FloatArray, groups: IntArray, keys: IntArray) -> _Block:
    known, key = np.unique(keys, return_inverse=True)
    here, group = np.unique(groups, return_inverse=True)
    scored = np.isfinite(values)

    def sums(weights: FloatArray) -> FloatArray:
        return sum_by_group(weights, group, key, n_groups=len(here), n_columns=len(known))

    known_values = np.where(scored, values, 0.0)
    ones, counts = sums(known_values), sums(scored.astype(np.float64))
    squares, failed = (sums(weights).sum(axis=0) for weights in (known_values**2, (~scored).astype(np.float64)))
    return _Block(known, here, ones, counts, squares, failed)


def _some_at_once(blocks: Iterable[_Block], resamples: int) -> Iterator[list[_Block]]:
    """As many blocks at a time as share one set of resamples, of which memory holds all totals."""
    size = max(1, _TOTALS_AT_ONCE // (2 * _BLOCK_KEYS * max(1, resamples)))
    left = iter(blocks)
    while some := list(islice(left, size)):
        yield some


def _share(ones: FloatArray, counts: FloatArray) -> FloatArray:
    return np.divide(ones, counts, out=np.full_like(ones, np.nan), where=counts > 0)


def _estimate(
    ones: FloatArray, counts: FloatArray, replicates: FloatArray, *, squares: float, n_failed: int
) -> Estimate:
    n = int(counts.sum())
    if n == 0:
        return Estimate(None, 0, n_failed)
    value = float(ones.sum()) / n
    n_groups = int(np.count_nonzero(counts))
    # For values of 0 and 1 this is value * (1 - value), to the last bit.
    variance = value * (1 - value) + (squares / n - value)
    if 0 < value < 1 < n_groups and variance < _NO_SPREAD:
        unseen = exact_share(n_groups)
        return Estimate(value, n, n_failed, (1 - unseen) * value, value + unseen * (1 - value))
    error = standard_error(replicates, n_groups=n_groups)
    low, high = interval(value, error, n_groups=n_groups, least_error=math.sqrt(max(0.0, variance) / n))
    return Estimate(value, n, n_failed, low, high)
