"""A CSV file that people wrote -> its rows by the name of their column, or a sentence with place and fix."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from turnwise.errors import DataError
from turnwise.files import read_file

__all__ = ["csv_rows"]

_LONGEST_CELL = 2**24


def csv_rows(
    path: Path, *, what: str, required: Sequence[str], optional: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that is not blank with the number of its last line; cells by name of column, as they stand.

    The file is UTF-8 (with or without a byte order mark), separated by commas, with a header. Columns of other names
    are passed over.

    Args:
        path: The file.
        what: What it holds, for the sentence when it cannot be read.
        required: Columns it must have.
        optional: Columns it may have, that would be read.

    Raises:
        DataError: the file cannot be read or breaks this format; the sentence names file, line, field and value.
    """
    text = _text(path, what, required)
    # For the whole process; the usual limit is less than a long conversation.
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _header(path, next(reader, []), required, optional)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _named(f"{path}, line {reader.line_num}", names, cells)
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: not valid CSV ({error}); check the quotes there") from error


def _text(path: Path, what: str, required: Sequence[str]) -> str:
    try:
        data = read_file(path)
    except OSError as error:
        raise DataError(f"{path}: cannot read {what} ({error.strerror})") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: byte {data[error.start]:#04x} is not UTF-8; save the file as CSV in UTF-8"
        ) from error
    if not text.strip():
        raise DataError(f"{path}: the file is empty; it needs the header {','.join(required)} and rows under it")
    return text


def _header(path: Path, cells: list[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    missing = [name for name in required if name not in names]
    if missing:
        raise DataError(
            f"{path}, line 1: no column {' and no column '.join(missing)} in the header {','.join(names)!r}; "
            f"name the columns {','.join(required)} (optional: {','.join(optional)}), separated by commas"
        )
    doubled = [name for name in (*required, *optional) if names.count(name) > 1]
    if doubled:
        raise DataError(f"{path}, line 1: the column {doubled[0]!r} is there twice; keep one of them")
    return names


def _named(where: str, header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(header):
        raise DataError(
            f"{where}: {len(cells)} fields ({','.join(cells)[:80]!r}), but the header has {len(header)}; "
            "quote fields that hold a comma, and give every row all fields"
        )
    return dict(zip(header, cells, strict=True))
