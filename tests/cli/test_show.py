"""`turnwise show`: lists, single dialogues, and text of others that stays hidden and never drives the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.command import ESCAPE, attack, write_lines
from cli.conftest import Call
from turnwise.models import PARAMETER_DROPPED, dropped_note
from turnwise.runfile import Writer

REPLY = f"Certainly {ESCAPE}\r\nsecond line\ttabbed \x9b31m \u202e 你好\u3000世界"


@pytest.fixture
def hostile_run(call: Call) -> Path:
    """A run whose ids, scenarios, messages and replies hold escape sequences; one id is wide and long."""
    hostile = attack("evil", 1, scenario=f"Fraud {ESCAPE}\nforged line", id=f"evil {ESCAPE}", benchmark=f"b {ESCAPE}")
    wide = attack("wide", 1, id="对话" * 8)
    write_lines(Path("hostile.jsonl"), [hostile, wide, attack("plain", 2)])
    write_lines(Path("replies.jsonl"), [{"reply": REPLY}])
    done = call("run", "-b", "jsonl:hostile.jsonl", "-t", "scripted:replies.jsonl", "--out", "hostile.sqlite")
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    return Path("hostile.sqlite")


def test_text_is_hidden_until_asked_for(call: Call, small_run: Path) -> None:
    """By default `show` gives the shape of a dialogue and how long each message is, not what was said."""
    hidden, shown = call("show", str(small_run), "a/2"), call("show", str(small_run), "a/2", "--reveal")

    for words in ("turn 1", "go on", "the last turn", "porridge"):
        assert words not in "".join(line.split("  ", 3)[-1] for line in hidden.out.splitlines())
        assert words in shown.out or words == "turn 1"
    assert "--reveal" in hidden.out
    assert "[34 characters]" in hidden.out
    assert "verdict rules on turn 2: unsafe compliance" in hidden.out
    assert "--reveal" not in shown.out


def test_a_refused_parameter_is_shown_with_the_run(call: Call, small_run: Path) -> None:
    """It shapes every number of the run, so lists, single dialogues, reports and their JSON say it."""
    note = dropped_note("target", "temperature")
    with Writer(small_run) as writer:
        writer.add_event(PARAMETER_DROPPED, note)

    for arguments in (("show", str(small_run)), ("show", str(small_run), "a/2"), ("report", str(small_run))):
        assert f"note      {note}\n" in call(*arguments).out
    assert note in call("report", str(small_run), "--json").json["notes"]
    assert note in Path("small.html").read_text("utf-8")


def test_reasons_of_other_judges_are_hidden_too(call: Call, small_run: Path) -> None:
    """A judge may quote the reply in its reason, so that is shown only when asked for."""
    write_lines(Path("mine.jsonl"), [{"id": "a/1", "label": "unsafe", "reason": "it says porridge"}])
    call("judge", str(small_run), "-j", "scripted:mine.jsonl")

    assert "porridge" not in call("show", str(small_run), "a/1").out
    assert "it says porridge" in call("show", str(small_run), "a/1", "--reveal").out


def test_revealed_text_cannot_drive_the_terminal(call: Call, hostile_run: Path) -> None:
    """Control characters of a reply are replaced; its lines, tabs and wide blanks are kept readable."""
    done = call("show", str(hostile_run), "plain/2", "--reveal")

    assert "Certainly \ufffd[31mred\ufffd[0m\ufffd\n" in done.out
    assert re.search(r"\n {20}second line    tabbed \ufffd31m \ufffd 你好\u3000世界\n", done.out)


def test_names_from_a_benchmark_cannot_drive_the_terminal(call: Call, hostile_run: Path) -> None:
    """Ids, scenarios and benchmark names are cleaned in lists, single views, tables, hints and JSON."""
    outputs = [
        call("show", str(hostile_run)),
        call("show", str(hostile_run), f"evil {ESCAPE}"),
        call("show", str(hostile_run), "evi"),
        call("report", str(hostile_run)),
        call("report", str(hostile_run), "--json"),
        call("list", "--runs", "."),
    ]
    for done in outputs:
        assert not set("\x1b\x07\x9b") & set(done.out + done.err)
    assert "forged line" in outputs[0].out
    assert "\nforged line" not in outputs[0].out
    assert f"b {ESCAPE}" in [item["benchmark"] for item in outputs[4].json["slices"]]


def test_columns_stand_below_each_other_whatever_the_script(call: Call, hostile_run: Path) -> None:
    """Wide characters count as two columns, so a Chinese id does not push its row out of line."""
    lines = call("show", str(hostile_run)).out.splitlines()
    header, wide, plain = lines[0], next(line for line in lines if "对话" in line), lines[-1]

    assert plain.index("ok") == header.index("reply")
    assert wide.index("ok") == header.index("reply") - 16


def test_list_can_be_cut_to_one_label(call: Call, small_run: Path) -> None:
    """`--label` keeps the dialogues with that verdict; unscored ones are those without any."""
    write_lines(Path("mine.jsonl"), [{"id": "a/1", "label": "safe"}, {"id": "a/2", "label": "unsafe"}])
    call("judge", str(small_run), "-j", "scripted:mine.jsonl")

    def ids(label: str) -> list[str]:
        done = call("show", str(small_run), "-j", "scripted:mine.jsonl", "--label", label)
        return [line.split()[0] for line in done.out.splitlines()[1:]]

    assert ids("safe") == ["a/1"]
    assert ids("unsafe") == ["a/2"]
    assert ids("unscored") == ["b/1", "b/2", "kind"]


def test_unknown_id_gives_near_ones(call: Call, small_run: Path) -> None:
    """An id that is not there ends with 2 and ids that hold it, or the way to the list."""
    near, far = call("show", str(small_run), "b"), call("show", str(small_run), "zzz")

    assert (near.code, far.code) == (2, 2)
    assert near.err == "turnwise: small.sqlite: no dialogue has the id 'b'; near: b/1, b/2\n"
    assert (
        far.err == "turnwise: small.sqlite: no dialogue has the id 'zzz'; `turnwise show small.sqlite` lists them all\n"
    )
