"""Measures the comparison of two runs and the power formula: tables for docs/statistics.md.

    python tools/measure_statistics.py --only comparison --only power --into docs/statistics.md

How the data are drawn is said at each table and at `Runs.draw`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Literal

import msgspec
import numpy as np
import page_tables

from turnwise.metrics import Comparison, PairedDesign, Pairs, compare, groups_needed, power_at
from turnwise.metrics.interval import FloatArray

ROWS = 5
GROUPS = (20, 50, 200)
RATES = ((0.02, 0.02), (0.1, 0.1), (0.3, 0.3), (0.1, 0.02), (0.3, 0.2))
Kind = Literal["alike", "separate", "mended", "lopsided"]
EQUAL_RATES = (0.02, 0.1, 0.3)
DIFFERING = (4, 5, 6, 7, 8, 12, 20, 50, GROUPS[-1])
"""The most groups that differ in each row of a table."""
KINDS: tuple[tuple[Kind, float], ...] = (
    ("alike", 0),
    ("alike", 0.3),
    ("alike", 0.8),
    ("separate", 0.8),
    ("mended", 0.3),
    ("lopsided", 0),
)


class Runs(msgspec.Struct, frozen=True):
    """Two runs over the same groups of five dialogues; `rho` is the correlation of two labels of a group."""

    kind: Kind
    n_groups: int
    first: float
    second: float
    rho: float

    def draw(self, rng: np.random.Generator) -> Pairs:
        """One pair of runs.

        alike: both runs draw from the group's own rate, which is beta distributed, and scaled to the second run's rate.
        separate: each run has own rates of the groups.
        mended: the second run is the first with some unsafe labels made safe; for equal rates, with 15 % drawn anew.
        lopsided: groups are all safe or all unsafe in the first run, dialogues are independent in the second.
        """
        own, shape = self._own_rates(rng, self.first), (self.n_groups, ROWS)
        first = rng.random(shape) < own
        if self.kind == "alike":
            second = rng.random(shape) < own * (self.second / self.first)
        elif self.kind == "separate":
            second = rng.random(shape) < self._own_rates(rng, self.second)
        elif self.kind == "lopsided":
            first = np.repeat(rng.random((self.n_groups, 1)) < self.first, ROWS, axis=1)
            second = rng.random(shape) < self.second
        elif self.first == self.second:
            second = np.where(rng.random(shape) < 0.15, rng.random(shape) < own, first)
        else:
            second = first & (rng.random(shape) < self.second / self.first)
        return pairs_of(first.astype(np.float64), second.astype(np.float64))

    def _own_rates(self, rng: np.random.Generator, rate: float) -> FloatArray:
        if not self.rho:
            return np.full((self.n_groups, 1), rate)
        size = (1 - self.rho) / self.rho
        return rng.beta(rate * size, (1 - rate) * size, size=(self.n_groups, 1))


def pairs_of(first: FloatArray, second: FloatArray) -> Pairs:
    """Pairs of two label tables of shape (n_groups, n_rows)."""
    group = np.repeat(np.arange(first.shape[0]), first.shape[1])
    return Pairs(group=group, first=first.ravel(), second=second.ravel(), n_only_first=0, n_only_second=0)


def comparison_table(runs: int) -> str:
    """False alarms of the tests and coverage of the interval, by kind of runs, rates and number of groups."""
    rows = []
    for place, ((kind, rho), (first, second)) in enumerate(itertools.product(KINDS, RATES)):
        found = [
            _compared(Runs(kind, n_groups, first, second, rho), runs=runs, seed=place * len(GROUPS) + column)
            for column, n_groups in enumerate(GROUPS)
        ]
        rows.append(
            [
                f"{kind} {rho:g}",
                f"{first:g}, {second:g}",
                *(_percent(one, _rejects) for one in found),
                _percent(found[-1], _rejects_by_rows),
                _percent(found[-1], _rejects_by_groups),
                *(_percent(one, _holds(second - first)) for one in found),
            ]
        )
    tests = [*(f"p, {n_groups}" for n_groups in GROUPS), f"McNemar, {GROUPS[-1]}", f"clustered, {GROUPS[-1]}"]
    head = ["runs, rho", "rates", *tests, *(f"holds, {n_groups}" for n_groups in GROUPS)]
    note = f"Percent of {runs:,} pairs of runs over 20, 50 and 200 groups; 300 resamples and 999 permutations each."
    return f"{note}\n\n{page_tables.markdown(head, rows)}"


def _compared(setting: Runs, *, runs: int, seed: int) -> list[Comparison]:
    rng = np.random.default_rng([20260102, seed])
    return [compare(setting.draw(rng), seed=run, resamples=300, permutations=999) for run in range(runs)]


def _percent(found: list[Comparison], test: Callable[[Comparison], bool]) -> str:
    return f"{100 * sum(map(test, found)) / len(found):.1f}"


def _rejects(one: Comparison) -> bool:
    return one.p_value is not None and one.p_value <= 0.05


def _rejects_by_rows(one: Comparison) -> bool:
    return one.discordance is not None and one.discordance.mcnemar_p <= 0.05


def _rejects_by_groups(one: Comparison) -> bool:
    return one.discordance is not None and one.discordance.clustered_p <= 0.05


def _holds(truth: float) -> Callable[[Comparison], bool]:
    return lambda one: one.low is not None and one.high is not None and one.low - 1e-9 <= truth <= one.high + 1e-9


def differing_table(runs: int) -> str:
    """False alarms by how many groups differ, over all settings of runs that can be swapped."""
    counts = np.zeros((len(DIFFERING), 4))
    settings = itertools.product(KINDS[:-1], EQUAL_RATES, GROUPS)
    for place, ((kind, rho), rate, n_groups) in enumerate(settings):
        setting, rng = Runs(kind, n_groups, rate, rate, rho), np.random.default_rng([20260110, place])
        for run in range(runs):
            pairs = setting.draw(rng)
            n_differing = np.count_nonzero(np.bincount(pairs.group, weights=pairs.second - pairs.first))
            found = compare(pairs, seed=run, resamples=2, permutations=999)
            alarms = [test(found) for test in (_rejects, _rejects_by_rows, _rejects_by_groups)]
            counts[sum(n_differing > most for most in DIFFERING[:-1])] += [1, *alarms]
    rows = []
    for least, most, (n, *alarms) in zip([0, *(most + 1 for most in DIFFERING)], DIFFERING, counts, strict=False):
        bounds = f"{least}" if least == most else f"{least} to {most}" if most < GROUPS[-1] else f"{least} or more"
        rows.append([bounds, f"{n:,.0f}", *(f"{100 * alarm / max(n, 1):.1f}" for alarm in alarms)])
    note = f"Percent of the pairs of runs, {runs:,} of each setting without a difference, lopsided ones left out."
    return f"{note}\n\n{page_tables.markdown(['groups that differ', 'pairs', 'p', 'McNemar', 'clustered'], rows)}"


def power_table(runs: int) -> str:
    """Groups by the formula for a power of 80 %, and the power found with so many."""
    head = ["difference", "discordance", "rows a group", "correlation", "groups", "power, formula", "power, found"]
    rows = []
    designs = itertools.product(((0.05, 0.1), (0.05, 0.3), (0.1, 0.2), (0.2, 0.3)), ((1, 0.0), (5, 0.1), (8, 0.5)))
    for place, ((difference, discordance), (size, correlation)) in enumerate(designs):
        design = PairedDesign(difference, discordance, size, correlation)
        n_groups, rng, seen = groups_needed(design), np.random.default_rng([20260103, place]), 0
        for seed in range(runs):
            pairs = pairs_of(*_moves(design, n_groups, size, rng))
            seen += _rejects(compare(pairs, seed=seed, resamples=2, permutations=999))
        shown = [f"{design.difference:g}", f"{design.discordance:g}", str(size), f"{correlation:g}", str(n_groups)]
        rows.append([*shown, f"{100 * power_at(design, n_groups):.1f}", f"{100 * seen / runs:.1f}"])
    note = f"Percent of {runs:,} pairs of runs. Rises, falls and neither are Dirichlet-multinomial in a group."
    return f"{note}\n\n{page_tables.markdown(head, rows)}"


def _moves(design: PairedDesign, n_groups: int, size: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Labels in which rows rise, fall or stay; two changes of a group have the design's correlation."""
    rises = (design.discordance + design.difference) / 2
    chances = np.array([rises, design.discordance - rises, 1 - design.discordance])
    own = np.tile(chances, (n_groups, 1))
    if design.group_correlation:
        own = rng.dirichlet(chances * (1 / design.group_correlation - 1), size=n_groups)
    drawn = rng.random((n_groups, size))
    rise, fall = drawn < own[:, :1], drawn > 1 - own[:, 1:2]
    return fall.astype(np.float64), rise.astype(np.float64)


TABLES = {"comparison": comparison_table, "differing": differing_table, "power": power_table}
