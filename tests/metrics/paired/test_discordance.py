"""The rows that moved: exact and clustered tests, and the odds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from turnwise.metrics.paired.discordance import Discordance, discordance


def _moved(changes: list[list[int]]) -> Discordance:
    """Discordance of groups of rows that each rise (1), fall (-1) or stay at 0."""
    change = np.array([row for group in changes for row in group])
    groups = np.repeat(np.arange(len(changes)), [len(group) for group in changes])
    first, second = (change < 0).astype(np.float64), (change > 0).astype(np.float64)
    return discordance(first, second, groups, seed=0, resamples=200)


def test_the_exact_test_matches_a_textbook() -> None:
    """12 against 2 of 50 pairs: two-sided P = 0.0129, odds 6 (Armitage and Berry, 3rd edition, 1994, page 127)."""
    found = _moved([[1]] * 12 + [[-1]] * 2 + [[0]] * 36)
    assert found.mcnemar_p == pytest.approx(2 * (1 + 14 + 91) / 2**14)
    assert found.odds_ratio == pytest.approx(6)
    assert (found.n_rose, found.n_fell) == (12, 2)


def test_the_exact_test_keeps_its_tail_for_many_rows() -> None:
    """3,000 against 0 rows: 2 / 2^3000 is below the least number a float holds, and none against none is 1."""
    assert _moved([[1]] * 3000).mcnemar_p == 0
    assert _moved([[1]] * 1000).mcnemar_p == pytest.approx(2.0**-999)
    assert _moved([[0]] * 3).mcnemar_p == 1


def test_the_clustered_test_counts_groups() -> None:
    """Group sums 2, 1, 0, -1: chi-squared is 3/4 times 2^2 / 6 = 1/2, so p = erfc(1/2)."""
    assert _moved([[1, 1], [1, 0], [1, -1], [-1]]).clustered_p == pytest.approx(math.erfc(0.5))


def test_groups_that_move_as_one_deceive_only_the_exact_test() -> None:
    """Six groups of ten rows, four rise and two fall as a whole: tiny by rows; (4 - 2)^2 / 6 times 5/6 by groups."""
    found = _moved([[1] * 10] * 4 + [[-1] * 10] * 2)
    assert found.mcnemar_p < 0.02
    assert found.clustered_p == pytest.approx(math.erfc(math.sqrt(5 / 9 / 2)))


def test_odds_without_a_fall_have_no_value_but_a_lower_end() -> None:
    """Three rows in three groups rise: the share is at least 0.025^(1/3) = 0.2924, so the odds at least 0.4132."""
    found = _moved([[1], [1], [1], [0]])
    assert (found.odds_ratio, found.odds_high) == (None, None)
    assert found.odds_low == pytest.approx(0.4132, abs=1e-4)


def test_rows_that_never_move_have_no_odds() -> None:
    """Nothing moved: no odds at all, and both tests say 1."""
    found = _moved([[0, 0], [0]])
    assert (found.odds_ratio, found.odds_low, found.odds_high) == (None, None, None)
    assert (found.mcnemar_p, found.clustered_p) == (1, 1)
