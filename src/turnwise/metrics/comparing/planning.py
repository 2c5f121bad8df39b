"""What a comparison is to see, and a pilot run if there is one -> how many groups it takes."""

from __future__ import annotations

import msgspec
import numpy as np

from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics.comparing.comparable import one_judge
from turnwise.metrics.comparing.measures import LABEL_SCALE, MEASURES, MeasureName
from turnwise.metrics.estimate import COMPLETENESS_BAR
from turnwise.metrics.interval import FloatArray, IntArray
from turnwise.metrics.paired.power import PairedDesign, discordance_of, groups_needed, power_at
from turnwise.metrics.raters.sitting import rows_under
from turnwise.runfile import Reader

__all__ = ["Pilot", "Plan", "plan", "read_pilot"]


class Pilot(msgspec.Struct, frozen=True):
    """What a run shows of the rate that a comparison will be about.

    Fields:
        rate: Over its scored dialogues.
        group_correlation: Between the labels of two dialogues of a group, in [0, 1]. That of differences between two
            runs is smaller, so a plan made with it is on the careful side.
    """

    rate: float
    n_groups: int
    rows_per_group: float
    group_correlation: float


class Plan(msgspec.Struct, frozen=True):
    """How many groups see a difference.

    Fields:
        first, second: The two rates that are to be told apart.
        n_dialogues: In that many groups, rounded up.
        pilot_power: The chance that as many groups as the pilot has see it; None without one.
    """

    first: float
    second: float
    design: PairedDesign
    power: float
    alpha: float
    n_groups: int
    n_dialogues: int
    pilot: Pilot | None
    pilot_power: float | None


def plan(
    difference: float,
    *,
    rate: float | None = None,
    correlation: float = 0.0,
    rows_per_group: float | None = None,
    group_correlation: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    pilot: Pilot | None = None,
) -> Plan:
    """Groups after which a comparison of two runs sees a difference.

    Args:
        difference: Second rate less first.
        rate: The first rate; None takes the pilot's.
        correlation: Of the two runs' labels of one dialogue. The runs share more than 0, so 0 asks for more groups.
        rows_per_group: None takes the pilot's, or 1.
        group_correlation: Of the differences within a group; None takes that of the pilot's labels, or 0.
        power: The chance to see it.
        alpha: The greatest p-value that counts as seen.
        pilot: What an earlier run shows.

    Raises:
        UsageError: no rate is given, or no runs could be so.
    """
    first = rate if rate is not None or pilot is None else pilot.rate
    if first is None:
        raise UsageError("the first rate is not known; give --rate, as in --rate 0.2, or a pilot RUN")
    if rows_per_group is None:
        rows_per_group = pilot.rows_per_group if pilot else 1
    if group_correlation is None:
        group_correlation = pilot.group_correlation if pilot else 0
    second = first + difference
    discordance = max(discordance_of(first=first, second=second, correlation=correlation), abs(difference))
    design = PairedDesign(difference, discordance, rows_per_group, group_correlation)
    n_groups = groups_needed(design, power=power, alpha=alpha)
    return Plan(
        first=first,
        second=second,
        design=design,
        power=power,
        alpha=alpha,
        n_groups=n_groups,
        n_dialogues=int(np.ceil(n_groups * rows_per_group)),
        pilot=pilot,
        pilot_power=power_at(design, pilot.n_groups, alpha=alpha) if pilot else None,
    )


def read_pilot(
    reader: Reader,
    *,
    measure: MeasureName = "attack_success_rate",
    benchmark: str | None = None,
    judge: str | None = None,
) -> Pilot:
    """What a run shows of a rate, over the dialogues of one benchmark.

    Raises:
        UsageError: the run has several benchmarks or judges, and none is named; or the measure is no rate.
        NotMeasurable: too few of its dialogues are scored, or they are of one group.
    """
    (chosen,) = [one for one in MEASURES if one.name == measure]
    if chosen.scale != LABEL_SCALE:
        raise UsageError(f"{measure} is a score; power is planned for rates")
    rows = rows_under(reader, one_judge(reader, judge).name)
    names = list(dict.fromkeys(row.benchmark for row in rows))
    if benchmark is None and len(names) > 1:
        raise UsageError(f"{reader.path}: {len(names)} benchmarks ({', '.join(names)}); name one with --benchmark")
    given = chosen.over(row for row in rows if benchmark in (None, row.benchmark))
    scored = [row for row in given if row.value is not None]
    if not given or len(scored) / len(given) < COMPLETENESS_BAR:
        raise NotMeasurable(
            f"{reader.path}: {len(scored)} of {len(given)} dialogues are scored, too few to plan by; finish it first"
        )
    values = np.array([row.value for row in scored], dtype=np.float64)
    group = np.unique([row.group for row in scored], return_inverse=True)[1].astype(np.int64)
    n_groups = int(group.max()) + 1
    if n_groups == 1:
        raise NotMeasurable(f"{reader.path}: all dialogues are of one group, which says nothing about others")
    return Pilot(
        rate=float(values.mean()),
        n_groups=n_groups,
        rows_per_group=len(values) / n_groups,
        group_correlation=_correlation_within(values, group),
    )


def _correlation_within(values: FloatArray, group: IntArray) -> float:
    """The correlation of two labels of one group, in [0, 1]; 1 where all labels are alike, which shows nothing.

    Source: the analysis of variance estimator, Donner and Klar, Design and Analysis of Cluster Randomization Trials,
    2000, 1.4.
    """
    size = np.bincount(group).astype(np.float64)
    n, n_groups = float(size.sum()), len(size)
    if n == n_groups:
        return 0.0
    mean = np.bincount(group, weights=values) / size
    between = float(size @ (mean - values.mean()) ** 2) / (n_groups - 1)
    within = float(((values - mean[group]) ** 2).sum()) / (n - n_groups)
    usual_size = (n - float(size @ size) / n) / (n_groups - 1)
    spread = between + (usual_size - 1) * within
    return min(1.0, max(0.0, (between - within) / spread)) if spread > 0 else 1.0
