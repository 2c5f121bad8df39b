"""What two runs share."""

from __future__ import annotations

import numpy as np
import pytest

from turnwise.errors import UsageError
from turnwise.metrics import Pairs, RunValue

ONE = RunValue("d1", "g1", 1.0)


def test_dialogues_are_paired_by_name_whatever_their_order() -> None:
    """Rows in another order pair the same; what could not be scored is nan; groups are coded by name."""
    first = [RunValue("b", "g2", 0.0), RunValue("a", "g1", 1.0), RunValue("c", "g1", None)]
    second = [RunValue("c", "g1", 1.0), RunValue("b", "g2", 1.0), RunValue("a", "g1", 0.0)]
    pairs = Pairs.of(first, second)
    assert pairs.group.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(pairs.first, [1, 0, np.nan])
    assert pairs.second.tolist() == [0, 1, 1]


def test_dialogues_of_one_run_alone_are_counted_and_left_out() -> None:
    """Two dialogues stand in the first run alone and one in the second; one is shared."""
    first = [ONE, RunValue("d2", "g1", 0.0), RunValue("d3", "g2", None)]
    pairs = Pairs.of(first, [ONE, RunValue("d4", "g1", 1.0)])
    assert (pairs.n_only_first, pairs.n_only_second, len(pairs.group)) == (2, 1, 1)


def test_only_rows_scored_in_both_runs_are_kept() -> None:
    """Of three shared rows one is scored in both; its group, the third, becomes the only one."""
    first = [RunValue("a", "g1", None), RunValue("b", "g2", 1.0), RunValue("c", "g3", 1.0)]
    second = [RunValue("a", "g1", 1.0), RunValue("b", "g2", None), RunValue("c", "g3", 0.0)]
    scored = Pairs.of(first, second).scored()
    assert (scored.group.tolist(), scored.first.tolist(), scored.second.tolist()) == ([0], [1.0], [0.0])


def test_runs_that_cannot_be_paired_are_refused() -> None:
    """A dialogue given twice and one put into two groups are named."""
    with pytest.raises(UsageError, match="dialogue 'd1' is twice in the second run"):
        Pairs.of([ONE], [ONE, ONE])
    with pytest.raises(UsageError, match="'d1' is in group 'g1' of the first run and in group 'g2' of the second"):
        Pairs.of([ONE], [RunValue("d1", "g2", 1.0)])
