"""How judges are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollout.recording import Recording
from turnwise.errors import DataError, UsageError
from turnwise.judge import SPELLINGS, RulesJudge, SafemtJudge, ScriptedJudge, open_judge
from turnwise.models import ChatModel


def no_target(spelling: str) -> ChatModel:
    """Fails the test that opens a model where none is wanted."""
    raise AssertionError(spelling)


def test_rules_is_the_judge_without_a_model() -> None:
    """`rules` opens no target and sees no image, whatever judges are to see."""
    judge = open_judge("rules", open_target=no_target)
    assert isinstance(judge, RulesJudge)
    assert judge.card.sees == "neither"


def test_safemt_opens_the_target_behind_its_name() -> None:
    """What follows `safemt:` is a target's spelling, colons and all; the card has the model's own name."""
    opened: list[str] = []

    def open_target(spelling: str) -> ChatModel:
        opened.append(spelling)
        return Recording(name="openai:model:7b@http://h:1/v1")

    judge = open_judge("safemt:openai:model:7b@http://H:1", open_target=open_target, sees="neither")
    assert isinstance(judge, SafemtJudge)
    assert opened == ["openai:model:7b@http://H:1"]
    assert (judge.card.name, judge.card.sees) == ("safemt:openai:model:7b@http://h:1/v1", "neither")


def test_scripted_reads_the_file_behind_its_name(tmp_path: Path) -> None:
    """What follows `scripted:` is a path, which may hold colons."""
    path = tmp_path / "a:b.jsonl"
    path.write_text('{"id": "d1", "label": "safe"}\n')
    judge = open_judge(f"scripted:{path}", open_target=no_target)
    assert isinstance(judge, ScriptedJudge)
    assert judge.card.name == f"scripted:{path}"
    with pytest.raises(DataError, match="cannot be read"):
        open_judge("scripted:nowhere.jsonl", open_target=no_target)


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("safemt", "'safemt' is incomplete; wanted: safemt:TARGET"),
        ("safemt:", "'safemt:' is incomplete; wanted: safemt:TARGET"),
        ("scripted", "wanted: scripted:FILE"),
        ("scripted:", "wanted: scripted:FILE"),
    ],
)
def test_incomplete_spelling_says_what_is_wanted(spelling: str, words: str) -> None:
    """The form of the one judge is shown, not the list of all."""
    with pytest.raises(UsageError, match=words):
        open_judge(spelling, open_target=no_target)


@pytest.mark.parametrize(
    "spelling", ["", "rule", "Rules", "rules:", "rules:x", "mtmcs:openai:m", "safemt2:x", " rules"]
)
def test_unknown_spelling_lists_the_known_ones(spelling: str) -> None:
    """Every judge there is stands in the sentence."""
    with pytest.raises(UsageError, match="is not known; known: ") as error:
        open_judge(spelling, open_target=no_target)
    assert all(known in str(error.value) for known in SPELLINGS)
