"""SafeMT files with faults in them: each is one sentence with file, record, field and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.samples import messages, picture, refusal, safemt_row, save, save_json
from turnwise.dialogue import SCENARIOS


def one_bad(folder: Path, **changes: Any) -> str:
    """The refusal of a 2-turn file whose second record has the changes."""
    save_json(folder / "2_turn.json", [safemt_row(2), safemt_row(2, 2, **changes)])
    return refusal(f"safemt:{folder}")


def test_an_image_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    """An error page saved as a photograph is named with the record that points to it."""
    page = save(tmp_path / "images/financial_advice/financial_advice_2.jpg", b"<html>")
    assert one_bad(tmp_path) == (
        f"{tmp_path}/2_turn.json, record 2 (id 'mllm_financial_advice_2'): {page}: "
        "not a PNG, JPEG, GIF or WebP image (it begins with 3c 68 74 6d 6c 3e)"
    )


@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "images/../../secret.png"])
def test_an_image_path_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    """No name in a record reaches a file outside the benchmark's folder, even one that exists."""
    save(tmp_path / "secret.png", picture())
    sentence = one_bad(tmp_path / "bench", image_path=name)
    assert "2_turn.json, record 2 (id 'mllm_financial_advice_2')" in sentence
    assert sentence.endswith(f"image path {name!r} leads outside the benchmark's folder")


def test_an_unknown_scenario_is_refused_with_the_17_known_ones(tmp_path: Path) -> None:
    """The sentence has file, record, id, the value, and every scenario there is."""
    sentence = one_bad(tmp_path, scenario="Finance")
    assert sentence.startswith(
        f"{tmp_path}/2_turn.json, record 2 (id 'mllm_financial_advice_2'): scenario 'Finance' is not one of the 17: "
    )
    assert all(name in sentence for name in SCENARIOS)


MIXED = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "user", "content": "c"}]
REPLY_FIRST = [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]
BLANK = [*messages(2)[:2], {"role": "user", "content": " \n"}]
SYSTEM = [{"role": "system", "content": "a"}]
NUMBERED = [*messages(2)[:2], {"role": "user", "content": 7}]


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"dialogue": MIXED}, "message 2 has role 'user' where 'assistant' belongs"),
        ({"dialogue": MIXED[:2]}, "message 2 has role 'user' where 'assistant' belongs"),
        ({"dialogue": REPLY_FIRST}, "message 1 has role 'assistant' where 'user' belongs"),
        ({"dialogue": BLANK}, "message 3 (user) has no text"),
        ({"dialogue": []}, "dialogue is empty"),
        ({"dialogue": [{"role": "assistant", "content": "a"}]}, "message 1 has role 'assistant' where 'user' belongs"),
        ({"dialogue": messages(3)}, "dialogue has 3 user turns, and the file's name says 2"),
        ({"dialogue": SYSTEM}, "Invalid enum value 'system' - at `$.dialogue[0].role`"),
        ({"dialogue": "hello"}, "Expected `array`, got `str` - at `$.dialogue`; the value is 'hello'"),
        ({"dialogue": NUMBERED}, "Expected `str`, got `int` - at `$.dialogue[2].content`; the value is 7"),
        ({"dialogue": None}, "Object missing required field `dialogue`"),
        ({"id": 12}, "Expected `str`, got `int` - at `$.id`; the value is 12"),
        ({"id": " "}, "dialogue ' /2': group is empty"),
        ({"scenario": None}, "Object missing required field `scenario`"),
        ({"image_path": ["a.png"]}, "Expected `str | null`, got `array` - at `$.image_path`; the value is ['a.png']"),
        ({"image_path": "."}, "image path '.' names no file"),
    ],
)
def test_a_bad_record_is_refused_with_file_record_field_and_value(
    tmp_path: Path, changes: dict[str, Any], ending: str
) -> None:
    """Every fault of a record is one sentence that says where it stands and what stands there."""
    sentence = one_bad(tmp_path, **changes)
    assert sentence.startswith(f"{tmp_path}/2_turn.json, record 2")
    assert sentence.endswith(f": {ending}")


def test_a_file_cut_off_in_a_record_is_refused(tmp_path: Path) -> None:
    """Half a download is told of by name, with the likely cause."""
    path = save_json(tmp_path / "1_turn.json", [safemt_row(1, number) for number in range(1, 6)])
    path.write_bytes(path.read_bytes()[:-200])
    sentence = refusal(f"safemt:{tmp_path}")
    assert sentence.startswith(f"{path}: not one JSON array (")
    assert sentence.endswith("is the file cut off?")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"id": "a"}', "Expected `array`, got `object`"),
        (b"", "is the file cut off?"),
        (b"<html>", "JSON is malformed"),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_array_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Any other file under the right name is one sentence, never a crash."""
    path = save(tmp_path / "2_turn.json", content)
    sentence = refusal(f"safemt:{tmp_path}")
    assert sentence.startswith(f"{path}: not one JSON array")
    assert reason in sentence


def test_a_folder_without_turn_files_is_refused_with_their_names(tmp_path: Path) -> None:
    """The sentence says what a SafeMT folder holds."""
    save_json(tmp_path / "data.json", [])
    wanted = f"{tmp_path}: no SafeMT data here; wanted files such as 1_turn.json or 4_turn.json, or parquet files"
    assert refusal(f"safemt:{tmp_path}") == wanted
    assert refusal(f"safemt:{tmp_path / 'data.json'}") == wanted.replace(": no", "/data.json: no", 1)
