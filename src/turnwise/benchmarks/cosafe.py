"""CoSafe: text dialogues of three user turns whose last one refers back to the harm by coreference.

Reads a folder of `<category>.json` files or one of them; each line is a JSON array of messages.
Labels are by construction and noisy: many last turns are mild.

Source: EMNLP 2024, github ErxinYu/CoSafe-Dataset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from turnwise.benchmarks.messages import ChatMessage, turns_from_messages
from turnwise.benchmarks.record import Benchmark, LoadNotes, Record, json_lines
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError

__all__ = ["open_cosafe"]


def open_cosafe(spelling: str, path: Path) -> Benchmark:
    """CoSafe data at `path`.

    Raises:
        DataError: there is no JSON file.
    """
    files = (path,) if path.is_file() else tuple(sorted(path.glob("*.json")))
    if not files:
        raise DataError(f"{path}: no CoSafe data here; wanted files such as animal_abuse.json")
    return Benchmark("cosafe", spelling, files, lambda: _records(files), _dialogue)


def _records(files: Sequence[Path]) -> Iterator[Record]:
    for file in files:
        yield from json_lines(file)


def _dialogue(record: Record, notes: LoadNotes) -> tuple[Dialogue]:
    turns = turns_from_messages(record.decode(list[ChatMessage]), record.where, notes)
    category = record.file.stem
    # The data has no ids: the line number within its file is the only name a record has.
    name = f"{category}/{record.where.rsplit(' ', 1)[-1]}"
    return (Dialogue(id=name, benchmark="cosafe", group=name, turns=turns, scenario=category),)
