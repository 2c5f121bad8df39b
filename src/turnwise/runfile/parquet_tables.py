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
    from turnwise.runfile.export import HeldDialogue

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
_REPLY = {
    "turn": pa.int32(),
    "reply_state": pa.string(),
    "reply": pa.string(),
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
_VERDICT = {
    "judge": pa.string(),
    "verdict_state": pa.string(),
    "label": pa.string(),
    "stance": pa.string(),
    "reason": pa.string(),
    "cause": pa.string(),
    "raw": pa.string(),
    "judge_input_tokens": pa.int64(),
    "judge_output_tokens": pa.int64(),
    "judge_latency_ms": pa.float64(),
}


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
        words = {name: cells.get(name) for name in ("label", "stance", "reason", "cause", "raw")}
        yield {**about, **reply, "judge": judge, "verdict_state": cells.get("state"), **words, **of_judge}


def _turn_rows(held: HeldDialogue, about: Row, _judges: Sequence[str]) -> Iterator[Row]:
    """Every turn asked, with the user's words before the target's."""
    for cells in _reply_cells(held):
        yield {**about, "user": held.dialogue.turns[cells["turn"] - 1].user, **cells}


def _reply_cells(held: HeldDialogue) -> list[Row]:
    """The replies under the names of their columns."""
    stored = (msgspec.structs.asdict(reply) for reply in held.replies)
    return [{**cells, "reply_state": cells.pop("state"), "reply": cells.pop("text")} for cells in stored]


TABLES = (
    Table("rows", {**_DIALOGUE, **_REPLY, **_VERDICT}, _final_rows),
    Table("replies", {**_DIALOGUE, "user": pa.string(), **_REPLY}, _turn_rows),
)
