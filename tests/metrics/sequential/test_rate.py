"""Sequential evaluation: limits that hold at every moment, and when a run may stop."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.errors import UsageError
from turnwise.metrics import SequentialEstimate, SequentialRate, drawing_order
from turnwise.metrics.interval import FloatArray, IntArray
from turnwise.metrics.sequential.rate import _Gambler

PATIENT = settings(deadline=None, max_examples=25)
NONE_FAILED = np.zeros(1, dtype=np.int64)


def _benchmark(rng: np.random.Generator, *, asr: float, rho: float, n_groups: int) -> FloatArray:
    """Unsafe rows of groups of eight: beta-binomial with correlation rho of two labels of a group."""
    own = rng.beta(asr * (1 / rho - 1), (1 - asr) * (1 / rho - 1), size=n_groups)
    return rng.binomial(8, own).astype(np.float64)


def _calls(unsafe: FloatArray, *, half_width: float, strata: IntArray | None = None) -> float:
    """The share of groups after which the rate was known to the half-width."""
    known = SequentialRate(np.full(len(unsafe), 8), half_width=half_width, strata=strata)
    for place in range(len(unsafe)):
        known.add(unsafe[place : place + 1], NONE_FAILED)
        if known.known_to(half_width):
            return (place + 1) / len(unsafe)
    return 1.0


def test_the_bets_are_fair_over_every_order_of_drawing() -> None:
    """Five unequal groups, two strata, all 120 orders by their chance: against the truth mean wealth stays at 1."""
    sizes, unsafe, strata = np.array([1, 2, 3, 1, 3]), np.array([1, 0, 2, 0, 1]), np.array([0, 1, 0, 0, 1])
    place_of_truth, mean = round(4000 * unsafe.sum() / sizes.sum()), np.zeros(5)
    for order in map(list, itertools.permutations(range(5))):
        left = sizes.sum() - np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
        chance = float(np.prod(sizes[order] / left))
        gambler = _Gambler(sizes[order], strata[order])
        for step, group in enumerate(order):
            gambler.add(unsafe[group] / sizes[group], 0.05)
            mean[step] += chance * np.exp(gambler._wealth[place_of_truth])
    assert mean == pytest.approx(np.ones(5))


def test_the_value_is_unbiased_after_every_group() -> None:
    """Five unequal groups, all 120 orders by their chance: the mean value is the truth, and exact at the end."""
    sizes, unsafe, mean = np.array([1, 2, 3, 1, 3]), np.array([1.0, 0, 2, 0, 1]), np.zeros(5)
    for order in map(list, itertools.permutations(range(5))):
        left = sizes.sum() - np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
        known = SequentialRate(sizes[order], half_width=0.05)
        found = [known.add(unsafe[order][place : place + 1], NONE_FAILED).value for place in range(5)]
        mean += float(np.prod(sizes[order] / left)) * np.array(found, dtype=np.float64)
        assert found[-1] == pytest.approx(0.4)
    assert mean == pytest.approx(np.full(5, 0.4))


def test_of_groups_of_one_size_the_value_is_the_mean() -> None:
    """After 3 of 5 pairs with 2, 0 and 1 unsafe rows: 3 of 6."""
    found = SequentialRate(np.full(5, 2), half_width=0.05).add(np.array([2.0, 0.0, 1.0]), np.array([0, 0, 0]))
    assert found.value == pytest.approx(0.5)


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_watching_all_the_time_never_costs_coverage(rho: float) -> None:
    """Over 300 benchmarks of 60 groups, looked at after every group, the limits ever miss the truth in at most 5 %."""
    rng, missed = np.random.default_rng(9), 0
    for _ in range(300):
        unsafe = _benchmark(rng, asr=0.3, rho=rho, n_groups=60)
        truth = unsafe.mean() / 8
        known = SequentialRate(np.full(60, 8), half_width=0.1)
        estimates = [known.add(unsafe[place : place + 1], NONE_FAILED) for place in range(60)]
        missed += any(not (one.low or 0) - 1e-9 <= truth <= (one.high or 0) + 1e-9 for one in estimates)
    assert missed <= 15


@pytest.mark.parametrize(("rho", "most"), [(0.05, 0.15), (0.3, 0.27), (0.8, 0.40)])
def test_a_steady_target_is_known_long_before_the_end(rho: float, most: float) -> None:
    """ASR 0.3, 752 groups of 8, half-width 0.05: on average over ten benchmarks at most this share of the calls."""
    rng = np.random.default_rng(10)
    shares = [_calls(_benchmark(rng, asr=0.3, rho=rho, n_groups=752), half_width=0.05) for _ in range(10)]
    assert np.mean(shares) <= most


def test_known_strata_spare_calls_where_they_differ() -> None:
    """Half of the groups at rate 0.05, half at 0.75: told so, the run stops with under two thirds of the calls."""
    rng = np.random.default_rng(11)
    strata = rng.integers(2, size=752)
    unsafe = rng.binomial(8, np.where(strata, 0.75, 0.05)).astype(np.float64)
    told, blind = _calls(unsafe, half_width=0.05, strata=strata), _calls(unsafe, half_width=0.05)
    assert told < 2 / 3 * blind


def test_the_last_group_makes_the_rate_exact() -> None:
    """Groups of 1, 2 and 3 rows with 1, 0 and 2 unsafe: after the last, 3 of 6 and nothing else is possible."""
    known = SequentialRate(np.array([1, 2, 3]), half_width=0.05).add(np.array([1.0, 0.0, 2.0]), np.array([0, 0, 0]))
    assert known == SequentialEstimate(0.5, 6, 0, 0.5, 0.5, n_groups=3, n_groups_all=3, n_rows_all=6)


def test_rows_to_come_bound_what_is_possible() -> None:
    """Two of four rows seen, one unsafe: whatever comes, the rate is between 1/4 and 3/4."""
    known = SequentialRate(np.array([2, 2]), half_width=0.05).add(np.array([1.0]), NONE_FAILED)
    assert (known.value, known.low, known.high) == (0.5, 0.25, 0.75)


def test_failed_rows_count_against_both_ends() -> None:
    """Ten rows, 3 unsafe and 2 failed, which are like the other three of their group: (5/3 + 2) / 10 in 0.3 to 0.5."""
    known = SequentialRate(np.array([5, 5]), half_width=0.05)
    found = known.add(np.array([1.0, 2.0]), np.array([2, 0]))
    assert found.value == pytest.approx((5 / 3 + 2) / 10)
    assert (found.n, found.n_failed) == (8, 2)
    assert [found.low, found.high] == pytest.approx([0.3, 0.5])
    assert known.known_to(0.134)
    assert not known.known_to(0.133)


def test_before_anything_is_scored_nothing_is_known() -> None:
    """Without a group, or with failed rows alone, there is no value, and no half-width is reached."""
    known = SequentialRate(np.array([2, 2]), half_width=0.05)
    assert (known.estimate.value, known.estimate.n_groups, known.known_to(0.49)) == (None, 0, False)
    found = known.add(np.array([0.0]), np.array([2]))
    assert (found.value, found.low, found.high, found.n_failed) == (None, None, None, 2)


def test_a_safe_target_is_known_after_few_groups() -> None:
    """With no unsafe row a fixed sample needs 72 groups for an upper limit of 0.05 (0.025^(1/72)); watched, 79 do."""
    assert _calls(np.zeros(752), half_width=0.05) <= 79 / 752


@PATIENT
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=12),
    split=st.integers(0, 12),
)
def test_batches_change_nothing_and_the_value_lies_in_its_limits(rows: list[tuple[int, int, int]], split: int) -> None:
    """Groups one by one or in two batches give the same estimate; all rows are counted; 0 <= low <= value <= high."""
    table = np.array(rows)
    sizes, unsafe, failed = table.sum(axis=1) + 1, table[:, 0].astype(np.float64), table[:, 2]
    one, other = (SequentialRate(sizes, half_width=0.1) for _ in range(2))
    for place in range(len(sizes)):
        one.add(unsafe[place : place + 1], failed[place : place + 1])
    other.add(unsafe[:split], failed[:split])
    found = other.add(unsafe[split:], failed[split:])
    assert found == one.estimate
    assert found.n + found.n_failed == sizes.sum()
    if found.value is not None:
        assert 0 <= (found.low or 0) <= found.value <= (found.high or 0) <= 1


def test_larger_groups_are_drawn_sooner_in_proportion_to_their_rows() -> None:
    """Of groups with 1 and 3 rows the second comes first in three of four orders; a seed gives one order."""
    first = [drawing_order(np.array([1, 3]), seed=seed)[0] for seed in range(2000)]
    assert np.mean(first) == pytest.approx(0.75, abs=0.04)
    order = drawing_order(np.full(50, 8), seed=4)
    assert sorted(order) == list(range(50))
    assert order.tolist() == drawing_order(np.full(50, 8), seed=4).tolist()
    assert order.tolist() != drawing_order(np.full(50, 8), seed=5).tolist()


def test_results_that_do_not_fit_the_plan_are_refused() -> None:
    """A half-width that says nothing, a group without rows, counts beyond a group, and a group too many."""
    with pytest.raises(UsageError, match=r"half-width is 0\.5; it is above 0 and below 0\.5"):
        SequentialRate(np.array([1]), half_width=0.5)
    with pytest.raises(ValueError, match="sizes"):
        SequentialRate(np.array([1, 0]), half_width=0.05)
    with pytest.raises(ValueError, match="strata"):
        SequentialRate(np.array([1, 1]), half_width=0.05, strata=np.array([0]))
    known = SequentialRate(np.array([2]), half_width=0.05)
    with pytest.raises(ValueError, match="group 0 of 2 rows cannot have 2 unsafe and 1 failed"):
        known.add(np.array([2.0]), np.array([1]))
    known.add(np.array([2.0]), NONE_FAILED)
    with pytest.raises(ValueError, match="after the last of 1 groups"):
        known.add(np.array([0.0]), NONE_FAILED)
