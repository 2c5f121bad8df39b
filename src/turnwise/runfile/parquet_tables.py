"""The tables of a Parquet export. Needs the extra `hub`; imported only by an export that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pyarrow as pa
from pyarrow import parquet

if TYPE_CHECKING:
    from turnwise.runfile.export import HeldDialogue, StoredAnswer, StoredReply

__all__ = ["TABLES", "Table", "TableFile"]

_BATCH_ROWS = 500
_BATCH_CHARACTERS = 16_000_000

Row = dict[str, Any]

_DIALOGUE = {
    "benchmark": pa.string(),
    "id": pa.string(),
    "group": pa.string(),
    "length": pa.int32(),
    "scenario": pa.string(),
    "method": pa.string(),
    "setting": pa.string(),
    "intent": pa.string(),
    "modality": pa.string(),
    "twin": pa.string(),
    "target": pa.string(),
}
_SAID = {
    "finish_reason": pa.string(),
    "input_tokens": pa.int64(),
    "output_tokens": pa.int64(),
    "latency_ms": pa.float64(),
    "served_model": pa.string(),
    "attempts": pa.int32(),
    "origin": pa.string(),
    "failure_kind": pa.string(),
    "failure": pa.string(),
    "request_sha256": pa.string(),
    "at": pa.string(),
}
_REPLY = {"turn": pa.int32(), "reply_state": pa.string(), "reply": pa.string(), **_SAID}
_ANSWER = {
    "question": pa.string(),
    "kind": pa.string(),
    "asked": pa.string(),
    "options": pa.list_(pa.string()),
    "expected": pa.string(),
    "answer_state": pa.string(),
    "answer": pa.string(),
    **_SAID,
}
_VERDICT = {
    "judge": pa.string(),
    "verdict_state": pa.string(),
    "label": pa.string(),
    "stance": pa.string(),
    "safety_awareness": pa.int8(),
    "helpfulness": pa.int8(),
    "reason": pa.string(),
    "cause": pa.string(),
    "raw": pa.string(),
    "judge_input_tokens": pa.int64(),
    "judge_output_tokens": pa.int64(),
    "judge_latency_ms": pa.float64(),
}
_ANNOTATION = {
    "turn": pa.int32(),
    "annotator": pa.string(),
    "label": pa.string(),
    "stance": pa.string(),
    "safety_awareness": pa.int8(),
    "helpfulness": pa.int8(),
    "note": pa.string(),
    "drawn_by": pa.string(),
    "at": pa.string(),
}
_RULING = ("label", "stance", "safety_awareness", "helpfulness", "reason", "cause", "raw")


class Table(msgspec.Struct, frozen=True):
    """A table: its name, its columns with their types, and the rows a dialogue has in it."""

    name: str
    columns: dict[str, Any]
    rows: Callable[[HeldDialogue, Row, Sequence[str]], Iterator[Row]]


class TableFile:
    """A Parquet file that rows are written to in batches, so that memory is bounded whatever the size of the run."""

    def __init__(self, path: Path, table: Table, *, settings: Mapping[str, str], judges: Sequence[str]) -> None:
        self._table = table
        self._judges = judges
        self._target = msgspec.json.decode(settings.get("target", "null"))
        metadata = {f"turnwise.{name}": value for name, value in settings.items()}
        self._schema = pa.schema(list(table.columns.items()), metadata=metadata)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._characters = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._write()
        finally:
            self._writer.close()

    def add(self, held: HeldDialogue) -> None:
        """Add the rows of a dialogue."""
        about = {name: getattr(held.dialogue, name, None) for name in _DIALOGUE} | {"target": self._target}
        self._rows.extend(self._table.rows(held, about, self._judges))
        self._characters += sum(len(reply.text) for reply in held.replies)
        if len(self._rows) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self._write()

    def _write(self) -> None:
        if self._rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, self._schema))
        self._rows, self._characters = [], 0


def _final_rows(held: HeldDialogue, about: Row, judges: Sequence[str]) -> Iterator[Row]:
    """The last turn asked and what each judge says of the last turn; empty cells for what is not there yet."""
    replies = _reply_cells(held)
    reply = replies[-1] if replies else {}
    ruled = {verdict.judge: verdict for verdict in held.verdicts if verdict.turn == held.dialogue.length}
    for judge in judges or (None,):
        verdict = ruled.get(judge) if judge else None
        cells = msgspec.structs.asdict(verdict) if verdict else {}
        of_judge = {f"judge_{name}": cells.get(name) for name in ("input_tokens", "output_tokens", "latency_ms")}
        ruling = {name: cells.get(name) for name in _RULING}
        yield {**about, **reply, "judge": judge, "verdict_state": cells.get("state"), **ruling, **of_judge}


def _turn_rows(held: HeldDialogue, about: Row, _judges: Sequence[str]) -> Iterator[Row]:
    """Every turn asked, with the user's words before the target's."""
    for cells in _reply_cells(held):
        yield {**about, "user": held.dialogue.turns[cells["turn"] - 1].user, **cells}


def _answer_rows(held: HeldDialogue, about: Row, _judges: Sequence[str]) -> Iterator[Row]:
    """Every question asked, with its words before the target's."""
    given = {answer.question: answer for answer in held.answers}
    for question in held.dialogue.questions:
        if question.id in given:
            words = {"kind": question.kind, "asked": question.text, "options": question.options}
            yield {**about, **words, "expected": question.expected, **_cells(given[question.id], "answer")}


def _annotation_rows(held: HeldDialogue, about: Row, _judges: Sequence[str]) -> Iterator[Row]:
    """Every annotation."""
    yield from ({**about, **msgspec.structs.asdict(annotation)} for annotation in held.annotations)


def _reply_cells(held: HeldDialogue) -> list[Row]:
    return [_cells(reply, "reply") for reply in held.replies]


def _cells(stored: StoredReply | StoredAnswer, name: str) -> Row:
    """What was said under the names of its columns."""
    cells = msgspec.structs.asdict(stored)
    return {**cells, f"{name}_state": cells.pop("state"), name: cells.pop("text")}


TABLES = (
    Table("rows", {**_DIALOGUE, **_REPLY, **_VERDICT}, _final_rows),
    Table("replies", {**_DIALOGUE, "user": pa.string(), **_REPLY}, _turn_rows),
    Table("answers", {**_DIALOGUE, **_ANSWER}, _answer_rows),
    Table("annotations", {**_DIALOGUE, **_ANNOTATION}, _annotation_rows),
)
