"""Label tables written as words: in {"a": "SU?-"} group a is safe, unsafe, unresolved and absent, length by length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pytest

from turnwise.metrics import PUBLISHED_LENGTHS, LabelRow, Labels

LABEL: dict[str, Literal["safe", "unsafe"] | None] = {"S": "safe", "U": "unsafe", "?": None}


def rows_of(table: Mapping[str, str], lengths: Sequence[int] = PUBLISHED_LENGTHS) -> list[LabelRow]:
    """The rows of a table of words."""
    return [
        LabelRow(group, length, LABEL[mark])
        for group, marks in table.items()
        for length, mark in zip(lengths, marks, strict=True)
        if mark != "-"
    ]


@pytest.fixture(scope="session")
def labels_of() -> Callable[..., Labels]:
    """Labels of a table of words."""

    def build(table: Mapping[str, str], lengths: Sequence[int] = PUBLISHED_LENGTHS) -> Labels:
        return Labels.from_rows(rows_of(table, lengths))

    return build
