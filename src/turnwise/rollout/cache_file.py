"""The file of the response cache: its one table, and opening it safely beside other runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from turnwise.errors import RunFileError

__all__ = ["connect", "unusable"]

_APPLICATION_ID: Final = 0x7475_7263  # "turc"
_SCHEMA_VERSION: Final = 1
_OPEN_TIMEOUT_S: Final = 5.0
# In a run nothing else goes on while SQLite waits for another process; a flush is tried again later instead.
_RUN_TIMEOUT_MS: Final = 500
_TABLES = """
CREATE TABLE replies (
  place INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,                -- sha256 over the scheme's version, model, words, images and parameters
  model TEXT NOT NULL,
  words BLOB NOT NULL,                     -- sha256 over roles and texts
  images BLOB NOT NULL,                    -- sha256 over the images of each message
  parameters TEXT NOT NULL,                -- JSON: what else was sent, and the sample number
  reply BLOB NOT NULL,                     -- JSON
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX replies_by_model ON replies (model, at);
CREATE INDEX replies_by_words ON replies (words);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the cache at `path`, made if there is none, that can be written.

    Raises:
        RunFileError: the file is no cache, is locked, damaged or read-only, or was made by a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, isolation_level=None, timeout=_OPEN_TIMEOUT_S)
        try:
            _set_up(path, database)
        except BaseException:
            database.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error
    return database


def unusable(path: Path, error: Exception) -> RunFileError:
    """The error for a cache that something is wrong with."""
    text = error.strerror if isinstance(error, OSError) else str(error)
    return RunFileError(f"{path}: the response cache cannot be used ({text}); move it away or use --no-cache")


def _set_up(path: Path, database: sqlite3.Connection) -> None:
    # Tables first: another process makes them and the id in one transaction, perhaps just now.
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = database.execute("PRAGMA application_id").fetchone()[0]
    if application != _APPLICATION_ID and (application or tables):
        raise RunFileError(f"{path}: a SQLite file, but not a response cache; move it away or use --no-cache")
    if not application:
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN IMMEDIATE")  # which also shows that the file can be written
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > _SCHEMA_VERSION:
        raise RunFileError(f"{path}: a response cache of a newer turnwise; upgrade turnwise or use --no-cache")
    if version == 0:
        for statement in (
            f"PRAGMA application_id = {_APPLICATION_ID}",
            *_TABLES.strip().split(";\n"),
            f"PRAGMA user_version = {_SCHEMA_VERSION}",
        ):
            database.execute(statement)
    database.execute("COMMIT")
    database.execute(f"PRAGMA busy_timeout = {_RUN_TIMEOUT_MS}")
