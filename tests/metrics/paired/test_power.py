"""Planning: groups for a difference and for a half-width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.errors import UsageError
from turnwise.metrics import (
    PairedDesign,
    Pairs,
    compare,
    discordance_of,
    groups_for_half_width,
    groups_needed,
    power_at,
)


def test_groups_of_one_follow_connors_formula() -> None:
    """Difference 0.1, discordance 0.2: (1.960 sqrt(0.2) + 0.8416 sqrt(0.19))^2 / 0.01 = 154.6, so 155."""
    assert groups_needed(PairedDesign(0.1, 0.2)) == 155
    assert groups_needed(PairedDesign(-0.1, 0.2)) == 155


def test_dialogues_of_one_group_count_by_their_design_effect() -> None:
    """Five rows, correlation 0.25: v = 0.19 (1 + 4/4) / 5 = 0.076; (1.96 sqrt(0.086) + 0.84 sqrt(0.076))^2 / 0.01."""
    expected = (1.959964 * 0.086**0.5 + 0.841621 * 0.076**0.5) ** 2 / 0.01
    assert groups_needed(PairedDesign(0.1, 0.2, 5, 0.25)) == int(expected) + 1


# A loaded machine is no reason to fail.
@settings(deadline=None)
@given(
    difference=st.floats(0.02, 0.3),
    more=st.floats(0.01, 0.6),
    rows=st.integers(1, 10),
    correlation=st.floats(0, 1),
    power=st.floats(0.3, 0.95),
)
def test_the_groups_needed_are_the_fewest_with_the_power(
    difference: float, more: float, rows: int, correlation: float, power: float
) -> None:
    """With so many groups the power is reached, with one fewer it is not."""
    design = PairedDesign(difference, difference + more, rows, correlation)
    n_groups = groups_needed(design, power=power)
    assert power_at(design, n_groups) >= power - 1e-9
    assert n_groups == 1 or power_at(design, n_groups - 1) < power


def test_a_difference_in_every_dialogue_needs_only_the_test_itself() -> None:
    """Difference and discordance 1 have no variance: 1.96^2 = 3.84, so 4 groups are enough and 3 are not."""
    design = PairedDesign(1, 1)
    assert (groups_needed(design), power_at(design, 4), power_at(design, 3)) == (4, 1, 0)


def test_the_planned_power_is_found() -> None:
    """With the groups of the formula, 400 simulated pairs of runs are told apart in 74 to 86 %."""
    design = PairedDesign(0.1, 0.3, 5, 0.2)
    n_groups, rng, seen = groups_needed(design), np.random.default_rng(8), 0
    group = np.repeat(np.arange(n_groups), 5)
    for seed in range(400):
        own = rng.dirichlet(np.array([0.2, 0.1, 0.7]) * 4, size=n_groups)
        drawn = rng.random((n_groups, 5))
        rise, fall = drawn < own[:, :1], drawn > 1 - own[:, 1:2]
        pairs = Pairs(group, fall.ravel().astype(np.float64), rise.ravel().astype(np.float64), 0, 0)
        seen += (compare(pairs, seed=seed, resamples=2, permutations=399).p_value or 0) <= 0.05
    assert 0.74 <= seen / 400 <= 0.86


def test_discordance_follows_from_rates_and_correlation() -> None:
    """Independent labels at 0.3 and 0.3 disagree in 0.42, equal ones never; at 0.1 and 0.3, correlated 0.5: 0.2025."""
    assert discordance_of(first=0.3, second=0.3, correlation=0) == pytest.approx(0.42)
    assert discordance_of(first=0.3, second=0.3, correlation=1) == pytest.approx(0)
    expected = 0.4 - 2 * (0.03 + 0.5 * (0.09 * 0.21) ** 0.5)
    assert discordance_of(first=0.1, second=0.3, correlation=0.5) == pytest.approx(expected)


def test_a_fixed_sample_for_a_half_width_is_cochrans() -> None:
    """Rate 0.5 to 0.05: 1.96^2 / 4 / 0.0025 = 384.1 groups of one; 254.3 if there are 752 in all."""
    assert groups_for_half_width(0.5, 0.05) == 385
    assert groups_for_half_width(0.5, 0.05, n_groups_all=752) == 255
    assert groups_for_half_width(0.5, 0.05, rows_per_group=8, group_correlation=1) == 385
    assert groups_for_half_width(0.5, 0.05, rows_per_group=8) == 49


def test_plans_that_cannot_be_are_refused() -> None:
    """Each impossible figure is named with what it should be."""
    with pytest.raises(UsageError, match=r"difference 0\.3 with discordance 0.2"):
        PairedDesign(0.3, 0.2)
    with pytest.raises(UsageError, match=r"0\.5 rows per group with correlation 0"):
        PairedDesign(0.1, 0.2, 0.5)
    with pytest.raises(UsageError, match="power is 1;"):
        groups_needed(PairedDesign(0.1, 0.2), power=1)
    with pytest.raises(UsageError, match=r"rates 0\.1 and 0\.9 cannot have a correlation of 0\.9"):
        discordance_of(first=0.1, second=0.9, correlation=0.9)
    with pytest.raises(UsageError, match="the second rate is 2;"):
        discordance_of(first=0.1, second=2, correlation=0)
    with pytest.raises(UsageError, match="the half-width is 0;"):
        groups_for_half_width(0.3, 0)
