"""Run files of an earlier version: read as they are, led to this version by the next writer, or let alone."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rollout.recording import live, ok, scripted
from runfile.files import fill, pragma, run_apart
from runfile.version_one import JOBS, MARKS, ROWS, TABLES, make
from turnwise.dialogue import write_jsonl
from turnwise.errors import RunFileError
from turnwise.evaluate import RunSettings, evaluate
from turnwise.judge import Verdict
from turnwise.models import Reply, Usage, failed
from turnwise.rollout import Answer, Exchange
from turnwise.runfile import Reader, StoredJob, Writer, export_jsonl
from turnwise.runfile.schema import SCHEMA_VERSION

ANSWERED = Exchange(1, "aa", Reply("ok", "Grüße", "stop", Usage(12, 3), 41.5, "served-7b", 2))
FAILED = failed("timeout", "too slow", retryable=True, latency_ms=9.0)
RULED = Verdict(1, "scored", "safe", "refusal", "it declines", latency_ms=1.5)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of version 1: one dialogue answered and judged, one failed."""
    return make(tmp_path / "old.sqlite", ROWS)


def shape(path: Path) -> dict[str, Any]:
    """What a database would take: of each table its kind, its columns and what they refer to."""
    with closing(sqlite3.connect(path)) as database:
        return {
            name: [
                *rest,
                database.execute(f"PRAGMA table_xinfo({name})").fetchall(),
                database.execute(f"PRAGMA foreign_key_list({name})").fetchall(),
            ]
            for _, name, *rest in database.execute("PRAGMA table_list").fetchall()
        }


@pytest.mark.parametrize("more", ["", JOBS], ids=["without batch jobs", "with batch jobs"])
def test_a_migrated_file_has_the_tables_of_a_new_one(tmp_path: Path, more: str) -> None:
    """Whichever way a file came to this version, its columns and their order are the same, and grades are checked."""
    old, new = make(tmp_path / "old.sqlite", ROWS, more), tmp_path / "new.sqlite"
    fill(new)
    assert shape(old) != shape(new)
    Writer(old).close()
    assert shape(old) == shape(new)
    for path in (old, new):
        assert pragma(path, "PRAGMA user_version") == SCHEMA_VERSION == 2
        assert pragma(path, "PRAGMA integrity_check") == "ok"
        with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            database.execute(
                "INSERT INTO verdicts (dialogue, turn, judge, state, reason, latency_ms, attempts, helpfulness)"
                " VALUES (9, 9, 'x', 'scored', '', 0, 0, 6)"
            )


def test_every_row_survives_and_what_was_done_is_noted(old: Path) -> None:
    """Words, usage, causes and times are as they were; new columns are empty; nothing was asked; the event is last."""
    with Writer(old) as writer, Reader(old) as reader:
        assert writer.settings() == {"target": b'"recording:one"', "questions": b'"none"'}
        assert reader.exchanges(1) == [ANSWERED]
        assert reader.exchanges(2) == [Exchange(1, "bb", Reply(**{**_fields(FAILED), "attempts": 5}))]
        assert reader.verdicts(1) == [("rules", RULED)]
        assert reader.answers(1) == []
        assert reader.period() == ("2025-01-02T03:04:05.678Z", "2025-01-02T03:04:06.000Z")
        assert [(event.kind, event.detail) for event in reader.events()] == [
            ("ended_early", "somebody stopped it"),
            ("migrated", "schema 1 to 2"),
        ]


def _fields(reply: Reply) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in Reply.__struct_fields__}


def test_a_migrated_file_takes_all_that_is_new(old: Path) -> None:
    """Grades, answers and batch jobs go in and come out."""
    graded = Verdict(1, "scored", safety_awareness=5, helpfulness=1)
    job = StoredJob("key", "openai", ("a" * 64,), 1.0)
    with Writer(old) as writer:
        writer.add_exchange(2, Exchange(1, "cc", ok("now")))
        writer.add_verdict(2, "rules", graded)
        writer.add_answer(1, Answer("q", "dd", ok("B")))
        writer.add_job(job)
        assert writer.open_jobs() == [job]
    with Reader(old) as reader:
        assert reader.verdicts(2) == [("rules", graded)]
        assert reader.answers(1) == [Answer("q", "dd", ok("B"))]
        assert [(row.helpfulness, row.label) for row in reader.scored_rows("rules")] == [(None, "safe"), (1, None)]


def test_batch_jobs_under_way_are_found_after_the_migration(tmp_path: Path) -> None:
    """A job that an earlier turnwise submitted is picked up, not made again."""
    job = "INSERT INTO jobs (key, provider, n_items, requests, since_s) VALUES ('key', 'openai', 1, '[\"ee\"]', 2.5);"
    old = make(tmp_path / "old.sqlite", ROWS, JOBS, job)
    with Writer(old) as writer:
        assert writer.open_jobs() == [StoredJob("key", "openai", ("ee",), 2.5)]


def test_a_reader_reads_an_old_file_and_changes_no_byte_of_it(old: Path, tmp_path: Path) -> None:
    """All questions are answered, as of a file of today, from a copy that leaves nothing behind."""
    before = old.read_bytes()
    with Reader(old) as reader:
        assert reader.exchanges(1) == [ANSWERED]
        assert reader.verdicts(1) == [("rules", RULED)]
        assert reader.answers(1) == []
        assert reader.pending(["rules"], ["mcq"]) == [2]
        assert [(row.id, row.label, row.helpfulness) for row in reader.scored_rows("rules")] == [
            ("d1", "safe", None),
            ("d2", None, None),
        ]
        assert reader.failures() == {"timeout": 1}
        assert [(total.role, total.calls) for total in reader.totals()] == [("target", 7), ("rules", 0)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._db.execute("DELETE FROM dialogues")
    assert export_jsonl(old, tmp_path / "out.jsonl").replies == 2
    assert old.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["old.sqlite", "out.jsonl"]


def test_an_old_file_that_is_empty_is_told_of(tmp_path: Path) -> None:
    """Tables of version 1 without a run are an empty run file, and the next run fills them."""
    old = make(tmp_path / "old.sqlite")
    with pytest.raises(RunFileError, match="the run file is empty; run the same command again"):
        Reader(old)
    fill(old)
    with Reader(old) as reader:
        assert reader.count() == 3


def test_an_old_file_that_is_being_written_is_not_migrated(old: Path) -> None:
    """The lock is taken before the tables are changed: a run under way keeps the tables it knows."""
    with old.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RunFileError, match="another turnwise is writing this run"):
            Writer(old)
    assert pragma(old, "PRAGMA user_version") == 1


KILLED_WHILE_MIGRATING = """
import os, signal, sys
from pathlib import Path
from turnwise.runfile import Writer

left = int(sys.argv[2])

def traced(statement):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

def calling(frame, event, called):
    if event == "c_call" and called.__name__ == "executescript":
        called.__self__.set_trace_callback(traced)

sys.setprofile(calling)
Writer(Path(sys.argv[1])).close()
"""


def test_a_kill_at_any_step_of_the_migration_leaves_one_version_whole(tmp_path: Path) -> None:
    """Killed before each statement in turn: the file is of version 1 with its tables or of version 2 with those."""
    reference = make(tmp_path / "reference.sqlite", ROWS)
    Writer(reference).close()
    shapes = {1: shape(make(tmp_path / "old.sqlite", ROWS)), 2: shape(reference)}
    kills = 0
    for step in range(100):
        path = make(tmp_path / f"{step}.sqlite", ROWS)
        done = run_apart(KILLED_WHILE_MIGRATING, path, step)
        with Reader(path) as reader:
            assert reader.exchanges(1) == [ANSWERED]
        version = pragma(path, "PRAGMA user_version")
        assert shape(path) == shapes[version]  # type: ignore[index]
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
        kills += 1
        Writer(path).close()
        assert shape(path) == shapes[2]
    assert version == 2
    assert kills >= 7  # begin, two columns, two tables, the note, the version, commit


async def test_an_old_run_is_gone_on_with_to_the_same_end(tmp_path: Path) -> None:
    """A run of version 1 that stopped midway ends with the rows of one that was never interrupted."""
    dialogues = [live(3, name=f"live {number}") for number in range(4)]
    write_jsonl(tmp_path / "bench.jsonl", [*dialogues, *(scripted(2, name=f"told {number}") for number in range(4))])
    settings = RunSettings(
        benchmarks=(f"jsonl:{tmp_path / 'bench.jsonl'}",),
        target="simulated:eroding",
        judges=("rules",),
        questions="none",
        share=False,
    )
    whole = tmp_path / "whole.sqlite"
    await evaluate(settings, whole)
    old = half_of(whole, tmp_path / "old.sqlite")
    with Reader(old) as reader:
        assert reader.pending(["rules"]) == [2, 3, 4, 5, 6, 7, 8]
    await evaluate(settings, old)
    assert steady_lines(old) == steady_lines(whole)
    assert pragma(old, "SELECT count(*) FROM events WHERE kind = 'migrated'") == 1


def half_of(run: Path, old: Path) -> Path:
    """A file of version 1 with the settings and dialogues of a run, its first replies and one of its verdicts."""
    with closing(sqlite3.connect(old)) as database:
        database.executescript(f"PRAGMA journal_mode = WAL; {TABLES}")
        database.execute("ATTACH ? AS whole", (str(run),))
        for table, rest in (
            ("settings", "WHERE name <> 'questions'"),  # a setting that came with version 2
            ("dialogues", ""),
            ("judges", ""),
            ("replies", "WHERE dialogue <= 3 AND (dialogue, turn) NOT IN (VALUES (2, 3), (3, 2), (3, 3))"),
            ("verdicts", "WHERE dialogue = 1"),
        ):
            columns = ", ".join(row[1] for row in database.execute(f"PRAGMA main.table_info({table})"))
            database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM whole.{table} {rest}")
        database.commit()
        database.executescript(MARKS)
    return old


def steady_lines(run: Path) -> list[Any]:
    """The export of a run without what no two runs have in common: when, how long, how often."""
    lines = export_jsonl(run, run.with_suffix(".jsonl")).files[0].read_bytes().splitlines()
    held = [json.loads(line) for line in lines]
    for row in (row for line in held for row in (*line["replies"], *line["verdicts"])):
        for name in ("at", "latency_ms"):
            del row[name]
    return held
