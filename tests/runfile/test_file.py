"""The file itself: what is refused, what a crash or a full disk leaves, and who may look meanwhile."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from rollout.recording import ok
from runfile.files import fill, one_sentence, pragma, run_apart
from turnwise.errors import RunFileError
from turnwise.rollout import Exchange
from turnwise.runfile import Reader, Writer
from turnwise.runfile.schema import APPLICATION_ID, SCHEMA_VERSION


def other_database(path: Path) -> None:
    """A file of some other program, or of none in particular."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE mine (x)")
    database.commit()
    database.close()


def newer(path: Path) -> None:
    """A run file of a later turnwise."""
    fill(path)
    pragma(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def another_application(path: Path) -> None:
    """An empty SQLite file that some program has claimed."""
    pragma(path, "PRAGMA application_id = 1196444487")


def read_all(path: Path, dialogues: int) -> None:
    """Read every dialogue of a run."""
    with Reader(path) as reader:
        for number in range(1, dialogues + 1):
            reader.dialogue(number)


def truncated(path: Path) -> None:
    """The first half of a run file of many pages."""
    fill(path, 300)
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text("id,label\n" * 200), "not a turnwise run file"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 84), "not a turnwise run file"),
        (other_database, "a SQLite file, but not a turnwise run file"),
        (another_application, "a SQLite file, but not a turnwise run file"),
        (newer, "made by a newer turnwise .schema 3, this one reads 2.; upgrade"),
    ],
    ids=["text", "torn header", "another database", "another application", "newer version"],
)
def test_file_that_is_not_ours_is_refused_unharmed(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    """Reading and writing both say in one sentence what is wrong, and not one byte changes."""
    path = tmp_path / "run.sqlite"
    make(path)
    before = path.read_bytes()
    for opening in (Writer, Reader):
        with pytest.raises(RunFileError, match=words) as error:
            opening(path)
        assert one_sentence(error, path)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


def test_truncated_file_is_damage_not_a_traceback(tmp_path: Path) -> None:
    """A run file cut in half says that it is damaged, whichever row is met first."""
    path = tmp_path / "run.sqlite"
    truncated(path)
    with pytest.raises(RunFileError, match="damaged") as error:
        read_all(path, 300)
    assert one_sentence(error, path)


def test_damage_met_in_the_middle_of_reading_is_one_sentence(tmp_path: Path) -> None:
    """A page that went bad behind the first rows is reported like any other damage."""
    path = tmp_path / "run.sqlite"
    fill(path, 3000)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * (size // 4))
    with pytest.raises(RunFileError, match="damaged"), Reader(path) as reader:
        list(reader.scored_rows("rules"))


def test_empty_file_is_filled_by_the_next_run(tmp_path: Path) -> None:
    """A file of no bytes, as a crash at the start leaves it, is a new run to the writer and empty to the reader."""
    path = tmp_path / "run.sqlite"
    path.touch()
    with pytest.raises(RunFileError, match="the run file is empty; run the same command again"):
        Reader(path)
    fill(path)
    with Reader(path) as reader:
        assert reader.count() == 3


def test_file_without_a_run_is_empty_to_the_reader(tmp_path: Path) -> None:
    """Tables alone, as a run that is killed while it reads its benchmark leaves them, are no run."""
    path = tmp_path / "run.sqlite"
    with Writer(path), pytest.raises(RunFileError, match="the run file is empty"):
        Reader(path)


def test_file_in_which_no_run_began_goes_with_its_folder(tmp_path: Path) -> None:
    """What was there before stays, and so does a run without any reply."""
    (tmp_path / "there").mkdir()
    for path in (tmp_path / "new" / "run.sqlite", tmp_path / "there" / "run.sqlite"):
        Writer(path).close()
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]

    fill(tmp_path / "new" / "run.sqlite")
    Writer(tmp_path / "new" / "run.sqlite").close()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run.sqlite"]


def test_missing_file_is_named_and_not_made(tmp_path: Path) -> None:
    """Reading makes nothing."""
    path = tmp_path / "none.sqlite"
    with pytest.raises(RunFileError, match=r"none\.sqlite: there is no such run file"):
        Reader(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["run.sqlite", "deeper/run.sqlite"])
def test_place_that_cannot_be_written_is_refused(tmp_path: Path, below: str) -> None:
    """A path through a regular file can be made by nobody, root included."""
    (tmp_path / "file").write_text("here already")
    with pytest.raises(RunFileError, match=r"cannot be written .*; choose another --out"):
        Writer(tmp_path / "file" / below)


def test_folder_as_run_file_is_refused(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(RunFileError, match="cannot be written"):
        Writer(tmp_path)
    with pytest.raises(RunFileError, match="there is no such run file"):
        Reader(tmp_path)


def test_file_says_what_it_is(tmp_path: Path) -> None:
    """`application_id` and `user_version` are set, so `file` and any SQLite tool know it."""
    path = tmp_path / "run.sqlite"
    fill(path)
    assert pragma(path, "PRAGMA application_id") == APPLICATION_ID == int.from_bytes(b"turn")
    assert pragma(path, "PRAGMA user_version") == SCHEMA_VERSION
    assert pragma(path, "PRAGMA journal_mode") == "wal"
    assert pragma(path, "PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("name", ["run.sqlite", "a b#c?d%20.sqlite", "日本.sqlite"])
def test_reading_leaves_no_file_behind(tmp_path: Path, name: str) -> None:
    """After writer and readers have closed, in any order, the run is one file, whatever its name."""
    path = tmp_path / name
    fill(path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with Reader(path) as reader:
        assert reader.count() == 3
    assert [file.name for file in tmp_path.iterdir()] == [name]
    writer = Writer(path)
    with Reader(path) as reader:
        writer.add_event("note", "something")
        writer.close()
        assert reader.count() == 3
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_reader_cannot_write(tmp_path: Path) -> None:
    """The reader's connection takes no change, although it could open the file for one."""
    path = tmp_path / "run.sqlite"
    fill(path)
    with Reader(path) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("DELETE FROM dialogues")


def test_reader_works_beside_uncommitted_rows_and_blocks_nobody(tmp_path: Path) -> None:
    """A reader opened in the middle sees committed rows, holds a snapshot, and the writer commits past it."""
    path = tmp_path / "run.sqlite"
    fill(path)
    with Writer(path) as writer:
        writer.add_exchange(1, Exchange(1, "aa" * 32, ok("one")))
        with Reader(path) as reader:
            assert reader.exchanges(1) == []
            rows = reader.scored_rows("rules")
            assert next(rows).reply_state is None
            writer.commit()
            writer.add_exchange(2, Exchange(1, "aa" * 32, ok("two")))
            writer.commit()
            assert [row.reply_state for row in rows] == [None, None]
            assert [len(reader.exchanges(number)) for number in (1, 2, 3)] == [1, 1, 0]


def test_second_writer_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """In this process or another, a run that is being written is let alone, and free again after."""
    path = tmp_path / "run.sqlite"
    fill(path)
    attempt = "import sys, pathlib\nfrom turnwise.runfile import Writer\nWriter(pathlib.Path(sys.argv[1])).close()"
    with Writer(path) as writer:
        with pytest.raises(RunFileError, match="another turnwise is writing this run") as error:
            Writer(path)
        assert one_sentence(error, path)
        apart = run_apart(attempt, path)
        assert apart.returncode != 0
        assert "another turnwise is writing this run" in apart.stderr.splitlines()[-1]
        writer.add_event("note", "still writing")
    assert run_apart(attempt, path).returncode == 0


def test_refused_second_writer_leaves_the_firsts_locks(tmp_path: Path) -> None:
    """A program that closes the file meanwhile takes no log away, even after a second writer was refused here."""
    path = tmp_path / "run.sqlite"
    fill(path)
    visit = (
        "import sys, sqlite3\nc = sqlite3.connect(sys.argv[1])\nc.execute('SELECT * FROM events').fetchall()\nc.close()"
    )
    with Writer(path) as writer:
        writer.add_event("note", "before")
        writer.commit()
        with pytest.raises(RunFileError):
            Writer(path)
        assert run_apart(visit, path).returncode == 0
        assert path.with_name("run.sqlite-wal").exists()
        writer.add_event("note", "after")
    assert pragma(path, "SELECT group_concat(detail) FROM events") == "before,after"


def test_writer_that_was_refused_its_file_leaves_no_lock(tmp_path: Path) -> None:
    """After a refusal for the file's sake the same path can be used as soon as it is mended."""
    path = tmp_path / "run.sqlite"
    other_database(path)
    with pytest.raises(RunFileError):
        Writer(path)
    path.unlink()
    fill(path)
