"""Runs below the completeness bar: headline numbers are withheld everywhere until asked for; judges can be added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.command import attacks, write_lines
from cli.conftest import Call
from turnwise.runfile import Reader

FLAKY = ["run", "-t", "simulated:flaky", "--limit", "60", "--out", "flaky.sqlite"]


def rates_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every rate inside a JSON value; points of a survival curve, which rest on groups, are left out."""
    if isinstance(value, list):
        for item in value:
            yield from rates_in(item)
    elif isinstance(value, dict):
        if "n_failed" in value and "n" in value and "n_lost" not in value:
            yield value
        for item in value.values():
            yield from rates_in(item)


def rows_of(out: str) -> list[list[str]]:
    """The words of every row of a table of rates: its last two are n and failed."""
    lines = (line.split() for line in out.partition("run file")[0].splitlines())
    return [words for words in lines if len(words) > 4 and words[-1].isdigit() and words[-2].isdigit()]


def test_incomplete_numbers_are_withheld_one_by_one_and_exit_with_1(call: Call) -> None:
    """Each row with a failure says how many of its rows are scored in place of a rate; the others have theirs."""
    done = call(*FLAKY)

    assert done.code == 1
    assert "withheld  numbers with fewer than 98% of their rows scored; the same command asks again for" in done.out
    assert "--show-incomplete" in done.out
    rows = rows_of(done.out)
    assert [("withheld" in words, "%" in " ".join(words)) for words in rows] == [
        (words[-1] != "0", words[-1] == "0") for words in rows
    ]
    assert {"withheld" in words for words in rows} == {True, False}


def test_incomplete_json_has_null_numbers_and_the_reason(call: Call) -> None:
    """In JSON exactly the numbers below the bar are null and say `incomplete`; `withheld` names the headlines."""
    done = call(*FLAKY, "--json")

    (item,) = done.json["slices"]
    rates = list(rates_in(item))
    assert done.code == 1
    assert [rate["incomplete"] for rate in rates] == [
        rate["n"] < 0.98 * (rate["n"] + rate["n_failed"]) for rate in rates
    ]
    assert {(rate["value"], rate["low"], rate["high"]) for rate in rates if rate["incomplete"]} == {(None, None, None)}
    assert None not in {rate["value"] for rate in rates if not rate["incomplete"]}
    assert item["withheld"].startswith("withheld: attack success rate")
    assert item["trend"] is None


def test_half_of_one_length_is_not_hidden_by_a_complete_rest(call: Call) -> None:
    """12 of 607 lost rows pass the bar as a whole, and are half of those at 8 turns: that rate alone is withheld."""
    write_lines(
        Path("mine.jsonl"), [*attacks([f"g{n}" for n in range(583)], [1]), *attacks([f"h{n}" for n in range(24)], [8])]
    )
    ruled = [f"g{n}/1" for n in range(583)] + [f"h{n}/8" for n in range(12)]
    write_lines(Path("ruled.jsonl"), [{"id": name, "label": "safe"} for name in ruled])
    run = ["run", "-b", "jsonl:mine.jsonl", "-j", "scripted:ruled.jsonl", "--out", "half.sqlite"]

    told, value = call(*run), call(*run, "--json").json
    shown = call(*run, "--show-incomplete", "--json")

    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert told.code == 1
    assert "8 turns withheld (12 of 24 scored) 12 12" in lines
    assert any(line.startswith("all lengths 0.0% [0.0%, ") and line.endswith(" 595 12") for line in lines)
    assert "asks again" not in told.out
    assert [(rate["length"], rate["value"]) for rate in value["asr"]] == [(1, 0.0), (8, None)]
    assert value["withheld"] == "withheld: attack success rate at length 8 (12 of 24 scored); the bar is 98%"
    assert (shown.code, shown.json["withheld"], shown.json["asr"][1]["value"]) == (0, None, 0.0)
    assert [rate["incomplete"] for rate in shown.json["asr"]] == [False, True]


def test_show_incomplete_shows_the_numbers_marked_and_exits_with_0(call: Call) -> None:
    """`--show-incomplete` prints every rate, marked where it is incomplete, and succeeds; JSON has the values."""
    told, done = call(*FLAKY, "--show-incomplete"), call(*FLAKY, "--show-incomplete", "--json")

    assert (told.code, done.code) == (0, 0)
    assert "incomplete  * marks numbers with fewer than 98% of their rows scored" in told.out
    overall = next(line.split() for line in told.out.splitlines() if line.startswith("all lengths"))
    assert overall[2] == f"{done.json['asr_overall']['value']:.1%}*"
    assert done.json["withheld"] is None
    assert done.json["asr_overall"]["incomplete"] is True
    assert done.json["completeness"]["fraction"] < 0.98


def test_failures_are_listed_by_cause(call: Call) -> None:
    """The summary on standard error and the tables name what kept dialogues from being scored."""
    done = call(*FLAKY)

    assert "server error" in done.err.splitlines()[-1]
    assert "not scored: " in done.out
    assert "reply failed server error" in done.out


def test_final_gaps_are_not_promised_to_be_filled(call: Call) -> None:
    """Where only unreadable verdicts are missing, going on scores nothing more, so it is not advised."""
    write_lines(Path("small.jsonl"), attacks())
    done = call("run", "-b", "jsonl:small.jsonl", "-j", "safemt:simulated:steady", "--out", "mute.sqlite")

    assert done.code == 1
    assert "0 of 4 dialogues scored; not scored: " in done.out
    assert "asks again" not in done.out


def test_judge_adds_a_judge_without_asking_the_target(call: Call, small_run: Path) -> None:
    """`judge` stores verdicts of another judge beside the first ones; the target's replies stay as they are."""
    write_lines(Path("mine.jsonl"), [{"id": f"{group}/{k}", "label": "safe"} for group in "ab" for k in (1, 2)])
    with Reader(small_run) as reader:
        before = reader.totals()[0]

    done = call("judge", str(small_run), "-j", "scripted:mine.jsonl", "--show-incomplete", "--json")

    with Reader(small_run) as reader:
        assert reader.totals()[0] == before
        assert [card.name for card in reader.judges()] == ["rules", "scripted:mine.jsonl"]
    assert done.code == 0
    assert [item["asr_overall"]["value"] for item in done.json["slices"]] == [1.0, 0.0]


def test_judging_again_has_nothing_to_do(call: Call, small_run: Path) -> None:
    """A judge that ruled on everything is not asked again."""
    done = call("judge", str(small_run), "-j", "rules")

    assert done.code == 0
    assert done.err == "small.sqlite -> rules: 5 dialogues, nothing left to do\n"


def test_report_can_be_cut_to_one_judge(call: Call, small_run: Path) -> None:
    """`report --judge` leaves the others out, and with them their incompleteness."""
    write_lines(Path("mine.jsonl"), [{"id": "a/1", "label": "safe"}])
    call("judge", str(small_run), "-j", "scripted:mine.jsonl")

    both, one = call("report", str(small_run), "--json"), call("report", str(small_run), "-j", "rules", "--json")

    assert (both.code, one.code) == (1, 0)
    assert [item["judge"] for item in both.json["slices"]] == ["rules", "scripted:mine.jsonl"]
    assert [item["judge"] for item in one.json["slices"]] == ["rules"]


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_report_of_a_run_that_never_got_going_is_withheld(as_json: list[str], call: Call) -> None:
    """A run whose endpoint was dead from the start reports what is missing and exits with 1."""
    write_lines(Path("small.jsonl"), attacks("abcdefgh"))
    arguments = ["-b", "jsonl:small.jsonl", "-t", "openai:m@http://127.0.0.1:9/v1", "--max-attempts", "1"]
    assert call("run", *arguments, "--out", "dead.sqlite").code == 1

    done = call("report", "dead.sqlite", *as_json)

    assert done.code == 1
    assert ("0 of 16 dialogues scored" in done.out) or done.json["completeness"]["n_scored"] == 0
    assert "withheld" in done.out


def test_nobody_who_asked_for_incomplete_numbers_is_told_to(call: Call) -> None:
    """Of a judge of which nothing could be read there is no number to show; the option that was given is not advice."""
    write_lines(Path("none.jsonl"), attacks())
    run = ["run", "-b", "jsonl:none.jsonl", "-j", "safemt:simulated:steady", "--out", "none.sqlite"]
    assert call(*run).code == 1

    for command in (run, ["report", "none.sqlite"], ["compare", "none.sqlite", "none.sqlite"]):
        done = call(*command, "--show-incomplete")
        assert "withheld  " in done.out
        assert "--show-incomplete" not in done.out + done.err
