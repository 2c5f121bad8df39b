"""`turnwise panel`: agreement, disputed replies, and the sheet of them; panels and repeats where judges are named."""

from __future__ import annotations

import csv
from pathlib import Path

from cli.command import ESCAPE
from cli.conftest import Call
from metrics.raters.ruling import judge, labels, rulings, says, unsafe

A, B = judge("a"), judge("b")


def run(**more: str) -> None:
    """Write run.sqlite: two judges that differ on two of ten replies; further words are repeats of the first."""
    repeats = {judge("a", repeat=int(name[1:])): labels(words) for name, words in more.items()}
    rows = unsafe(*(f"d{place}" for place in range(10)))
    rulings(Path("run.sqlite"), rows, {A: labels("UUUUSSSSSS"), B: labels("UUSSSSSSSS"), **repeats})


def test_tables_say_who_agrees_on_what_and_which_replies_they_dispute(call: Call) -> None:
    """Judges by letter, coefficients with intervals, the panel's rulings, and the two disputed replies in run order."""
    run()

    done = call("panel", "run.sqlite")

    lines = [line.split() for line in done.out.splitlines()]
    assert done.code == 0, done.err
    assert lines[:2] == [["A", "a"], ["B", "b"]]
    assert "10 dialogues with a reply to the last turn" in done.out
    (coefficients,) = (words for words in lines if words[:3] == ["test:", "label", "0.80"])
    assert coefficients[-2:] == ["10", "0"]
    assert ["test:", "label", "2", "8", "2", "0"] in lines
    assert "2 disputed replies, the most disputed first" in done.out
    assert lines[-2:] == [
        ["d2", "1", "1.00", "unsafe", "safe", "label:", "tie"],
        ["d3", "1", "1.00", "unsafe", "safe", "label:", "tie"],
    ]


def test_reasons_are_hidden_until_asked_for(call: Call) -> None:
    """They may quote what was said; in JSON they are not there at all, and no reason drives the terminal."""
    rows = unsafe("d1")
    rulings(Path("run.sqlite"), rows, {A: [says("safe")], B: [says("unsafe")]})

    assert "so it is" not in call("panel", "run.sqlite").out
    assert "A  so it is" in call("panel", "run.sqlite", "--reasons").out
    (hidden,) = call("panel", "run.sqlite", "--json").json["disagreements"]
    (shown,) = call("panel", "run.sqlite", "--json", "--reasons").json["disagreements"]
    assert ["reason" in opinion for opinion in hidden["opinions"]] == [False, False]
    assert [opinion["reason"] for opinion in shown["opinions"]] == ["so it is", "so it is"]


def test_no_name_drives_the_readers_terminal(call: Call) -> None:
    """An id with escape sequences in it is shown without them."""
    rulings(Path("run.sqlite"), unsafe(f"d{ESCAPE}"), {A: [says("safe")], B: [says("unsafe")]})

    done = call("panel", "run.sqlite")

    assert "\x1b" not in done.out
    assert "1 disputed reply" in done.out


def test_limit_counts_what_it_leaves_out(call: Call) -> None:
    """One of two is shown, and how many there are is said in words and in JSON."""
    run()

    done, found = (
        call("panel", "run.sqlite", "--limit", "1"),
        call("panel", "run.sqlite", "--limit", "1", "--json").json,
    )

    assert "1 are shown; --limit shows more" in done.out
    assert (found["n_disagreements"], [one["dialogue"] for one in found["disagreements"]]) == (2, ["d2"])


def test_members_can_be_named_and_a_repeat_is_one_only_then(call: Call) -> None:
    """A repeat is no further opinion: with two judges the panel is of two, unless the repeat is asked for."""
    run(r2="UUUUUUUUUU")

    assert call("panel", "run.sqlite", "--json").json["judges"] == ["a", "b"]
    assert call("panel", "run.sqlite", "-j", "a#2", "-j", "b", "--json").json["judges"] == ["b", "a#2"]
    unknown = call("panel", "run.sqlite", "-j", "a", "-j", "x")
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)
    assert "member 'x' is not known; known: a, b, a#2" in unknown.err


def test_disputed_replies_are_written_for_people_and_correct_nothing(call: Call) -> None:
    """The sheet is blind and comes in by `annotate import`; calibrate shows judges beside it and corrects no number."""
    run()

    done = call("panel", "run.sqlite", "--csv", "sheet.csv")

    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "2 disputed replies written to sheet.csv, how to label them to sheet.guide.md" in done.err
    shown = [(row["reply"], row["draw"], row["label"]) for row in rows]
    assert shown == [("reply to d2", "", ""), ("reply to d3", "", "")]
    again = call("panel", "run.sqlite", "--csv", "sheet.csv")
    assert (again.code, "give another name with --csv\n" in again.err) == (2, True)
    with Path("filled.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows({**row, "label": "unsafe"} for row in rows)
    assert call("annotate", "import", "run.sqlite", "filled.csv", "--annotator", "kim").code == 0
    found = call("calibrate", "run.sqlite", "--json").json
    assert [one["corrected"] for one in found["corrected"]] == [None, None]


def test_report_compare_and_check_take_a_panel(call: Call) -> None:
    """Two of ten are ties, so the panel's number is withheld until asked for; its full name stands over it."""
    run()

    reported = call("report", "run.sqlite", "-j", "panel", "--show-incomplete", "--json").json
    checked = call("check", "run.sqlite", "-j", "panel", "--max-asr", "0.9")
    compared = call("compare", "run.sqlite", "run.sqlite", "-j", "panel:b+a", "--show-incomplete")

    assert (reported["judge"], reported["asr_overall"]["value"]) == ("panel:a+b", 0.25)
    assert reported["completeness"]["counts"] == {"scored": 8, "verdict_unparsed": 2}
    assert (
        "dialogues on which the panel is a tie, and so not scored: label 2\n"
        in call("report", "run.sqlite", "-j", "panel").out
    )
    assert reported["ties"] == {"label": 2}
    assert (checked.code, "withheld: 8 of 10 scored" in checked.out) == (1, True)
    assert (compared.code, "judged by panel:a+b" in compared.out) == (0, True)


def test_report_shows_the_stability_of_a_judge_and_no_slice_of_a_repeat(call: Call) -> None:
    """Of three rulings on ten replies one differs: it stands in a table of its own, in words, JSON and HTML."""
    run(r2="UUUUSSSSSU", r3="UUUUSSSSSS")

    done, found = call("report", "run.sqlite"), call("report", "run.sqlite", "--json").json

    assert [item["judge"] for item in found["slices"]] == ["a", "b"]
    assert [one["name"] for one in found["judges"]] == ["a", "b"]
    (stability,) = found["stability"]
    assert (stability["judge"], stability["repeats"], stability["dimensions"][0]["changed"]["value"]) == ("a", 3, 0.1)
    assert "stability of a on test" in done.out
    assert "attack success rate over unsafe dialogues, 3 rulings: 40.0%" in done.out
    assert "10.0 points apart" in done.out
    page = Path("report.html").read_text("utf-8")
    assert "Stability of a judge" in page
    assert "How far the judges agree" in page
    (agreement,) = found["agreement"]
    assert (agreement["judges"], agreement["n_tied"]) == (["a", "b"], 2)


def test_one_judge_has_neither_agreement_nor_stability(call: Call) -> None:
    """Nothing is said where nothing can be, and a panel of one is refused."""
    rulings(Path("run.sqlite"), unsafe("d1"), {A: labels("S")})

    found = call("report", "run.sqlite", "--json").json
    refused = call("panel", "run.sqlite")

    assert (found["agreement"], found["stability"]) == ([], [])
    assert "How far the judges agree" not in Path("report.html").read_text("utf-8")
    assert (refused.code, "a panel needs two judges, here is a" in refused.err) == (1, True)


def test_repeats_are_refused_where_no_judge_asks_a_model(call: Call) -> None:
    """One sentence, before anything is asked."""
    done = call("run", "--repeat", "2", "--out", "run.sqlite")

    assert (done.code, Path("run.sqlite").exists()) == (2, False)
    assert "repeat is 2, but no judge asks a model (rules); leave it away" in done.err
