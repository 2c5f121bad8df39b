"""A table that loses nothing on a narrow terminal: labels fold, and numbers that do not fit beside them stand below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

__all__ = ["INTERVAL", "NarrowTable"]

INTERVAL = "95 % interval"
"""Heading of a column that says nothing without the number before it."""

_LEAST = 12
"""Labels are folded to this, if all numbers are beside them then."""

_FOLDED = 24
"""Where not all fits even so, labels are folded to this, or less; what is left is for numbers."""

_GAP = 2
"""Blanks between columns: a divider that is not seen, and one of padding."""
_Row = tuple[Text, ...]


class NarrowTable:
    """Columns two blanks apart, the first of labels and all others of numbers, to the right.

    Where the terminal is too narrow for all columns, labels are folded; where that is not enough, the table goes on
    below itself, with the same labels beside the columns that are left.
    """

    def __init__(self, first: str, *others: str, keys: int = 1, label_width: int = 0) -> None:
        """An empty table.

        Args:
            first: Heading of the labels.
            others: Headings of the numbers.
            keys: How many columns, labels among them, say what a row is about: they stand in each part.
            label_width: The labels are at least as wide where there is room, so that two tables stand alike.
        """
        self._head: _Row = tuple(map(Text, (first, *others)))
        self._rows: list[_Row] = []
        self._keys = keys
        self._label_width = label_width

    def add_row(self, *cells: str | Text) -> None:
        """A cell for each column; none is read as markup."""
        assert len(cells) == len(self._head)
        self._rows.append(tuple(cell if isinstance(cell, Text) else Text(cell) for cell in cells))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """All of it in as many parts as the width asks for."""
        widths = [max(row[place].cell_len for row in (self._head, *self._rows)) for place in range(len(self._head))]
        widths[0] = max(widths[0], self._label_width)
        for number, (label_width, columns) in enumerate(_parts(widths, self._bound(), width=options.max_width)):
            if number:
                yield Text()
            yield self._part(label_width, columns)

    def _bound(self) -> list[list[int]]:
        """The columns by what must not be parted: the keys, then each number with its interval."""
        bound = [list(range(self._keys))]
        for place in range(self._keys, len(self._head)):
            if self._head[place].plain == INTERVAL:
                bound[-1].append(place)
            else:
                bound.append([place])
        return bound

    def _part(self, label_width: int, columns: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column(self._head[0], width=label_width, overflow="fold")
        for place in columns:
            # What is wider than the terminal on its own is folded too.
            table.add_column(self._head[place], justify="right", overflow="fold")
        for row in self._rows:
            table.add_row(row[0], *(row[place] for place in columns))
        return table


def _parts(widths: Sequence[int], bound: Sequence[Sequence[int]], *, width: int) -> Iterator[tuple[int, list[int]]]:
    """The width of the labels and the columns beside them, for each part of a table that is `width` wide.

    Of `bound`, the columns that stand together, the first are in every part.
    """
    always, *free = ([place for place in one if place] for one in bound)
    room = width - _taken(widths, always)
    all_fit = sum(_taken(widths, one) for one in free) <= room - min(widths[0], _LEAST)
    label_room = min(widths[0], _LEAST if all_fit else min(_FOLDED, width // 3))
    parts: list[list[int]] = [[]]
    for places in free:
        if parts[-1] and _taken(widths, [*parts[-1], *places]) > room - label_room:
            parts.append([])
        parts[-1] += places
    widest = max(_taken(widths, part) for part in parts)
    label_width = min(widths[0], max(_LEAST // 3, room - widest))
    yield from ((label_width, [*always, *part]) for part in parts)


def _taken(widths: Sequence[int], places: Sequence[int]) -> int:
    return sum(widths[place] + _GAP for place in places)
