"""Numbers in words."""

from __future__ import annotations

import pytest

from turnwise.metrics import Estimate, SurvivalPoint
from turnwise.report.words import counted, plain, scored_text, value_text


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [
        (0, "dialogue", "0 dialogues"),
        (1, "dialogue", "1 dialogue"),
        (1_200, "dialogue", "1,200 dialogues"),
        (1, "reply", "1 reply"),
        (2, "reply", "2 replies"),
    ],
)
def test_counts_agree_with_their_nouns(count: int, noun: str, words: str) -> None:
    """One is singular; all others are plural."""
    assert counted(count, noun) == words


def test_a_rate_is_a_percentage_marked_or_withheld() -> None:
    """Above the bar it stands alone; below, it has a mark where it is shown, and its counts where it is not."""
    rates = [Estimate(0.25, 98, 2), Estimate(0.25, 1_097, 1_103), Estimate(None, 1_097, 1_103), Estimate(None, 0, 0)]
    assert [value_text(rate) for rate in rates] == ["25.0%", "25.0%*", "withheld (1,097 of 2,200 scored)", "-"]


def test_a_point_of_a_curve_rests_on_its_groups() -> None:
    """4 at risk and 6 censored say nothing of it; 2 of 40 groups lost do."""
    assert scored_text(SurvivalPoint(None, 4, 6, length=8, n_lost=2, n_groups=40)) == "(38 of 40 groups scored so far)"


def test_a_name_has_one_spelling() -> None:
    """Over-refusal is one word wherever it stands."""
    assert [plain(name) for name in ("over_refusal_rate", "safety_awareness")] == [
        "over-refusal rate",
        "safety awareness",
    ]
