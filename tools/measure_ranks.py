"""How often ranges of ranks hold all true ranks, beside bootstrap percentiles: a table for docs/statistics.md.

`python tools/measure_statistics.py --only ranks --into docs/statistics.md` writes it.
"""

from __future__ import annotations

import itertools
from typing import Literal, get_args

import msgspec
import numpy as np
import page_tables

from turnwise.metrics.comparing.ranks import Rank, ranks
from turnwise.metrics.interval import FloatArray, IntArray, resampled_totals

ROWS = 5
GROUPS = (20, 50, 200)
RHO = 0.3
RATES = (
    (0.02,) * 5,
    (0.2,) * 5,
    (0.1, 0.2, 0.2, 0.2, 0.4),
    (0.2, 0.22, 0.24, 0.26, 0.28),
    (0.1, 0.2, 0.3, 0.4, 0.5),
    (0.2,) * 10,
)
_PERCENTILES = (2.5, 97.5)
Kind = Literal["alike", "separate", "lopsided"]


class Runs(msgspec.Struct, frozen=True):
    """Several runs over the same groups of five dialogues, with their true rates."""

    kind: Kind
    rates: tuple[float, ...]
    n_groups: int

    def draw(self, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Labels, shape (n_rows, n_runs), and the group of each row.

        alike: all runs draw from the group's own rate, which is beta distributed, scaled to the rate of the run.
        separate: each run has own rates of the groups.
        lopsided: groups are all safe or all unsafe in the first run, dialogues are independent in the others.
        """
        size = (1 - RHO) / RHO
        if self.kind == "alike":
            most = max(self.rates)
            own = rng.beta(most * size, (1 - most) * size, size=(self.n_groups, 1)) * np.array(self.rates) / most
        elif self.kind == "separate":
            own = np.column_stack([rng.beta(rate * size, (1 - rate) * size, self.n_groups) for rate in self.rates])
        else:
            own = np.tile(np.array(self.rates), (self.n_groups, 1))
            own[:, 0] = rng.random(self.n_groups) < self.rates[0]
        levels = np.repeat(own, ROWS, axis=0)
        return (rng.random(levels.shape) < levels).astype(np.float64), np.repeat(np.arange(self.n_groups), ROWS)

    def holds(self, ranges: list[tuple[int, int]]) -> bool:
        """Whether every range holds all places that its run shares with those of the same rate."""
        return all(
            low <= 1 + sum(other < rate for other in self.rates)
            and high >= len(self.rates) - sum(other > rate for other in self.rates)
            for rate, (low, high) in zip(self.rates, ranges, strict=True)
        )


def range_of(rank: Rank) -> tuple[int, int]:
    """The range of a rank."""
    return rank.low, rank.high


def percentile_ranges(values: FloatArray, group: IntArray, *, seed: int, resamples: int) -> list[tuple[int, int]]:
    """What is often done instead: percentiles of each run's rank over resampled groups; ties share the best place."""
    sums = np.column_stack([np.bincount(group, weights=column) for column in values.T]).astype(np.float64)
    totals = resampled_totals(sums, seed=seed, resamples=resamples)
    places = 1 + (totals[:, None, :] < totals[:, :, None] - 1e-9).sum(axis=2)
    low, high = np.percentile(places, _PERCENTILES, axis=0, method="inverted_cdf")
    return list(zip(low.astype(int).tolist(), high.astype(int).tolist(), strict=True))


def ranks_table(runs: int) -> str:
    """Coverage of all ranks at once and mean width of the ranges, by rates and number of groups."""
    rows = []
    for place, setting in enumerate(itertools.starmap(Runs, itertools.product(get_args(Kind), RATES, GROUPS))):
        rng = np.random.default_rng([20260104, place])
        held, held_by_percentiles, widths = 0, 0, []
        for seed in range(runs):
            values, group = setting.draw(rng)
            found = [range_of(rank) for rank in ranks(values, group, better="lower", seed=seed, permutations=999)]
            held += setting.holds(found)
            held_by_percentiles += setting.holds(percentile_ranges(values, group, seed=seed, resamples=300))
            widths.append(np.mean([1 + high - low for low, high in found]))
        shares = [f"{100 * count / runs:.1f}" for count in (held, held_by_percentiles)]
        rows.append(
            [setting.kind, _words(setting.rates), str(setting.n_groups), shares[0], f"{np.mean(widths):.1f}", shares[1]]
        )
    head = ["runs", "true rates", "groups", "all ranks held", "places in a range", "held by percentiles"]
    note = f"Percent of {runs:,} leaderboards; 999 sign flips, 300 resamples for the percentiles."
    return f"{note}\n\n{page_tables.markdown(head, rows)}"


def _words(rates: tuple[float, ...]) -> str:
    if len(set(rates)) == 1:
        return f"{len(rates)} x {rates[0]:g}"
    return ", ".join(f"{rate:g}" for rate in rates)


TABLES = {"ranks": ranks_table}
