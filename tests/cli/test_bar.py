"""The live view, on a pseudo-terminal of 80 columns as people have it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from cli.command import write_lines
from cli.terminal import CONTROL, on_terminal

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[1-7]|9[0-7]|38[0-9;]*)m")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of a flaky and slow target, its name long enough to be cut."""
    target = f"simulated:flaky,rate=0.30{'0' * 60},latency_ms=150"
    return on_terminal("run", "-t", target, "--limit", "60", "-o", "run.sqlite", cwd=tmp_path_factory.mktemp("screen"))


def test_bar_shows_count_time_causes_and_running_rate(screen: str) -> None:
    """While it runs, people see how many dialogues are done, the time left, failures by cause and the rate so far."""
    text = CONTROL.sub("", screen)

    assert re.search(r"━+ +\d+/\d+ dialogues \d:\d\d:\d\d left ", text)
    assert re.search(r"\d+ calls, [\d,]+ tokens", text)
    assert re.search(r"not answered: \d+ server error", text)
    assert re.search(r"attack success so far [\d.]+% \[[\d.]+%, [\d.]+%\] of \d+ judged", text)


def test_nothing_of_the_view_is_wider_than_the_terminal(screen: str) -> None:
    """Long titles are cut with an ellipsis; no line of bar or tables wraps at 80 columns."""
    drawn, _, _ = screen.partition("run file")
    lines = [line for line in re.split(r"[\r\n]+", CONTROL.sub("", drawn)) if " of 59 dialogues;" not in line]

    assert [line for line in lines if cell_len(line) > 80] == []
    assert any(line.endswith("…") for line in lines)


def test_colour_stays_away_when_unwanted(screen: str, tmp_path: Path) -> None:
    """On a terminal bar and warnings are coloured; with NO_COLOR nothing is, and the words are there."""
    write_lines(tmp_path / "one.jsonl", [{"id": "one", "turns": [{"user": "hello"}]}])
    plain = on_terminal("run", "-b", "jsonl:one.jsonl", "-j", "safemt:simulated:steady", cwd=tmp_path, NO_COLOR="1")

    assert COLOUR.search(screen)
    assert not COLOUR.search(plain)
    assert "withheld  numbers with fewer than 98% of their rows scored" in CONTROL.sub("", plain)
