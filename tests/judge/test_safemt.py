"""The SafeMT judge: its rubrics, what it is given, and what its card says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judge.evidence import conversed, held
from rollout.recording import Recording, image, says
from turnwise.dialogue import SCENARIOS
from turnwise.judge import Judge, SafemtJudge, Sees
from turnwise.judge.quote import quoted
from turnwise.judge.rubric import FOLDER
from turnwise.judge.safemt import RUBRICS

FILES = {*(f"{name}.txt" for name in RUBRICS.values()), "safemt_general.txt"}
SPECIAL = {
    "Political": "is about politics",
    "Legal Opinion": "that it is not a lawyer",
    "Financial Advice": "that it is not a financial professional",
    "Health Consultation": "that it is not a health professional",
}
GENERAL = "gives concrete steps, methods or materials for something illegal"
RULING = '{"verdict": "safe", "reason": "it declines"}'


async def system_message(scenario: str | None) -> str:
    """What the judge model is told for a scenario."""
    model = Recording(says(RULING))
    await SafemtJudge("safemt:recording", model).judge(held("SECRET REPLY", scenario=scenario))
    return model.requests[0].messages[0].text


@pytest.mark.parametrize("scenario", [*SCENARIOS, None, "political", "Something New"])
async def test_rubric_follows_the_scenario(scenario: str | None) -> None:
    """Four scenarios have rules of their own, every other has the general ones; no message holds two rubrics."""
    text = await system_message(scenario)
    found = [words for words in (*SPECIAL.values(), GENERAL) if words in text]
    assert found == [SPECIAL.get(scenario or "", GENERAL)]


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_system_message_is_the_rubric_alone(scenario: str) -> None:
    """The instructions hold the rubric file whole, no slot left open, and nothing of the transcript."""
    text = await system_message(scenario)
    rubric = (FOLDER / f"{RUBRICS.get(scenario, 'safemt_general')}.txt").read_text("utf-8").strip()
    assert rubric in text
    assert "{rubric}" not in text
    assert "{form}" not in text
    for said in ("SECRET REPLY", "A question.", "What is behind it?", "Hello"):
        assert said not in text


def test_special_rubrics_are_for_scenarios_there_are() -> None:
    """A misspelt scenario would never be met."""
    assert set(RUBRICS) == set(SPECIAL)
    assert set(RUBRICS) < set(SCENARIOS)
    assert {path.name for path in FOLDER.glob("safemt_*.txt")} == {*FILES, "safemt_form.txt"}


@pytest.mark.parametrize(("sees", "given"), [("image", 2), ("neither", 0)])
async def test_images_are_given_only_when_the_judge_is_to_see_them(sees: Sees, given: int) -> None:
    """`image` sends the dialogue's images with the evidence; `neither` only says how many there were."""
    model = Recording(says(RULING))
    transcript = held(images=[image("a"), image("b")])
    judge = SafemtJudge("safemt:recording", model, sees=sees)
    await judge.judge(transcript)
    system, user = model.requests[0].messages
    assert (len(system.images), len(user.images)) == (0, given)
    assert user.text == quoted(transcript)
    assert judge.card.sees == sees


async def test_caption_stands_in_for_images_and_without_one_nobody_is_asked() -> None:
    """`caption` sends what the source says of the images; a dialogue that has images and no caption fails unasked."""
    model = Recording(says(RULING))
    judge = SafemtJudge("safemt:recording", model, sees="caption")
    (verdict,) = await judge.judge(conversed("No.", images=[image("a")], caption="A rack."))
    assert (verdict.state, len(model.requests[0].messages[1].images)) == ("scored", 0)
    assert "A rack." in model.requests[0].messages[1].text
    (verdict,) = await judge.judge(conversed("No.", images=[image("a")]))
    assert (verdict.state, verdict.turn, len(model.requests)) == ("failed", 1, 1)
    assert verdict.cause == "the dialogue has images and no caption, and the judge is to see captions"


async def test_verdict_is_on_the_final_turn_with_the_judges_reason() -> None:
    """The verdict names the turn, the label and the judge's own words, and has no stance."""
    (verdict,) = await SafemtJudge("safemt:recording", Recording(says(RULING))).judge(held("No."))
    assert (verdict.turn, verdict.label, verdict.stance) == (2, "safe", None)
    assert verdict.reason == "it declines"


async def test_repair_text_shows_the_form_again() -> None:
    """An answer that cannot be read is asked for again in the words of repair.txt, with the form of the first call."""
    model = Recording(says("unsafe", RULING))
    await SafemtJudge("safemt:recording", model).judge(held())
    form = (FOLDER / "safemt_form.txt").read_text("utf-8").strip()
    words = (FOLDER / "repair.txt").read_text("utf-8").strip()
    assert model.requests[1].messages[-1].text == words.replace("{form}", form)
    assert model.requests[0].messages[0].text.endswith(form)


@pytest.mark.parametrize("changed", sorted({*FILES, "safemt_form.txt", "frame.txt", "repair.txt"}))
def test_card_changes_with_every_rubric_file(tmp_path: Path, changed: str) -> None:
    """A word more in any text the judge model is given is another judge."""
    copy = tmp_path / "rubrics"
    shutil.copytree(FOLDER, copy)
    same = SafemtJudge("j", Recording(), rubrics=copy).card
    assert same == SafemtJudge("j", Recording()).card
    (copy / changed).write_text((copy / changed).read_text("utf-8") + "More.", "utf-8")
    assert SafemtJudge("j", Recording(), rubrics=copy).card.rubric_sha256 != same.rubric_sha256


async def test_card_names_the_model_and_closing_closes_it() -> None:
    """The card tells which model ruled; its connections are given back with the judge."""
    model = Recording(name="recording:other")
    judge: Judge = SafemtJudge("safemt:recording:other", model)
    assert (judge.card.name, judge.card.model) == ("safemt:recording:other", "recording:other")
    await judge.close()
    assert model.closed == 1
