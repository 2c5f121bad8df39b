"""Quantiles of the beta distribution, against cases with a closed form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.metrics.beta import beta_quantile

CHANCE = st.floats(0.001, 0.999)
SHAPE = st.floats(0.5, 2000)


@pytest.mark.parametrize("chance", [0.001, 0.025, 0.5, 0.975, 0.999])
def test_quantiles_match_closed_forms(chance: float) -> None:
    """beta(1, 40) is 1 - (1 - x)^40, beta(40, 1) is x^40, and beta(1/2, 1/2) the arcsine law."""
    assert beta_quantile(chance, 1, 40) == pytest.approx(1 - (1 - chance) ** (1 / 40))
    assert beta_quantile(chance, 40, 1) == pytest.approx(chance ** (1 / 40))
    assert beta_quantile(chance, 0.5, 0.5) == pytest.approx(math.sin(math.pi * chance / 2) ** 2)


@pytest.mark.parametrize(("a", "b", "share"), [(2, 3, 0.5), (7, 94, 0.03), (60, 41, 0.6)])
def test_quantiles_undo_the_chance_of_a_count(a: int, b: int, share: float) -> None:
    """beta(a, b) lies below x as often as a count of a + b - 1 coins of chance x is a or more."""
    n = a + b - 1
    chance = sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(a, n + 1))
    assert beta_quantile(chance, a, b) == pytest.approx(share)


@settings(deadline=None)
@given(chance=CHANCE, a=SHAPE, b=SHAPE)
def test_changing_sides_mirrors_the_quantile(chance: float, a: float, b: float) -> None:
    """What lies below in beta(a, b) lies above in beta(b, a)."""
    assert beta_quantile(chance, a, b) == pytest.approx(1 - beta_quantile(1 - chance, b, a), abs=1e-9)


def test_large_shapes_come_near_the_normal_quantile() -> None:
    """beta(300,000, 200,000): mean 0.6 plus 1.96 standard deviations of 0.000693."""
    assert beta_quantile(0.975, 3e5, 2e5) == pytest.approx(0.6 + 1.959964 * math.sqrt(0.24 / 500_001), abs=1e-6)
