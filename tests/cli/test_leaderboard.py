"""`turnwise report --leaderboard`: tables, files and exit codes of runs side by side."""

from __future__ import annotations

import csv
from pathlib import Path

from cli.command import ESCAPE
from cli.conftest import Call
from metrics.stored import attacks, store

TWELVE = [f"g{place:02}" for place in range(12)]


def runs() -> None:
    """Write a.sqlite, where all of twelve groups are unsafe, b.sqlite, where none is, and c.sqlite, where half are."""
    for name, n_unsafe in (("a", 12), ("b", 0), ("c", 6)):
        labels = {group: "U" if place < n_unsafe else "S" for place, group in enumerate(TWELVE)}
        store(Path(f"{name}.sqlite"), attacks(labels))


def test_runs_are_ranked_in_a_table(call: Call) -> None:
    """All, none and half of twelve: places 3, 1 and 2, best first, with intervals and counts."""
    runs()

    done = call("report", "a.sqlite", "b.sqlite", "c.sqlite", "--leaderboard")

    lines = [line.split() for line in done.out.splitlines()]
    assert done.code == 0, done.err
    assert ["A", "a.sqlite", "scripted:a"] in lines
    assert "12 dialogues, the same in all runs" in done.out
    matrix = [line for line in lines if len(line) == 3 and line[0] in "ABC" and line[2].startswith("(")]
    assert matrix == [["B", "0.0%", "(1)"], ["C", "50.0%", "(2)"], ["A", "100.0%", "(3)"]]
    (alone,) = [line for line in lines if line[:3] == ["A", "scripted:a", "100.0%"]]
    assert alone[-4:] == ["3", "3", "12", "0"]


def test_json_has_tables_and_files(call: Call) -> None:
    """What the table says is there by name, and nothing was written that nobody asked for."""
    runs()

    found = call("report", "a.sqlite", "b.sqlite", "--leaderboard", "--json").json

    (table,) = found["tables"]
    (column,) = table["columns"]
    assert [(cell["value"], cell["rank"]["low"], cell["rank"]["high"]) for cell in column["cells"]] == [
        (1, 2, 2),
        (0, 1, 1),
    ]
    assert (table["order"], found["files"]) == ([1, 0], {})
    assert sorted(path.name for path in Path().glob("*.html")) == []


def test_every_format_is_written_where_it_is_asked_for(call: Call) -> None:
    """Four files, each named at the end, and each of its kind."""
    runs()
    files = {"html": "out/b.html", "markdown": "b.md", "csv": "b.csv", "latex": "b.tex"}

    done = call(
        "report", "a.sqlite", "b.sqlite", "--leaderboard", *(part for k, v in files.items() for part in (f"--{k}", v))
    )

    assert done.code == 0, done.err
    assert done.out.splitlines()[-4:] == [f"{kind:<8}  {path}" for kind, path in files.items()]
    assert Path("out/b.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert Path("b.md").read_text("utf-8").startswith("### test, judged by rules\n")
    assert Path("b.tex").read_text("utf-8").startswith("% Written by turnwise")
    with Path("b.csv").open(encoding="utf-8", newline="") as file:
        assert [row["run"] for row in csv.DictReader(file)] == ["scripted:b", "scripted:a"]


def test_a_measure_has_its_short_name_here_too(call: Call) -> None:
    """`asr` sorts as `attack_success_rate` does."""
    runs()

    found = call("report", "a.sqlite", "b.sqlite", "--leaderboard", "--sort-by", "asr", "--json").json

    assert [(table["sorted_by"], table["order"]) for table in found["tables"]] == [("attack_success_rate", [1, 0])]


def test_one_run_has_a_table_without_ranks(call: Call) -> None:
    """Its number is there, and no word of a rank."""
    runs()

    done = call("report", "c.sqlite", "--leaderboard")

    assert done.code == 0
    assert "50.0%" in done.out
    assert "rank" not in done.out


def test_a_withheld_number_is_an_exit_code_of_1_until_asked_for(call: Call) -> None:
    """One label of twelve is missing: no number and no rank; with the option the number is marked."""
    runs()
    store(Path("lost.sqlite"), attacks({**dict.fromkeys(TWELVE, "S"), "g00": "?"}))

    withheld = call("report", "a.sqlite", "lost.sqlite", "--leaderboard")
    shown = call("report", "a.sqlite", "lost.sqlite", "--leaderboard", "--show-incomplete")

    assert (withheld.code, shown.code) == (1, 0)
    assert "withheld: numbers with fewer than 98% of their rows scored" in withheld.out
    assert "0.0%*" in shown.out


def test_wrong_use_is_one_sentence(call: Call) -> None:
    """Several runs without the option, options of a leaderboard without it, other scorings and unknown columns."""
    runs()
    both = ("a.sqlite", "b.sqlite")

    for arguments, words in (
        (both, "2 runs are given; `turnwise report A B --leaderboard` sets them side by side, "),
        (("a.sqlite", "--sort-by", "refusal_rate"), "--sort-by is about a leaderboard; add --leaderboard"),
        (("a.sqlite", "--csv", "x.csv"), "--csv is about a leaderboard; add --leaderboard"),
        ((*both, "--leaderboard", "--scoring", "as_published"), "a leaderboard is scored strictly; leave --scoring"),
        ((*both, "--leaderboard", "--sort-by", "x"), "measure 'x' is not known; known: attack_success_rate"),
        ((*both, "--leaderboard", "-j", "nobody"), "judge 'nobody' is not known"),
    ):
        done = call("report", *arguments)
        assert done.code == 2
        assert done.err.startswith(f"turnwise: {words}")
        assert len(done.err.splitlines()) == 1


def test_names_from_the_runs_do_not_drive_the_terminal(call: Call) -> None:
    """A target with escape sequences and line breaks is printed without them, in one line."""
    for name in "ab":
        store(Path(f"{name}.sqlite"), attacks({"a": "US"}), target=f"{ESCAPE}\n{name}")

    done = call("report", "a.sqlite", "b.sqlite", "--leaderboard", "--csv", "b.csv")

    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    assert any(line.startswith("A  a.sqlite  ") and line.endswith(" a") for line in done.out.splitlines())
