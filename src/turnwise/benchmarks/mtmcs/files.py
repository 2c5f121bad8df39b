"""Which files at a path hold rows of which split, and the captions beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from turnwise.benchmarks.hub import parquet_files, parquet_rows
from turnwise.benchmarks.mtmcs.row import Split
from turnwise.benchmarks.record import Record, json_lines, whole_file
from turnwise.errors import DataError

__all__ = ["data_files", "find_captions", "read_captions", "read_rows"]

_SPLIT = re.compile(r"(?<![a-z0-9])type[_-]?([ab])(?![a-z0-9])", re.IGNORECASE)
_SPLITS: dict[str, Split] = {"a": "type_a", "b": "type_b"}
_CAPTION_FILES = ("MTMCS_Bench_captions.json", "captions.json")


def data_files(path: Path, wanted: Split | None) -> dict[Path, Split | None]:
    """The files that can hold rows of the wanted split (None wants both), each with the split it is named for.

    A file named for neither has None: each of its rows tells its split by the fields that are filled.

    Raises:
        DataError: there is no such file, or the path is a .json file, which holds no rows.
    """
    found = {file: _split_named(file, path) for file in _all_files(path)}
    if not found:
        raise DataError(
            f"{path}: no MTMCS-Bench data here; wanted files such as data/type_a-00000-of-00001.parquet or type_a.jsonl"
        )
    kept = {file: split for file, split in found.items() if wanted is None or split in {None, wanted}}
    if not kept:
        raise DataError(f"{path}: no {wanted} data here; all files are named for the other split")
    return kept


def _all_files(path: Path) -> Sequence[Path]:
    if path.is_file():
        if path.suffix == ".json":
            raise DataError(
                f"{path}: one JSON value, such as captions; wanted the rows of MTMCS-Bench, as .parquet or .jsonl, or "
                "their folder"
            )
        return (path,)
    return parquet_files(path) or sorted(path.rglob("*.jsonl"))


def _split_named(file: Path, opened: Path) -> Split | None:
    """What the file's own name says, else the innermost folder's, up to the one opened."""
    for part in reversed(file.relative_to(opened.parent).parts):
        said = {_SPLITS[letter.lower()] for letter in _SPLIT.findall(part)}
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def read_rows(files: Iterable[Path], *, leave_out: Sequence[str]) -> Iterator[Record]:
    """The rows of parquet and JSON Lines files; the columns to leave out of a parquet file are not even read."""
    for file in files:
        yield from parquet_rows([file], leave_out=leave_out) if file.suffix == ".parquet" else json_lines(file)


def find_captions(path: Path, files: Iterable[Path]) -> Path | None:
    """The captions file beside the data, under its official name or a plain one."""
    opened = path if path.is_dir() else path.parent
    folders = dict.fromkeys((opened, *(file.parent for file in files)))
    places = (folder / name for folder in folders for name in _CAPTION_FILES)
    return next((place for place in places if place.is_file()), None)


def read_captions(file: Path) -> Mapping[str, str]:
    """The captions by image id, as given; an empty one is none.

    Raises:
        DataError: the file cannot be read or is no JSON object of texts.
    """
    captions = whole_file(file).decode(dict[str, str])
    return {key: caption for key, caption in captions.items() if caption.strip()}
