"""Run files of strangers: whatever stands in a column, a command ends with a sentence and never with a traceback."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.command import attacks, write_lines
from cli.conftest import Call
from turnwise.runfile import Annotation, Reader, StoredJob, Writer

QUICK = (
    ("show", "bad.sqlite"),
    ("show", "bad.sqlite", "a/2", "--reveal"),
    ("show", "bad.sqlite", "twin/safe"),
    ("compare", "good.sqlite", "bad.sqlite"),
    ("check", "bad.sqlite", "--max-asr", "0.5", "--against", "good.sqlite"),
    ("export", "bad.sqlite", "-o", "out.jsonl"),
    ("annotate", "export", "bad.sqlite", "-o", "out.csv"),
    ("calibrate", "bad.sqlite"),
)
WITH_A_PAGE = (("report", "bad.sqlite"), ("judge", "bad.sqlite", "-j", "rules,turns=all"))
TABLES = ("settings", "dialogues", "replies", "answers", "judges", "verdicts", "annotations", "events", "jobs")
ODD = {"TEXT": "nonsense", "INTEGER": 99, "REAL": -1e300}
SHAPES_NUMBERS = {"body", "value", "card", "turn", "state", "length"}
"""Columns whose damage is tried on the slow commands too."""


@pytest.fixture
def good(call: Call) -> Path:
    """A run with a row in every table: scripted and live dialogues, questions, labels of a person, an open job."""
    twins: list[dict[str, object]] = [
        {
            "id": f"twin/{intent}",
            "group": "twin",
            "intent": intent,
            "setting": "escalation",
            "history": "live",
            "twin": f"twin/{other}",
            "turns": [{"user": "one"}, {"user": f"two, {intent}"}],
            "questions": [{"id": "q", "kind": "true_false", "text": "Is it?", "expected": "true"}],
        }
        for intent, other in (("safe", "unsafe"), ("unsafe", "safe"))
    ]
    write_lines(Path("mine.jsonl"), [*twins, *attacks()])
    assert call("run", "-b", "jsonl:mine.jsonl", "-t", "simulated:eroding", "-o", "good.sqlite").code == 0
    with Reader(Path("good.sqlite")) as reader:
        labelled = [reader.number_of(name) for name in ("a/1", "b/1")]
    with Writer(Path("good.sqlite")) as writer:
        writer.add_annotations(Annotation(number, 1, "ann", "safe", drawn_by="rules") for number in labelled)
        writer.add_event("parameter_dropped", "something")
        writer.add_job(StoredJob("key", "openai", ("a" * 64,), 1.0))
    return Path("good.sqlite")


def columns(run: Path, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns."""
    database = sqlite3.connect(run)
    found = [(name, kind) for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})")]
    database.close()
    return found


def damaged(good: Path, statement: str, *values: object) -> bool:
    """Make `bad.sqlite`, a copy with one thing changed in spite of all checks; whether there was anything to change."""
    for path in ("out.jsonl", "out.csv"):
        Path(path).unlink(missing_ok=True)
    shutil.copy(good, "bad.sqlite")
    database = sqlite3.connect("bad.sqlite")
    database.execute("PRAGMA ignore_check_constraints = ON")
    changed = database.execute(statement, values).rowcount
    database.commit()
    database.close()
    return changed > 0


def damages(good: Path, table: str) -> Iterator[str]:
    """The name of each column of a table, after a copy was made whose first row holds something odd there."""
    for name, kind in columns(good, table):
        key = "rowid" if table in ("dialogues", "judges", "events", "jobs") else None
        keys = key or {"settings": "name"}.get(table, "dialogue")
        first = f"{keys} = (SELECT min({keys}) FROM {table})"
        if damaged(good, f"UPDATE OR IGNORE {table} SET {name} = ? WHERE {first}", ODD[kind]):
            yield name


@pytest.mark.parametrize("table", TABLES)
def test_no_column_of_a_strangers_run_gives_a_traceback(table: str, call: Call, good: Path) -> None:
    """Every command ends with 0, 1 or 2; with 2 it says why in one line, below its progress if there was any."""
    tried = 0
    for column in damages(good, table):
        slow = WITH_A_PAGE if column in SHAPES_NUMBERS else ()
        for command in (*QUICK, *slow):
            done = call(*command)
            assert done.code in (0, 1, 2), (column, command)
            if done.code == 2:
                assert re.fullmatch("(?:.*: 6 dialogues.*\n.*\n)?turnwise: .*\n", done.err), (column, command)
            tried += 1
    assert tried >= len(QUICK)


@pytest.mark.parametrize("value", ["{", "5", "nonsense", "{}"])
def test_no_setting_of_a_strangers_run_gives_a_traceback(value: str, call: Call, good: Path) -> None:
    """What is no JSON, or another kind of value, is refused by name or does no harm."""
    with Reader(good) as reader:
        names = list(reader.settings())
    for name in names:
        damaged(good, "UPDATE settings SET value = ? WHERE name = ?", value, name)
        for command in (QUICK[0], QUICK[3], QUICK[4], QUICK[6]):
            assert call(*command).code in (0, 1, 2), (name, command)


@pytest.mark.parametrize(
    ("statement", "command", "said"),
    [
        (
            "UPDATE replies SET turn = 99 WHERE dialogue = 3",
            ("show", "bad.sqlite", "a/1"),
            "table replies, dialogue 3: turn 99 of a dialogue of length 1",
        ),
        (
            "DELETE FROM replies WHERE dialogue = 1 AND turn = 1",
            ("show", "bad.sqlite", "twin/safe"),
            "table replies, dialogue 1: turns 2 are there, and others before them are not",
        ),
        (
            "UPDATE verdicts SET label = 'nope' WHERE dialogue = 3",
            ("report", "bad.sqlite"),
            "table dialogues, replies or verdicts, dialogue 3, label: Invalid enum value 'nope'",
        ),
        (
            "UPDATE dialogues SET length = 1000000000 WHERE dialogue = 3",
            ("check", "bad.sqlite", "--max-asr", "1"),
            "table dialogues, replies or verdicts, dialogue 3: length is 1000000000, and that of the body 1",
        ),
        (
            "UPDATE dialogues SET id = 'other' WHERE dialogue = 3",
            ("export", "bad.sqlite", "-o", "out.jsonl"),
            "table dialogues, dialogue 3: body is of another dialogue ('a/1') than the columns beside it",
        ),
        (
            "UPDATE settings SET value = '5' WHERE name = 'target'",
            ("report", "bad.sqlite"),
            "table settings, value, target: Expected `str`, got `int`",
        ),
        (
            "UPDATE settings SET value = '{' WHERE name = 'seed'",
            ("report", "bad.sqlite"),
            "table settings, name seed: Input data was truncated",
        ),
        (
            "UPDATE judges SET card = '{}'",
            ("judge", "bad.sqlite", "-j", "rules"),
            "table judges, place 1: Object missing required field `name`",
        ),
        (
            "UPDATE annotations SET label = 'nope'",
            ("calibrate", "bad.sqlite"),
            "table annotations, dialogue 3, label: Invalid enum value 'nope'",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    statement: str, command: tuple[str, ...], said: str, call: Call, good: Path
) -> None:
    """File, table, dialogue, column and value stand in one sentence, with exit code 2."""
    assert damaged(good, statement)

    done = call(*command)

    assert done.code == 2
    assert done.err == f"turnwise: bad.sqlite: the run file is damaged: {said}\n"
