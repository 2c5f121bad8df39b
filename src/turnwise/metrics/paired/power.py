"""How many groups to plan for: closed forms, before a run. tools/measure_comparison.py checks them by simulation."""

from __future__ import annotations

import math
from statistics import NormalDist

import msgspec

from turnwise.errors import UsageError

__all__ = ["PairedDesign", "discordance_of", "groups_for_half_width", "groups_needed", "power_at"]

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)


class PairedDesign(msgspec.Struct, frozen=True):
    """What is assumed about two runs over the same dialogues.

    Fields:
        difference: Of the two rates; the one to be seen.
        discordance: Share of dialogues on which the runs disagree, at least as large as the difference. Two repeats of
            one run show what is usual; `discordance_of` gives it from a correlation.
        rows_per_group: Dialogues of one group.
        group_correlation: Between the differences (second less first) of two dialogues of one group. What makes a group
            harder for both runs alike cancels, so this is smaller than the correlation of its labels.

    Raises:
        UsageError: on construction, when no runs could be so.
    """

    difference: float
    discordance: float
    rows_per_group: float = 1
    group_correlation: float = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 < abs(self.difference) <= self.discordance <= 1:
            raise UsageError(
                f"difference {self.difference:g} with discordance {self.discordance:g}: the difference is not 0, and "
                "the runs disagree on at least that share of dialogues, at most on all"
            )
        _check_groups(self.rows_per_group, self.group_correlation)


def discordance_of(*, first: float, second: float, correlation: float) -> float:
    """The share of dialogues on which two runs with these rates disagree.

    `correlation` is that of the two labels of one dialogue: 0 if a run says nothing about the other.

    Raises:
        UsageError: labels with these rates cannot be so correlated.
    """
    for name, rate in (("first", first), ("second", second)):
        if not 0 <= rate <= 1:
            raise UsageError(f"the {name} rate is {rate:g}; a rate is between 0 and 1")
    both = first * second + correlation * math.sqrt(first * (1 - first) * second * (1 - second))
    least, most = max(0.0, first + second - 1), min(first, second)
    # A correlation given to a few digits may overshoot the bound by as much.
    if not least - 1e-3 <= both <= most + 1e-3:
        raise UsageError(f"labels with rates {first:g} and {second:g} cannot have a correlation of {correlation:g}")
    return first + second - 2 * min(max(both, least), most)


def groups_needed(design: PairedDesign, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Groups after which the difference is seen (two-sided p at most `alpha`) with this chance.

    With v the variance of a group's mean difference, (z sqrt(v + d^2) + z' sqrt(v))^2 / d^2, where z and z' are the
    normal quantiles of 1 - alpha / 2 and of the power.

    Raises:
        UsageError: `alpha` is not above 0 and below 1, or `power` not above it and below 1.

    Source: Connor, Biometrics 43 (1987), 207-211, which this is for groups of one; groups enter by the design effect
    1 + (rows - 1) correlation, Donner and Klar, Design and Analysis of Cluster Randomization Trials, 2000, 5.1.
    """
    z = _critical(alpha)
    # A test that says yes at random has power alpha.
    if not alpha < power < 1:
        raise UsageError(f"power is {power:g}; it is a chance above {alpha:g} and below 1, such as 0.8")
    variance, squared = _group_variance(design), design.difference**2
    reach = z * math.sqrt(variance + squared) + _NORMAL.inv_cdf(power) * math.sqrt(variance)
    return math.ceil(reach**2 / squared)


def power_at(design: PairedDesign, n_groups: int, *, alpha: float = 0.05) -> float:
    """The chance to see the difference (p at most `alpha`) with so many groups; the inverse of `groups_needed`."""
    variance, size = _group_variance(design), abs(design.difference)
    reach = size * math.sqrt(n_groups) - _critical(alpha) * math.sqrt(variance + size**2)
    return _NORMAL.cdf(reach / math.sqrt(variance)) if variance else float(reach > 0)


def groups_for_half_width(
    rate: float,
    half_width: float,
    *,
    rows_per_group: float = 1,
    group_correlation: float = 0,
    n_groups_all: int | None = None,
) -> int:
    """Groups for a 95 % interval of a rate with this half-width, if their number is fixed beforehand.

    `n_groups_all`: how many the benchmark has, when it is the rate over all of it that is asked for; None for a rate
    over a source that has no end.

    Raises:
        UsageError: a rate or half-width outside (0, 1), or groups that cannot be.

    Source: Cochran, Sampling Techniques, 3rd edition, 1977, 4.3 and 9.4.
    """
    for name, share in (("rate", rate), ("half-width", half_width)):
        if not 0 < share < 1:
            raise UsageError(f"the {name} is {share:g}; it is above 0 and below 1")
    _check_groups(rows_per_group, group_correlation)
    variance = rate * (1 - rate) * _design_effect(rows_per_group, group_correlation) / rows_per_group
    endless = _Z**2 * variance / half_width**2
    return math.ceil(endless if n_groups_all is None else endless / (1 + endless / n_groups_all))


def _critical(alpha: float) -> float:
    if not 0 < alpha < 1:
        raise UsageError(f"alpha is {alpha:g}; it is a chance above 0 and below 1, such as 0.05")
    return _NORMAL.inv_cdf(1 - alpha / 2)


def _group_variance(design: PairedDesign) -> float:
    rows = design.discordance - design.difference**2
    return rows * _design_effect(design.rows_per_group, design.group_correlation) / design.rows_per_group


def _design_effect(rows_per_group: float, group_correlation: float) -> float:
    return 1 + (rows_per_group - 1) * group_correlation


def _check_groups(rows_per_group: float, group_correlation: float) -> None:
    if rows_per_group < 1 or not 0 <= group_correlation <= 1:
        raise UsageError(
            f"{rows_per_group:g} rows per group with correlation {group_correlation:g}: a group has at least one row, "
            "and the correlation is between 0 and 1"
        )
