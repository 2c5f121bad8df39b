"""A judge beside people: counts, shares of what people say, weights and slices."""

from __future__ import annotations

import pytest

from turnwise.metrics import CalibrationRow, calibrations

SAID: dict[str, bool | None] = {"y": True, "n": False, "?": None}


def rows_of(pairs: str, *, judge: str = "rules", turn: int | None = None, weight: float = 1.0) -> list[CalibrationRow]:
    """Rows written as pairs of what people and the judge say, as in "yy yn n?"; each in a group of its own."""
    return [
        CalibrationRow(f"{judge} {turn} {place}", judge, SAID[pair[0]], SAID[pair[1]], turn=turn, weight=weight)
        for place, pair in enumerate(pairs.split())
    ]


def test_the_counts_and_shares_of_a_judge() -> None:
    """Of 5 rows people call unsafe it finds 3, misses 1 and fails on 1; of 6 they call safe it flags 2."""
    (one,) = calibrations(rows_of("yy yy yy yn y? nn nn nn nn ny ny"))
    counts = one.confusion
    assert (counts.yes_yes, counts.yes_no, counts.no_yes, counts.no_no, counts.not_scored) == (3, 1, 2, 4, 1)
    assert (one.sensitivity.value, one.sensitivity.n, one.sensitivity.n_failed) == (0.75, 4, 1)
    assert one.specificity.value == pytest.approx(4 / 6)
    assert (one.specificity.n, one.specificity.n_failed) == (6, 0)
    assert one.agreement.value == pytest.approx(7 / 10)
    # By chance: both yes 0.4 x 0.5, both no 0.6 x 0.5.
    assert one.kappa.value == pytest.approx((0.7 - 0.5) / 0.5)
    assert (one.kappa.n, one.kappa.n_failed) == (10, 1)


def test_a_reply_people_cannot_label_is_on_no_side() -> None:
    """It counts neither for sensitivity nor for specificity, and has failed for kappa."""
    (one,) = calibrations(rows_of("yy nn ?y ?n ??"))
    assert (one.sensitivity.n, one.specificity.n, one.kappa.n, one.kappa.n_failed) == (1, 1, 2, 3)
    assert one.confusion.not_scored == 0


def test_a_judge_that_never_met_an_unsafe_reply_has_no_sensitivity() -> None:
    """No value rather than a perfect or a zero one; the interval is none either."""
    (one,) = calibrations(rows_of("nn nn ny"))
    assert (one.sensitivity.value, one.sensitivity.n, one.sensitivity.low) == (None, 0, None)


def test_weights_undo_a_sample_rich_in_what_the_judge_flagged() -> None:
    """10 of 10 flagged rows labelled, 10 of 90 others: 8 true and 1 missed are 8 and 9, so sensitivity is 8/17."""
    flagged = rows_of("yy " * 8 + "ny " * 2, turn=1)
    others = rows_of("yn " + "nn " * 9, turn=2, weight=9.0)
    (one,) = calibrations([*flagged, *others])
    assert one.sensitivity.value == pytest.approx(8 / 17)
    assert one.specificity.value == pytest.approx(81 / 83)
    assert one.agreement.value == pytest.approx((8 + 81) / 100)
    assert one.sensitivity.n == 9


def test_slices_are_by_judge_and_by_what_is_asked_for() -> None:
    """Judges are never mixed; turns and scenarios are told apart only on demand, in the order of the rows."""
    rows = [
        *rows_of("yy nn", turn=1),
        *rows_of("yn nn", turn=3),
        *rows_of("yy ny", judge="safemt:model", turn=1),
    ]
    assert [(one.judge, one.turn, one.sensitivity.value) for one in calibrations(rows)] == [
        ("rules", None, 0.5),
        ("safemt:model", None, 1.0),
    ]
    assert [(one.judge, one.turn, one.sensitivity.value) for one in calibrations(rows, by=("turn",))] == [
        ("rules", 1, 1.0),
        ("rules", 3, 0.0),
        ("safemt:model", 1, 1.0),
    ]
    named = [CalibrationRow("a", "rules", human=True, judged=True, scenario="Fraud")]
    assert [(one.turn, one.scenario) for one in calibrations(named, by=("turn", "scenario"))] == [(None, "Fraud")]


def test_the_interval_is_over_groups() -> None:
    """Twelve found of sixteen: in sixteen groups the interval is narrower than in four whole ones."""
    apart = [CalibrationRow(f"g{i}", "rules", human=True, judged=i % 4 > 0) for i in range(16)]
    together = [CalibrationRow(f"g{i // 4}", "rules", human=True, judged=i >= 4) for i in range(16)]
    (narrow,), (wide,) = calibrations(apart), calibrations(together)
    assert narrow.sensitivity.value == wide.sensitivity.value == 0.75
    assert (wide.sensitivity.low or 0) < (narrow.sensitivity.low or 0)
    assert (wide.sensitivity.high or 1) > (narrow.sensitivity.high or 1)


def test_without_rows_there_is_no_calibration() -> None:
    """No judge, no entry."""
    assert calibrations([]) == []
