"""Coefficients of agreement against printed examples, and what their intervals do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.errors import UsageError
from turnwise.metrics import (
    Agreement,
    Level,
    Ratings,
    cohen_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    raw_agreement,
)

Coefficient = Callable[[Ratings], Agreement]
NO = np.nan

# Four observers, twelve units, ratings missing: the example of Krippendorff, Computing Krippendorff's
# Alpha-Reliability, 2011. The same data are `cac.raw4raters` of Gwet's R package irrCAC, which prints AC1 and AC2.
FOUR_OBSERVERS = Ratings(
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
            [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
        ]
    ).T,
    np.arange(12),
    (1, 2, 3, 4, 5),
)


def of_table(counts: Sequence[Sequence[int]], *, group_size: int = 1) -> Ratings:
    """Two raters whose joint counts these are, row by row; neighbours share a group."""
    pairs = [(first, second) for first, row in enumerate(counts) for second, n in enumerate(row) for _ in range(n)]
    group = np.arange(len(pairs)) // group_size
    return Ratings(np.array(pairs, dtype=np.float64), group, tuple(float(code) for code in range(len(counts))))


@pytest.mark.parametrize(("level", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_four_observers_is_the_printed_one(level: Level, printed: float) -> None:
    """Krippendorff's example with missing ratings, at each level of measurement."""
    assert krippendorff_alpha(FOUR_OBSERVERS, level=level).value == pytest.approx(printed, abs=0.0005)


def test_ac1_and_ac2_of_four_observers_are_the_printed_ones() -> None:
    """Gwet's irrCAC prints AC1 0.775, AC2 with ordinal weights 0.899 and raw agreement 0.818 for these data."""
    assert gwet_ac1(FOUR_OBSERVERS).value == pytest.approx(0.77544, abs=5e-6)
    assert gwet_ac2(FOUR_OBSERVERS).value == pytest.approx(0.899, abs=0.0005)
    assert raw_agreement(FOUR_OBSERVERS).value == pytest.approx(9 / 11)


def test_a_unit_that_one_rater_rated_is_not_counted_as_agreement() -> None:
    """The twelfth unit has a single rating: 11 units count and 1 failed, for every coefficient."""
    found = [
        krippendorff_alpha(FOUR_OBSERVERS, level="nominal"),
        gwet_ac1(FOUR_OBSERVERS),
        raw_agreement(FOUR_OBSERVERS),
    ]
    assert [(one.n, one.n_failed) for one in found] == [(11, 1)] * 3


def test_kappa_of_cohens_own_example_is_the_printed_one() -> None:
    """Cohen (1960), table 1: 200 units, agreement 0.70, by chance 0.41, kappa 0.492."""
    table = of_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert raw_agreement(table).value == pytest.approx(0.70)
    assert cohen_kappa(table).value == pytest.approx((0.70 - 0.41) / 0.59)


def test_coefficients_of_gwets_abstractors_are_the_printed_ones() -> None:
    """Gwet's irrCAC prints kappa 0.796, error 0.059; AC1 0.849, 0.764 to 0.935; AC2 0.925, 0.881 to 0.969."""
    table = of_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    kappa, ac1, ac2 = cohen_kappa(table), gwet_ac1(table), gwet_ac2(table)
    assert kappa.value == pytest.approx(0.7964, abs=5e-5)
    assert (kappa.high or 0) - (kappa.low or 0) == pytest.approx(2 * 1.984 * 0.0589, abs=0.02)
    assert ac1.value == pytest.approx(0.849, abs=0.0005)
    assert ac2.value == pytest.approx(0.925, abs=0.0005)
    # Ours are lopsided, being t intervals on Fisher's z; the printed ones are symmetric.
    assert (ac1.high or 0) - (ac1.low or 0) == pytest.approx(0.935 - 0.764, abs=0.02)
    assert (ac2.high or 0) - (ac2.low or 0) == pytest.approx(0.969 - 0.881, abs=0.02)


def test_where_nearly_all_is_safe_kappa_collapses_and_ac1_does_not() -> None:
    """118 of 125 safe for both, never unsafe for both: kappa -0.023, AC1 0.941 (Gwet's example of the paradox)."""
    table = of_table([[118, 5], [2, 0]])
    assert cohen_kappa(table).value == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac1(table).value == pytest.approx(0.9408, abs=5e-5)


def test_one_category_for_all_leaves_kappa_and_alpha_without_a_value() -> None:
    """Chance agrees as often as the raters; AC1 is 1, down to the exact bound: expected disagreement is 1."""
    table = of_table([[20, 0], [0, 0]])
    for undefined in (cohen_kappa(table), krippendorff_alpha(table, level="nominal")):
        assert (undefined.value, undefined.n, undefined.low, undefined.high) == (None, 20, None, None)
        assert undefined.reason == "every rating is the same, and so chance alone agrees as often as the raters do"
    ac1 = gwet_ac1(table)
    assert (ac1.value, ac1.high, ac1.reason) == (1.0, 1.0, None)
    assert ac1.low == pytest.approx(1 - 0.16843, abs=1e-5)


def test_without_a_disagreement_the_interval_is_no_point() -> None:
    """Of 20 groups 16.8 % may still disagree; chance would in 50 %, so kappa is 1 - 0.1684 / 0.5 or more."""
    kappa = cohen_kappa(of_table([[10, 0], [0, 10]]))
    assert (kappa.value, kappa.high) == (1.0, 1.0)
    assert kappa.low == pytest.approx(1 - 0.16843 / 0.5, abs=1e-4)


def test_raters_who_always_differ_have_kappa_minus_one() -> None:
    """Kappa is -1 where each says safe half of the time and never together; the interval ends there."""
    kappa = cohen_kappa(of_table([[0, 10], [10, 0]]))
    assert (kappa.value, kappa.low) == (-1.0, -1.0)


@pytest.mark.parametrize("coefficient", [cohen_kappa, gwet_ac1, gwet_ac2, raw_agreement])
def test_nothing_rated_twice_has_no_value(coefficient: Coefficient) -> None:
    """One rating a unit: no value, and every unit failed."""
    found = coefficient(Ratings(np.array([[1, NO], [NO, 0]]), np.arange(2), (0, 1)))
    assert (found.value, found.n, found.n_failed) == (None, 0, 2)
    assert found.reason == "no unit was rated by two raters"


@pytest.mark.parametrize("coefficient", [cohen_kappa, gwet_ac1, raw_agreement])
def test_copies_of_a_unit_in_its_group_tell_nothing_new(coefficient: Coefficient) -> None:
    """Each of 40 units five times in one group: the same value and the same interval as once."""
    once = of_table([[18, 4], [3, 15]])
    five = Ratings(np.repeat(once.values, 5, axis=0), np.repeat(once.group, 5), once.scale)
    found, copied = coefficient(once), coefficient(five)
    assert copied.n == 200
    assert (copied.value, copied.low, copied.high) == pytest.approx((found.value, found.low, found.high))


@pytest.mark.parametrize("coefficient", [cohen_kappa, gwet_ac1, raw_agreement])
def test_a_weight_counts_a_unit_as_often(coefficient: Coefficient) -> None:
    """A unit of weight 3 moves the value as three units do."""
    once = of_table([[5, 2], [1, 4]])
    weight = np.where(once.values[:, 0] == once.values[:, 1], 1.0, 3.0)
    weighted = coefficient(Ratings(once.values, once.group, once.scale, weight))
    assert weighted.value == pytest.approx(coefficient(of_table([[5, 6], [3, 4]])).value)
    assert weighted.n == 12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=12))
def test_the_order_of_raters_and_the_names_of_ranks_do_not_matter(rows: list[tuple[int, int, int]]) -> None:
    """Alpha and AC2 are symmetric in raters, and ordinal alpha sees only the order of the scale."""
    values, group = np.array(rows, dtype=np.float64), np.arange(len(rows))
    ratings = Ratings(values, group, (1, 2, 3, 4, 5))
    turned = Ratings(values[:, ::-1], group, (1, 2, 3, 4, 5))
    stretched = Ratings(values**2, group, (1, 4, 9, 16, 25))
    ordinal = krippendorff_alpha(ratings, level="ordinal", resamples=20)
    assert krippendorff_alpha(turned, level="ordinal", resamples=20) == ordinal
    assert krippendorff_alpha(stretched, level="ordinal", resamples=20) == ordinal
    assert gwet_ac2(turned, resamples=20).value == pytest.approx(gwet_ac2(ratings, resamples=20).value)
    if ordinal.value is not None and ordinal.low is not None and ordinal.high is not None:
        assert -1 <= ordinal.low <= ordinal.value <= ordinal.high <= 1


def test_kappa_is_for_two_raters() -> None:
    """Three columns are refused, with the coefficient that takes them."""
    with pytest.raises(UsageError, match="kappa is for 2 raters, here are 4; use Krippendorff's alpha"):
        cohen_kappa(FOUR_OBSERVERS)


def test_a_rating_off_the_scale_is_refused_with_its_place() -> None:
    """The sentence names unit, rater, value and scale."""
    with pytest.raises(UsageError, match="unit 1, rater 0: 7 is not on the scale 1, 2, 3"):
        Ratings(np.array([[1.0, 2.0], [7.0, 3.0]]), np.arange(2), (1, 2, 3))


@pytest.mark.parametrize("scale", [(), (1,), (2, 1), (1, 1), tuple(range(31))])
def test_a_scale_is_rising_and_of_two_values_or_more(scale: tuple[float, ...]) -> None:
    """No scale, one value, falling or double values and more than 30 are refused."""
    with pytest.raises(UsageError, match="give 2 to 30 different values, rising"):
        Ratings(np.empty((0, 2)), np.empty(0, dtype=np.int64), scale)


def test_ratings_and_groups_go_together() -> None:
    """A group code for every unit, or it is a mistake of the caller."""
    with pytest.raises(ValueError, match="do not go with groups"):
        Ratings(np.ones((3, 2)), np.arange(2), (0, 1))


def test_the_interval_of_kappa_covers_the_truth_as_often_as_it_says() -> None:
    """50 groups of 2 units, raters right on 80 % of labels with 30 % unsafe: true kappa 0.32, held in 93 to 98 %."""
    rng = np.random.default_rng(20260107)
    true = 0.3 * 0.8 + 0.7 * 0.2
    chance = true**2 + (1 - true) ** 2
    kappa = (0.68 - chance) / (1 - chance)
    held = 0
    for seed in range(400):
        label = rng.random((100, 1)) < 0.3
        said = label ^ (rng.random((100, 2)) < 0.2)
        found = cohen_kappa(Ratings(said.astype(np.float64), np.arange(100) // 2, (0, 1)), seed=seed, resamples=200)
        held += (found.low or 0) <= kappa <= (found.high or 0)
    assert 0.93 <= held / 400 <= 0.98
