"""Bring your own labels: a CSV of group, length, label comes in as label rows, or is refused with place and fix."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from turnwise.errors import DataError
from turnwise.files import read_file
from turnwise.metrics.labels import LabelRow

__all__ = ["read_labels"]

_REQUIRED = ("group", "length", "label")
_OPTIONAL = ("scenario", "method")
_MAX_DIGITS = 6
_LABELS: dict[str, Literal["safe", "unsafe"]] = {"safe": "safe", "unsafe": "unsafe"}


def read_labels(path: Path) -> list[LabelRow]:
    """The rows of a CSV file with the columns group, length, label and, if there, scenario and method.

    The file is UTF-8 (with or without a byte order mark), separated by commas, with a header. Cells are trimmed; blank
    lines and other columns are passed over. A label is read as safe or unsafe whatever its case; any other text, the
    empty one too, is a row that could not be scored. The label as it stands is kept in `raw`.

    Raises:
        DataError: the file cannot be read or breaks this format; the sentence names file, line, field and value.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    rows: list[LabelRow] = []
    seen: dict[tuple[str, int], int] = {}
    try:
        header = _header(path, next(reader, []))
        for line, cells in _filled(reader):
            row = _row(f"{path}, line {line}", header, cells)
            first = seen.setdefault((row.group, row.length), line)
            if first != line:
                raise DataError(
                    f"{path}, line {line}: group {row.group!r} at length {row.length} is already on line {first}; "
                    "keep one label for each group and length"
                )
            rows.append(row)
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: not valid CSV ({error}); check the quotes there") from error
    if not rows:
        raise DataError(f"{path}: there is a header and no row under it; add one row for each group and length")
    return rows


def _text(path: Path) -> str:
    try:
        data = read_file(path)
    except OSError as error:
        raise DataError(f"{path}: cannot read the labels ({error.strerror})") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: byte {data[error.start]:#04x} is not UTF-8; save the file as CSV in UTF-8"
        ) from error
    if not text.strip():
        raise DataError(f"{path}: the file is empty; it needs the header {','.join(_REQUIRED)} and rows under it")
    return text


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise DataError(
            f"{path}, line 1: no column {' and no column '.join(missing)} in the header {','.join(names)!r}; "
            f"name the columns {','.join(_REQUIRED)} (optional: {','.join(_OPTIONAL)}), separated by commas"
        )
    doubled = [name for name in (*_REQUIRED, *_OPTIONAL) if names.count(name) > 1]
    if doubled:
        raise DataError(f"{path}, line 1: the column {doubled[0]!r} is there twice; keep one of them")
    return names


def _filled(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of its last line."""
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells  # type: ignore[attr-defined]


def _row(where: str, header: list[str], cells: list[str]) -> LabelRow:
    if len(cells) != len(header):
        raise DataError(
            f"{where}: {len(cells)} fields ({','.join(cells)[:80]!r}), but the header has {len(header)}; "
            "quote fields that hold a comma, and give every row all fields"
        )
    given = dict(zip(header, cells, strict=True))
    field = {name: text.strip() for name, text in given.items()}
    if not field["group"]:
        raise DataError(f"{where}: group is empty; name what the dialogue was grown from")
    return LabelRow(
        group=field["group"],
        length=_length(where, field["length"]),
        label=_LABELS.get(field["label"].lower()),
        scenario=field.get("scenario") or None,
        method=field.get("method") or None,
        raw=given["label"],
    )


def _length(where: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise DataError(f"{where}: length {text!r} is not a whole number of turns; write 0, 1, 2 and so on")
    return int(text)
