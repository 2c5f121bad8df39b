"""How judges are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollout.recording import Recording
from turnwise.errors import DataError, UsageError
from turnwise.judge import SPELLINGS, MtmcsJudge, RulesJudge, SafemtJudge, ScriptedJudge, Sees, Turns, open_judge
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
    assert (judge.card.name, judge.card.sees) == ("safemt:openai:model:7b@http://h:1/v1,sees=neither", "neither")


@pytest.mark.parametrize(
    ("spelling", "target", "name", "turns", "sees"),
    [
        ("mtmcs:openai:m", "openai:m", "mtmcs:recording:one", "last", "image"),
        ("mtmcs:openai:m,turns=all", "openai:m", "mtmcs:recording:one,turns=all", "all", "image"),
        ("mtmcs:openai:m,turns=last", "openai:m", "mtmcs:recording:one", "last", "image"),
        ("mtmcs:openai:m,sees=caption", "openai:m", "mtmcs:recording:one,sees=caption", "last", "caption"),
        ("mtmcs:a:b,sees=neither,turns=all", "a:b", "mtmcs:recording:one,turns=all,sees=neither", "all", "neither"),
        ("mtmcs:a:b,turns=all,sees=neither", "a:b", "mtmcs:recording:one,turns=all,sees=neither", "all", "neither"),
        ("mtmcs:t:/path,batch=4,turns=all", "t:/path,batch=4", "mtmcs:recording:one,turns=all", "all", "image"),
        ("mtmcs:t:/path,batch=4", "t:/path,batch=4", "mtmcs:recording:one", "last", "image"),
    ],
)
def test_options_of_a_judge_come_last(spelling: str, target: str, name: str, turns: Turns, sees: Sees) -> None:
    """A target keeps its own options; the judge's are in its name, in one order, so each way is a judge of its own."""
    opened: list[str] = []

    def open_target(spelling: str) -> ChatModel:
        opened.append(spelling)
        return Recording()

    judge = open_judge(spelling, open_target=open_target, sees="image")
    assert isinstance(judge, MtmcsJudge)
    assert opened == [target]
    assert (judge.card.name, judge.card.turns, judge.card.sees) == (name, turns, sees)


def test_view_of_the_spelling_goes_before_the_one_for_all_judges() -> None:
    """`--judge-sees` is for judges that do not say what they see; either way it is in the name, but for the image."""
    views: tuple[tuple[str, Sees, Sees, str], ...] = (
        ("safemt:a:b", "neither", "neither", ",sees=neither"),
        ("safemt:a:b,sees=image", "neither", "image", ",sees=image"),
        ("safemt:a:b", "image", "image", ""),
    )
    for spelling, for_all, sees, suffix in views:
        judge = open_judge(spelling, open_target=lambda _: Recording(), sees=for_all)
        assert isinstance(judge, SafemtJudge)
        assert (judge.card.name, judge.card.sees) == (f"safemt:recording:one{suffix}", sees)


def test_rules_may_rule_on_all_turns() -> None:
    """The control has the one option that does not need a model."""
    judge = open_judge("rules,turns=all", open_target=no_target)
    assert isinstance(judge, RulesJudge)
    assert (judge.card.name, judge.card.turns) == ("rules,turns=all", "all")
    assert open_judge("rules,turns=last", open_target=no_target).card.name == "rules"


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("rules,sees=image", "'rules,sees=image': rules takes no option sees, only turns"),
        ("safemt:a:b,turns=all", "safemt takes no option turns, only sees"),
        ("mtmcs:a:b,turns=first", "turns 'first' is not known; known: last, all"),
        ("mtmcs:a:b,sees=", "sees '' is not known; known: image, caption, neither"),
        ("mtmcs:a:b,turns=all,turns=all", "an option is given twice"),
        ("mtmcs:a:b,turns=all,turns=last", "an option is given twice"),
        (
            "mtmcs:simulated:eroding,see=caption",
            r"option see is not known; known: turns, sees \(and of simulated: rate, seed, latency_ms\)",
        ),
        ("mtmcs:simulated:eroding,turn=all,seed=3", "option turn is not known; known: turns, sees "),
        ("safemt:openai:m@http://h:1/v1,see=caption", "option see is not known; known: sees$"),
        ("mtmcs:openai:m,view=caption,turns=all", "option view is not known; known: turns, sees$"),
    ],
)
def test_wrong_option_is_named_before_a_target_is_opened(spelling: str, words: str) -> None:
    """Judge, option and value stand in the sentence."""
    with pytest.raises(UsageError, match=words):
        open_judge(spelling, open_target=no_target)


def test_scripted_reads_the_file_behind_its_name(tmp_path: Path) -> None:
    """What follows `scripted:` is a path, which may hold colons and what looks like an option."""
    path = tmp_path / "a:b,turns=all"
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
        ("mtmcs", "wanted: mtmcs:TARGET"),
        ("mtmcs:", "wanted: mtmcs:TARGET"),
        ("mtmcs,turns=all", "wanted: mtmcs:TARGET"),
        ("scripted", "wanted: scripted:FILE"),
        ("scripted:", "wanted: scripted:FILE"),
    ],
)
def test_incomplete_spelling_says_what_is_wanted(spelling: str, words: str) -> None:
    """The form of the one judge is shown, not the list of all."""
    with pytest.raises(UsageError, match=words):
        open_judge(spelling, open_target=no_target)


@pytest.mark.parametrize(
    "spelling", ["", "rule", "Rules", "rules:", "rules:x", "rules,x=1", "rule,turns=all", "safemt2:x", " rules"]
)
def test_unknown_spelling_lists_the_known_ones(spelling: str) -> None:
    """Every judge there is stands in the sentence."""
    with pytest.raises(UsageError, match="is not known; known: ") as error:
        open_judge(spelling, open_target=no_target)
    assert all(known in str(error.value) for known in SPELLINGS)
