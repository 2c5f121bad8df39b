"""Opening a run file safely, to write it or to read it. Any SQLite tool can read it; only turnwise writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import msgspec

from turnwise.errors import RunFileError
from turnwise.runfile.schema import APPLICATION_ID, SCHEMA_VERSION, filling, migration

__all__ = ["connect_reader", "connect_writer", "is_begun", "reading", "sentence"]


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection that writes, with the tables made if the file is new, and led to this version if it is older.

    Raises:
        RunFileError: the path is not a run file, was made by a newer version, or cannot be written.
    """
    with _or_sentence(path):
        return _opened(lambda: sqlite3.connect(path, isolation_level=None, timeout=5.0), partial(_set_up, path))


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; it never blocks the writer.

    A file of an older version stays as it is: what is read is a copy of it, led to this version.

    Raises:
        RunFileError: there is no such file, it is no run file, or it was made by a newer version.
    """
    if not path.is_file():
        raise RunFileError(f"{path}: there is no such run file; `turnwise list` shows those under runs/")
    with _or_sentence(path):
        try:
            # Not `mode=ro`: such a connection makes the files of the write-ahead log and cannot remove them again.
            found = _opened(lambda: _by_uri(path, "mode=rw"), partial(_check_filled, path))
        except sqlite3.OperationalError as error:
            # In a folder that cannot be written there can be no log; without one the file is all there is.
            unwritable = "unable to open" in str(error) or "readonly" in str(error)
            if not unwritable or Path(f"{path}-wal").exists():
                raise
            found = _opened(lambda: _by_uri(path, "mode=ro&immutable=1"), partial(_check_filled, path))
        if _version(found) == SCHEMA_VERSION:
            return found
        with closing(found):
            return _opened(_no_file, partial(_copy, found))


_SENTENCES = (
    ("full", "the disk is full; free some space and run the same command to continue"),
    ("disk I/O", "the disk fails ({text}); look at its space, quota and health, then run the same command again"),
    ("locked", "another program is writing this file; wait for it or choose another --out"),
    ("busy", "another program is writing this file; wait for it or choose another --out"),
    ("readonly", "cannot be written here ({text}); choose another place with --out"),
    ("unable to open", "cannot be opened or written here ({text}); choose another place with --out"),
    ("malformed", "the run file is damaged ({text}); use a copy of it, or choose another path"),
    ("not a database", "not a turnwise run file ({text}); choose another path"),
)
"""What SQLite says, and what that means for the person who ran the command; the first match speaks."""


def is_begun(connection: sqlite3.Connection) -> bool:
    """Whether there is a run in the tables of a file, with or without replies."""
    begun = "SELECT EXISTS (SELECT 1 FROM settings) OR EXISTS (SELECT 1 FROM dialogues)"
    return bool(connection.execute(begun).fetchone()[0])


def sentence(path: Path, error: sqlite3.Error) -> RunFileError:
    """What a SQLite error means for the person who ran the command."""
    text = str(error)
    meant = next((meaning for words, meaning in _SENTENCES if words in text), "SQLite says: {text}")
    return RunFileError(f"{path}: {meant.format(text=text)}")


@contextmanager
def reading(path: Path, table: str, place: str) -> Iterator[None]:
    """What of a row fits no type of ours, because somebody else wrote or changed it, as one sentence.

    Raises:
        RunFileError: that is so; file, table, place, column and value are named.
    """
    try:
        yield
    except (msgspec.DecodeError, UnicodeError) as error:
        words, _, within = str(error).partition(" - at `$")
        column = f", {within.rstrip('`').lstrip('.')}" if within else ""
        raise RunFileError(f"{path}: the run file is damaged: table {table}, {place}{column}: {words}") from error


@contextmanager
def _or_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise sentence(path, error) from error


def _opened(
    connect: Callable[[], sqlite3.Connection], check: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    """The connection, closed again when it does not pass the check."""
    connection = connect()
    try:
        check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _by_uri(path: Path, query: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?{query}", uri=True, isolation_level=None, timeout=5.0)


def _no_file() -> sqlite3.Connection:
    """A database that is gone with its connection. SQLite keeps it in memory while it is small."""
    return sqlite3.connect("", isolation_level=None)


def _set_up(path: Path, connection: sqlite3.Connection) -> None:
    _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL, NORMAL survives kill -9 whole; only a power cut can lose the last commits, never corrupt.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if _version(connection) == 0:
        connection.executescript(filling())
    else:
        _migrate(connection)


def _copy(found: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Fill `copy` with what another connection reads, led to this version."""
    found.backup(copy)
    _migrate(copy)
    copy.execute("PRAGMA query_only = ON")


def _migrate(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version < SCHEMA_VERSION:
        connection.executescript(migration(version))


def _check_filled(path: Path, connection: sqlite3.Connection) -> None:
    _check(connection, path)
    connection.execute("PRAGMA query_only = ON")
    # A run that was killed before its first dialogue leaves the tables alone.
    if not _version(connection) or not is_begun(connection):
        raise RunFileError(f"{path}: the run file is empty; run the same command again to fill it")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    # The tables first: a file that is being made meanwhile must not seem to have tables and no mark.
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = _version(connection)
    if application != APPLICATION_ID and (application or tables):
        raise RunFileError(f"{path}: a SQLite file, but not a turnwise run file; choose another path")
    if version > SCHEMA_VERSION:
        raise RunFileError(
            f"{path}: made by a newer turnwise (schema {version}, this one reads {SCHEMA_VERSION}); upgrade turnwise"
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
