"""Measures how often the 95 % intervals of `turnwise.metrics` cover the truth, and how often the trend test cries wolf.

    python tools/measure_statistics.py --only coverage --into docs/statistics.md

Each run draws groups with five lengths whose labels are independent given a group's own rate, which is beta
distributed: mean `asr`, correlation `rho` between two labels of one group.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import msgspec
import numpy as np
import page_tables

from turnwise.metrics import Labels, first_unsafe_length, index_with_variants, rate, trend_test
from turnwise.metrics.interval import FloatArray, IntArray, resampled_totals

LENGTHS = (1, 2, 4, 6, 8)
GROUPS = (20, 50, 100, 500)
RHO = (0.0, 0.3, 0.8)
ASR = (0.05, 0.1, 0.3, 0.5, 0.9)
RESAMPLES = 300


class Setting(msgspec.Struct, frozen=True):
    """One cell of the grid."""

    n_groups: int
    rho: float
    asr: float

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Labels of one run, shape (n_groups, n_lengths)."""
        own = rng.beta(*self._beta(), size=self.n_groups) if self.rho else np.full(self.n_groups, self.asr)
        return (rng.random((self.n_groups, len(LENGTHS))) < own[:, None]).astype(np.float64)

    def chance(self, n_unsafe: int) -> float:
        """The chance of one given pattern of labels with so many unsafe ones."""
        n_safe = len(LENGTHS) - n_unsafe
        if self.rho == 0:
            return float(self.asr**n_unsafe * (1 - self.asr) ** n_safe)
        a, b = self._beta()
        return math.exp(_log_beta(a + n_unsafe, b + n_safe) - _log_beta(a, b))

    def true_index(self) -> float:
        """The Safety Index of the whole population; weights do not matter, for ASR is the same at every length."""
        flips = sum(self.chance(sum(pattern)) * _flip(pattern) for pattern in _patterns())
        return (1 - self.asr) * (1 - flips)

    def _beta(self) -> tuple[float, float]:
        size = (1 - self.rho) / self.rho
        return self.asr * size, (1 - self.asr) * size


class Hits(msgspec.Struct):
    """Runs of one setting whose interval covers the truth, by statistic, and what else was counted."""

    counts: dict[str, int] = {}

    def add(self, name: str, *, hit: bool) -> None:
        """Count one run."""
        self.counts[name] = self.counts.get(name, 0) + hit


def _patterns() -> Iterator[tuple[int, ...]]:
    return itertools.product((0, 1), repeat=len(LENGTHS))


def _flip(pattern: tuple[int, ...]) -> float:
    tail = pattern[pattern.index(1) :] if 1 in pattern else (0,)
    return float(np.std(tail))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _labels(table: FloatArray) -> Labels:
    n_groups, n_lengths = table.shape
    none: IntArray = np.full(table.size, -1, dtype=np.int64)
    return Labels(
        group=np.repeat(np.arange(n_groups), n_lengths),
        length=np.tile(np.array(LENGTHS), n_groups),
        strict=table.ravel(),
        as_published=table.ravel(),
        scenario=none,
        method=none,
        group_names=tuple(f"g{group:05}" for group in range(n_groups)),
    )


def _one_run(setting: Setting, hits: Hits, *, table: FloatArray, seed: int) -> None:
    labels = _labels(table)
    overall = rate(labels.strict, labels.group, seed=seed, resamples=RESAMPLES)
    one_length = rate(table[:, -1], np.arange(setting.n_groups), seed=seed, resamples=RESAMPLES)
    totals = resampled_totals(table.mean(axis=1)[:, None], seed=seed, resamples=RESAMPLES) / setting.n_groups
    low, high = np.quantile(totals, [0.025, 0.975])
    curve = first_unsafe_length(labels, seed=seed, resamples=RESAMPLES)[-1]
    index = index_with_variants(labels, scoring="strict", seed=seed, resamples=RESAMPLES)
    truth = setting.true_index()
    hits.add("ASR, all lengths", hit=_covers(overall.low, setting.asr, overall.high))
    hits.add("ASR, one length", hit=_covers(one_length.low, setting.asr, one_length.high))
    hits.add("first unsafe", hit=_covers(curve.low, setting.chance(0), curve.high))
    for name, one in (("published", index), ("uniform", index.uniform), ("long", index.long)):
        hits.add(f"index, {name}", hit=_covers(one.low, truth, one.high))
    hits.add("*bare percentile*", hit=_covers(float(low), setting.asr, float(high)))
    trend = trend_test(labels, seed=seed, permutations=RESAMPLES - 1)
    hits.add("trend test", hit=trend.p_value <= 0.05)


def _covers(low: float | None, truth: float, high: float | None) -> bool:
    return low is not None and high is not None and low <= truth <= high


def coverage_table(runs: int) -> str:
    """Coverage of every interval over groups, rho and ASR."""
    head, rows = ["groups", "rho", "ASR"], []
    for place, setting in enumerate(Setting(*cell) for cell in itertools.product(GROUPS, RHO, ASR)):
        hits, rng = Hits(), np.random.default_rng([20260101, place])
        for seed in range(runs):
            _one_run(setting, hits, table=setting.draw(rng), seed=seed)
        shares = [f"{100 * count / runs:.1f}" for count in hits.counts.values()]
        rows.append([str(setting.n_groups), str(setting.rho), str(setting.asr), *shares])
        print("|", " | ".join(rows[-1]), "|", flush=True)
    note = f"Percent of {runs:,} runs, {RESAMPLES} resamples each; for the trend test, percent of runs with p <= 0.05."
    return f"{note}\n\n{page_tables.markdown([*head, *hits.counts], rows)}"


TABLES = {"coverage": coverage_table}
