"""From sums over groups to a 95 % interval: cluster bootstrap, its standard error, and the interval made of it.

A statistic here is always a function of sums over groups (unsafe rows, scored rows, ...), so one matrix product gives
all its replicates. The same seed gives every statistic of one data set the same resamples. docs/statistics.md has the
method, its reasons and its measured coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from turnwise.errors import UsageError
from turnwise.metrics.beta import beta_quantile

__all__ = [
    "FloatArray",
    "IntArray",
    "exact_share",
    "independent_error",
    "interval",
    "resampled_blocks",
    "resampled_totals",
    "share_interval",
    "standard_error",
    "sum_by_group",
    "t_quantile",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Counts held at once. 2 million are 16 MB, and there are four arrays of that size at the peak.
_CHUNK_CELLS = 2_000_000
_TAIL = 0.025
_Z = 1.959963984540054
_T_SMALL = {1: 12.706204736, 2: 4.302652730, 3: 3.182446305, 4: 2.776445105}


def sum_by_group(
    weights: FloatArray, groups: IntArray, columns: IntArray, *, n_groups: int, n_columns: int
) -> FloatArray:
    """Sums of row weights by group and column, shape (n_groups, n_columns).

    All three arrays have shape (n_rows,); rows whose column is negative are left out.
    """
    kept = columns >= 0
    cell = groups[kept] * n_columns + columns[kept]
    sums = np.bincount(cell, weights=weights[kept], minlength=n_groups * n_columns)
    return sums.reshape(n_groups, n_columns).astype(np.float64)


def resampled_totals(columns: FloatArray, *, seed: int, resamples: int) -> FloatArray:
    """Column totals when as many groups as there are get drawn with replacement, shape (resamples, n_columns).

    `columns` has shape (n_groups, n_columns) with at least one group. Memory is bounded whatever `resamples` is.

    Raises:
        UsageError: fewer than 2 resamples, from which no spread can be read.

    Source: cluster (one-stage) bootstrap, Davison and Hinkley, Bootstrap Methods and their Application, 1997, 3.8.
    """
    n_groups = columns.shape[0]
    return resampled_blocks([(np.arange(n_groups), columns)], n_groups=n_groups, seed=seed, resamples=resamples)


def resampled_blocks(
    blocks: Sequence[tuple[IntArray, FloatArray]], *, n_groups: int, seed: int, resamples: int
) -> FloatArray:
    """As `resampled_totals`, of columns in blocks, each with only the groups that are not 0 in it.

    A block is the codes of its groups, shape (n_some,), and its columns, shape (n_some, n_columns). Totals are side by
    side in the order of the blocks.
    """
    if resamples < 2:  # noqa: PLR2004 - a standard deviation needs two
        raise UsageError(f"resamples is {resamples}; use at least 2, better 2000")
    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_CELLS // n_groups)
    ends = np.cumsum([columns.shape[1] for _, columns in blocks])
    totals = np.empty((resamples, int(ends[-1])))
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        drawn = rng.integers(n_groups, size=(size, n_groups))
        drawn += np.arange(size)[:, None] * n_groups
        counts = np.bincount(drawn.ravel(), minlength=size * n_groups).reshape(size, n_groups).astype(np.float64)
        for end, (groups, columns) in zip(ends, blocks, strict=True):
            totals[start : start + size, end - columns.shape[1] : end] = counts[:, groups] @ columns
    return totals


def standard_error(replicates: FloatArray, *, n_groups: int) -> float:
    """Standard error from bootstrap replicates, shape (resamples,), with the small-sample factor sqrt(G / (G - 1)).

    Replicates that are nan (no scored row was drawn) are left out. 0 when fewer than two remain or there is one group.
    """
    finite = replicates[np.isfinite(replicates)]
    if finite.size < 2 or n_groups < 2:  # noqa: PLR2004 - a spread needs two of each
        return 0.0
    return float(finite.std(ddof=1)) * math.sqrt(n_groups / (n_groups - 1))


def interval(value: float, error: float, *, n_groups: int, least_error: float) -> tuple[float, float]:
    """The 95 % interval (low, high) of a value in [0, 1].

    Inside (0, 1): Student's t with n_groups - 1 degrees of freedom on the logit scale, from the cluster-bootstrap
    standard error, which is never taken to be smaller than if all rows were independent. At 0 or 1, where the bootstrap
    sees no spread: the exact Clopper-Pearson bound for `n_groups` independent groups. One group whose rows disagree
    says nothing about other groups: (0, 1).

    Args:
        value: The estimate.
        error: Its standard error, from resampling groups.
        n_groups: Groups with at least one scored row, 1 or more.
        least_error: What `error` would be if all rows were independent, see `independent_error`.

    Source: logit-t interval for cluster samples, Korn and Graubard, Survey Methodology 24 (1998), 193-201; exact bound,
    Clopper and Pearson, Biometrika 26 (1934), 404-413.
    Differs: the standard error comes from the bootstrap and has a floor.
    """
    if value <= 0:
        return 0.0, exact_share(n_groups)
    if value >= 1:
        return 1 - exact_share(n_groups), 1.0
    if n_groups == 1:
        return 0.0, 1.0
    centre = math.log(value / (1 - value))
    reach = t_quantile(n_groups - 1) * max(error, least_error) / (value * (1 - value))
    return _expit(centre - reach), _expit(centre + reach)


def share_interval(value: float, *, n_effective: float, n_rows: int, n_groups: int) -> tuple[float, float]:
    """The 95 % interval of a share within (0, 1) among rows that tell as much as `n_effective` independent ones.

    Quantiles of beta(n v + 1/2, n (1 - v) + 1/2). How much rows tell is itself read from `n_groups`: n is `n_effective`
    times the squared ratio of the t quantiles for rows and for groups. Where every row is a group of its own, the ratio
    is 1, for the spread of a label follows from its rate. One group says nothing: (0, 1).

    Args:
        value: The share.
        n_effective: value (1 - value) over the squared standard error.
        n_rows: Rows seen, at least `n_groups`.
        n_groups: Groups they lie in, 1 or more.

    Source: Jeffreys interval, Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133; effective n and its
    ratio, Korn and Graubard, Survey Methodology 24 (1998), 193-201; both together, Franco, Little, Louis and Slud,
    Journal of Survey Statistics and Methodology 7 (2019), 334-364.
    """
    if n_groups == 1:
        return 0.0, 1.0
    n = n_effective * (t_quantile(n_rows - 1) / t_quantile(n_groups - 1)) ** 2
    low, high = (beta_quantile(tail, n * value + 0.5, n * (1 - value) + 0.5) for tail in (_TAIL, 1 - _TAIL))
    return min(low, value), max(high, value)


def independent_error(share: float, n_rows: float) -> float:
    """The standard error of a share of independent rows. Without rows there is nothing to err about: 0."""
    return math.sqrt(share * (1 - share) / n_rows) if n_rows else 0.0


def exact_share(n_groups: int) -> float:
    """The largest share of groups that is still plausible (Clopper-Pearson, 95 % two-sided) after seeing none in n."""
    return 1 - math.exp(math.log(_TAIL) / n_groups)


def t_quantile(degrees: int) -> float:
    """The 97.5 % quantile of Student's t, right to 0.001 for 1 or more degrees of freedom.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5; up to 4 degrees from a table.
    """
    if degrees in _T_SMALL:
        return _T_SMALL[degrees]
    z, n = _Z, degrees
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )


def _expit(x: float) -> float:
    # tanh form: no overflow for any x.
    return 0.5 * (1 + math.tanh(x / 2))
