"""Numbers of a leaderboard as text, and the sentences below it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from metrics.stored import RULES, attacks, store
from report.leaderboard.boards import board_of, cell, column
from turnwise.judge import JudgeCard
from turnwise.report.leaderboard import notes_of_runs
from turnwise.report.leaderboard.lines import CellText, Line, lines_of
from turnwise.report.leaderboard.notes import basis, notes_of_board, withheld_words
from turnwise.runfile import Reader


def lines(*columns: object) -> list[Line]:
    """The lines of a board with these columns."""
    board = board_of("one", "two", columns=[one for one in columns if isinstance(one, type(column()))])
    return lines_of(board, board.tables[0])


def test_lines_are_in_the_order_of_the_table_and_keep_their_letters() -> None:
    """The second run is first in the table and still B."""
    assert [(line.letter, line.name) for line in lines(column(cell(0.4), cell(0.3)))] == [("B", "two"), ("A", "one")]


def test_a_rate_a_grade_and_an_index_are_set_on_their_scales() -> None:
    """Percent for rates, two digits for grades, four for the index, each with its interval and range of ranks."""
    rate = column(cell(0.4, low=1, high=2), cell(0.3))
    grade = column(cell(3.25, low=2, high=2), cell(4), name="helpfulness", scale=(1.0, 5.0), better="higher")
    index = column(cell(0.5), cell(0.6), name="safety_index", unit="group", better="higher")

    one = lines(rate, grade, index)[1].cells

    assert one == (
        CellText("40.0%", "[35.0%, 45.0%]", "1", "1-2", "100", "0"),
        CellText("3.25", "[3.20, 3.30]", "2", "2", "100", "0"),
        CellText("0.5000", "[0.4500, 0.5500]", "1", "1", "100", "0"),
    )


def test_a_number_that_is_not_there_says_why() -> None:
    """Withheld with half of its rows lost; none where it is not defined; marked where it is shown all the same."""
    found = lines(
        column(cell(None, n=5, n_failed=5), cell(0.3)),
        column(cell(None, n=0), cell(0.3)),
        column(cell(0.4, n=5, n_failed=5), cell(0.3)),
    )[1].cells

    assert [(one.value, one.interval) for one in found] == [("withheld", ""), ("-", ""), ("40.0%*", "[35.0%, 45.0%]")]


def test_dialogues_that_not_all_runs_have_are_counted_by_run() -> None:
    """Of 112 dialogues 100 are in both; A has twelve more."""
    table = board_of("one", "two").tables[0]

    assert basis(table) == "100 of 112 dialogues are in all runs, and every number is about them; left out: A 12"
    whole = msgspec.structs.replace(table, n_any=100, n_dialogues=[100, 100])
    assert basis(whole) == "100 dialogues, the same in all runs"
    assert basis(msgspec.structs.replace(whole, n_dialogues=[100])) == "100 dialogues of the one run"


def test_differences_of_settings_are_said() -> None:
    """A run that was held otherwise than the first is named with what differs."""
    board = board_of("one", "two", differs=("temperature: 0.0 and 1.0", "history: live and scripted"))

    assert [*notes_of_board(board)][-1] == (
        "A and B also differ in temperature: 0.0 and 1.0; history: live and scripted"
    )


def test_a_missing_index_says_what_it_needs() -> None:
    """The index of A is not defined, where B has one: a sentence names A."""
    index = column(cell(None, n=11, n_failed=1), cell(0.6), name="safety_index", unit="group", better="higher")

    notes = [*notes_of_board(board_of("one", "two", columns=[index]))]

    assert "no safety index of A: strictly it needs every label of every group" in notes
    assert not any("index" in note for note in notes_of_board(board_of("one", "two")))


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "withheld: numbers with fewer than 98% of their rows scored"), (0.4, "incomplete: * marks numbers with")],
)
def test_what_is_withheld_is_explained(value: float | None, words: str) -> None:
    """A withheld number, or a mark, has its sentence; where all stand there is none."""
    board = board_of("one", "two", columns=[column(cell(value, n=5, n_failed=5), cell(0.3))])

    assert (withheld_words(board) or "").startswith(words)
    assert withheld_words(board_of("one", "two")) is None


def test_notes_of_all_runs_are_said_once_and_others_with_their_runs(tmp_path: Path) -> None:
    """Both judged by rules, one of a simulated target: the first note is of both, the second of A."""
    paths = [
        store(
            tmp_path / f"{name}.sqlite", attacks({"a": "U"}), target=target, judges=[RULES, JudgeCard("x", "00" * 32)]
        )
        for name, target in (("a", "simulated:steady"), ("b", "openai:m"))
    ]
    readers = [Reader(path) for path in paths]

    assert notes_of_runs(readers) == [
        "judge rules is a control, not the last word on harm",
        "A: the target is simulated: documented behaviour, not a model",
    ]
    for reader in readers:
        reader.close()
