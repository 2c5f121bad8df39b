"""The project's response cache: what a model once answered to a request is not paid for again, by any run.

One SQLite file beside the runs. A key covers everything sent (images by content and place), the model's full spelling,
the sample number and the version of this scheme; refusals and blocks are kept like any answer, failures never.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from turnwise.models import ChatModel, ChatRequest, Reply
from turnwise.rollout.cache_file import connect, unusable
from turnwise.rollout.cache_key import RequestKey, miss_reason, request_key

__all__ = ["CACHE_PATH", "CacheStats", "Cached", "ResponseCache"]

CACHE_PATH = Path("runs") / "cache.sqlite"

_log = logging.getLogger(__name__)
_FLUSH_AFTER_S: Final = 0.5
_RETRY_AFTER_S: Final = 5.0
# An unwritable cache holds no more than this in memory; the run file has every reply in any case.
_UNWRITTEN_LIMIT: Final = 10_000
_SAME_WORDS_LIMIT: Final = 100
_Made = TypeVar("_Made")


class CacheStats(msgspec.Struct, frozen=True):
    """What the cache holds of one model: replies, and when the first and the last of them were written (UTC)."""

    model: str
    replies: int
    first: str
    last: str


class ResponseCache:
    """The cache file; several runs may use it at the same time.

    Once it is open, no trouble with the file ends a run, as the run file keeps every reply: what cannot be read counts
    as not kept, what cannot be written is tried again later, and the log says so once.

    Raises:
        RunFileError: when it is opened, and the file is no cache, or cannot be read and written.
    """

    def __init__(self, path: Path = CACHE_PATH, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._db = connect(path)
        self._unwritten: dict[bytes, tuple[RequestKey, bytes]] = {}
        self._flush_at = self._pause_until = 0.0
        self._warned = False

    def get(self, key: RequestKey) -> Reply | None:
        """The reply kept under a key, marked as cached; None when there is none."""
        digest = key.digest()
        waiting = self._unwritten.get(digest)
        try:
            encoded = waiting[1] if waiting else self._read(digest)
            return None if encoded is None else _marked(encoded)
        except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._warn("read", error)
            return None

    def put(self, key: RequestKey, reply: Reply) -> None:
        """Keep a reply; it is on disk with the first one put half a second later, or after `flush` or `close`."""
        try:
            encoded = msgspec.json.encode(reply)
        except UnicodeEncodeError:  # half a character, as some tokenizers leave it, has no bytes to be kept
            return
        now = self._clock()
        if not self._unwritten:
            self._flush_at = now + _FLUSH_AFTER_S
        self._unwritten[key.digest()] = (key, encoded)
        if now >= self._flush_at or len(self._unwritten) > _UNWRITTEN_LIMIT:
            self.flush()
        if len(self._unwritten) > _UNWRITTEN_LIMIT:  # it could not be written
            del self._unwritten[next(iter(self._unwritten))]

    def flush(self) -> None:
        """Write what was kept since the last flush, in one transaction.

        Failing that it is kept, and the flushes of the next five seconds do nothing, so that a run is not held up.
        """
        if not self._unwritten or self._clock() < self._pause_until:
            return
        rows = [(key, *parts.columns(), reply) for key, (parts, reply) in self._unwritten.items()]
        sql = "INSERT OR REPLACE INTO replies (key, model, words, images, parameters, reply) VALUES (?, ?, ?, ?, ?, ?)"
        try:
            self._in_transaction(lambda: self._db.executemany(sql, rows))
        except sqlite3.Error as error:
            self._pause_until = self._clock() + _RETRY_AFTER_S
            self._warn("written", error)
            return
        self._unwritten.clear()

    def why(self, key: RequestKey) -> str:
        """Why nothing is kept under a key, in a few words that name what differs from the nearest reply on disk."""
        sql = "SELECT model, words, images, parameters FROM replies WHERE words = ? LIMIT ?"
        try:
            kept = self._db.execute(sql, (key.words, _SAME_WORDS_LIMIT)).fetchall()
        except sqlite3.Error as error:
            return f"the cache cannot be read ({error})"
        return miss_reason(key, [RequestKey(*row) for row in kept])

    def stats(self) -> list[CacheStats]:
        """What the cache holds, by model.

        Raises:
            RunFileError: the file cannot be read.
        """
        sql = "SELECT model, count(*), min(at), max(at) FROM replies GROUP BY model ORDER BY model"
        try:
            return [CacheStats(*row) for row in self._db.execute(sql)]
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def size_bytes(self) -> int:
        """What the cache takes on disk, its write-ahead log included."""
        files = (self.path, Path(f"{self.path}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def clear(self, model: str | None = None) -> int:
        """Remove every reply, or those of one model, and give back their room; returns how many.

        Raises:
            RunFileError: the file cannot be written.
        """
        where, values = ("", ()) if model is None else (" WHERE model = ?", (model,))
        try:
            removed = self._in_transaction(lambda: self._db.execute(f"DELETE FROM replies{where}", values).rowcount)
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error
        # While a run uses the cache its room may not be given back; it is then filled again.
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return removed

    def close(self) -> None:
        """Flush and close."""
        self._pause_until = 0.0
        try:
            self.flush()
        finally:
            self._db.close()

    def _read(self, digest: bytes) -> bytes | None:
        row: tuple[bytes] | None = self._db.execute("SELECT reply FROM replies WHERE key = ?", (digest,)).fetchone()
        return None if row is None else row[0]

    def _in_transaction(self, work: Callable[[], _Made]) -> _Made:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            made = work()
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk makes SQLite roll back by itself
                self._db.execute("ROLLBACK")
            raise
        return made

    def _warn(self, what: str, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("%s: the response cache cannot be %s (%s); the run goes on without", self.path, what, error)


class Cached:
    """A ChatModel that looks into the cache before it asks.

    For models whose spelling says which weights answer: one that reads its replies from a file is not to be cached.

    Attributes:
        hits: Requests answered from the cache.
        misses: The other requests, counted by what differs from the nearest one kept.
    """

    def __init__(self, model: ChatModel, cache: ResponseCache) -> None:
        self._model = model
        self._cache = cache
        self.hits = 0
        self.misses: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply kept for the request, or the model's, which is then kept unless it failed."""
        key = request_key(self._model.name, request)
        kept = self._cache.get(key)
        if kept is not None:
            self.hits += 1
            return kept
        self.misses[self._cache.why(key)] += 1
        reply = await self._model.reply(request)
        if reply.state != "failed":
            self._cache.put(key, reply)
        return reply

    async def close(self) -> None:
        """Close the model inside; the cache may have other users."""
        await self._model.close()


_decode: Callable[[bytes], Reply] = msgspec.json.Decoder(Reply).decode


def _marked(encoded: bytes) -> Reply:
    return msgspec.structs.replace(_decode(encoded), origin="cache", attempts=0, latency_ms=0.0)
