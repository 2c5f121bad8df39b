"""Verdicts: a ruling or a cause, never both and never neither."""

from __future__ import annotations

from typing import Any

import pytest

from turnwise.judge import Verdict


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
