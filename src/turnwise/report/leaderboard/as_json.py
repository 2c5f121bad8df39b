"""A leaderboard as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from turnwise.metrics.comparing import Leaderboard

__all__ = ["leaderboard_as_json"]


def leaderboard_as_json(board: Leaderboard, notes: Sequence[str] = ()) -> dict[str, Any]:
    """All fields by name, and of each number whether it is incomplete."""
    fields: dict[str, Any] = msgspec.to_builtins(board)
    for table, said in zip(board.tables, fields["tables"], strict=True):
        for column, of_column in zip(table.columns, said["columns"], strict=True):
            for cell, of_cell in zip(column.cells, of_column["cells"], strict=True):
                of_cell["incomplete"] = cell.withheld
    return {**fields, "notes": list(notes)}
