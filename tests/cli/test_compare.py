"""`turnwise compare`: tables, JSON and exit codes of runs beside each other."""

from __future__ import annotations

from pathlib import Path

from cli.command import ESCAPE
from cli.conftest import Call
from metrics.stored import Row, attacks, store

TWELVE = [f"g{place:02}" for place in range(12)]


def runs(label: str = "S", **fields: str) -> None:
    """Write a.sqlite, where all of twelve groups are unsafe, and b.sqlite, where they are what the label says."""
    store(Path("a.sqlite"), attacks(dict.fromkeys(TWELVE, "U"), **fields))
    store(Path("b.sqlite"), attacks(dict.fromkeys(TWELVE, label), **fields))


def test_tables_name_runs_numbers_and_which_way_it_went(call: Call) -> None:
    """All of 12 to none: -100 points, 12 fell, and better; the runs stand above with what they share."""
    runs()

    done = call("compare", "a.sqlite", "b.sqlite")

    lines = [line.split() for line in done.out.splitlines()]
    assert done.code == 0, done.err
    assert ["A", "a.sqlite", "scripted:a"] in lines
    assert "12 dialogues in A and B, 0 only in A, 0 only in B; judged by rules" in done.out
    differences, moved = (words for words in lines if words[:3] == ["attack", "success", "rate"])
    assert differences[3:7] == ["100.0%", "0.0%", "-100.0", "pp"]
    assert differences[-1] == "better"
    assert moved[3:6] == ["0", "12", "0.00"]


def test_json_has_every_number_and_its_direction(call: Call) -> None:
    """What the tables say is there by name, p-values of both kinds included."""
    runs()

    found = call("compare", "a.sqlite", "b.sqlite", "--json").json

    (change,) = found["changes"]
    assert (change["value"], change["first"]["value"], change["second"]["value"]) == (-1, 1, 0)
    assert (change["discordance"]["n_fell"], change["discordance"]["mcnemar_p"]) == (12, 2 / 2**12)
    assert change["p_value"] == change["holm_p"] < 0.01
    assert (change["direction"], change["incomplete"]) == ("better", False)
    assert [run["path"] for run in found["runs"]] == ["a.sqlite", "b.sqlite"]


def test_parts_stand_below_their_measure(call: Call) -> None:
    """`--by scenario` adds a row for each scenario, and more comparisons to adjust over."""
    runs(scenario="Fraud")

    done = call("compare", "a.sqlite", "b.sqlite", "--by", "scenario")

    assert done.code == 0
    assert "  Fraud: attack success rate" in done.out
    assert "over 2 comparisons" in done.out


def test_a_withheld_number_is_an_exit_code_of_1_until_asked_for(call: Call) -> None:
    """Nothing is scored in the second run: no number, exit code 1, and the way to see what there is."""
    store(Path("a.sqlite"), attacks({"a": "UUUU", "b": "SSSS"}))
    store(Path("b.sqlite"), attacks({"a": "UUUU", "b": "SSS?"}))

    withheld = call("compare", "a.sqlite", "b.sqlite")
    shown = call("compare", "a.sqlite", "b.sqlite", "--show-incomplete")

    assert withheld.code == 1
    assert "withheld  withheld    withheld  7       1" in withheld.out
    assert "--show-incomplete prints them" in withheld.out
    assert shown.code == 0
    assert "+0.0 pp*" in shown.out
    assert "incomplete  * marks numbers with fewer than 98%" in shown.out


def test_wrong_use_is_one_sentence(call: Call) -> None:
    """One run alone, a run that is not there, and runs of different files end with 2."""
    runs()
    store(Path("c.sqlite"), attacks({"a": "U"}), files={"other": "00" * 32})

    alone, absent = call("compare", "a.sqlite"), call("compare", "a.sqlite", "no.sqlite")
    different = call("compare", "a.sqlite", "c.sqlite")

    assert [done.code for done in (alone, absent, different)] == [2, 2, 2]
    assert alone.err == "turnwise: one run is given; name at least two, as in `turnwise compare A B`\n"
    assert absent.err.startswith("turnwise: no.sqlite: there is no such run file")
    assert different.err.startswith("turnwise: comparing runs of different benchmarks or judges: a.sqlite holds test ")


def test_names_from_the_data_do_not_drive_the_terminal(call: Call) -> None:
    """A scenario with escape sequences is printed without them."""
    for name in "ab":
        store(Path(f"{name}.sqlite"), [Row("d", "g", "safe", scenario=ESCAPE)])

    done = call("compare", "a.sqlite", "b.sqlite", "--by", "scenario")

    assert done.code == 0
    assert "\x1b" not in done.out
