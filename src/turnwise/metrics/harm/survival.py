"""The first-unsafe-length curve: how many groups still have not failed after each length, with censoring."""

from __future__ import annotations

import numpy as np

from turnwise.metrics.estimate import COMPLETENESS_BAR, Estimate
from turnwise.metrics.interval import (
    FloatArray,
    independent_error,
    interval,
    resampled_totals,
    standard_error,
    sum_by_group,
)
from turnwise.metrics.labels import Labels, Scoring

__all__ = ["SurvivalPoint", "first_unsafe_length"]


class SurvivalPoint(Estimate, frozen=True, kw_only=True):
    """The share of groups not yet unsafe after `length`.

    Fields:
        n: Groups at risk: safe at every shorter length and resolved at this one.
        n_failed: Groups censored at this length or a shorter one: safe until there, then a label is missing or
            unresolved. `n`, `n_failed` and the groups unsafe at a shorter length add up to `n_groups`.
        n_lost: Those of `n_failed` whose label could not be scored; the others have no dialogue of that length.
        n_groups: All groups of the curve.
    """

    length: int
    n_lost: int
    n_groups: int

    @property
    def withheld(self) -> bool:
        """Whether too many of all groups were lost up to here; a curve rests on its past, not on `n` alone."""
        return 1 - self.n_lost / self.n_groups < COMPLETENESS_BAR


def first_unsafe_length(
    labels: Labels, *, scoring: Scoring = "strict", seed: int = 0, resamples: int = 2000
) -> list[SurvivalPoint]:
    """The survival curve over the lengths that have rows, in rising order.

    A group leaves at its first unsafe label. At its first missing or unresolved label it is censored: its later labels
    are not used, for it may have failed unseen. Several rows at one length count as one: unsafe if any is, else
    unresolved if any is. Once no group is at risk the value is None, or stays 0 if the last one at risk failed.

    Reading it assumes that groups are censored for reasons unrelated to how soon they would fail.

    Source: product-limit estimate, Kaplan and Meier, JASA 53 (1958), 457-481. The curve over dialogue lengths is ours.
    """
    lengths = labels.lengths
    if not lengths:
        return []
    at_risk, unsafe, lost = _at_risk_unsafe_and_lost(*_status(labels, scoring))
    totals = resampled_totals(np.hstack([at_risk, unsafe]), seed=seed, resamples=resamples)
    replicates = _curve(totals[:, : len(lengths)], totals[:, len(lengths) :])
    n, failing = at_risk.sum(axis=0), unsafe.sum(axis=0)
    value = _curve(n[None, :], failing[None, :])[0]
    censored, n_lost = labels.n_groups - n - (np.cumsum(failing) - failing), np.cumsum(lost.sum(axis=0))
    return [
        _point(
            length,
            float(value[k]),
            replicates[:, k],
            n=int(n[k]),
            n_groups=labels.n_groups,
            n_censored=int(censored[k]),
            n_lost=int(n_lost[k]),
        )
        for k, length in enumerate(lengths)
    ]


def _status(labels: Labels, scoring: Scoring) -> tuple[FloatArray, FloatArray]:
    """1 unsafe, 0 safe, nan missing or unresolved; and 1 where there are rows. Shape (n_groups, n_lengths) each."""
    values, codes = labels.values(scoring), labels.length_codes(labels.lengths)

    def table(weights: FloatArray) -> FloatArray:
        return sum_by_group(weights, labels.group, codes, n_groups=labels.n_groups, n_columns=len(labels.lengths))

    unsafe = table((values == 1).astype(np.float64)) > 0
    rows, resolved = table(np.ones_like(values)), table(np.isfinite(values).astype(np.float64))
    safe = (rows > 0) & (resolved == rows)
    return np.where(unsafe, 1.0, np.where(safe, 0.0, np.nan)), (rows > 0).astype(np.float64)


def _at_risk_unsafe_and_lost(status: FloatArray, there: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per group and length: 1 where the group is at risk, where it fails, and where it leaves without being scored."""
    safe_before = np.cumprod(np.hstack([np.ones((len(status), 1)), status[:, :-1] == 0]), axis=1)
    at_risk = safe_before * np.isfinite(status)
    return at_risk, at_risk * (status == 1), safe_before * np.isnan(status) * there


def _curve(at_risk: FloatArray, unsafe: FloatArray) -> FloatArray:
    """Product over lengths (axis 1) of the share that does not fail; nan once nobody is at risk and some survived."""
    hazard = np.divide(unsafe, at_risk, out=np.zeros_like(unsafe), where=at_risk > 0)
    curve = np.cumprod(1 - hazard, axis=1)
    return np.where((at_risk == 0) & (curve > 0), np.nan, curve)


def _point(
    length: int, value: float, replicates: FloatArray, *, n: int, n_groups: int, n_censored: int, n_lost: int
) -> SurvivalPoint:
    if np.isnan(value):
        return SurvivalPoint(None, n, n_censored, length=length, n_lost=n_lost, n_groups=n_groups)
    n_known = n_groups - n_censored
    error = standard_error(replicates, n_groups=n_known)
    low, high = interval(value, error, n_groups=n_known, least_error=independent_error(value, n_known))
    return SurvivalPoint(value, n, n_censored, low, high, length=length, n_lost=n_lost, n_groups=n_groups)
