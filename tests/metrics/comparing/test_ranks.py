"""Ranks of runs: what their ranges tell apart and leave open, and that they hold the truth as often as they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from turnwise.metrics import Pairs, compare
from turnwise.metrics.comparing import Rank, ranks
from turnwise.metrics.interval import FloatArray, IntArray


def ranked(*runs: Sequence[float], groups: Sequence[int] | None = None, better: str = "lower") -> list[Rank]:
    """Ranks of runs given value by value, each row a group of its own unless said otherwise."""
    values = np.array(runs, dtype=np.float64).T
    group = np.arange(len(values)) if groups is None else np.array(groups)
    return ranks(values, group, better="lower" if better == "lower" else "higher")


def ranges(found: Sequence[Rank]) -> list[tuple[int, int]]:
    """The 95 % ranges."""
    return [(rank.low, rank.high) for rank in found]


def test_runs_far_apart_have_ranges_of_one_place() -> None:
    """None, ten and all of twenty groups unsafe: places 1, 2 and 3, and the other way round where more is better."""
    runs = ([0] * 20, [0, 1] * 10, [1] * 20)

    lower, higher = ranked(*runs), ranked(*runs, better="higher")

    assert [(rank.first, rank.last, rank.n_runs) for rank in lower] == [(1, 1, 3), (2, 2, 3), (3, 3, 3)]
    assert ranges(lower) == [(1, 1), (2, 2), (3, 3)]
    assert ranges(higher) == [(3, 3), (2, 2), (1, 1)]


def test_runs_of_the_same_value_share_their_places() -> None:
    """Two runs with 2 of 20 and one with all: the two are first to second, and so is the range of both."""
    one, other = [1, 1] + [0] * 18, [0] * 18 + [1, 1]

    found = ranked(one, [1] * 20, other)

    assert [(rank.first, rank.last) for rank in found] == [(1, 2), (3, 3), (1, 2)]
    assert ranges(found) == [(1, 2), (3, 3), (1, 2)]


def test_one_run_that_fails_row_by_row_is_not_surely_worse_than_one_that_fails_in_whole_groups() -> None:
    """None of 20 groups of eight, and one row in eight of them: p = 2/512, but one whole group more would level it."""
    groups = np.repeat(np.arange(20), 8)
    never, single = np.zeros(160), np.zeros(160)
    single[np.arange(8) * 8] = 1

    assert (compare(Pairs(groups, never, single, 0, 0)).p_value or 1.0) < 0.05
    assert ranges(ranked(never.tolist(), single.tolist(), groups=groups.tolist())) == [(1, 2), (1, 2)]


@pytest.mark.parametrize(("n_groups", "sure"), [(5, True), (4, False)])
def test_two_runs_are_told_apart_where_their_comparison_tells_them_apart(n_groups: int, sure: bool) -> None:  # noqa: FBT001
    """Five groups that all fall: p = 1/32, surely; four: p = 1/16, not. Ties of the sign flips count half."""
    first, second = [1.0] * n_groups, [0.0] * n_groups

    found = ranked(first, second)
    change = compare(Pairs(np.arange(n_groups), np.array(first), np.array(second), 0, 0))

    assert change.p_value == pytest.approx(2**-n_groups, abs=0.01)
    assert ranges(found) == ([(2, 2), (1, 1)] if sure else [(1, 2), (1, 2)])
    assert (found[0].first, found[1].first) == (2, 1)


def test_more_runs_make_a_difference_less_sure() -> None:
    """Six groups that fall tell two runs apart, p = 1/64, but not among six runs, with fifteen pairs to be wrong in."""
    noise = [[1.0 if place == run else 0.0 for place in range(12)] for run in range(4)]
    first, second = [1.0] * 6 + [0.0] * 6, [0.0] * 12

    assert ranges(ranked(first, second)) == [(2, 2), (1, 1)]
    assert ranges(ranked(first, second, *noise))[0][0] < 6


def test_rows_of_one_group_are_one_observation() -> None:
    """A hundred rows that all fall, in one group, tell nothing apart; in a hundred groups they do."""
    first, second = [1.0] * 100, [0.0] * 100

    assert ranges(ranked(first, second, groups=[0] * 100)) == [(1, 2), (1, 2)]
    assert ranges(ranked(first, second)) == [(2, 2), (1, 1)]


def test_a_row_not_scored_in_one_run_is_compared_with_nothing() -> None:
    """Of twelve rows eight are lost in the second run: the four left, which all fall, are too few to be sure."""
    second = [np.nan] * 8 + [0.0] * 4

    found = ranked([1.0] * 12, second)

    assert [(rank.first, rank.last) for rank in found] == [(2, 2), (1, 1)]
    assert ranges(found) == [(1, 2), (1, 2)]


def test_one_run_has_the_one_place() -> None:
    """A run alone is first of one."""
    assert ranked([0.0, 1.0]) == [Rank(1, 1, 1, 1, 1)]


RATES = (0.1, 0.2, 0.2, 0.2, 0.4)
TRUE_PLACES = ((1, 1), (2, 4), (2, 4), (2, 4), (5, 5))
N_GROUPS, ROWS, RUNS = 60, 5, 500


def _drawn(rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Labels of five runs, three of them alike, over groups whose own rate they share (correlation 0.3 at most)."""
    own = rng.beta(0.4 * 7 / 3, 0.6 * 7 / 3, size=(N_GROUPS, 1)) * np.array(RATES) / 0.4
    level = np.repeat(own, ROWS, axis=0)
    return (rng.random(level.shape) < level).astype(np.float64), np.repeat(np.arange(N_GROUPS), ROWS)


def test_ranges_hold_all_true_ranks_at_once_as_often_as_they_say() -> None:
    """Over 500 leaderboards of five runs with three ties, all ranges hold all true places in 93 % or more."""
    rng, held, widths = np.random.default_rng(2026), 0, []
    for seed in range(RUNS):
        values, group = _drawn(rng)
        found = ranges(ranks(values, group, better="lower", seed=seed, permutations=999))
        held += all(low <= best and high >= last for (low, high), (best, last) in zip(found, TRUE_PLACES, strict=True))
        widths.append([1 + high - low for low, high in found])
    assert held / RUNS >= 0.93
    # And they are not held by saying nothing: the outer runs are mostly told apart from the ties.
    assert np.mean(widths, axis=0)[[0, 4]].max() < 2
