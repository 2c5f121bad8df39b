"""Leaderboards written by hand, so that what formats make of them can be told letter by letter."""

from __future__ import annotations

from typing import Any

from turnwise.metrics import Estimate, UtilityPoint
from turnwise.metrics.comparing import Cell, Column, Leaderboard, LeaderboardRun, LeaderboardTable, Rank

__all__ = ["HOSTILE", "board_of", "cell", "column"]

HOSTILE = "=cmd|'x'!A1 </script><script>alert(1)</script> |a|b| `c` \\input{x} $y$ 50% #_&~^ \x1b[31m\n\"q\""
"""What a target might be called to break out of any format."""


def cell(value: float | None, *, low: int = 1, high: int = 1, n: int = 100, n_failed: int = 0) -> Cell:
    """A number with an interval of 0.05 to each side, first by its value; without a rank where there is no number."""
    if value is None:
        return Cell(None, n, n_failed, rank=None)
    return Cell(value, n, n_failed, value - 0.05, value + 0.05, rank=Rank(low, low, low, high, 2))


def column(*cells: Cell, **fields: Any) -> Column:
    """Attack success rates, but for `fields`."""
    given: dict[str, Any] = {
        "name": "attack_success_rate",
        "better": "lower",
        "scale": (0.0, 1.0),
        "unit": "dialogue",
        "cells": list(cells),
    }
    return Column(**given | fields)


def board_of(*names: str, columns: list[Column] | None = None, differs: tuple[str, ...] = ()) -> Leaderboard:
    """Two runs on one benchmark, the second first in its table, sorted by attack success, and both on the frontier."""
    runs = [LeaderboardRun(name, f"{place}.sqlite", name, differs if place else ()) for place, name in enumerate(names)]
    points = [
        UtilityPoint(name, Estimate(0.6, 50, 0, 0.5, 0.7), Estimate(0.8, 50, 0, 0.7, 0.9), on_frontier=True)
        for name in names
    ]
    table = LeaderboardTable(
        benchmark="starter",
        judge="rules",
        n_shared=100,
        n_any=112,
        n_dialogues=[112, 100],
        columns=columns or [column(cell(0.4, low=1, high=2), cell(0.3, low=1, high=2))],
        frontier=points,
        sorted_by="attack_success_rate",
        order=[1, 0],
    )
    return Leaderboard(runs, [table], seed=0, resamples=100)
