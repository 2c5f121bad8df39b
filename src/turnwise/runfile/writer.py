"""The one writer of a run file: rows go in as they come, and are on disk within a second."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from turnwise.dialogue import IMAGE_STORE, Dialogue, Image, encode_dialogue, keep_images
from turnwise.errors import DataError, RunFileError
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import PARAMETER_DROPPED, BatchJob, Dropped, dropped_note
from turnwise.rollout import Answer, Exchange
from turnwise.runfile.annotations import ADD_ANNOTATION, Annotation
from turnwise.runfile.jobs import JOB_COLUMNS, StoredJob, job_row, stored_job
from turnwise.runfile.lock import WriteLock
from turnwise.runfile.opening import connect_writer, is_begun, reading, sentence
from turnwise.runfile.records import encoded_settings
from turnwise.runfile.rows import REPLY_COLUMNS, VERDICT_COLUMNS, reply_row, upsert, verdict_row

__all__ = ["BENCHMARK_LEFT_OUT", "COMMIT_AFTER_S", "GroupRow", "Writer"]

_log = logging.getLogger(__name__)

COMMIT_AFTER_S = 0.1

BENCHMARK_LEFT_OUT = "benchmark_left_out"
"""The kind of event which says that a benchmark of the run has no dialogue in it."""

GroupRow = tuple[int, str, str, str | None]
"""Number, benchmark, group and scenario of a dialogue."""

GROUP_ROWS = "SELECT dialogue, benchmark, grp, scenario FROM dialogues ORDER BY dialogue"

_ADD_REPLY = upsert("replies", ("dialogue", "turn"), REPLY_COLUMNS)
_ADD_ANSWER = upsert("answers", ("dialogue", "question"), REPLY_COLUMNS)
_ADD_VERDICT = upsert("verdicts", ("dialogue", "turn", "judge"), VERDICT_COLUMNS)


class Writer:
    """Writes one run file; a second writer on the same file is refused.

    Rows written since the last commit are committed by `commit`, which whoever drives the run calls several times a
    second (`commit_due` says whether it is worth it).

    Args:
        image_store: Where the images of the run are kept by content; None leaves them where they are.

    Raises:
        RunFileError: from any method, when the disk, the file or another process is in the way.
    """

    def __init__(self, path: Path, *, image_store: Path | None = IMAGE_STORE) -> None:
        self.path = path
        self._image_store = image_store
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
        return encoded_settings(self.path, dict(self._execute("SELECT name, value FROM settings").fetchall()))

    def begin_run(
        self,
        settings: Mapping[str, object],
        dialogues: Iterable[Dialogue],
        *,
        after: Callable[[], Mapping[str, object]],
        keep: Callable[[Sequence[GroupRow]], set[int]] | None = None,
    ) -> None:
        """Store settings and dialogues of a new run, all or nothing, and keep its images.

        `after` gives the settings known only once all dialogues have passed by. `keep` chooses, by number, the
        dialogues that stay; without it all do. Images that cannot be kept are an event, and the run goes on.

        Raises:
            DataError: two dialogues of a benchmark have the same id.
        """
        self._begin()
        try:
            shown = {self._add_dialogue(dialogue): dialogue.all_images() for dialogue in dialogues}
            kept = shown.keys() if keep is None else self._keep_only(keep)
            for name, value in {**settings, **after()}.items():
                self._execute("INSERT INTO settings VALUES (?, ?)", (name, msgspec.json.encode(value).decode()))
            self._keep_images(image for number in kept for image in shown[number])
        except BaseException:
            if self._db.in_transaction:  # a full disk makes SQLite roll back by itself
                self._db.execute("ROLLBACK")
            raise
        self.commit()

    def complete(self) -> dict[str, bytes]:
        """Let a run that was to stop early go to its end after all, and note it; the settings as they are then."""
        self._write("UPDATE settings SET value = 'null' WHERE name = ?", ("until_half_width",))
        self.add_event("completed", "the run was to stop when its headlines are known, and is continued to its end")
        return self.settings()

    def add_judge(self, card: JudgeCard) -> None:
        """Store what is known of a judge, before its first verdict; a calibration stays until there is another."""
        stored = self._execute("SELECT card FROM judges WHERE judge = ?", (card.name,)).fetchone()
        if stored is not None and card.calibration is None:
            with reading(self.path, "judges", f"judge {card.name}"):
                before = msgspec.json.decode(stored[0], type=JudgeCard)
            card = msgspec.structs.replace(card, calibration=before.calibration)
        self._write(
            "INSERT INTO judges (judge, card) VALUES (?, ?) ON CONFLICT DO UPDATE SET card = excluded.card",
            (card.name, msgspec.json.encode(card).decode()),
        )

    def add_exchange(self, dialogue: int, exchange: Exchange) -> None:
        """Store a reply; it replaces a failed one of the same turn, never an answered one."""
        self._write(_ADD_REPLY, (dialogue, exchange.turn, *reply_row(exchange.request_sha256, exchange.reply)))
        self._note_dropped("target", exchange.reply.dropped)

    def add_answer(self, dialogue: int, answer: Answer) -> None:
        """Store the reply to a question; it replaces a failed one to the same question, never an answered one."""
        self._write(_ADD_ANSWER, (dialogue, answer.question, *reply_row(answer.request_sha256, answer.reply)))
        self._note_dropped("target", answer.reply.dropped)

    def add_verdict(self, dialogue: int, judge: str, verdict: Verdict) -> None:
        """Store a verdict; it replaces a failed one of the same judge on the same turn, never another."""
        self._write(_ADD_VERDICT, (dialogue, verdict.turn, judge, *verdict_row(verdict)))
        self._note_dropped(f"judge {judge}", verdict.dropped)

    def add_annotations(self, annotations: Iterable[Annotation]) -> None:
        """Store and commit what people said; it replaces what the same person said of the same reply before."""
        for one in annotations:
            self._write(ADD_ANNOTATION, msgspec.structs.astuple(one))
        self.commit()

    def add_event(self, kind: str, detail: str) -> None:
        """Note something that happened to the run, in words."""
        self._write("INSERT INTO events (kind, detail) VALUES (?, ?)", (kind, detail))

    def _note_dropped(self, role: str, parameters: Iterable[Dropped]) -> None:
        """Note once for each role what its server refused of the parameters: it shapes the numbers."""
        for parameter in parameters:
            self._write(
                "INSERT INTO events (kind, detail) SELECT ?1, ?2"
                " WHERE NOT EXISTS (SELECT 1 FROM events WHERE kind = ?1 AND detail = ?2)",
                (PARAMETER_DROPPED, dropped_note(role, parameter)),
            )

    def open_jobs(self) -> list[StoredJob]:
        """The batch jobs whose results were not read yet, in the order they were added."""
        rows = self._execute(f"SELECT {JOB_COLUMNS} FROM jobs WHERE state = 'open' ORDER BY rowid")
        with reading(self.path, "jobs", "state open"):
            return [stored_job(row) for row in rows]

    def add_job(self, job: StoredJob) -> None:
        """Store and commit a batch job that is about to be submitted."""
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
        """Commit and close; the file is then one file again, without its write-ahead log. One without a run goes."""
        empty = False
        try:
            self.commit()
            empty = not is_begun(self._db)
        finally:
            self._db.close()
            if empty:
                self._lock.remove()
            self._lock.release()

    def _add_dialogue(self, dialogue: Dialogue) -> int:
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
        return added.lastrowid or 0

    def _keep_images(self, images: Iterable[Image]) -> None:
        lacking = None if self._image_store is None else keep_images(images, self._image_store)
        if lacking is not None:
            _log.warning(lacking)
            self.add_event("images_not_kept", lacking)

    def _keep_only(self, keep: Callable[[Sequence[GroupRow]], set[int]]) -> set[int]:
        rows: list[GroupRow] = self._execute(GROUP_ROWS).fetchall()
        kept = keep(rows)
        for number in (row[0] for row in rows if row[0] not in kept):
            self._execute("DELETE FROM dialogues WHERE dialogue = ?", (number,))
        return kept

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
