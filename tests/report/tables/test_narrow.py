"""Tables at every width: nothing is cut, and each part says what its rows are about."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from turnwise.report.tables import NarrowTable


def drawn(table: NarrowTable, width: int) -> list[str]:
    """The lines of a table on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def rates() -> NarrowTable:
    """A row of 9 + 3 * (2 + 13) cells, with the blanks between them."""
    table = NarrowTable("measure", "one", "95 % interval", "three")
    table.add_row("some rate", "12345678901.0", "[12.3, 45.6]", "[7, 8]")
    return table


def test_a_table_that_fits_is_in_one_piece() -> None:
    """9, 13, 13 and 6 wide with two blanks between them are 47."""
    assert drawn(rates(), 47) == [
        "measure              one  95 % interval   three",
        "─" * 47,
        "some rate  12345678901.0   [12.3, 45.6]  [7, 8]",
    ]


def test_what_does_not_fit_stands_below_beside_the_same_labels() -> None:
    """A column narrower, the last of the numbers goes below; an interval stays beside its number."""
    assert drawn(rates(), 46) == [
        "measure              one  95 % interval",
        "─" * 39,
        "some rate  12345678901.0   [12.3, 45.6]",
        "",
        "measure     three",
        "─" * 17,
        "some rate  [7, 8]",
    ]


def test_labels_fold_before_a_table_is_parted() -> None:
    """A label of 40 letters is in two lines where 30 columns are left for it, and no letter of it is lost."""
    table = NarrowTable("", "n")
    table.add_row("x" * 40, "1,000")

    assert drawn(table, 37)[2:] == [f"{'x' * 30}  1,000", "x" * 10]


def test_what_rows_are_about_stands_in_each_part() -> None:
    """Of three columns two are keys."""
    table = NarrowTable("dialogue", "turn", "A", "B", keys=2)
    table.add_row("d1", "3", "unsafe", "safe")

    assert [line.split() for line in drawn(table, 24)] == [
        ["dialogue", "turn", "A"],
        ["─" * 22],
        ["d1", "3", "unsafe"],
        [],
        ["dialogue", "turn", "B"],
        ["─" * 20],
        ["d1", "3", "safe"],
    ]


@given(st.lists(st.text("0123456789%[],. -", min_size=1, max_size=18), min_size=1, max_size=12), st.integers(30, 130))
def test_no_number_is_cut_or_lost(cells: list[str], width: int) -> None:
    """Whatever the numbers and the width, each is in one line as it was given, and no line is too long."""
    table = NarrowTable("a label of some length", *(f"head {place}" for place in range(len(cells))))
    table.add_row("the row that has the numbers", *(f"<{cell}>" for cell in cells))

    lines = drawn(table, width)

    assert max(map(len, lines)) <= width
    assert all(sum(line.count(f"<{cell}>") for line in lines) >= 1 for cell in cells)
    assert "…" not in "".join(lines)
    assert sum(line.startswith("the row") for line in lines) == sum(line.startswith("─") for line in lines)
