"""The one writer of a run file: rows go in as they come, and are on disk within a second."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from turnwise.dialogue import Dialogue, encode_dialogue
from turnwise.errors import DataError, RunFileError
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import BatchJob
from turnwise.rollout import Exchange
from turnwise.runfile.jobs import JOB_COLUMNS, JOB_TABLE, StoredJob, job_row, stored_job
from turnwise.runfile.lock import WriteLock
from turnwise.runfile.schema import connect_writer, sentence

__all__ = ["COMMIT_AFTER_S", "GroupRow", "Writer"]

COMMIT_AFTER_S = 0.1
_INTEGER_LIMIT = 2**63

GroupRow = tuple[int, str, str, str | None]
"""Number, benchmark, group and scenario of a dialogue."""

GROUP_ROWS = "SELECT dialogue, benchmark, grp, scenario FROM dialogues ORDER BY dialogue"


class Writer:
    """Writes one run file; a second writer on the same file is refused.

    Rows written since the last commit are committed by `commit`, which whoever drives the run calls several times a
    second (`commit_due` says whether it is worth it).

    Raises:
        RunFileError: from any method, when the disk, the file or another process is in the way.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = WriteLock(path)
        try:
            self._db = connect_writer(path)
        except RunFileError:
            self._lock.release()
            raise
        self._oldest_uncommitted = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def settings(self) -> dict[str, bytes]:
        """The stored settings as JSON by name; empty for a new file."""
        rows = self._execute("SELECT name, value FROM settings").fetchall()
        return {name: value.encode() for name, value in rows}

    def begin_run(
        self,
        settings: Mapping[str, object],
        dialogues: Iterable[Dialogue],
        *,
        after: Callable[[], Mapping[str, object]],
        keep: Callable[[Sequence[GroupRow]], set[int]] | None = None,
    ) -> None:
        """Store settings and dialogues of a new run, all or nothing.

        `after` gives the settings known only once all dialogues have passed by. `keep` chooses, by number, the
        dialogues that stay; without it all do.

        Raises:
            DataError: two dialogues of a benchmark have the same id.
        """
        self._begin()
        try:
            for dialogue in dialogues:
                self._add_dialogue(dialogue)
            if keep is not None:
                self._keep_only(keep)
            for name, value in {**settings, **after()}.items():
                self._execute("INSERT INTO settings VALUES (?, ?)", (name, msgspec.json.encode(value).decode()))
        except BaseException:
            if self._db.in_transaction:  # a full disk makes SQLite roll back by itself
                self._db.execute("ROLLBACK")
            raise
        self.commit()

    def add_judge(self, card: JudgeCard) -> None:
        """Store what is known of a judge, before its first verdict."""
        self._write(
            "INSERT INTO judges (judge, card) VALUES (?, ?) ON CONFLICT DO UPDATE SET card = excluded.card",
            (card.name, msgspec.json.encode(card).decode()),
        )

    def add_exchange(self, dialogue: int, exchange: Exchange) -> None:
        """Store a reply; it replaces a failed one of the same turn, never an answered one."""
        reply, failure = exchange.reply, exchange.reply.failure
        self._write(
            "INSERT INTO replies (dialogue, turn, state, text, finish_reason, input_tokens, output_tokens, latency_ms,"
            " served_model, attempts, origin, failure_kind, failure, request_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET state = excluded.state, text = excluded.text,"
            " finish_reason = excluded.finish_reason, input_tokens = excluded.input_tokens,"
            " output_tokens = excluded.output_tokens, latency_ms = excluded.latency_ms,"
            " served_model = excluded.served_model, attempts = replies.attempts + excluded.attempts,"
            " origin = excluded.origin, failure_kind = excluded.failure_kind, failure = excluded.failure,"
            " request_sha256 = excluded.request_sha256, at = excluded.at WHERE replies.state = 'failed'",
            (
                dialogue,
                exchange.turn,
                reply.state,
                reply.text,
                reply.finish_reason,
                _storable(reply.usage.input_tokens),
                _storable(reply.usage.output_tokens),
                reply.latency_ms,
                reply.served_model,
                reply.attempts,
                reply.origin,
                failure.kind if failure else None,
                failure.message if failure else None,
                exchange.request_sha256,
            ),
        )

    def add_verdict(self, dialogue: int, judge: str, verdict: Verdict) -> None:
        """Store a verdict; it replaces a failed one of the same judge on the same turn, never another."""
        self._write(
            "INSERT INTO verdicts (dialogue, turn, judge, state, label, stance, reason, cause, raw, input_tokens,"
            " output_tokens, latency_ms, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET state = excluded.state, label = excluded.label, stance = excluded.stance,"
            " reason = excluded.reason, cause = excluded.cause, raw = excluded.raw,"
            " input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,"
            " latency_ms = excluded.latency_ms, attempts = verdicts.attempts + excluded.attempts, at = excluded.at"
            " WHERE verdicts.state = 'failed'",
            (
                dialogue,
                verdict.turn,
                judge,
                verdict.state,
                verdict.label,
                verdict.stance,
                verdict.reason,
                verdict.cause,
                verdict.raw,
                _storable(verdict.usage.input_tokens),
                _storable(verdict.usage.output_tokens),
                verdict.latency_ms,
                verdict.attempts,
            ),
        )

    def add_event(self, kind: str, detail: str) -> None:
        """Note something that happened to the run, in words."""
        self._write("INSERT INTO events (kind, detail) VALUES (?, ?)", (kind, detail))

    def open_jobs(self) -> list[StoredJob]:
        """The batch jobs whose results were not read yet, in the order they were added."""
        self._execute(JOB_TABLE)
        rows = self._execute(f"SELECT {JOB_COLUMNS} FROM jobs WHERE state = 'open' ORDER BY rowid")
        return [stored_job(row) for row in rows]

    def add_job(self, job: StoredJob) -> None:
        """Store and commit a batch job that is about to be submitted."""
        self._execute(JOB_TABLE)
        self._write("INSERT INTO jobs (key, provider, n_items, requests, since_s) VALUES (?, ?, ?, ?, ?)", job_row(job))
        self.commit()

    def name_job(self, key: str, job: BatchJob) -> None:
        """Store and commit what the provider made of a batch job."""
        self._write("UPDATE jobs SET job = ? WHERE key = ?", (msgspec.json.encode(job).decode(), key))
        self.commit()

    def end_job(self, key: str, state: Literal["read", "lost"]) -> None:
        """Note and commit that a batch job was read, with what was read of it, or that it was never made."""
        self._write("UPDATE jobs SET state = ? WHERE key = ?", (state, key))
        self.commit()

    @property
    def commit_due(self) -> bool:
        """Whether rows have waited long enough for a commit."""
        return self._db.in_transaction and time.monotonic() - self._oldest_uncommitted >= COMMIT_AFTER_S

    def commit(self) -> None:
        """Put everything written so far on disk."""
        if self._db.in_transaction:
            self._execute("COMMIT")

    def close(self) -> None:
        """Commit and close; the file is then one file again, without its write-ahead log."""
        try:
            self.commit()
        finally:
            self._db.close()
            self._lock.release()

    def _add_dialogue(self, dialogue: Dialogue) -> None:
        row = (
            dialogue.benchmark,
            dialogue.id,
            dialogue.group,
            dialogue.length,
            dialogue.scenario,
            dialogue.method,
            dialogue.setting,
            dialogue.intent,
            dialogue.modality,
            encode_dialogue(dialogue).decode(),
        )
        added = self._execute(
            "INSERT INTO dialogues (benchmark, id, grp, length, scenario, method, setting, intent, modality, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            row,
        )
        if not added.rowcount:
            raise DataError(
                f"{dialogue.benchmark}: dialogue id {dialogue.id!r} appears twice in this run; give each its own"
            )

    def _keep_only(self, keep: Callable[[Sequence[GroupRow]], set[int]]) -> None:
        rows: list[GroupRow] = self._execute(GROUP_ROWS).fetchall()
        kept = keep(rows)
        for number in (row[0] for row in rows if row[0] not in kept):
            self._execute("DELETE FROM dialogues WHERE dialogue = ?", (number,))

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._execute("BEGIN IMMEDIATE")
            self._oldest_uncommitted = time.monotonic()

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        self._begin()
        self._execute(sql, values)

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise sentence(self.path, error) from error


def _storable(count: int | None) -> int | None:
    """A token count as reported; None for one that no machine integer holds, which is a server's nonsense."""
    return count if count is None or abs(count) < _INTEGER_LIMIT else None
