"""Pipes where files are wanted: one sentence, exit code 2, and no waiting for somebody who never writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.command import attacks, turnwise, write_lines

COMMANDS = {
    "benchmark": ["run", "-b", "jsonl:pipe"],
    "folder with one in it": ["run", "-b", "safemt:folder"],
    "table of replies": ["run", "-b", "jsonl:good.jsonl", "-t", "scripted:pipe"],
    "table of verdicts": ["run", "-b", "jsonl:good.jsonl", "-j", "scripted:pipe"],
    "prices": ["run", "-b", "jsonl:good.jsonl", "--prices", "pipe"],
    "labels": ["metrics", "pipe"],
}


@pytest.mark.parametrize("case", COMMANDS)
def test_a_pipe_in_the_place_of_a_file_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    """Nobody writes into the pipe; the command ends all the same, and says which file it is about."""
    write_lines(tmp_path / "good.jsonl", attacks("a"))
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "folder" / "2_turn.json")
    (tmp_path / "folder" / "1_turn.json").write_text("[]")

    done = turnwise(*COMMANDS[case], cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    name = "folder/2_turn.json" if "folder" in case else "pipe"
    assert done.err.startswith(f"turnwise: {name}: ")
    assert "it is a pipe or device; save what it gives as a file first" in done.err
