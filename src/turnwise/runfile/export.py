"""A run file as JSON Lines or Parquet, for other tools: the whole run as one moment saw it, streamed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from turnwise.dialogue import Dialogue
from turnwise.errors import RunFileError, UsageError, missing_extra
from turnwise.judge import Label, Stance, VerdictState
from turnwise.models import FailureKind, ReplyOrigin, ReplyState
from turnwise.runfile.annotations import HumanLabel
from turnwise.runfile.opening import connect_reader, reading, sentence
from turnwise.runfile.records import encoded_settings
from turnwise.runfile.rows import DIALOGUE_COLUMNS, Row, dialogue_of, typed, within

__all__ = [
    "Exported",
    "HeldDialogue",
    "StoredAnnotation",
    "StoredAnswer",
    "StoredReply",
    "StoredVerdict",
    "export_jsonl",
    "export_parquet",
]


_Grade = Annotated[int, msgspec.Meta(ge=1, le=5)]
_Attempts = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class _Stored(msgspec.Struct, frozen=True):
    """What the run file keeps of anything the target said."""

    state: ReplyState
    text: str
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    latency_ms: float
    served_model: str | None
    attempts: _Attempts
    origin: ReplyOrigin
    failure_kind: FailureKind | None
    failure: str | None
    request_sha256: str
    at: str


class StoredReply(_Stored, frozen=True):
    """A row of the run file's table `replies`."""

    turn: int


class StoredAnswer(_Stored, frozen=True):
    """A row of the run file's table `answers`; `question` is the question's id."""

    question: str


class StoredVerdict(msgspec.Struct, frozen=True):
    """A row of the run file's table `verdicts`."""

    judge: str
    turn: int
    state: VerdictState
    label: Label | None
    stance: Stance | None
    safety_awareness: _Grade | None
    helpfulness: _Grade | None
    reason: str
    cause: str | None
    raw: str | None
    input_tokens: int | None
    output_tokens: int | None
    latency_ms: float
    attempts: _Attempts
    at: str


class StoredAnnotation(msgspec.Struct, frozen=True):
    """A row of the run file's table `annotations`."""

    annotator: str
    turn: int
    label: HumanLabel
    stance: Stance | None
    safety_awareness: _Grade | None
    helpfulness: _Grade | None
    note: str
    drawn_by: str | None
    at: str


class HeldDialogue(msgspec.Struct, frozen=True):
    """All that a run knows of one dialogue: a line of the JSON Lines export."""

    dialogue: Dialogue
    replies: tuple[StoredReply, ...]
    verdicts: tuple[StoredVerdict, ...]
    answers: tuple[StoredAnswer, ...]
    annotations: tuple[StoredAnnotation, ...]


class Exported(msgspec.Struct, frozen=True):
    """What was written."""

    files: tuple[Path, ...]
    dialogues: int
    replies: int
    verdicts: int
    answers: int
    annotations: int


def export_jsonl(run: Path, out: Path) -> Exported:
    """Write one line a dialogue, with all that is stored of it, to the file `out`, which appears when it is complete.

    Raises:
        RunFileError: the run cannot be read, or the file cannot be written.
        UsageError: `out` is there already.
    """
    if out.is_dir():
        raise UsageError(f"{out}: a folder; give the name of the file that --format jsonl makes")
    counts = [0] * len(Exported.__struct_fields__[1:])
    with closing(connect_reader(run)) as database, _appearing(out) as part, part.open("wb") as file:
        for held in _held(run, database):
            file.write(msgspec.json.encode(held) + b"\n")
            _count(counts, held)
    return Exported((out,), *counts)


def export_parquet(run: Path, folder: Path) -> Exported:
    """Write tables into a folder: a row a dialogue and judge, a turn asked, a question asked, an annotation.

    They are `rows.parquet`, `replies.parquet`, `answers.parquet` and `annotations.parquet`, always all of them. The
    columns are listed in `parquet_tables`. The run's settings are in the files' metadata, as JSON.

    Raises:
        RunFileError: the run cannot be read, or the folder cannot be written.
        UsageError: `folder` is a file or has such tables already, or the extra is not installed.
    """
    if folder.is_file() or folder.suffix == ".parquet":
        raise UsageError(f"{folder}: --format parquet makes a folder with four tables; name one")
    try:
        from turnwise.runfile.parquet_tables import TABLES, TableFile  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise missing_extra("--format parquet", "hub") from error
    counts = [0] * len(Exported.__struct_fields__[1:])
    files = tuple(folder / f"{table.name}.parquet" for table in TABLES)
    with ExitStack() as opened:
        database = opened.enter_context(closing(connect_reader(run)))
        database.execute("BEGIN")
        settings = dict(database.execute("SELECT name, value FROM settings"))
        encoded_settings(run, settings)
        judges = [judge for (judge,) in database.execute("SELECT judge FROM judges ORDER BY place")]
        parts = [opened.enter_context(_appearing(file)) for file in files]
        tables = [
            opened.enter_context(TableFile(part, table, settings=settings, judges=judges))
            for part, table in zip(parts, TABLES, strict=True)
        ]
        for held in _held(run, database):
            for table in tables:
                table.add(held)
            _count(counts, held)
    return Exported(files, *counts)


def _held(run: Path, database: sqlite3.Connection) -> Iterator[HeldDialogue]:
    """Every dialogue in run order, all as of the moment of the first read: the run may go on meanwhile."""

    def stored(kind: type[Row], table: str, *, order: str, of: tuple[int, int]) -> tuple[Row, ...]:
        number, length = of
        columns = ", ".join(kind.__struct_fields__)
        with reading(run, table, f"dialogue {number}"):
            rows = database.execute(f"SELECT {columns} FROM {table} WHERE dialogue = ? ORDER BY {order}", (number,))
            found = tuple(typed(kind, row) for row in rows)
            for one in found:
                within(getattr(one, "turn", length), length)
        return found

    try:
        if not database.in_transaction:
            database.execute("BEGIN")
        for number, *row in database.execute(f"SELECT dialogue, {DIALOGUE_COLUMNS} FROM dialogues ORDER BY dialogue"):
            with reading(run, "dialogues", f"dialogue {number}"):
                dialogue = dialogue_of(number, *row)
            of = (number, dialogue.length)
            yield HeldDialogue(
                dialogue,
                stored(StoredReply, "replies", order="turn", of=of),
                stored(StoredVerdict, "verdicts", order="turn, judge", of=of),
                stored(StoredAnswer, "answers", order="question", of=of),
                stored(StoredAnnotation, "annotations", order="turn, annotator", of=of),
            )
    except sqlite3.Error as error:
        raise sentence(run, error) from error


def _count(counts: list[int], held: HeldDialogue) -> None:
    rows = (held.replies, held.verdicts, held.answers, held.annotations)
    for place, number in enumerate((1, *map(len, rows))):
        counts[place] += number


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file to write that takes its name only when it is complete; nothing of it is left when it fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise UsageError(f"{path}: is there already; take it away or give another name with --out")
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise RunFileError(f"{path}: cannot be written ({error.strerror or error}); give another --out") from error
