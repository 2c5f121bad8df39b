"""A leaderboard in each format: its numbers, and that no name breaks out of any of them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from report.leaderboard.boards import HOSTILE, board_of, cell, column
from report.page.test_html import Page
from turnwise.metrics.comparing import Leaderboard
from turnwise.report.leaderboard import (
    leaderboard_as_csv,
    leaderboard_as_html,
    leaderboard_as_json,
    leaderboard_as_latex,
    leaderboard_as_markdown,
    render_leaderboard,
)
from turnwise.report.leaderboard.latex import latex_text

BOARD = board_of("one", "two")
WITHHELD = board_of("one", "two", columns=[column(cell(None, n=90, n_failed=10), cell(0.3))])


def printed(board: Leaderboard, width: int = 120) -> str:
    """What a terminal of that width shows."""
    console = Console(file=io.StringIO(), width=width)
    console.print(render_leaderboard(board, ["a note"]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_has_all_side_by_side_and_each_with_its_evidence() -> None:
    """The matrix has value and range; below stand interval, rank, range and counts, and safety beside utility."""
    lines = [line.split() for line in printed(BOARD).splitlines()]

    assert ["B", "30.0%", "(1-2)", "yes"] in lines
    assert ["A", "one", "40.0%", "[35.0%,", "45.0%]", "1", "1-2", "100", "0"] in lines
    assert ["A", "one", "60.0%", "[50.0%,", "70.0%]", "80.0%", "[70.0%,", "90.0%]", "yes"] in lines
    assert ["note", "a", "note"] in lines


@pytest.mark.parametrize("board", [WITHHELD, board_of(HOSTILE, "two")])
def test_no_line_is_longer_than_a_narrow_terminal(board: Leaderboard) -> None:
    """Names fold, headings break, and nothing is cut at 80 columns."""
    shown = printed(board, width=80)

    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80
    assert "…" not in shown


def test_json_has_all_fields_and_what_is_incomplete() -> None:
    """Cells stand in the order of the runs, with their rank by name."""
    found = json.loads(json.dumps(leaderboard_as_json(WITHHELD, ["a note"])))

    (table,) = found["tables"]
    lost, whole = table["columns"][0]["cells"]
    assert (lost["value"], lost["n"], lost["n_failed"], lost["incomplete"], lost["rank"]) == (None, 90, 10, True, None)
    assert whole["rank"] == {"first": 1, "last": 1, "low": 1, "high": 1, "n_runs": 2}
    assert (table["n_shared"], table["n_any"], found["notes"]) == (100, 112, ["a note"])


def test_csv_has_a_row_for_each_run_and_number() -> None:
    """Two runs with a measure and the two numbers of twins; what is not there is empty."""
    rows = list(csv.DictReader(io.StringIO(leaderboard_as_csv(WITHHELD), newline="")))

    assert [(row["run"], row["measure"], row["value"]) for row in rows] == [
        ("two", "attack_success_rate", "0.3"),
        ("two", "twin_safety", "0.6"),
        ("two", "twin_utility", "0.8"),
        ("one", "attack_success_rate", ""),
        ("one", "twin_safety", "0.6"),
        ("one", "twin_utility", "0.8"),
    ]
    assert (rows[0]["rank_low"], rows[0]["n_ranked"], rows[0]["on_frontier"]) == ("1", "2", "true")
    assert (rows[3]["n"], rows[3]["n_failed"], rows[3]["incomplete"], rows[3]["rank_first"]) == ("90", "10", "true", "")


def test_markdown_is_one_table_with_as_many_cells_a_line() -> None:
    """Heading, rule and two runs; each cell has its number, its interval, the range of its rank and n."""
    text = leaderboard_as_markdown(WITHHELD)

    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 4
    assert "| B | two | 30.0% \\[25.0%, 35.0%\\]<br>rank 1, n 100 |" in table[2]
    assert "| A | one | withheld<br>n 90, 10 failed |" in table[3]
    assert "- withheld: numbers with fewer than 98% of their rows scored" in text


def test_latex_is_a_booktabs_table() -> None:
    """Values, intervals and counts are three rows a run, each with as many cells as there are columns."""
    text = leaderboard_as_latex(WITHHELD)

    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [line.count(" & ") for line in rows] == [4] * 7
    assert r"B two & 30.0\% & 60.0\% & 80.0\% & yes \\" in rows
    assert r" & {\footnotesize rank 1, $n=100$} & {\footnotesize $n=50$} & {\footnotesize $n=50$} &  \\" in rows
    assert r" & {\footnotesize $n=90$, 10 failed} & {\footnotesize $n=50$} & {\footnotesize $n=50$} &  \\" in rows
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule"))


def two_tables() -> Leaderboard:
    """A table under rules with a frontier, and one under a model with a withheld number and none."""
    (first,), (second,) = BOARD.tables, WITHHELD.tables
    second = msgspec.structs.replace(second, judge="safemt:openai:m", frontier=[])
    return msgspec.structs.replace(BOARD, tables=[first, second])


def test_a_caption_of_latex_is_about_its_own_table() -> None:
    """A control, the frontier and what is withheld are said where they are; notes on whole runs are comments above."""
    text = leaderboard_as_latex(two_tables(), ["starter: 2 x oddity", "a line\nand \\another"])

    head, first, second = text.split(r"\begin{table}")
    assert head.splitlines()[1:] == ["% starter: 2 x oddity", "% a line and \\another"]
    assert ("Judge rules is a control" in first, "On the frontier" in first, "Withheld" in first) == (True, True, False)
    assert ("Judge rules" in second, "frontier" in second, "Withheld: numbers" in second) == (False, False, True)
    assert re.findall(r"\\label\{(.*)\}", text) == ["tab:1-starter-rules", "tab:2-starter-safemt-openai-m"]


def test_a_table_too_wide_for_a_line_of_latex_is_set_to_the_width_of_a_page() -> None:
    """Two measures, safety, utility and frontier are five columns; one less is an ordinary table."""
    wide = leaderboard_as_latex(board_of("one", "two", columns=[column(cell(0.4), cell(0.3)) for _ in range(2)]))

    assert (wide.count(r"\begin{table*}"), wide.count(r"\end{table*}")) == (1, 1)
    assert r"\resizebox{\textwidth}{!}{%" in wide
    assert r"\end{tabular}}" in wide
    assert r"\usepackage{booktabs,graphicx}" in wide.splitlines()[0]
    assert "resizebox" not in leaderboard_as_latex(BOARD)


def test_markdown_has_safety_and_utility_on_twins_with_their_counts() -> None:
    """Each is a column of its own, as every other number is."""
    head, _, row, *_ = (line for line in leaderboard_as_markdown(BOARD).splitlines() if line.startswith("|"))

    assert head.endswith("| safety on twins ↑ | utility on twins ↑ | on the frontier |")
    assert row.endswith("| 60.0% \\[50.0%, 70.0%\\]<br>n 50 | 80.0% \\[70.0%, 90.0%\\]<br>n 50 | yes |")


@pytest.mark.parametrize("width", range(60, 140, 5))
def test_no_arrow_stands_alone_in_a_heading(width: int) -> None:
    """It stays beside the last word of its measure, however wide the terminal is."""
    names = ("attack_success_rate", "over_refusal_rate", "pair_accuracy", "intent_accuracy_true_false")
    board = board_of("one", "two", columns=[column(cell(0.4), cell(0.3), name=name) for name in names])

    heading = printed(board, width).partition("─")[0]

    assert heading.count("↓") == 4
    assert len(re.findall("(?:rate|accuracy|false)\N{NO-BREAK SPACE}↓", heading)) == 4


def test_a_name_in_html_breaks_behind_its_marks() -> None:
    """Before a name is broken within a word, it is broken between the provider and the model."""
    text = leaderboard_as_html(board_of("simulated:paranoid", "a/<b>"))

    assert "<b>A</b> simulated:<wbr>paranoid</th>" in text
    assert "<b>B</b> a/<wbr>&lt;b&gt;</th>" in text


def test_html_has_every_number_and_a_chart_of_the_frontier() -> None:
    """The table has value, interval, range and n; the chart has intervals in both directions and the letters."""
    page = Page(leaderboard_as_html(BOARD, ["a note"]))

    assert "B two 30.0% [25.0%, 35.0%] rank 1-2 n 100 yes" in page.text
    assert "100 of 112 dialogues are in all runs" in page.text
    assert "a note" in page.text
    specs: dict[str, Any] = json.loads(page.parts["script"][0])
    *_, frontier = specs.values()
    (rows,) = frontier["datasets"].values()
    assert [(row["letter"], row["safety_low"], row["utility_high"], row["stands"]) for row in rows] == [
        ("B", 0.5, 0.9, "yes"),
        ("A", 0.5, 0.9, "yes"),
    ]
    assert len(specs) == 2


def test_a_hostile_name_stays_text_in_html() -> None:
    """Three scripts, of which none is the name's, and the name letter for letter."""
    page = Page(leaderboard_as_html(board_of(HOSTILE, "two")))

    assert [attrs.get("type") for tag, attrs in page.elements if tag == "script"] == ["application/json", None, None]
    assert "</script><script>alert(1)</script>" in page.text
    assert "<" not in page.parts["script"][0]


def test_a_hostile_name_stays_one_cell_of_markdown() -> None:
    """Its pipes, tags and line breaks begin nothing: every line of the table has the same cells."""
    table = [line for line in leaderboard_as_markdown(board_of(HOSTILE, "two")).splitlines() if line.startswith("|")]

    assert len(table) == 4
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    assert "<script" not in "".join(table).replace("\\<", "")


def test_a_hostile_name_is_no_formula_of_a_sheet() -> None:
    """It stands behind an apostrophe, in one cell."""
    rows = list(csv.DictReader(io.StringIO(leaderboard_as_csv(board_of(HOSTILE, "two")), newline="")))

    assert rows[-1]["target"] == f"'{HOSTILE}"


def test_a_hostile_name_is_no_command_of_latex() -> None:
    """Backslashes, braces, comments, tabs and controls of the name are set, not obeyed."""
    text = leaderboard_as_latex(board_of(HOSTILE, "two"))

    assert r"\textbackslash{}input\{x\} \$y\$ 50\% \#\_\&\textasciitilde{}\textasciicircum{}" in text
    assert "\x1b" not in text
    assert [line.count(" & ") for line in text.splitlines() if line.endswith(r"\\")] == [4] * 7


@given(st.text())
def test_no_text_leaves_a_special_letter_bare_in_latex(text: str) -> None:
    """Whatever the text, no letter stands that LaTeX reads as a command, and braces close."""
    bare = re.sub(r"\\(?:[{}$&#_%]|[a-z]+\{\})|\{[\[\]]\}|\$\\(?:down|up)arrow\$", "", latex_text(text))

    assert not re.search(r"[\\{}$&#_%~^\n\x00-\x1f]", bare)
