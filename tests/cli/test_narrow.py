"""Sentences on a terminal of 80 columns: broken between words, below what they belong to; piped they are one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.command import turnwise
from cli.terminal import CONTROL, on_terminal
from metrics.raters.ruling import judge, labels, rulings, unsafe
from metrics.stored import Row, attacks, store
from turnwise.judge import Stance
from turnwise.runfile import Annotation, Writer

CALLS = {
    "power": ("power", "--rate", "0.36", "--difference", "0.1", "--group-correlation", "0.21"),
    "check": ("check", "run.sqlite", "--max-asr", "0.1", "--min-refusal", "0.9"),
    "error": ("run", "-t", "nonsense"),
    "settings": ("run", "--limit", "5", "-t", "simulated:steady", "-o", "run.sqlite"),
    "show": ("show", "run.sqlite", "nobody"),
    "dry run": ("run", "--dry-run", "-t", "simulated:flaky,rate=0.25,latency_ms=150", "-j", "safemt:simulated:steady"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small run in it."""
    folder = tmp_path_factory.mktemp("narrow")
    assert turnwise("run", "--limit", "5", "-o", "run.sqlite", cwd=folder).code == 0
    return folder


@pytest.mark.parametrize("call", CALLS)
def test_words_are_whole_and_lines_fit_the_terminal(call: str, place: Path) -> None:
    """What a pipe is given in one line is on the screen in lines of at most 80 columns, with the same words."""
    piped = turnwise(*CALLS[call], cwd=place)
    shown = CONTROL.sub("", on_terminal(*CALLS[call], cwd=place)).replace("\r\n", "\n")

    assert max(map(len, (piped.out + piped.err).splitlines())) > 80
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    # A bar may have been there before.
    assert " ".join(shown.split()).endswith(" ".join((piped.out + piped.err).split()))


def test_what_follows_a_label_stays_beside_it(place: Path) -> None:
    """The second line of a gate begins below the first word after its outcome."""
    shown = CONTROL.sub("", on_terminal(*CALLS["check"], cwd=place)).replace("\r\n", "\n")

    assert all(re.match("(FAILED|passed)  [a-z]|        [^ ]", line) for line in shown.splitlines())


def test_a_path_is_not_broken(place: Path) -> None:
    """A word longer than the line goes over its end as it is, so that it can be copied."""
    path = "no/such/folder/" + "x" * 90 + ".sqlite"

    assert f"{path}:" in on_terminal("report", path, cwd=place).replace("\r\n", "\n")


LONG = [f"safemt:openai:some-vendor/a-model-with-a-long-name-{letter}" for letter in "abcdef"]


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one.sqlite and two.sqlite: six judges with long names on eight dialogues, labelled by a person."""
    folder = tmp_path_factory.mktemp("six")
    rows = unsafe(*(f"a-dialogue-with-a-long-id/of-a-group/{place}" for place in range(8)))
    given = ["UUUUSSSS", "UUSSSSSS", "USUSUSUS", "SSSSUUUU", "UUUUUUSS", "SSUUSSU"]
    for name, last in (("one.sqlite", "U"), ("two.sqlite", "?")):
        said = [*given[:-1], given[-1] + last]
        rulings(folder / name, rows, {judge(name): labels(words) for name, words in zip(LONG, said, strict=True)})
        with Writer(folder / name) as writer:
            writer.add_annotations(
                Annotation(number, 1, "kim", "unsafe" if number % 2 else "safe") for number in range(1, 9)
            )
    return folder


def shown(*arguments: str, cwd: Path, columns: int) -> list[str]:
    """The lines on a terminal of that width, where none is cut."""
    text = CONTROL.sub("", on_terminal(*arguments, cwd=cwd, columns=columns)).replace("\r\n", "\n")
    assert "…" not in text
    return [line.rstrip() for line in text.splitlines()]


def test_calibrate_keeps_judges_numbers_and_n(six: Path) -> None:
    """Long names are letters, told above; intervals are whole, and n and failed stand below, beside the letters."""
    lines = shown("calibrate", "one.sqlite", cwd=six, columns=80)

    assert f"A  {LONG[0]}" in lines
    assert [line.split() for line in lines if line.startswith("harm")][1:] == [
        ["harm", "sensitivity", "specificity", "agreement"],
        ["harm", "kappa", "n", "failed"],
    ]
    assert sum(bool(re.match(r"F +-?\d\.\d\d \[-?\d\.\d\d, -?\d\.\d\d\]  8 +0$", line)) for line in lines) == 1
    assert sum(line.startswith("test, F: attack success") for line in lines) == 2


@pytest.mark.parametrize("columns", [80, 120])
def test_panel_keeps_dialogues_and_every_judge(six: Path, columns: int) -> None:
    """Each dialogue and row of agreement has its label in every part, and each of six judges its column."""
    lines = shown("panel", "one.sqlite", "--limit", "1", cwd=six, columns=columns)

    heads = [line.split() for line in lines if line.startswith("dialogue ")]
    assert [word for head in heads for word in head if word in "ABCDEF"] == list("ABCDEF")
    assert len([line for line in lines if line.startswith("a-dialogue-with-a-long-id")]) == len(heads)
    assert len([line for line in lines if line.startswith("test: label ")]) == {80: 3, 120: 2}[columns]


def test_compare_keeps_its_last_column_where_something_is_withheld(tmp_path: Path) -> None:
    """Beside a withheld rate stands one of twelve safe dialogues that went all the way: its Holm p, and better."""
    stances: dict[str, Stance] = {"U": "refusal", "?": "compliance"}
    for name, last in (("a.sqlite", "U"), ("b.sqlite", "?")):
        safe = [Row(f"s{place}", f"s{place}", "safe", stances[last], intent="safe") for place in range(12)]
        store(tmp_path / name, [*attacks({"a": f"SSS{last}"}, stance="refusal"), *safe])

    lines = shown("compare", "a.sqlite", "b.sqlite", cwd=tmp_path, columns=80)

    assert any(re.match(r"attack success.*withheld +withheld +withheld", line) for line in lines)
    assert any(line.startswith("test: B less A") and line.endswith("Holm p") for line in lines)
    assert any(re.match(r"over-refusal rate.* \d\.\d{4} better$", line) for line in lines)
