"""The project's response cache: what a model once answered to a request is not paid for again, by any run.

One SQLite file beside the runs. A key covers everything sent (images by content), the model's full spelling, the sample
number and the version of this scheme; refusals and blocks are kept like any answer, failures never.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from turnwise.errors import RunFileError
from turnwise.models import ChatModel, ChatRequest, Reply

__all__ = ["CACHE_PATH", "CacheStats", "Cached", "ResponseCache"]

CACHE_PATH = Path("runs") / "cache.sqlite"

_APPLICATION_ID: Final = 0x7475_7263  # "turc"
_KEY_VERSION: Final = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
  key BLOB PRIMARY KEY,                    -- sha256 over version, model and request
  model TEXT NOT NULL,
  reply BLOB NOT NULL,                     -- JSON
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replies_by_model ON replies (model);
"""


class CacheStats(msgspec.Struct, frozen=True):
    """What the cache holds of one model."""

    model: str
    replies: int
    first: str
    last: str


class ResponseCache:
    """The cache file; several runs may use it at the same time.

    Raises:
        RunFileError: from any method, when the file is no cache, or cannot be read or written.
    """

    def __init__(self, path: Path = CACHE_PATH) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
            found = self._db.execute("PRAGMA application_id").fetchone()[0]
            tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if found != _APPLICATION_ID and (found or tables):
                raise RunFileError(f"{path}: a SQLite file, but not a response cache; move it away or use --no-cache")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(f"BEGIN IMMEDIATE; PRAGMA application_id = {_APPLICATION_ID}; {_TABLES} COMMIT;")
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error
        self._unwritten: dict[bytes, tuple[str, bytes]] = {}

    def get(self, model: str, request: ChatRequest) -> Reply | None:
        """The reply kept for this request to this model, marked as cached; None when there is none."""
        key = self.key(model, request)
        kept = self._unwritten.get(key)
        if kept is not None:
            return _marked(kept[1])
        try:
            row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._error(error) from error
        return None if row is None else _marked(row[0])

    def put(self, model: str, request: ChatRequest, reply: Reply) -> None:
        """Keep a reply; it is on disk after the next `flush`."""
        self._unwritten[self.key(model, request)] = (model, msgspec.json.encode(reply))

    def flush(self) -> None:
        """Write what was kept since the last flush, in one transaction."""
        if not self._unwritten:
            return
        rows = [(key, model, reply) for key, (model, reply) in self._unwritten.items()]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR IGNORE INTO replies (key, model, reply) VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._error(error) from error
        self._unwritten.clear()

    def stats(self) -> list[CacheStats]:
        """What the cache holds, by model."""
        sql = "SELECT model, count(*), min(at), max(at) FROM replies GROUP BY model ORDER BY model"
        try:
            return [CacheStats(*row) for row in self._db.execute(sql)]
        except sqlite3.Error as error:
            raise self._error(error) from error

    def clear(self, model: str | None = None) -> int:
        """Remove every reply, or those of one model; returns how many."""
        where, values = ("", ()) if model is None else (" WHERE model = ?", (model,))
        try:
            removed = self._db.execute(f"DELETE FROM replies{where}", values).rowcount
            self._db.execute("VACUUM")
        except sqlite3.Error as error:
            raise self._error(error) from error
        return int(removed)

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            self._db.close()

    @staticmethod
    def key(model: str, request: ChatRequest) -> bytes:
        """The key of a request: sha256 over the scheme's version, the model's spelling and all that is sent."""
        return hashlib.sha256(f"{_KEY_VERSION}\0{model}\0{request.sha256()}".encode()).digest()

    def _error(self, error: Exception) -> RunFileError:
        return RunFileError(f"{self.path}: the response cache cannot be used ({error}); mend it or use --no-cache")


class Cached:
    """A ChatModel that looks into the cache before it asks."""

    def __init__(self, model: ChatModel, cache: ResponseCache) -> None:
        self._model = model
        self._cache = cache

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply kept for the request, or the model's, which is then kept unless it failed."""
        kept = self._cache.get(self._model.name, request)
        if kept is not None:
            return kept
        reply = await self._model.reply(request)
        if reply.state in ("ok", "provider_blocked"):
            self._cache.put(self._model.name, request, reply)
        return reply

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


_decode: Callable[[bytes], Reply] = msgspec.json.Decoder(Reply).decode


def _marked(encoded: bytes) -> Reply:
    return msgspec.structs.replace(_decode(encoded), origin="cache", attempts=0, latency_ms=0.0)
