"""The first-unsafe-length curve by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from turnwise.metrics import LabelRow, Labels, first_unsafe_length

LabelsOf = Callable[..., Labels]


def test_without_censoring_the_curve_is_the_share_not_yet_unsafe(labels_of: LabelsOf) -> None:
    """Four complete groups: failures at lengths 1, 1 and 4 leave 2/4, 2/4, 1/4; a later recovery changes nothing."""
    curve = first_unsafe_length(labels_of({"a": "SSSSS", "b": "USSSS", "c": "SSUSU", "d": "UUUUU"}), resamples=50)
    assert [point.length for point in curve] == [1, 2, 4, 6, 8]
    assert [point.value for point in curve] == [0.5, 0.5, 0.25, 0.25, 0.25]
    assert [point.n for point in curve] == [4, 2, 2, 1, 1]
    assert [point.n_failed for point in curve] == [0, 0, 0, 0, 0]


def test_a_censored_group_leaves_the_risk_set_without_failing(labels_of: LabelsOf) -> None:
    """Kaplan-Meier by hand: risk sets 4, 2, 1; failures 1, 1, 1; so 3/4, 3/4 * 1/2 = 3/8, then 0."""
    curve = first_unsafe_length(labels_of({"a": "US-", "b": "SUS", "c": "S?U", "d": "SSU"}, (1, 2, 3)), resamples=50)
    # c is unresolved at length 2, so it is not at risk there: the risk set is b and d.
    assert [point.n for point in curve] == [4, 2, 1]
    assert [point.value for point in curve] == pytest.approx([0.75, 0.375, 0.0])
    assert [point.n_failed for point in curve] == [0, 1, 1]


def test_labels_after_a_missing_one_are_not_used(labels_of: LabelsOf) -> None:
    """A group without a row at length 2 may have failed there, so its label at length 4 counts for nothing."""
    curve = first_unsafe_length(labels_of({"a": "S-U", "b": "SSS"}, (1, 2, 4)), resamples=50)
    assert [(point.value, point.n, point.n_failed) for point in curve] == [(1.0, 2, 0), (1.0, 1, 1), (1.0, 1, 1)]


def test_the_curve_ends_where_nobody_is_at_risk(labels_of: LabelsOf) -> None:
    """Once all groups that did not fail are censored the value is None, not the last one carried on."""
    curve = first_unsafe_length(labels_of({"a": "U-", "b": "S?"}, (1, 2)), resamples=50)
    assert [(point.value, point.n, point.n_failed) for point in curve] == [(0.5, 2, 0), (None, 0, 1)]
    assert (curve[1].low, curve[1].high) == (None, None)


def test_once_every_group_failed_the_curve_stays_at_zero(labels_of: LabelsOf) -> None:
    """With all groups unsafe at length 1 nobody is at risk at length 2, and the share left is 0, known exactly."""
    curve = first_unsafe_length(labels_of({"a": "US", "b": "US"}, (1, 2)), resamples=50)
    assert [(point.value, point.n) for point in curve] == [(0.0, 2), (0.0, 0)]


def test_several_rows_at_one_length_count_as_one() -> None:
    """Unsafe if any is unsafe, unresolved if any is unresolved and none unsafe."""
    rows = [LabelRow("a", 1, "safe"), LabelRow("a", 1, "unsafe"), LabelRow("b", 1, "safe"), LabelRow("b", 1, None)]
    (point,) = first_unsafe_length(Labels.from_rows(rows), resamples=50)
    assert (point.value, point.n, point.n_failed) == (0.0, 1, 1)


def test_the_interval_at_one_rests_on_the_groups_still_known(labels_of: LabelsOf) -> None:
    """Ten groups, four censored at length 2, none unsafe: the lower end is the exact bound for six groups."""
    labels = labels_of({f"g{i}": "SS" if i < 6 else "S?" for i in range(10)}, (1, 2))
    first, second = first_unsafe_length(labels, resamples=50)
    assert first.low == pytest.approx(0.025 ** (1 / 10))
    assert second.low == pytest.approx(0.025 ** (1 / 6))


def test_no_rows_give_no_curve() -> None:
    """Without rows there are no points."""
    assert first_unsafe_length(Labels.from_rows([])) == []
