"""The trend test: its statistic by hand, its p-value against full enumeration."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics import TREND_BAR, LabelRow, Labels, TrendTest, trend_test

LabelsOf = Callable[..., Labels]


def _exact_p(patterns: list[str]) -> tuple[float, float]:
    """Statistic and two-sided p over all arrangements of complete groups, each equally likely."""

    def cross(pattern: tuple[str, ...]) -> float:
        middle = (len(pattern) - 1) / 2
        return sum(place - middle for place, mark in enumerate(pattern) if mark == "U")

    observed = sum(cross(tuple(pattern)) for pattern in patterns)
    arrangements = itertools.product(*(list(itertools.permutations(pattern)) for pattern in patterns))
    extreme = [abs(sum(map(cross, chosen))) >= abs(observed) - 1e-9 for chosen in arrangements]
    return observed, sum(extreme) / len(extreme)


@pytest.mark.parametrize("patterns", [["SSU", "SUU"], ["USS", "UUS", "SUS"], ["SSUU", "SUSU"], ["USU", "SUS"]])
def test_the_p_value_is_that_of_all_arrangements(labels_of: LabelsOf, patterns: list[str]) -> None:
    """With ties and few groups the p-value agrees with full enumeration to its Monte Carlo error."""
    lengths = (1, 2, 4, 8)[: len(patterns[0])]
    test = trend_test(labels_of({f"g{i}": marks for i, marks in enumerate(patterns)}, lengths), permutations=40_000)
    statistic, p_value = _exact_p(patterns)
    assert test.statistic == pytest.approx(statistic)
    assert test.p_value == pytest.approx(p_value, abs=0.012)


def test_equal_statistics_are_ties_however_they_round(labels_of: LabelsOf) -> None:
    """Of 5 * 3 * 3 arrangements only the observed one is this extreme, so p is 1/45, not 0 by a lost last bit."""
    labels = labels_of({"a": "SSS-S-U", "b": "SS---U-", "c": "S-SU---"}, (1, 2, 3, 4, 5, 6, 7))
    test = trend_test(labels, permutations=20_000)
    assert test.statistic == pytest.approx(6 - 13 / 5 + 5 - 6 / 3 + 3 - 5 / 3)
    assert test.p_value == pytest.approx(1 / 45, abs=0.004)


def test_harm_that_rises_with_length_is_found(labels_of: LabelsOf) -> None:
    """Twelve groups SSSUU: statistic 12 * (1 + 2), the smallest p-value there can be, direction rising."""
    test = trend_test(labels_of({f"g{i}": "SSSUU" for i in range(12)}), permutations=999)
    assert (test.statistic, test.p_value, test.n_groups, test.direction) == (36.0, 0.001, 12, "rising")


def test_harm_that_falls_with_length_is_found(labels_of: LabelsOf) -> None:
    """Mirrored labels give the mirrored statistic and the direction falling."""
    test = trend_test(labels_of({f"g{i}": "UUSSS" for i in range(12)}), permutations=999)
    assert (test.statistic, test.p_value, test.direction) == (-36.0, 0.001, "falling")


def test_groups_that_never_change_say_nothing(labels_of: LabelsOf) -> None:
    """All-safe and all-unsafe groups contribute 0 to every permutation: p is 1, the direction flat."""
    test = trend_test(labels_of({"a": "SSSSS", "b": "UUUUU"}), permutations=99)
    assert (test.statistic, test.p_value, test.n_groups, test.direction) == (0.0, 1.0, 2, "flat")


def test_unresolved_labels_and_groups_with_one_label_are_left_out(labels_of: LabelsOf) -> None:
    """Group a has one scored label and is out; b keeps ranks 0 and 4, mean 2, so an unsafe 8 counts +2."""
    test = trend_test(labels_of({"a": "U???-", "b": "S??-U"}), permutations=99)
    assert (test.statistic, test.n_groups) == (2.0, 1)


def test_ranks_are_those_of_the_declared_lengths(labels_of: LabelsOf) -> None:
    """Over lengths 1 and 8 alone the two ranks are 0 and 1, so an unsafe 8 counts +1/2, and other rows are out."""
    test = trend_test(labels_of({"a": "SUUUU", "b": "-UUU-"}), lengths=(1, 8), permutations=99)
    assert (test.statistic, test.n_groups) == (0.5, 1)


def test_two_rows_at_one_length_are_not_two_lengths() -> None:
    """A group scored twice at the same length cannot show a trend."""
    rows = [LabelRow("a", 1, "safe"), LabelRow("a", 1, "unsafe")]
    with pytest.raises(NotMeasurable, match="no group has scored labels at two lengths or more"):
        trend_test(Labels.from_rows(rows))


@pytest.mark.parametrize("marks", ["U????", "-----"])
def test_without_a_group_that_can_contribute_there_is_no_test(labels_of: LabelsOf, marks: str) -> None:
    """One scored label, or none, is not measurable."""
    with pytest.raises(NotMeasurable, match="trend is not measurable"):
        trend_test(labels_of({"a": marks}))


@pytest.mark.parametrize(("p_value", "clear"), [(0.0005, True), (0.0499, True), (0.05, False), (0.6, False)])
def test_a_trend_is_clear_below_the_bar(p_value: float, *, clear: bool) -> None:
    """A statistic has a sign by chance too; only a p-value under 0.05 says that harm goes with the length."""
    assert TREND_BAR == 0.05
    assert TrendTest(0.5, p_value, 3, 1_999, "rising").is_clear is clear


def test_no_permutations_are_refused(labels_of: LabelsOf) -> None:
    """A permutation test needs a permutation."""
    with pytest.raises(UsageError, match="permutations is 0"):
        trend_test(labels_of({"a": "SUSUS"}), permutations=0)


def test_the_seed_decides_the_p_value(labels_of: LabelsOf) -> None:
    """The same seed gives the same p-value; over many seeds it varies."""
    labels = labels_of({"a": "SSUSU", "b": "SUSUU", "c": "USSSU"})
    assert trend_test(labels, seed=1) == trend_test(labels, seed=1)
    assert len({trend_test(labels, seed=seed).p_value for seed in range(5)}) > 1
