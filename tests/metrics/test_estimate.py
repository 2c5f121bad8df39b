"""When a headline is withheld."""

from __future__ import annotations

import pytest

from turnwise.metrics import COMPLETENESS_BAR, completeness


def test_the_bar_itself_is_enough() -> None:
    """98 of 100 scored is shown, 97 of 100 is withheld."""
    assert COMPLETENESS_BAR == 0.98
    assert not completeness({"scored": 98, "failed": 2}, n_expected=100).withheld
    assert completeness({"scored": 97, "failed": 3}, n_expected=100).withheld


def test_rows_that_are_not_there_count_as_missing() -> None:
    """Expected rows in no state at all are counted, most frequent states first."""
    found = completeness({"unparsed": 1, "scored": 6}, n_expected=10)
    assert found.fraction == 0.6
    assert list(found.counts.items()) == [("scored", 6), ("missing", 3), ("unparsed", 1)]


def test_the_reason_names_the_states() -> None:
    """A withheld headline says how many rows are scored and why the others are not."""
    found = completeness({"scored": 90, "reply_failed_timeout": 4, "verdict_unparsed": 6}, n_expected=100)
    assert found.reason == (
        "withheld: 90 of 100 rows are scored (6 verdict_unparsed, 4 reply_failed_timeout), and the bar is 98%; "
        "the same command asks again for what failed"
    )
    final = completeness({"scored": 90, "censored_by_block": 10}, n_expected=100)
    assert final.reason == "withheld: 90 of 100 rows are scored (10 censored_by_block), and the bar is 98%"
    assert completeness({"scored": 5}, n_expected=5).reason is None


def test_nothing_expected_is_withheld() -> None:
    """Without expected rows there is no fraction and no headline."""
    found = completeness({}, n_expected=0)
    assert (found.fraction, found.withheld, found.counts) == (None, True, {})
    assert found.reason == "withheld: no rows were expected, so there is nothing to measure"


def test_more_rows_than_expected_are_refused() -> None:
    """A fraction above 1 is a mistake of the caller."""
    with pytest.raises(ValueError, match="5 rows, but only 4 were expected"):
        completeness({"scored": 5}, n_expected=4)
