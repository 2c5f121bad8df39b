"""Two runs over the same dialogues: what is paired, the difference, its interval and its test."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.errors import UsageError
from turnwise.metrics import Comparison, Pairs, RunValue, compare, holm, rate
from turnwise.metrics.interval import FloatArray

PATIENT = settings(deadline=None, max_examples=50)
VALUE = st.sampled_from([0.0, 1.0, None])
TABLE = st.lists(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=4), min_size=1, max_size=8)


def _rows(table: Sequence[Sequence[float | None]]) -> list[RunValue]:
    return [RunValue(f"d{i}.{j}", f"g{i}", value) for i, group in enumerate(table) for j, value in enumerate(group)]


def _compared(first: Sequence[Sequence[float | None]], second: Sequence[Sequence[float | None]]) -> Comparison:
    return compare(Pairs.of(_rows(first), _rows(second)), seed=1, resamples=200)


def _split(table: list[list[tuple[float | None, float | None]]], run: int) -> list[list[float | None]]:
    return [[row[run] for row in group] for group in table]


def test_the_difference_is_over_dialogues_scored_in_both_runs() -> None:
    """Of five shared dialogues two are scored in one run only; of the other three one fell: -1/3. All are counted."""
    first = [*_rows([[1, 1, None], [0, 0]]), RunValue("alone", "g9", 1.0)]
    second = [*_rows([[0, 1, 1], [0, None]]), RunValue("new", "g9", 1.0), RunValue("new too", "g9", None)]
    found = compare(Pairs.of(first, second))
    assert [found.value, found.first.value, found.second.value] == pytest.approx([-1 / 3, 2 / 3, 1 / 3])
    assert (found.n, found.n_failed, found.n_groups) == (3, 2, 2)
    assert (found.first.n, found.first.n_failed) == (3, 2)
    assert (found.n_only_first, found.n_only_second) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "expected"),
    # Mid-p: the share of sign patterns beyond the observed sum, and half of those at it.
    [((-1, -1, -1, -1, -1), 1 / 32), ((1, 1, 1, 1), 1 / 16), ((-2, 1), 3 / 4), ((3, 1, 1), 1 / 8), ((0, 0), 1)],
)
def test_the_p_value_flips_signs_of_groups(changes: tuple[int, ...], expected: float) -> None:
    """Where few groups differ all patterns of signs are gone through: the share counted by hand, exactly."""
    first = [[1.0 if change < 0 else 0.0] * max(1, abs(change)) for change in changes]
    second = [[1.0 if change > 0 else 0.0] * max(1, abs(change)) for change in changes]
    assert _compared(first, second).p_value == pytest.approx(expected, abs=1e-12)


def test_dialogues_that_are_groups_of_their_own_get_mcnemars_mid_p() -> None:
    """One rises and 7 fall, of 8 that differ: exact 2 (1 + 8) / 256, mid-p half of the 8 less twice."""
    found = _compared([[0.0], *[[1.0]] * 7, [1.0]], [[1.0], *[[0.0]] * 7, [1.0]])
    assert found.discordance is not None
    assert found.discordance.mcnemar_p == pytest.approx(18 / 256)
    assert found.p_value == pytest.approx(10 / 256)


def test_where_many_groups_differ_random_signs_come_near_the_exact_share() -> None:
    """5 of 20 groups rise and 15 fall: 12,392 of 2^20 patterns go further, 31,008 as far; 10,000 come near 0.0266."""
    first, second = [[0.0]] * 5 + [[1.0]] * 15, [[1.0]] * 5 + [[0.0]] * 15
    beyond, at = 2 * sum(math.comb(20, k) for k in range(5)), 2 * math.comb(20, 5)
    assert _compared(first, second).p_value == pytest.approx((beyond + at / 2) / 2**20, abs=0.006)


def test_runs_that_agree_everywhere_may_still_differ_elsewhere() -> None:
    """20 groups without a change: up to 16.84 % of groups may rise, and as many may fall."""
    found = _compared([[1.0, 0.0]] * 20, [[1.0, 0.0]] * 20)
    assert (found.value, found.p_value, found.cohens_h) == (0, 1, 0)
    assert [found.low, found.high] == pytest.approx([-0.16843, 0.16843], abs=1e-5)


def test_with_falls_alone_the_lower_limit_is_that_of_the_share_that_fell() -> None:
    """No row rises, so low is minus the upper end of the falls; high joins the unseen rises and the fewest falls."""
    first, second = [[1.0, 1.0, 0.0]] * 12 + [[0.0] * 3] * 8, [[0.0, 1.0, 0.0]] * 12 + [[0.0] * 3] * 8
    fell = np.array([[1.0, 0.0, 0.0]] * 12 + [[0.0] * 3] * 8).ravel()
    falls = rate(fell, np.repeat(np.arange(20), 3), seed=1, resamples=200)
    found = _compared(first, second)
    assert falls.low is not None
    assert falls.high is not None
    assert found.low == pytest.approx(-falls.high)
    assert found.high == pytest.approx(-0.2 + math.hypot(0.2 - falls.low, 0.16843), abs=1e-5)


def test_effect_sizes_follow_their_definitions() -> None:
    """Rates 0.5 and 0.25: h = 2 asin(sqrt(0.25)) - 2 asin(sqrt(0.5)) = pi/3 - pi/2; one rose, two fell."""
    found = _compared([[1.0], [1.0], [0.0], [0.0]], [[0.0], [0.0], [1.0], [0.0]])
    assert found.cohens_h == pytest.approx(-math.pi / 6)
    assert found.discordance is not None
    assert found.discordance.odds_ratio == pytest.approx(0.5)


def test_scores_are_compared_on_their_scale() -> None:
    """Scores from 1 to 5 give four times what the same scores give on 0 to 1, and no effect sizes of labels."""
    rng = np.random.default_rng(5)
    group, first, second = np.repeat(np.arange(12), 3), rng.integers(0, 5, 36) / 4, rng.integers(0, 5, 36) / 4
    small = compare(Pairs(group, first, second, 0, 0), resamples=200)
    large = compare(Pairs(group, 1 + 4 * first, 1 + 4 * second, 0, 0), scale=(1, 5), resamples=200)
    assert small.value is not None
    assert small.low is not None
    assert small.first.low is not None
    assert [large.value, large.low] == pytest.approx([4 * small.value, 4 * small.low])
    assert large.first.low == pytest.approx(1 + 4 * small.first.low)
    assert (large.p_value, large.discordance, large.cohens_h) == (small.p_value, None, None)


def test_nothing_shared_gives_no_number() -> None:
    """Runs over different dialogues have no difference, no interval and no p-value, and say how many stood alone."""
    found = compare(Pairs.of([RunValue("a", "g", 1.0)], [RunValue("b", "g", 1.0)]))
    assert (found.value, found.low, found.high, found.p_value, found.n) == (None, None, None, None, 0)
    assert (found.n_only_first, found.n_only_second, found.first.value) == (1, 1, None)


def test_what_cannot_be_compared_is_refused() -> None:
    """A value off the scale is named with its run; so are a scale upside down and a test without flips."""
    one = Pairs(np.array([0]), np.array([1.0]), np.array([5.0]), 0, 0)
    with pytest.raises(UsageError, match="the second run has the value 5, outside 0 to 1; name the scale"):
        compare(one)
    with pytest.raises(UsageError, match="the scale is 5 to 1; name the least value first"):
        compare(one, scale=(5, 1))
    with pytest.raises(UsageError, match="permutations is 0; use at least 1"):
        compare(one, scale=(1, 5), permutations=0)


@PATIENT
@given(table=TABLE)
def test_swapping_the_runs_mirrors_the_comparison(table: list[list[tuple[float | None, float | None]]]) -> None:
    """Value and interval change sign, p-value and counts stay; and 0 lies outside only with p at most 0.05."""
    one = _compared(_split(table, 0), _split(table, 1))
    other = _compared(_split(table, 1), _split(table, 0))
    assert (other.p_value, other.n, other.n_failed) == (one.p_value, one.n, one.n_failed)
    assert one.n + one.n_failed == sum(map(len, table))
    if one.value is None or one.low is None or one.high is None or one.p_value is None:
        assert one.n == 0
        return
    assert other.value == pytest.approx(-one.value)
    assert [other.low, other.high] == pytest.approx([-one.high, -one.low])
    assert -1 <= one.low <= one.value <= one.high <= 1
    assert one.low <= 0 <= one.high or one.p_value <= 0.05


def test_holm_multiplies_the_least_most_and_never_falls() -> None:
    """0.01, 0.04, 0.03 of three: 0.03, then 2 times 0.03, then at least as much; None is no comparison."""
    assert holm([0.01, 0.04, None, 0.03]) == [pytest.approx(0.03), pytest.approx(0.06), None, pytest.approx(0.06)]
    assert holm([0.7, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def _two_runs(rng: np.random.Generator, n_groups: int) -> tuple[FloatArray, FloatArray]:
    """Five labels a group, rate 0.3 in both runs; each run has own rates of groups, correlation 0.8 in a group."""
    own = rng.beta(0.3 / 4, 0.7 / 4, size=(2, n_groups, 1))
    first, second = (rng.random((2, n_groups, 5)) < own).astype(np.float64)
    return first.ravel(), second.ravel()


def test_alike_runs_are_called_different_as_often_as_promised() -> None:
    """Of 1,000 pairs with one rate, p <= 0.05 in 3 to 7 %, 0 is in 93 to 98 % of intervals; McNemar errs in > 20 %."""
    rng, group, found = np.random.default_rng(6), np.repeat(np.arange(40), 5), []
    for seed in range(1000):
        first, second = _two_runs(rng, 40)
        found.append(compare(Pairs(group, first, second, 0, 0), seed=seed, resamples=100, permutations=399))
    assert 0.03 <= np.mean([one.p_value is not None and one.p_value <= 0.05 for one in found]) <= 0.07
    assert 0.93 <= np.mean([(one.low or 0) <= 0 <= (one.high or 0) for one in found]) <= 0.98
    assert np.mean([one.discordance is not None and one.discordance.mcnemar_p <= 0.05 for one in found]) > 0.2
