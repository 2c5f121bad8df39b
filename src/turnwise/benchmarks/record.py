"""Records as they lie in benchmark files, each with the words that say where it stands.

Every loader is a stream of records and a function that makes the dialogues of one record; the driver that joins them
(`stream`) decides what a bad record does. Loaders see typed records, never bare dicts.
"""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from turnwise.benchmarks.decoding import decoded
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError
from turnwise.files import open_file, read_file, read_lines

__all__ = ["Benchmark", "LoadNotes", "Record", "files_sha256", "json_array", "json_lines", "stream", "whole_file"]

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """One record: its place ("4_turn.json, record 17"), its file, and its undecoded JSON or decoded columns.

    `image_root` is the folder its image names are relative to, where that is not the file's own.
    """

    where: str
    file: Path
    data: msgspec.Raw | bytes | dict[str, Any]
    image_root: Path | None = None

    def decode(self, shape: type[T]) -> T:
        """The record as `shape`.

        Raises:
            DataError: the record breaks its format; the sentence names place, field and value.
        """
        return decoded(self.data, shape, self.where)


@dataclass
class LoadNotes:
    """What loading met that a reader of the results should know.

    Fields:
        missing_images: Images the records point to that are not there.
        quirks: Known oddities of the published data, by description, with their counts.
        bad: Records left out under `--skip-bad`, each with its reason.
    """

    missing_images: int = 0
    quirks: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Benchmark:
    """A benchmark ready to stream.

    Fields:
        spelling: What opens it again.
        files: The files its records lie in (images not counted), for the fingerprint.
        records: Starts a new pass over the records.
        convert: Makes the dialogues of one record; counts what it met in the notes.
    """

    name: str
    spelling: str
    files: tuple[Path, ...]
    records: Callable[[], Iterator[Record]]
    convert: Callable[[Record, LoadNotes], Sequence[Dialogue]]


def stream(benchmark: Benchmark, notes: LoadNotes, *, skip_bad: bool = False) -> Iterator[Dialogue]:
    """The dialogues of a benchmark in file order.

    Raises:
        DataError: on the first record that breaks the format; with `skip_bad` it is noted and passed over.
            A file that cannot be read at all always raises.
    """
    for record in benchmark.records():
        try:
            yield from _converted(benchmark, record, notes)
        except DataError as error:
            if not skip_bad:
                raise
            notes.bad.append(str(error))


def _converted(benchmark: Benchmark, record: Record, notes: LoadNotes) -> Sequence[Dialogue]:
    met = LoadNotes()  # a record that turns out bad leaves no counts behind
    try:
        dialogues = benchmark.convert(record, met)
    except ValueError as error:  # the types' own checks
        raise DataError(f"{record.where}: {error}") from error
    notes.quirks.update(met.quirks)
    notes.missing_images += sum(len(dialogue.missing_images) for dialogue in dialogues)
    return dialogues


def files_sha256(files: tuple[Path, ...]) -> str:
    """Hex digest over the names and bytes of files, in the order given.

    Raises:
        DataError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in files:
        with _readable(path), open_file(path) as file:
            content = hashlib.file_digest(file, "sha256").digest()
        digest.update(path.name.encode() + b"\0" + content)
    return digest.hexdigest()


def whole_file(path: Path) -> Record:
    """A file that holds one JSON value, as one record.

    Raises:
        DataError: the file cannot be read.
    """
    return Record(str(path), path, _read(path))


def json_array(path: Path) -> Iterator[Record]:
    """The elements of a file that holds one JSON array; they are decoded one by one, by the loader.

    Raises:
        DataError: the file cannot be read or is not one JSON array.
    """
    content = _read(path).removeprefix(BOM_UTF8)
    try:
        rows = msgspec.json.decode(content, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        hint = "" if content.rstrip().endswith(b"]") else "; is the file cut off?"
        raise DataError(f"{path}: not one JSON array ({error}){hint}") from error
    except RecursionError as error:
        raise DataError(f"{path}: not one JSON array of records (nested too deeply to be read)") from error
    for number, row in enumerate(rows, 1):
        yield Record(f"{path}, record {number}", path, row)


def json_lines(path: Path) -> Iterator[Record]:
    """The lines of a JSON Lines file; blank ones are passed over.

    Raises:
        DataError: the file cannot be read.
    """
    with _readable(path):
        for number, line in enumerate(read_lines(path), 1):
            text = line.removeprefix(BOM_UTF8) if number == 1 else line
            if text.strip():
                yield Record(f"{path}, line {number}", path, text)


def _read(path: Path) -> bytes:
    with _readable(path):
        return read_file(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
