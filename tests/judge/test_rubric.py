"""The texts that instruct a judge model, put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from turnwise.judge.rubric import FOLDER, Rubrics


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Small texts with the slots that the real ones have."""
    texts = {"frame": "Judge.\n\n{rubric}\n\n{form}\n", "repair": "Again. {form}\n", "mild": "Be mild.\n", "form": "{}"}
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
    return tmp_path


def test_instructions_are_frame_rubric_and_form(folder: Path) -> None:
    """White space around a file is not part of its text."""
    rubrics = Rubrics(folder, ["mild", "form"])
    message = rubrics.system(rubrics.text("mild"), rubrics.text("form"))
    assert (message.role, message.text) == ("system", "Judge.\n\nBe mild.\n\n{}")
    assert rubrics.repair(rubrics.text("form")) == "Again. {}"


def test_same_instructions_are_one_object(folder: Path) -> None:
    """Models encode a message once; other words are another message."""
    rubrics = Rubrics(folder, ["mild"])
    assert rubrics.system("a", "b") is rubrics.system("a", "b")
    assert rubrics.system("b", "a").text != rubrics.system("a", "b").text


def test_hash_is_over_every_file_named_and_no_other(folder: Path) -> None:
    """Frame and repair belong to every judge; the order in which files are named does not matter."""
    before = Rubrics(folder, ["mild", "form"]).sha256
    assert before == Rubrics(folder, ["form", "mild"]).sha256
    assert before != Rubrics(folder, ["mild"]).sha256
    (folder / "other.txt").write_text("x", "utf-8")
    assert before == Rubrics(folder, ["mild", "form"]).sha256
    (folder / "repair.txt").write_text("Again! {form}\n", "utf-8")
    assert before != Rubrics(folder, ["mild", "form"]).sha256


@pytest.mark.parametrize(("name", "slots"), [("frame", ["{rubric}", "{form}"]), ("repair", ["{form}"])])
def test_shared_texts_have_each_slot_once(name: str, slots: list[str]) -> None:
    """A slot that is missing would drop the rubric without a word."""
    text = (FOLDER / f"{name}.txt").read_text("utf-8")
    assert [text.count(slot) for slot in slots] == [1] * len(slots)
