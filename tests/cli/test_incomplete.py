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


def headline_values(value: Any) -> Iterator[Any]:
    """Every rate, index and interval bound inside a JSON value."""
    if isinstance(value, list):
        for item in value:
            yield from headline_values(item)
    elif isinstance(value, dict):
        yield from (value[name] for name in ("value", "low", "high", "p_value") if name in value)
        for item in value.values():
            yield from headline_values(item)


def test_incomplete_run_withholds_its_numbers_and_exits_with_1(call: Call) -> None:
    """A run with failures shows no rate and no index; n and failed are there, the way on is named."""
    done = call(*FLAKY)

    table = done.out.split("run file")[0]
    assert done.code == 1
    assert "withheld  fewer than 98% are scored; the same command asks again for what failed" in done.out
    assert "--show-incomplete" in done.out
    assert "%" not in table.replace("98%", "").replace("95 %", "")
    assert "safety index" not in done.out
    overall = next(line.split() for line in done.out.splitlines() if line.startswith("all lengths"))
    assert overall[2] == "withheld"
    assert int(overall[-1]) > 0


def test_incomplete_json_has_null_numbers_and_the_reason(call: Call) -> None:
    """In JSON every headline number of an incomplete slice is null, `withheld` says why, and n_failed stays."""
    done = call(*FLAKY, "--json")

    (item,) = done.json["slices"]
    assert done.code == 1
    assert set(headline_values(item)) == {None}
    assert item["withheld"].startswith("withheld: ")
    assert item["asr_overall"]["n"] > 0
    assert item["asr_overall"]["n_failed"] > 0


def test_show_incomplete_shows_the_numbers_marked_and_exits_with_0(call: Call) -> None:
    """`--show-incomplete` prints rates with their failures, says "incomplete", and succeeds; JSON has the values."""
    told, done = call(*FLAKY, "--show-incomplete"), call(*FLAKY, "--show-incomplete", "--json")

    assert (told.code, done.code) == (0, 0)
    assert "incomplete  fewer than 98% are scored" in told.out
    overall = next(line.split() for line in told.out.splitlines() if line.startswith("all lengths"))
    assert overall[2] == f"{done.json['asr_overall']['value']:.1%}"
    assert done.json["withheld"] is None
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
