"""Every command in the documentation runs and prints what the page shows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from docs.doc_blocks import ROOT, matches, pages, run, steps


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    """Running a page's blocks from top to bottom gives the output the page shows."""
    for step in steps(page.read_text("utf-8")):
        code, real = run(step, tmp_path)

        if step.text.startswith("$ "):
            assert matches(step.shown, real), f"$ {step.command}\nshown:\n{step.shown}\nreal:\n{real}"
        else:
            assert code == 0, f"{step.command}\n{real}"


def test_an_exit_code_other_than_0_is_part_of_what_a_page_shows(tmp_path: Path) -> None:
    """A command that fails does not match a page that shows its output alone, be it all of it or three dots."""
    (step,) = steps("```console\n$ echo no; exit 3\nno\n[exit code 3]\n```\n")
    code, real = run(step, tmp_path)

    assert (code, real) == (3, "no\n[exit code 3]\n")
    assert [matches(shown, real) for shown in (step.shown, "no\n", "...\n", "...\n[exit code 3]\n")] == [
        True,
        False,
        False,
        True,
    ]
    assert not matches("no\n[exit code 3]\n", "no\n")


def test_make_demo_is_the_command_the_readme_is_checked_with() -> None:
    """`make demo` ends by running `turnwise run` without options."""
    # Under `make test` the outer make's flags would be inherited, and change what is printed.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--no-print-directory", "-n", "demo"]
    planned = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    assert planned.strip().splitlines()[-1].endswith("/turnwise run")
