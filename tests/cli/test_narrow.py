"""Sentences on a terminal of 80 columns: broken between words, below what they belong to; piped they are one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.command import turnwise
from cli.terminal import CONTROL, on_terminal

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
