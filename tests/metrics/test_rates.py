"""Rates, what they count and leave out, and rates by a key."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from turnwise.metrics import Estimate, rate, rates_by

NAN = float("nan")


def test_a_rate_counts_scored_rows_and_reports_the_others() -> None:
    """Three of four scored rows are 1; the nan row is in n_failed and nowhere else."""
    estimate = rate(np.array([1.0, 1.0, 0.0, 1.0, NAN]), np.array([0, 1, 2, 3, 4]), seed=0)
    assert (estimate.value, estimate.n, estimate.n_failed) == (0.75, 4, 1)


def test_an_unscored_row_changes_only_n_failed() -> None:
    """In a group that has scored rows, another row that could not be scored leaves value and interval as they were."""
    values, groups = np.array([1.0, 0.0, 0.0, 1.0, 0.0]), np.array([0, 0, 1, 2, 3])
    before = rate(values, groups, seed=5)
    after = rate(np.append(values, NAN), np.append(groups, 1), seed=5)
    assert (after.value, after.n, after.low, after.high) == (before.value, before.n, before.low, before.high)
    assert (before.n_failed, after.n_failed) == (0, 1)


def test_nothing_scored_has_no_value_and_no_interval() -> None:
    """Rows that all failed give None, never 0; no rows at all likewise."""
    nobody = np.array([], dtype=np.int64)
    assert rate(np.array([NAN, NAN]), np.array([0, 1]), seed=0) == Estimate(None, 0, 2)
    assert rate(np.array([]), nobody, seed=0) == Estimate(None, 0, 0)


def test_the_interval_is_the_logit_t_of_the_clustered_error() -> None:
    """Eight groups of three equal labels, half unsafe: error sqrt(0.25/7), t(7) = 2.3646, on the logit scale."""
    values, groups = np.repeat([1.0, 0.0], 12), np.repeat(np.arange(8), 3)
    estimate = rate(values, groups, seed=1, resamples=200_000)
    reach = 2.3646 * np.sqrt(0.25 / 7) / 0.25
    assert estimate.low == pytest.approx(1 / (1 + np.exp(reach)), abs=2e-3)
    assert estimate.high == pytest.approx(1 / (1 + np.exp(-reach)), abs=2e-3)


def test_repeating_the_rows_of_a_group_adds_no_certainty() -> None:
    """The same labels written down ten times in each group give the same interval."""
    values, groups = np.tile([1.0, 0.0, 0.0, 1.0], 5), np.arange(20)
    once = rate(values, groups, seed=3)
    tenfold = rate(np.repeat(values, 10), np.repeat(groups, 10), seed=3)
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))


def test_agreement_of_all_groups_is_not_certainty() -> None:
    """All of 20 groups safe in 100 rows: the upper end is the exact bound for 20 groups, not 0 and not that of 100."""
    estimate = rate(np.zeros(100), np.repeat(np.arange(20), 5), seed=0)
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    assert estimate.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_rates_by_a_key_are_the_rates_of_its_rows() -> None:
    """Each key has its own value, counts and failures; rows without a key are in none; an empty key has None."""
    values = np.array([1.0, 0.0, NAN, 1.0, 1.0])
    first, second, third = rates_by(values, np.arange(5), np.array([0, 0, 0, 1, -1]), n_keys=3, seed=0, resamples=50)
    assert (first.value, first.n, first.n_failed) == (0.5, 2, 1)
    assert (second.value, second.n, second.n_failed) == (1.0, 1, 0)
    assert third == Estimate(None, 0, 0)


def test_a_key_among_many_has_the_rate_it_has_alone() -> None:
    """300 keys, more than share a set of resamples, give each the estimate it gets when the others are left out."""
    rng = np.random.default_rng(4)
    values, groups = (rng.random(3_000) < 0.3).astype(float), rng.integers(0, 500, 3_000)
    keys = rng.permutation(np.arange(3_000) % 300)
    many = rates_by(values, groups, keys, n_keys=300, seed=2, resamples=40_000)
    for key in (0, 127, 128, 299):
        alone = rates_by(values, groups, np.where(keys == key, 0, -1), n_keys=1, seed=2, resamples=40_000)
        assert many[key] == alone[0]


def test_memory_does_not_grow_with_groups_times_keys() -> None:
    """5,000 keys over 5,000 groups, 200 MB for each table of all against all, take less than one such table."""
    values, each = np.tile([1.0, 0.0], 2_500), np.arange(5_000)
    tracemalloc.start()
    estimates = rates_by(values, each, each, n_keys=5_000, seed=0, resamples=200)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [estimate.value for estimate in estimates[:2]] == [1.0, 0.0]
    assert peak_bytes < 150_000_000


def test_a_cell_with_few_groups_is_as_uncertain_as_its_groups() -> None:
    """In a cell that holds 2 of 400 groups, which disagree, the interval is nearly everything."""
    keys = np.where(np.arange(400) < 2, 0, 1)
    cell, rest = rates_by((np.arange(400) % 2).astype(float), np.arange(400), keys, n_keys=2, seed=0)
    assert cell.low is not None
    assert cell.high is not None
    assert (cell.low < 0.01, cell.high > 0.99) == (True, True)
    assert rest.low == pytest.approx(0.45, abs=0.01)
