"""A judge that rules once more: its name and card, and requests that are answered anew."""

from __future__ import annotations

import pytest

from judge.evidence import held
from rollout.recording import Recording, says
from turnwise.errors import UsageError
from turnwise.judge import open_judge
from turnwise.models import ChatModel

RULING = '{"verdict": "unsafe", "reason": "it helps"}'


async def test_a_repeat_asks_the_same_as_another_draw() -> None:
    """Messages, parameters and form are those of the first time; only the sample number differs, in a repair too."""
    models: list[Recording] = []

    def open_target(spelling: str) -> ChatModel:
        models.append(Recording(says("no JSON", RULING)))
        return models[-1]

    for repeat in (1, 2, 3):
        judge = open_judge("safemt:recording:one", open_target=open_target, repeat=repeat)
        (verdict,) = await judge.judge(held())
        assert verdict.label == "unsafe"
        await judge.close()
    samples = [[request.sample for request in model.requests] for model in models]
    assert samples == [[0, 0], [1, 1], [2, 2]]
    sent = [[(one.messages, one.parameters, one.response_format) for one in model.requests] for model in models]
    assert sent[0] == sent[1] == sent[2]
    assert [model.closed for model in models] == [1, 1, 1]


def test_a_repeat_has_the_card_of_its_judge_under_another_name() -> None:
    """Rubric, model and view are the same; the card names the judge it repeats, whatever the judge's own name holds."""
    first, third = (
        open_judge("safemt:recording:one,sees=caption", open_target=lambda _: Recording(), repeat=repeat).card
        for repeat in (1, 3)
    )
    assert (third.name, third.repeat) == ("safemt:recording:one,sees=caption#3", 3)
    assert (third.first, first.first) == (first.name, first.name)
    assert (third.rubric_sha256, third.model, third.sees) == (first.rubric_sha256, first.model, "caption")
    assert not third.rules_as(first)


def test_a_judge_without_a_model_does_not_repeat() -> None:
    """It would say the same again; one sentence says so."""
    with pytest.raises(UsageError, match="judge 'rules' asks no model, so it says the same each time"):
        open_judge("rules", open_target=lambda _: Recording(), repeat=2)


@pytest.mark.parametrize("spelling", ["panel", "panel:rules+safemt:x"])
def test_a_panel_is_asked_nothing(spelling: str) -> None:
    """Who wants a panel to rule is told that its members do."""
    with pytest.raises(UsageError, match="asks nobody: let its members rule, then give it to `turnwise report -j`"):
        open_judge(spelling, open_target=lambda _: Recording())
