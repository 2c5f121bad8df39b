"""Run files to test on, and a look at them from outside."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rollout.recording import scripted
from turnwise.errors import RunFileError
from turnwise.runfile import Writer


def fill(path: Path, dialogues: int = 3) -> None:
    """A finished run file."""
    with Writer(path) as writer:
        writer.begin_run({"n": 1}, (scripted(1, name=f"d{number}") for number in range(dialogues)), after=dict)


def pragma(path: Path, statement: str) -> object:
    """Run one statement on a file and give its value."""
    database = sqlite3.connect(path)
    row = database.execute(statement).fetchone()
    database.commit()
    database.close()
    return row and row[0]


def run_apart(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_sentence(error: pytest.ExceptionInfo[RunFileError], path: Path) -> bool:
    """Whether an error says in one line which file it is about."""
    text = str(error.value)
    return text.startswith(f"{path}: ") and "\n" not in text
