"""What people say of replies in a run file: kept beside verdicts, one word a person and reply."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from runfile.files import fill
from runfile.version_one import ROWS, make
from turnwise.runfile import Annotation, HeldDialogue, Reader, Writer, export_jsonl

FULL = Annotation(1, 1, "kim", "unsafe", "caveat", 2, 4, 'Grüße,\n"x"', "rules")
BARE = Annotation(2, 1, "kim", "unsure")


def test_annotations_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Every field comes back, in run order; another person's word on the same reply is another row."""
    path = tmp_path / "run.sqlite"
    fill(path)
    other = msgspec.structs.replace(FULL, annotator="bo")
    with Writer(path) as writer:
        writer.add_annotations([BARE, FULL, other])
    with Reader(path) as reader:
        assert reader.annotations() == [other, FULL, BARE]


def test_a_person_may_think_again(tmp_path: Path) -> None:
    """The later word on the same reply takes the place of the earlier one, as a whole."""
    path = tmp_path / "run.sqlite"
    fill(path)
    again = Annotation(1, 1, "kim", "safe")
    with Writer(path) as writer:
        writer.add_annotations([FULL])
        writer.add_annotations([again])
    with Reader(path) as reader:
        assert reader.annotations() == [again]


@pytest.mark.parametrize("wrong", [{"label": "bad"}, {"stance": "no"}, {"helpfulness": 6}, {"dialogue": 99}])
def test_the_database_takes_no_other_words(tmp_path: Path, wrong: dict[str, object]) -> None:
    """Labels, stances and grades are checked by the file itself, and the dialogue is one of the run."""
    path = tmp_path / "run.sqlite"
    fill(path)
    row = {"dialogue": 1, "turn": 1, "annotator": "kim", "label": "safe", "note": "", **wrong}
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(
                f"INSERT INTO annotations ({', '.join(row)}) VALUES (?, ?, ?, ?, ?{', ?' * (len(row) - 5)})",
                tuple(row.values()),
            )


def test_a_migrated_file_takes_annotations(tmp_path: Path) -> None:
    """A run of an earlier version can be labelled; read as it is, it has none."""
    old = make(tmp_path / "old.sqlite", ROWS)
    with Reader(old) as reader:
        assert reader.annotations() == []
    with Writer(old) as writer:
        writer.add_annotations([FULL])
    with Reader(old) as reader:
        assert reader.annotations() == [FULL]


def test_an_export_holds_them(tmp_path: Path) -> None:
    """They stand with their dialogue in JSON Lines, and are counted."""
    path = tmp_path / "run.sqlite"
    fill(path)
    with Writer(path) as writer:
        writer.add_annotations([FULL, BARE])

    done = export_jsonl(path, tmp_path / "out.jsonl")

    held = [msgspec.json.decode(line, type=HeldDialogue) for line in done.files[0].read_bytes().splitlines()]
    assert done.annotations == 2
    assert [[(one.annotator, one.label, one.note) for one in item.annotations] for item in held] == [
        [("kim", "unsafe", FULL.note)],
        [("kim", "unsure", "")],
        [],
    ]
