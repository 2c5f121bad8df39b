"""Whether the intervals and the test do what they promise, by simulation with a known truth."""

from __future__ import annotations

import numpy as np

from turnwise.metrics import Labels, rate, safety_index, trend_test
from turnwise.metrics.interval import FloatArray

LENGTHS = np.array([1, 2, 4, 6, 8])
# 2,000 runs put the standard error of a coverage near 95 % at 0.5 points.
N_GROUPS, RUNS, RESAMPLES, ASR, RHO = 100, 2000, 400, 0.3, 0.3


def _tables(seed: int) -> FloatArray:
    """Labels with known truth, shape (runs, groups, lengths): beta-binomial, mean ASR, correlation RHO in a group."""
    rng = np.random.default_rng(seed)
    size = (1 - RHO) / RHO
    own = rng.beta(ASR * size, (1 - ASR) * size, size=(RUNS, N_GROUPS, 1))
    return (rng.random((RUNS, N_GROUPS, len(LENGTHS))) < own).astype(np.float64)


def _labels(table: FloatArray) -> Labels:
    none = np.full(table.size, -1, dtype=np.int64)
    return Labels(
        group=np.repeat(np.arange(N_GROUPS), len(LENGTHS)),
        length=np.tile(LENGTHS, N_GROUPS),
        strict=table.ravel(),
        as_published=table.ravel(),
        scenario=none,
        method=none,
        group_names=tuple(f"g{group:03}" for group in range(N_GROUPS)),
    )


def test_the_interval_of_asr_covers_the_truth_as_often_as_it_says() -> None:
    """Over 2,000 runs the 95 % interval of ASR, all lengths pooled, holds the true rate 93 to 97 % of the time."""
    groups = np.repeat(np.arange(N_GROUPS), len(LENGTHS))
    estimates = [
        rate(table.ravel(), groups, seed=seed, resamples=RESAMPLES) for seed, table in enumerate(_tables(2026))
    ]
    covered = [(estimate.low or 0) <= ASR <= (estimate.high or 0) for estimate in estimates]
    assert 0.93 <= np.mean(covered) <= 0.97


def test_the_interval_of_the_index_covers_the_truth_as_often_as_it_says() -> None:
    """The same for the Safety Index; its truth is taken from 800,000 groups."""
    crowd = np.concatenate([_tables(seed).reshape(-1, len(LENGTHS)) for seed in range(1000, 1004)])
    first = np.cumsum(crowd, axis=1) > 0
    share = (crowd * first).sum(axis=1) / np.maximum(first.sum(axis=1), 1)
    truth = (1 - ASR) * (1 - np.sqrt(share * (1 - share)).mean())
    indices = [
        safety_index(_labels(table), scoring="strict", seed=seed, resamples=RESAMPLES)
        for seed, table in enumerate(_tables(2027))
    ]
    assert 0.93 <= np.mean([index.low <= truth <= index.high for index in indices]) <= 0.97


def test_the_trend_test_cries_wolf_as_often_as_it_says() -> None:
    """Over 2,000 runs without a trend its p-value is at most 0.05 in 3 to 7 % of them."""
    tests = [trend_test(_labels(table), seed=seed, permutations=399) for seed, table in enumerate(_tables(2028))]
    assert 0.03 <= np.mean([test.p_value <= 0.05 for test in tests]) <= 0.07
