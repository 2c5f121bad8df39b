"""CoSafe and SafeDialBench: text dialogues in JSON Lines, each line refused by name when it is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.samples import DATA, load, messages, needs_data, refusal, save, save_json, save_lines, without

EXCHANGE = {"task": "legality", "method": "role play", "scene": "contracts", "id": 7, "model_type": "chat"}
HISTORY = [{"user": "u1", "bot": "b1"}, {"user": "u2", "bot": "b2"}]


def test_a_cosafe_line_is_named_by_category_and_line(tmp_path: Path) -> None:
    """The file's name is the scenario; the data has no ids, so the line number is part of the name."""
    save_lines(tmp_path / "animal_abuse.json", [messages(3), messages(3)])
    save_lines(tmp_path / "violence,incitement.json", [messages(3)])
    held, notes = load(f"cosafe:{tmp_path}")
    assert [dialogue.id for dialogue in held] == ["animal_abuse/1", "animal_abuse/2", "violence,incitement/1"]
    assert held[1].group == "animal_abuse/2"
    assert (held[2].scenario, held[2].benchmark, held[2].modality) == ("violence,incitement", "cosafe", "unimodal")
    assert [(turn.user, turn.reply) for turn in held[0].turns] == [
        ("user 1", "assistant 2"),
        ("user 3", "assistant 4"),
        ("user 5", None),
    ]
    assert (notes.missing_images, dict(notes.quirks)) == (0, {})


def test_a_blank_cosafe_line_keeps_the_later_lines_names(tmp_path: Path) -> None:
    """Names count lines of the file, so a blank one shifts nothing."""
    path = save_lines(tmp_path / "bias.json", [messages(1), messages(1)])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n", 1))
    held, _ = load(f"cosafe:{path}")
    assert [dialogue.id for dialogue in held] == ["bias/1", "bias/3"]


def test_a_reply_after_the_last_cosafe_turn_is_left_out(tmp_path: Path) -> None:
    """One released line has six messages; its last reply is the target's to give."""
    save_lines(tmp_path / "bias.json", [[*messages(2), {"role": "assistant", "content": "x"}]])
    (held,), notes = load(f"cosafe:{tmp_path}")
    assert (held.length, held.turns[-1].reply) == (2, None)
    assert notes.quirks["reply after the last user turn left out"] == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ([], "dialogue is empty"),
        ([{"role": "bot", "content": "a"}], "Invalid enum value 'bot' - at `$[0].role`"),
        ([{"role": "user", "content": None}], "Expected `str`, got `null` - at `$[0].content`; the value is None"),
        ({"messages": []}, "Expected `array`, got `object`"),
        ([{"role": "user", "content": "\ud800"}], "half of a surrogate pair"),
    ],
)
def test_a_bad_cosafe_line_is_refused_with_file_and_line(tmp_path: Path, line: object, reason: str) -> None:
    """The sentence has the file, the line and the fault in it."""
    path = save_lines(tmp_path / "bias.json", [messages(1), line])
    assert refusal(f"cosafe:{tmp_path}").startswith(f"{path}, line 2: {reason}")


def test_a_file_cut_off_in_a_line_is_refused_there(tmp_path: Path) -> None:
    """Half a download is told of at the line it was cut in."""
    path = save_lines(tmp_path / "bias.json", [messages(1), messages(3)])
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(f"cosafe:{tmp_path}").startswith(f"{path}, line 2: Input data was truncated")


def test_a_wrong_value_in_a_broken_line_is_told_of_by_field(tmp_path: Path) -> None:
    """Where the rest of the line cannot be read the value is left out of the sentence, the field is not."""
    path = save(tmp_path / "bias.json", b'[{"role": "user", "content": 5}, {"role')
    assert refusal(f"cosafe:{path}") == f"{path}, line 1: Expected `str`, got `int` - at `$[0].content`"


def test_a_folder_without_files_is_refused_with_what_was_wanted(tmp_path: Path) -> None:
    """Both benchmarks say which files they read."""
    wanted = "wanted files such as animal_abuse.json"
    assert refusal(f"cosafe:{tmp_path}") == f"{tmp_path}: no CoSafe data here; {wanted}"
    save_json(tmp_path / "legality.json", [])
    wanted = "wanted JSON Lines files such as legality.jsonl"
    assert refusal(f"safedialbench:{tmp_path}") == f"{tmp_path}: no SafeDialBench data here; {wanted}"


def test_safedialbench_keeps_method_scene_and_the_reference_reply(tmp_path: Path) -> None:
    """Method and scene are fields; the reply to the last turn is set aside, never put into the history."""
    save_lines(tmp_path / "legality.jsonl", [EXCHANGE | {"history": HISTORY}])
    (held,), notes = load(f"safedialbench:{tmp_path}")
    assert (held.id, held.group, held.benchmark) == ("legality/7", "legality/7", "safedialbench")
    assert (held.scenario, held.method) == ("contracts", "role play")
    assert [(turn.user, turn.reply) for turn in held.turns] == [("u1", "b1"), ("u2", None)]
    assert held.source == {"task": "legality", "model_type": "chat", "reference_reply": "b2"}
    assert dict(notes.quirks) == {}


def test_a_safedialbench_record_without_scene_has_its_task_as_scenario(tmp_path: Path) -> None:
    """The scene is finer; where it is absent the task stands in."""
    save_lines(tmp_path / "legality.jsonl", [without(EXCHANGE, "scene") | {"history": [{"user": "u1"}]}])
    (held,), _ = load(f"safedialbench:{tmp_path / 'legality.jsonl'}")
    assert (held.scenario, held.length, held.source["reference_reply"]) == ("legality", 1, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"history": []}, "history is empty"),
        ({"history": [{"user": "u1"}, {"user": "u2"}]}, "message 2 (assistant) has no text"),
        ({"history": [{"user": " ", "bot": "b"}]}, "message 1 (user) has no text"),
        ({"history": [{"bot": "b"}]}, "Object missing required field `user` - at `$.history[0]`"),
        ({"history": HISTORY, "method": 3}, "Expected `str`, got `int` - at `$.method`; the value is 3"),
    ],
)
def test_a_bad_safedialbench_line_is_refused_with_file_and_line(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    """The sentence has the file, the line and the fault in it."""
    path = save_lines(tmp_path / "legality.jsonl", [EXCHANGE | {"history": HISTORY}, EXCHANGE | changes])
    assert refusal(f"safedialbench:{tmp_path}") == f"{path}, line 2: {reason}"


@needs_data
def test_the_released_cosafe_dialogues_load() -> None:
    """A thousand dialogues of three user turns in ten categories; one had a reply too many."""
    held, notes = load(f"cosafe:{DATA / 'cosafe'}")
    assert len({dialogue.id for dialogue in held}) == len(held) == 1000
    assert {dialogue.length for dialogue in held} == {3}
    assert len({dialogue.scenario for dialogue in held}) == 10
    assert notes.quirks["reply after the last user turn left out"] == 1


@needs_data
def test_the_released_safedialbench_dialogues_load() -> None:
    """The Chinese files: 120 dialogues, each with its method and a reference reply."""
    held, notes = load(f"safedialbench:{DATA / 'safedialbench_zh'}")
    assert len({dialogue.id for dialogue in held}) == len(held) == 120
    assert all(dialogue.method and dialogue.source["reference_reply"] for dialogue in held)
    assert notes.bad == []
