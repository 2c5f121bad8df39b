"""What a figure is made of, whatever it shows: charts, a caption, and the same numbers as a table."""

from __future__ import annotations

import msgspec

from turnwise.metrics import Estimate
from turnwise.report.figures.style import Spec
from turnwise.report.figures.table import Table
from turnwise.report.words import BAR, MARK, limits_text, value_text

__all__ = ["EVIDENCE", "HOLLOW", "Figure", "Panel", "Table", "cells"]

EVIDENCE = ("rate", "95 % interval", "n", "not scored")
"""Columns of a table that say what a number is and what it rests on; `cells` fills them."""

HOLLOW = f" Hollow points, and {MARK} in the table, mark what fewer than {BAR} are scored for."


class Panel(msgspec.Struct, frozen=True):
    """One chart of a figure; `label` is what a screen reader says of it."""

    label: str
    spec: Spec


class Figure(msgspec.Struct, frozen=True):
    """A figure, or why there is none.

    Fields:
        caption: Says what is shown and what it rests on.
        absent: Why there are no panels; None when there are.
    """

    title: str
    caption: str
    panels: tuple[Panel, ...] = ()
    table: Table | None = None
    absent: str | None = None


def cells(rate: Estimate) -> tuple[str, str, str, str]:
    """A number, its interval and its counts, as `EVIDENCE` names them."""
    return value_text(rate), limits_text(rate), f"{rate.n:,}", f"{rate.n_failed:,}"
