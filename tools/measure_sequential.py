"""Measures sequential evaluation: how often its limits ever miss the truth, and how many calls it needs.

    python tools/measure_statistics.py --only peeking --only calls --only strata --into docs/statistics.md

How the labels are drawn is said at `Benchmark`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import page_tables

from turnwise.metrics import SequentialRate, drawing_order, groups_for_half_width
from turnwise.metrics.interval import FloatArray, IntArray

ROWS = 8
N_GROUPS = 752
N_STRATA = 17
ASR = (0.02, 0.1, 0.3, 0.5)
HALF_WIDTHS = (0.02, 0.03, 0.05, 0.1)


class Benchmark(msgspec.Struct, frozen=True):
    """How the labels of a benchmark are drawn: beta-binomial in groups.

    Fields:
        rho: Correlation of two labels of a group.
        sizes: "equal": eight dialogues a group. "unequal": one to 15, and the large groups have the higher rates.
        failed: Share of dialogues that cannot be scored, chosen at random.
        between: Standard deviation of the rates of 17 strata of equal size.
        strata: Whether the evaluation is told which group is of which stratum.
    """

    asr: float
    rho: float = 0.3
    n_groups: int = N_GROUPS
    sizes: Literal["equal", "unequal"] = "equal"
    failed: float = 0
    between: float = 0
    strata: Literal["told", "not told"] = "not told"

    def draw(self, rng: np.random.Generator) -> Labelled:
        """One benchmark and the order in which it is evaluated."""
        stratum = np.arange(self.n_groups, dtype=np.int64) % N_STRATA
        mean = np.clip(rng.normal(self.asr, self.between, size=N_STRATA), 0.01, 0.99)[stratum]
        sizes = np.full(self.n_groups, ROWS, dtype=np.int64)
        if self.sizes == "unequal":
            sizes = rng.integers(1, 2 * ROWS, size=self.n_groups)
            mean = np.minimum(0.99, self.asr * sizes / ROWS)
        own = rng.beta(mean * (1 / self.rho - 1), (1 - mean) * (1 / self.rho - 1)) if self.rho else mean
        unsafe = rng.binomial(sizes, own)
        lost = rng.binomial(unsafe, self.failed)
        failed = lost + rng.binomial(sizes - unsafe, self.failed)
        order = drawing_order(sizes, seed=int(rng.integers(2**32)))
        return Labelled(
            truth=float(unsafe.sum() / sizes.sum()),
            sizes=sizes[order],
            scored=(unsafe - lost)[order].astype(np.float64),
            failed=failed[order],
            strata=stratum[order] if self.strata == "told" else None,
        )


class Labelled(msgspec.Struct, frozen=True, eq=False):
    """One benchmark in drawing order: its true rate; rows, unsafe scored rows and failed rows of each group."""

    truth: float
    sizes: IntArray
    scored: FloatArray
    failed: IntArray
    strata: IntArray | None

    def follow(self, half_width: float) -> Iterator[SequentialRate]:
        """What is known after each group."""
        known = SequentialRate(self.sizes, half_width=half_width, strata=self.strata)
        for place in range(len(self.sizes)):
            known.add(self.scored[place : place + 1], self.failed[place : place + 1])
            yield known

    def ever_missed(self, half_width: float) -> bool:
        """Whether the truth was outside the limits after any group."""
        return any(
            now.low is not None and now.high is not None and not now.low - 1e-9 <= self.truth <= now.high + 1e-9
            for now in (known.estimate for known in self.follow(half_width))
        )

    def share_asked(self, half_width: float) -> float:
        """The share of all rows that were asked when it could stop."""
        known = next(known for known in self.follow(half_width) if known.known_to(half_width))
        return (known.estimate.n + known.estimate.n_failed) / known.estimate.n_rows_all


def peeking_table(runs: int) -> str:
    """How often an interval looked at after every group ever misses the truth."""
    grid = [(Benchmark(asr, rho, 200), "") for asr, rho in itertools.product(ASR, (0, 0.3, 0.8))]
    grid += [(Benchmark(asr, n_groups=200, sizes="unequal"), "1 to 15 rows a group") for asr in (0.1, 0.3)]
    grid += [(Benchmark(asr, n_groups=200, failed=0.02), "2 % of rows fail") for asr in (0.1, 0.3)]
    grid += [(Benchmark(asr, n_groups=200, between=0.2, strata="told"), "strata told") for asr in (0.1, 0.3)]
    grid += [(Benchmark(0.3, n_groups=n_groups), "") for n_groups in (50, N_GROUPS)]
    rows = []
    for place, (one, what) in enumerate(grid):
        rng = np.random.default_rng([20260104, place])
        missed = sum(one.draw(rng).ever_missed(0.05) for _ in range(runs))
        rows.append([str(one.n_groups), f"{one.asr:g}", f"{one.rho:g}", what, f"{100 * missed / runs:.1f}"])
    note = f"Percent of {runs:,} runs to the last group in which the interval missed the truth after any group."
    return f"{note}\n\n{page_tables.markdown(['groups', 'ASR', 'rho', 'and', 'ever missed'], rows)}"


def calls_table(runs: int) -> str:
    """What share of the calls a half-width needs, of a tenth of so many runs."""
    runs = max(1, runs // 10)
    grid = [(Benchmark(asr), half_width) for asr, half_width in itertools.product(ASR, HALF_WIDTHS)]
    grid += [(Benchmark(0.3, rho), half_width) for rho, half_width in itertools.product((0, 0.8), HALF_WIDTHS)]
    grid += [(Benchmark(0.3, failed=failed), 0.05) for failed in (0.01, 0.02)]
    rows = []
    for place, (one, half_width) in enumerate(grid):
        shares = _shares(one, half_width, runs=runs, place=place)
        fixed = groups_for_half_width(
            one.asr, half_width, rows_per_group=ROWS, group_correlation=one.rho, n_groups_all=N_GROUPS
        )
        percent = [fixed / N_GROUPS, shares.mean(), float(np.quantile(shares, 0.9))]
        setting = [one.asr, one.rho, half_width, one.failed]
        rows.append([*(f"{part:g}" for part in setting), *(f"{100 * part:.0f}" for part in percent)])
    head = ["ASR", "rho", "half-width", "rows failed", "fixed sample", "sequential, mean", "in 90 % of runs at most"]
    note = f"Percent of the calls for {N_GROUPS} groups of {ROWS} dialogues; {runs:,} runs each."
    return f"{note}\n\n{page_tables.markdown(head, rows)}"


def strata_table(runs: int) -> str:
    """What share of the calls strata spare, of a tenth of so many runs."""
    runs = max(1, runs // 10)
    rows = []
    for place, (asr, between) in enumerate(((0.3, 0), (0.3, 0.1), (0.3, 0.2), (0.5, 0.3))):
        blind = _shares(Benchmark(asr, between=between), 0.05, runs=runs, place=place).mean()
        told = _shares(Benchmark(asr, between=between, strata="told"), 0.05, runs=runs, place=place).mean()
        rows.append([f"{asr:g}", f"{between:g}", f"{100 * blind:.0f}", f"{100 * told:.0f}"])
    head = ["ASR", "spread of strata", "strata not told", "strata told"]
    note = (
        f"Percent of the calls for half-width 0.05: {N_GROUPS} groups, {N_STRATA} strata, rho 0.3, {runs:,} runs each."
    )
    return f"{note}\n\n{page_tables.markdown(head, rows)}"


def _shares(one: Benchmark, half_width: float, *, runs: int, place: int) -> FloatArray:
    rng = np.random.default_rng([20260105, place])
    return np.array([one.draw(rng).share_asked(half_width) for _ in range(runs)])


TABLES = {"peeking": peeking_table, "calls": calls_table, "strata": strata_table}
