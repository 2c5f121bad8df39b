"""Dialogues as JSON Lines: the round trip is exact for every valid dialogue, and a bad line is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from turnwise.dialogue import (
    METHODS,
    MIME_SUFFIX,
    PLACEMENTS,
    SCENARIOS,
    Dialogue,
    History,
    Image,
    Question,
    Turn,
    decode_dialogue,
    encode_dialogue,
    json_schema,
    read_jsonl,
    write_jsonl,
)
from turnwise.errors import DataError

# What breaks formats: astral characters, every kind of line end, right-to-left marks, NUL, a joined emoji.
UGLY = ["\U0001f469\u200d\U0001f52c", "\u2028", "\u2029", "\x85", "\r\n", "\u202e\u05d0\u05d1", "\x00", '"\\', "\ufeff"]

anything = st.one_of(st.text(max_size=12), st.lists(st.sampled_from([*UGLY, "a", " "]), max_size=6).map("".join))
words = anything.filter(str.strip)
images = st.builds(
    Image,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    mime=st.sampled_from(sorted(MIME_SUFFIX)),
    size_bytes=st.integers(0, 2**40),
    path=words,
)
few_images = st.lists(images, max_size=2).map(tuple)
source_values = st.one_of(
    anything, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, ...]:
    """Questions of both kinds with their own ids."""
    asked = []
    for name in draw(st.lists(anything, max_size=2, unique=True)):
        options = draw(st.lists(anything, min_size=2, max_size=5))
        letter = chr(ord("A") + draw(st.integers(0, len(options) - 1)))
        choice = Question(id=name, kind="mcq", text=draw(anything), expected=letter, options=tuple(options))
        truth = Question(
            id=name, kind="true_false", text=draw(anything), expected=draw(st.sampled_from(["true", "false"]))
        )
        asked.append(draw(st.sampled_from([choice, truth])))
    return tuple(asked)


@st.composite
def turns(draw: st.DrawFn, replies: st.SearchStrategy[str | None]) -> tuple[Turn, ...]:
    """One to four turns, each with text, images or both; all but the last have a drawn reply."""
    count = draw(st.integers(1, 4))
    told = []
    for number in range(1, count + 1):
        pinned = draw(few_images)
        text = draw(anything if pinned else words)
        told.append(Turn(text, images=pinned, reply=draw(replies) if number < count else None))
    return tuple(told)


@st.composite
def dialogues(draw: st.DrawFn) -> Dialogue:
    """Every kind of valid dialogue."""
    history: History = draw(st.sampled_from(get_args(History)))
    told = draw(turns(anything if history == "scripted" else st.none() | anything))
    floating = draw(few_images)
    shown = bool(floating or any(turn.images for turn in told))
    fields: dict[str, Any] = {
        "scenario": draw(st.none() | st.sampled_from(SCENARIOS) | anything),
        "method": draw(st.none() | st.sampled_from(METHODS)),
        "setting": draw(st.sampled_from(["scripted_attack", "escalation", "context_switch"])),
        "intent": draw(st.sampled_from(["safe", "unsafe"])),
        "placement": draw(st.sampled_from(PLACEMENTS)),
        "missing_images": tuple(draw(st.lists(anything, max_size=2))),
        "questions": draw(questions()),
        "twin": draw(st.none() | words),
        "seed_question": draw(st.none() | anything),
        "source": draw(st.dictionaries(anything, source_values, max_size=3)),
    }
    return Dialogue(
        id=draw(words),
        benchmark=draw(words),
        group=draw(words),
        turns=told,
        images=floating,
        modality="multimodal" if shown else "unimodal",
        history=history,
        **fields,
    )


def sample(**changes: Any) -> Dialogue:
    """A small dialogue."""
    fields: dict[str, Any] = {"id": "d1", "benchmark": "own", "group": "g1", "turns": (Turn("a"),)}
    return Dialogue(**fields | changes)


@given(held=dialogues())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_one_dialogue_survives_one_line_exactly(held: Dialogue) -> None:
    """Decoding what was encoded gives the same dialogue, down to the type of each source value, on one line."""
    line = encode_dialogue(held)
    assert b"\n" not in line
    assert b"\r" not in line
    again = decode_dialogue(line)
    assert again == held
    assert repr(again) == repr(held)


@given(held=st.lists(dialogues(), max_size=3))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_survives_writing_and_reading_exactly(
    tmp_path_factory: pytest.TempPathFactory, held: list[Dialogue]
) -> None:
    """A written file reads back as the same dialogues in the same order, and writing says how many."""
    path = tmp_path_factory.getbasetemp() / "round_trip.jsonl"
    assert write_jsonl(path, held) == len(held)
    assert list(read_jsonl(path)) == held


@given(held=dialogues())
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_the_json_schema_admits_every_dialogue_written(held: Dialogue) -> None:
    """A line we write is valid under the schema we print."""
    jsonschema.validate(json.loads(encode_dialogue(held)), json_schema())


@pytest.mark.parametrize(
    "changes",
    [
        {"turns": None},
        {"turns": [{"reply": "a"}]},
        {"intent": "harmful"},
        {"colour": "red"},
        {"source": {"nested": {"a": 1}}},
        {"questions": [{"id": "q", "kind": "essay", "text": "t", "expected": "A"}]},
    ],
)
def test_the_json_schema_refuses_what_the_reader_refuses(changes: dict[str, Any]) -> None:
    """Missing, unknown and wrongly typed fields fail against the schema too."""
    fields = json.loads(encode_dialogue(sample())) | changes
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(fields, json_schema())


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    """Blank lines and a missing last newline are no faults."""
    path = tmp_path / "own.jsonl"
    path.write_bytes(b"\n" + encode_dialogue(sample()) + b"\r\n  \n" + encode_dialogue(sample(id="d2")))
    assert [held.id for held in read_jsonl(path)] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id":"x","benchmark":"b","group":"g"}', "Object missing required field `turns`"),
        (
            b'{"id":"x","benchmark":"b","group":"g","turns":[{"user":7}]}',
            "Expected `str`, got `int` - at `$.turns[0].user`",
        ),
        (b'{"id":"x","benchmark":"b","group":"g","turns":[]}', "dialogue 'x': turns is empty"),
        (b'{"id":"x","colour":"red"}', "Object contains unknown field `colour`"),
        (b'{"id":"x","benchm', "JSON is malformed"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"id":"\xff"}', "'utf-8' codec can't decode byte 0xff"),
        (b'{"id":"\\ud800 "}', ""),
        (b'{"id":' + b"[" * 100_000, "Expected `str`, got `array` - at `$.id`"),
    ],
)
def test_a_bad_line_is_refused_with_file_line_and_field(tmp_path: Path, line: bytes, reason: str) -> None:
    """The first bad line stops the reading with file, line number and what is wrong in it; lines before it are kept."""
    path = tmp_path / "own.jsonl"
    path.write_bytes(encode_dialogue(sample()) + b"\n\n" + line + b"\n")
    reading = read_jsonl(path)
    assert next(reading).id == "d1"
    with pytest.raises(DataError) as caught:
        next(reading)
    assert str(caught.value).startswith(f"{path}, line 3: {reason}")
