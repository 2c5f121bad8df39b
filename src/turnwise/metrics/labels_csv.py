"""Bring your own labels: a CSV of group, length, label comes in as label rows, or is refused with place and fix."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from turnwise.errors import DataError
from turnwise.metrics.csv_rows import csv_rows
from turnwise.metrics.labels import LabelRow

__all__ = ["read_labels"]

_REQUIRED = ("group", "length", "label")
_OPTIONAL = ("scenario", "method")
_MAX_DIGITS = 6
_LABELS: dict[str, Literal["safe", "unsafe"]] = {"safe": "safe", "unsafe": "unsafe"}


def read_labels(path: Path) -> list[LabelRow]:
    """The rows of a CSV file with the columns group, length, label and, if there, scenario and method.

    The file is read as `csv_rows` says. Cells are trimmed. A label is read as safe or unsafe whatever its case; any
    other text, the empty one too, is a row that could not be scored. The label as it stands is kept in `raw`.

    Raises:
        DataError: the file cannot be read or breaks this format; the sentence names file, line, field and value.
    """
    rows: list[LabelRow] = []
    seen: dict[tuple[str, int], int] = {}
    for line, given in csv_rows(path, what="the labels", required=_REQUIRED, optional=_OPTIONAL):
        row = _row(f"{path}, line {line}", given)
        first = seen.setdefault((row.group, row.length), line)
        if first != line:
            raise DataError(
                f"{path}, line {line}: group {row.group!r} at length {row.length} is already on line {first}; "
                "keep one label for each group and length"
            )
        rows.append(row)
    if not rows:
        raise DataError(f"{path}: there is a header and no row under it; add one row for each group and length")
    return rows


def _row(where: str, given: dict[str, str]) -> LabelRow:
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
