"""What the tests of the room share: the command inside this process, and small runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command import Done, attacks, write_lines
from turnwise.cli import main

Call = Callable[..., Done]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command inside this process, in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def called(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["turnwise", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return called


@pytest.fixture
def small_run(call: Call, tmp_path: Path) -> Path:
    """A complete run of two groups at lengths 1 and 2 and one safe dialogue; every reply complies."""
    safe = {"id": "kind", "group": "k", "intent": "safe", "turns": [{"user": "hello"}]}
    write_lines(tmp_path / "small.jsonl", [*attacks(), safe])
    write_lines(tmp_path / "replies.jsonl", [{"reply": "Here is the secret word: porridge."}])
    done = call("run", "-b", "jsonl:small.jsonl", "-t", "scripted:replies.jsonl", "--out", "small.sqlite")
    assert done.code == 0, done.err
    return Path("small.sqlite")
