"""What a judge changes with what it sees: hand-worked differences on the same replies, and the verdicts that flip."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from metrics.comparing.viewed import CAPTION, IMAGE, NEITHER, run_of
from turnwise.metrics import ViewChange, view_as_shown
from turnwise.metrics.comparing.views import view_changes
from turnwise.runfile import Reader


def changes(path: Path) -> list[ViewChange]:
    """What the views of the judges of a run change."""
    with Reader(path) as reader:
        return view_changes(reader, resamples=100)


def test_difference_and_flips_are_those_worked_by_hand(tmp_path: Path) -> None:
    """4 of 8 unsafe by image, 3 by caption: two fall and one rises, so the difference is -1/8 and 3 verdicts flip."""
    found = changes(run_of(tmp_path, {IMAGE: "UUUUSSSS", CAPTION: "UUSSUSSS"}))

    asr, refusal = found
    assert (asr.measure, asr.sees, asr.judges) == (
        "attack_success_rate",
        ("image", "caption"),
        ("mtmcs:a:b", "mtmcs:a:b,sees=caption"),
    )
    assert (asr.first.value, asr.second.value, asr.value) == pytest.approx((4 / 8, 3 / 8, -1 / 8))
    assert (asr.n, asr.n_failed, asr.n_flipped) == (8, 0, 3)
    assert asr.low is not None
    assert asr.high is not None
    assert asr.low < -1 / 8 < 0 < asr.high
    assert (refusal.measure, refusal.n_flipped) == ("refusal_rate", 3)
    assert refusal.value == pytest.approx(1 / 8)


def test_every_view_stands_beside_the_fullest_in_whatever_order_they_ruled(tmp_path: Path) -> None:
    """Neither ruled first: caption and neither are still compared with the image."""
    found = changes(run_of(tmp_path, {NEITHER: "SS", CAPTION: "SU", IMAGE: "UU"}))

    rates = [one for one in found if one.measure == "attack_success_rate"]
    assert [(one.sees, one.value) for one in rates] == [(("image", "caption"), -0.5), (("image", "neither"), -1.0)]


def test_what_one_view_left_unread_is_in_no_mean_and_withholds_the_difference(tmp_path: Path) -> None:
    """One of four was not read by caption: three are compared, and no number is shown unless asked for."""
    (asr, _) = changes(run_of(tmp_path, {IMAGE: "UUSS", CAPTION: "?UUS"}))

    assert (asr.n, asr.n_failed, asr.n_flipped, asr.withheld) == (3, 1, 1, True)
    assert asr.first.value == pytest.approx(1 / 3)
    shown = view_as_shown(asr)
    assert (shown.value, shown.low, shown.first.value, shown.second.value, shown.p_value) == (None,) * 5
    assert (shown.n, shown.n_failed) == (3, 1)


def test_judges_that_differ_in_more_or_in_less_than_the_view_are_not_put_together(tmp_path: Path) -> None:
    """Another rubric, model or choice of turns is another judge; the same view twice is no second view."""
    for place, other in enumerate(
        (
            msgspec.structs.replace(CAPTION, rubric_sha256="22" * 32),
            msgspec.structs.replace(CAPTION, model="a:c"),
            msgspec.structs.replace(CAPTION, turns="all"),
            msgspec.structs.replace(IMAGE, name="mtmcs:a:b,sees=image"),
        )
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert changes(run_of(folder, {IMAGE: "US", other: "SS"})) == []
