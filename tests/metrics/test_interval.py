"""The interval's closed forms, and the resampling under it."""

from __future__ import annotations

import numpy as np
import pytest

from turnwise.errors import UsageError
from turnwise.metrics.interval import (
    exact_share,
    independent_error,
    interval,
    resampled_blocks,
    resampled_totals,
    share_interval,
    standard_error,
    sum_by_group,
    t_quantile,
)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(1, 12.7062), (2, 4.3027), (4, 2.7764), (5, 2.5706), (10, 2.2281), (30, 2.0423), (999, 1.9623)],
)
def test_t_quantiles_match_the_printed_tables(degrees: int, expected: float) -> None:
    """97.5 % quantiles agree with printed tables of Student's t to 0.001."""
    assert t_quantile(degrees) == pytest.approx(expected, abs=1e-3)


def test_at_zero_the_upper_end_is_the_exact_bound() -> None:
    """None of 20 groups: Clopper-Pearson gives 0 to 16.84 %, as printed in tables."""
    low, high = interval(0.0, 0.0, n_groups=20, least_error=0.0)
    assert low == 0
    assert high == pytest.approx(0.16843, abs=1e-5)
    assert exact_share(1) == pytest.approx(0.975)


def test_at_one_the_interval_mirrors_zero() -> None:
    """All of 20 groups: the interval is that of none, mirrored."""
    low, high = interval(1.0, 0.0, n_groups=20, least_error=0.0)
    assert (round(low, 5), high) == (0.83157, 1.0)


def test_inside_the_interval_is_t_on_the_logit_scale() -> None:
    """Value 0.5, error 0.1, 11 groups: logit error 0.4, times t(10) = 2.228, so expit(-+0.8912)."""
    low, high = interval(0.5, 0.1, n_groups=11, least_error=0.0)
    assert low == pytest.approx(1 / (1 + np.exp(0.89126)), abs=1e-4)
    assert high == pytest.approx(1 - low)


def test_the_error_is_never_below_that_of_independent_rows() -> None:
    """A resampling error of 0 gives way to the error of independent rows: 0.05 for a half of 100 rows."""
    assert independent_error(0.5, 100) == 0.05
    assert interval(0.5, 0.0, n_groups=20, least_error=0.05) == interval(0.5, 0.05, n_groups=20, least_error=0.0)


def test_one_group_whose_rows_disagree_says_nothing() -> None:
    """With one group and a value inside (0, 1) the interval is everything."""
    assert interval(0.4, 0.0, n_groups=1, least_error=0.2) == (0.0, 1.0)


def test_the_interval_of_a_share_is_that_of_jeffreys() -> None:
    """A half row of 9: beta(1, 9), below x with chance 1 - (1 - x)^9; the ends leave 2.5 % on each side."""
    low, high = share_interval(0.5 / 9, n_effective=9, n_rows=9, n_groups=9)
    assert (low, high) == pytest.approx((1 - 0.975 ** (1 / 9), 1 - 0.025 ** (1 / 9)))


def test_rows_of_few_groups_count_less_than_their_number() -> None:
    """11 groups of 101 rows: 9 rows that tell as much are 9 (1.984 / 2.228)^2 = 7.136."""
    in_groups = share_interval(0.3, n_effective=9, n_rows=101, n_groups=11)
    assert in_groups == pytest.approx(share_interval(0.3, n_effective=7.136, n_rows=50, n_groups=50), abs=1e-4)


def test_a_share_never_lies_outside_its_interval() -> None:
    """A ten-thousandth of 1 row of 10: Jeffreys' low end, 0.00005, would be above it. One group says nothing."""
    low, high = share_interval(0.00001, n_effective=10, n_rows=10, n_groups=10)
    assert low == 0.00001 < high
    assert share_interval(0.4, n_effective=30, n_rows=30, n_groups=1) == (0, 1)


def test_no_rows_have_no_independent_error() -> None:
    """Without rows the least error is 0, not a division by zero."""
    assert independent_error(0.3, 0) == 0


def test_group_sums_leave_negative_columns_out() -> None:
    """Weights add up by group and column; a row whose column is -1 counts nowhere."""
    sums = sum_by_group(
        np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, 1]), np.array([0, 0, 1, -1]), n_groups=2, n_columns=2
    )
    assert sums.tolist() == [[3.0, 0.0], [0.0, 4.0]]


def test_every_resample_draws_as_many_groups_as_there_are() -> None:
    """A column of ones totals the number of groups in each resample, over chunk borders too."""
    totals = resampled_totals(np.ones((1500, 1)), seed=1, resamples=3000)
    assert totals.shape == (3000, 1)
    assert (totals == 1500).all()


def test_resamples_vary_as_drawing_with_replacement_does() -> None:
    """How often one of 50 groups is drawn has mean 1 and variance 1 - 1/50, within 4 standard errors."""
    column = np.zeros((50, 1))
    column[7] = 1
    totals = resampled_totals(column, seed=2, resamples=20_000)[:, 0]
    assert totals.mean() == pytest.approx(1, abs=0.03)
    assert totals.var() == pytest.approx(0.98, abs=0.06)


def test_the_seed_decides_the_resamples() -> None:
    """The same seed gives the same totals, another seed others."""
    columns = np.arange(30.0)[:, None]
    first, again, other = (resampled_totals(columns, seed=seed, resamples=10).tolist() for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_blocks_have_the_totals_of_the_whole() -> None:
    """Columns given in two blocks, each without the groups that are 0 in it, total as they do in one table."""
    columns = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 5.0], [3.0, 4.0, 0.0]])
    first, last = (np.array([0, 2]), columns[[0, 2], :2]), (np.array([0, 1]), columns[:2, 2:])
    in_blocks = resampled_blocks([first, last], n_groups=3, seed=6, resamples=40)
    assert in_blocks.tolist() == resampled_totals(columns, seed=6, resamples=40).tolist()


def test_one_resample_is_refused() -> None:
    """No spread can be read from one resample."""
    with pytest.raises(UsageError, match="resamples is 1; use at least 2"):
        resampled_totals(np.ones((3, 1)), seed=0, resamples=1)


def test_the_standard_error_leaves_empty_resamples_out() -> None:
    """Of 0, 1 and nan the spread is that of 0 and 1, sqrt(1/2), times sqrt(2/1) for two groups."""
    assert standard_error(np.array([0.0, 1.0, np.nan]), n_groups=2) == pytest.approx(1.0)
    assert standard_error(np.array([0.5, np.nan]), n_groups=2) == 0
