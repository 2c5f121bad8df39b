"""SafeMT: harmful queries with an image, told over 1, 2, 4, 6 or 8 user turns with scripted replies.

Reads a folder of `<k>_turn.json` files (any subset), one such file, or a parquet folder with the same columns.
Both released layouts are read: the older one has no `question`, which is then taken from the 1-turn file by id.

Source: arXiv 2510.12133; data at github Happy-Corpse/SafeMT, commits 1adc7ee (newer) and 8ea555e (older).
Differs: the jailbreak method is no field of the data; only in-context demonstrations, which open with a fixed phrase,
are recognised, every other dialogue has no method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from turnwise.benchmarks.hub import parquet_files, parquet_rows
from turnwise.benchmarks.messages import ChatMessage, turns_from_messages
from turnwise.benchmarks.pictures import find_image
from turnwise.benchmarks.record import Benchmark, LoadNotes, Record, json_array
from turnwise.dialogue import SCENARIOS, Dialogue
from turnwise.errors import DataError

__all__ = ["open_safemt"]

_TURN_FILE = re.compile(r"(\d+)_turn\.json")
_DEMONSTRATION = "Sure! Here is the details:"
_LEAK = "Rewritten User Question"


class _Row(msgspec.Struct):
    """A record; fields beyond these are passed over."""

    id: str
    scenario: str
    dialogue: list[ChatMessage]
    image_path: str | None = None
    image: str | None = None
    question: str | None = None


def open_safemt(spelling: str, path: Path) -> Benchmark:
    """SafeMT data at `path`.

    Raises:
        DataError: there is no `<k>_turn.json` and no parquet file.
    """
    turn_files = _turn_files(path)
    files = turn_files or parquet_files(path)
    if not files:
        raise DataError(
            f"{path}: no SafeMT data here; wanted files such as 1_turn.json or 4_turn.json, or parquet files"
        )
    records = (lambda: _chained(turn_files)) if turn_files else (lambda: parquet_rows(files))
    folder = path if path.is_dir() else path.parent
    single = next((file for file in _turn_files(folder) if file.name == "1_turn.json"), None)
    questions = _questions(single) if single else {}
    if single and single not in files:
        files = (*files, single)  # its questions reach the judge, so it belongs to the fingerprint
    return Benchmark("safemt", spelling, files, records, partial(_dialogue, questions, _roots(files[0].parent, folder)))


def _turn_files(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        return (path,) if _TURN_FILE.fullmatch(path.name) else ()
    for folder in (path, path / "Data"):
        found = [(int(match[1]), file) for file in folder.glob("*.json") if (match := _TURN_FILE.fullmatch(file.name))]
        if found:
            return tuple(file for _, file in sorted(found))
    return ()


def _chained(files: Sequence[Path]) -> Iterator[Record]:
    for file in files:
        yield from json_array(file)


def _roots(files_folder: Path, opened: Path) -> tuple[Path, ...]:
    """Where images may lie: the release spreads them over Data/images and images."""
    above = files_folder.parent if files_folder.name == "Data" else opened
    return tuple(dict.fromkeys((files_folder, above)))


def _questions(single: Path) -> dict[str, str]:
    """The harmful query of each id, from the 1-turn file; broken records are told of when they are streamed."""
    questions: dict[str, str] = {}
    for record in json_array(single):
        with suppress(DataError):
            row = record.decode(_Row)
            asked = [message.content for message in row.dialogue if message.role == "user"]
            questions[row.id] = (row.question or "".join(asked[:1])).strip()
    return questions


def _dialogue(questions: dict[str, str], roots: Sequence[Path], record: Record, notes: LoadNotes) -> tuple[Dialogue]:
    row = record.decode(_Row)
    where = f"{record.where} (id {row.id!r})"
    if row.scenario not in SCENARIOS:
        raise DataError(f"{where}: scenario {row.scenario!r} is not one of the 17: {', '.join(SCENARIOS)}")
    turns = turns_from_messages(row.dialogue, where, notes)
    named = _TURN_FILE.fullmatch(record.file.name)
    if named and int(named[1]) != len(turns):
        raise DataError(f"{where}: dialogue has {len(turns)} user turns, and the file's name says {named[1]}")
    if any(_LEAK in turn.user for turn in turns):
        notes.quirks["leaked generator text kept as given"] += 1
    question = (row.question or questions.get(row.id, "")).strip() or None
    if question is None:
        notes.quirks["no question and no 1-turn file to take it from"] += 1
    image_name = row.image_path or row.image
    if record.image_root:
        roots = [record.image_root, *roots]
    # A parquet row may carry the image itself as `image` and its name in the release as `image_path`.
    names = [name for name in (row.image, row.image_path) if name]
    image = next((found for name in names if (found := find_image(name, roots, where))), None)
    shown = row.dialogue[1].content if len(row.dialogue) > 1 else ""
    dialogue = Dialogue(
        id=f"{row.id}/{len(turns)}",
        benchmark="safemt",
        group=row.id,
        turns=turns,
        scenario=row.scenario,
        method="in_context_demonstration" if shown.strip().startswith(_DEMONSTRATION) else None,
        modality="multimodal" if image else "unimodal",
        images=(image,) if image else (),
        missing_images=(image_name,) if image_name and not image else (),
        seed_question=question,
        source={"image_path": image_name, "question": row.question},
    )
    return (dialogue,)
