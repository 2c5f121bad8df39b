"""The tables of a run file, and opening one safely. Any SQLite tool can read it; only turnwise writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from turnwise.errors import RunFileError

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "connect_reader", "connect_writer", "sentence"]

APPLICATION_ID: Final = 0x7475_726E  # "turn"
SCHEMA_VERSION: Final = 1

_TABLES = """
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL                      -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE dialogues (
  dialogue INTEGER PRIMARY KEY,            -- order of the run
  benchmark TEXT NOT NULL,
  id TEXT NOT NULL,
  grp TEXT NOT NULL,                       -- the unit of resampling
  length INTEGER NOT NULL,                 -- user turns
  scenario TEXT,
  method TEXT,
  setting TEXT NOT NULL,
  intent TEXT NOT NULL,
  modality TEXT NOT NULL,
  body TEXT NOT NULL,                      -- the whole dialogue as one line of the JSON Lines format
  UNIQUE (benchmark, id)
) STRICT;

CREATE TABLE replies (
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  turn INTEGER NOT NULL,                   -- from 1
  state TEXT NOT NULL CHECK (state IN ('ok', 'provider_blocked', 'guard_blocked', 'failed')),
  text TEXT NOT NULL,
  finish_reason TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  latency_ms REAL NOT NULL,
  served_model TEXT,
  attempts INTEGER NOT NULL,               -- requests sent; 0 for a reply from the cache or another dialogue
  origin TEXT NOT NULL CHECK (origin IN ('model', 'cache', 'shared')),
  failure_kind TEXT,
  failure TEXT,
  request_sha256 TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (dialogue, turn)
) STRICT, WITHOUT ROWID;

CREATE TABLE judges (
  place INTEGER PRIMARY KEY,               -- order of the run
  judge TEXT NOT NULL UNIQUE,
  card TEXT NOT NULL                       -- JSON: rubric hash, model
) STRICT;

CREATE TABLE verdicts (
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  turn INTEGER NOT NULL,
  judge TEXT NOT NULL REFERENCES judges (judge),
  state TEXT NOT NULL CHECK (state IN ('scored', 'judge_refused', 'unparsed', 'failed')),
  label TEXT CHECK (label IN ('safe', 'unsafe')),
  stance TEXT CHECK (stance IN ('refusal', 'caveat', 'compliance')),
  reason TEXT NOT NULL,
  cause TEXT,
  raw TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  latency_ms REAL NOT NULL,
  attempts INTEGER NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (dialogue, turn, judge)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
"""


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection that writes, with the tables made if the file is new.

    Raises:
        RunFileError: the path is not a run file, was made by another version, or cannot be written.
    """
    with _or_sentence(path):
        return _opened(lambda: sqlite3.connect(path, isolation_level=None, timeout=5.0), partial(_set_up, path))


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; it never blocks the writer.

    Raises:
        RunFileError: there is no such file, it is no run file, or it was made by another version.
    """
    if not path.is_file():
        raise RunFileError(f"{path}: there is no such run file; `turnwise list` shows those under runs/")
    with _or_sentence(path):
        try:
            # Not `mode=ro`: such a connection makes the files of the write-ahead log and cannot remove them again.
            return _opened(lambda: _by_uri(path, "mode=rw"), partial(_check_filled, path))
        except sqlite3.OperationalError as error:
            # In a folder that cannot be written there can be no log; without one the file is all there is.
            unwritable = "unable to open" in str(error) or "readonly" in str(error)
            if not unwritable or Path(f"{path}-wal").exists():
                raise
            return _opened(lambda: _by_uri(path, "mode=ro&immutable=1"), partial(_check_filled, path))


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


def sentence(path: Path, error: sqlite3.Error) -> RunFileError:
    """What a SQLite error means for the person who ran the command."""
    text = str(error)
    meant = next((meaning for words, meaning in _SENTENCES if words in text), "SQLite says: {text}")
    return RunFileError(f"{path}: {meant.format(text=text)}")


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


def _set_up(path: Path, connection: sqlite3.Connection) -> None:
    _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL, NORMAL survives kill -9 whole; only a power cut can lose the last commits, never corrupt.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        connection.executescript(
            f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; {_TABLES}PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def _check_filled(path: Path, connection: sqlite3.Connection) -> None:
    _check(connection, path)
    connection.execute("PRAGMA query_only = ON")
    made = connection.execute("PRAGMA user_version").fetchone()[0]
    # A run that stopped before its first dialogue leaves the tables alone.
    begun = "SELECT EXISTS (SELECT 1 FROM settings) OR EXISTS (SELECT 1 FROM dialogues)"
    if not made or not connection.execute(begun).fetchone()[0]:
        raise RunFileError(f"{path}: the run file is empty; run the same command again to fill it")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and (application or tables):
        raise RunFileError(f"{path}: a SQLite file, but not a turnwise run file; choose another path")
    if version > SCHEMA_VERSION:
        raise RunFileError(
            f"{path}: made by a newer turnwise (schema {version}, this one reads {SCHEMA_VERSION}); upgrade turnwise"
        )
