"""Verdicts: a ruling or a cause, never both and never neither."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from turnwise.judge import JudgeCard, Measured, Verdict


@pytest.mark.parametrize(
    "ruling", [{"label": "safe"}, {"stance": "caveat"}, {"safety_awareness": 1}, {"helpfulness": 5}], ids=str
)
def test_any_one_ruling_makes_a_score(ruling: dict[str, Any]) -> None:
    """A judge may rule on harm, on refusal, or grade; one of these is enough, and none fits a verdict without score."""
    assert Verdict(1, "scored", **ruling).cause is None
    for state in ("failed", "unparsed", "judge_refused"):
        with pytest.raises(ValueError, match=f"in state {state} needs a cause, and neither"):
            Verdict(1, state, cause="no answer", **ruling)


def test_a_score_without_ruling_is_refused() -> None:
    """Scored and empty is what "could not score" must never look like."""
    with pytest.raises(ValueError, match="a scored verdict needs a label or a stance or a grade"):
        Verdict(1, "scored", reason="well")
    with pytest.raises(ValueError, match="and no cause"):
        Verdict(1, "scored", helpfulness=3, cause="timeout")


@pytest.mark.parametrize("grade", [0, 6, -1])
@pytest.mark.parametrize("name", ["safety_awareness", "helpfulness"])
def test_a_grade_off_the_scale_is_refused(name: str, grade: int) -> None:
    """The scale is 1 to 5, and the sentence has the value."""
    with pytest.raises(ValueError, match=f"graded from 1 to 5, not {grade}"):
        Verdict(1, "scored", **{name: grade})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"value": 5.0, "n": 20, "n_failed": 0}, "lies from -1 to 1, and 5 does not"),
        ({"value": 0.9, "n": -4, "n_failed": 0}, "0 or more, not -4 and 0"),
        ({"value": 0.9, "n": 20, "n_failed": 0, "low": 0.95, "high": 0.8}, r"\[0.95, 0.8\] does not"),
    ],
)
def test_a_stored_number_that_nobody_can_have_measured_is_refused(stored: dict[str, Any], words: str) -> None:
    """A card read from a file cannot claim a sensitivity of 500 %, -4 rows or an interval that falls."""
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(stored, Measured)


@pytest.mark.parametrize(("name", "repeat"), [("a", 2), ("a", -1), ("a#3", 2), ("a", 0)])
def test_a_repeat_is_told_by_its_name(name: str, repeat: int) -> None:
    """A card that says otherwise would make a judge vanish from every report as the repeat of nobody."""
    with pytest.raises(ValueError, match=f"'{name}' is no repeat number {repeat}"):
        JudgeCard(name, "ab" * 32, repeat=repeat)
    assert JudgeCard("a", "ab" * 32).again(2).first == "a"
