"""When a number is withheld, and how complete a set of rows is."""

from __future__ import annotations

import pytest

from turnwise.metrics import COMPLETENESS_BAR, Estimate, LengthRate, as_shown, completeness


@pytest.mark.parametrize(
    ("n", "n_failed", "withheld"),
    [(98, 2, False), (97, 3, True), (49, 1, False), (48, 1, True), (5, 0, False), (0, 3, True), (0, 0, False)],
)
def test_the_bar_itself_is_enough(n: int, n_failed: int, *, withheld: bool) -> None:
    """98 of 100 scored is shown, 97 of 100 is withheld; where no row was expected there is nothing to withhold."""
    assert COMPLETENESS_BAR == 0.98
    assert Estimate(0.5, n, n_failed).withheld is withheld


def test_a_withheld_number_keeps_its_counts_and_what_it_is_of() -> None:
    """Only value and interval go; a number above the bar stays as it is."""
    assert as_shown(LengthRate(0.5, 6, 6, 0.1, 0.9, length=8)) == LengthRate(None, 6, 6, length=8)
    whole = Estimate(0.5, 99, 1, 0.4, 0.6)
    assert as_shown(whole) == whole


def test_rows_that_are_not_there_count_as_missing() -> None:
    """Expected rows in no state at all are counted, most frequent states first."""
    found = completeness({"unparsed": 1, "scored": 6}, n_expected=10)
    assert found.fraction == 0.6
    assert list(found.counts.items()) == [("scored", 6), ("missing", 3), ("unparsed", 1)]


def test_only_what_may_be_answered_yet_promises_a_way_on() -> None:
    """Failures and gaps are asked again; blocks and answers that could not be read are final."""
    assert completeness({"scored": 90, "reply_failed_timeout": 4, "verdict_unparsed": 6}, n_expected=100).can_go_on
    assert completeness({"scored": 90}, n_expected=100).can_go_on
    assert not completeness({"scored": 90, "censored_by_block": 6, "verdict_unparsed": 4}, n_expected=100).can_go_on


def test_nothing_expected_has_no_fraction() -> None:
    """Without expected rows there is no share of them."""
    found = completeness({}, n_expected=0)
    assert (found.fraction, found.counts) == (None, {})


def test_more_rows_than_expected_are_refused() -> None:
    """A fraction above 1 is a mistake of the caller."""
    with pytest.raises(ValueError, match="5 rows, but only 4 were expected"):
        completeness({"scored": 5}, n_expected=4)
