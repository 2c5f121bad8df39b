"""SafeDialBench: text jailbreak dialogues in Chinese and English with the attack method and scene as fields.

Reads a folder of JSON Lines files or one of them. Every turn has a reply of the model the set was collected with; the
reply to the last turn is kept as `source["reference_reply"]`, the target gives its own.

Source: github drivetosouth/SafeDialBench-Dataset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from turnwise.benchmarks.messages import ChatMessage, turns_from_messages
from turnwise.benchmarks.record import Benchmark, LoadNotes, Record, json_lines
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError

__all__ = ["open_safedialbench"]


class _Exchange(msgspec.Struct):
    user: str
    bot: str = ""


class _Row(msgspec.Struct):
    """A record; fields beyond these are passed over."""

    id: int | str
    task: str
    method: str
    history: list[_Exchange]
    scene: str | None = None
    model_type: str | None = None


def open_safedialbench(spelling: str, path: Path) -> Benchmark:
    """SafeDialBench data at `path`.

    Raises:
        DataError: there is no JSON Lines file.
    """
    files = (path,) if path.is_file() else tuple(sorted(path.glob("*.jsonl")))
    if not files:
        raise DataError(f"{path}: no SafeDialBench data here; wanted JSON Lines files such as legality.jsonl")
    return Benchmark("safedialbench", spelling, files, lambda: _records(files), _dialogue)


def _records(files: Sequence[Path]) -> Iterator[Record]:
    for file in files:
        yield from json_lines(file)


def _dialogue(record: Record, notes: LoadNotes) -> tuple[Dialogue]:
    row = record.decode(_Row)
    if not row.history:
        raise DataError(f"{record.where}: history is empty")
    messages: list[ChatMessage] = []
    for exchange in row.history:
        messages += [ChatMessage("user", exchange.user), ChatMessage("assistant", exchange.bot)]
    name = f"{record.file.stem}/{row.id}"
    dialogue = Dialogue(
        id=name,
        benchmark="safedialbench",
        group=name,
        turns=turns_from_messages(messages[:-1], record.where, notes),
        scenario=row.scene or row.task,
        method=row.method,
        source={"task": row.task, "model_type": row.model_type, "reference_reply": row.history[-1].bot},
    )
    return (dialogue,)
