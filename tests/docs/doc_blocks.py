"""Runs the commands in README.md and docs/ and compares what they print with what the page shows.

A fenced block marked `console` holds commands ("$ ...") with their output below; a line "..." stands for any lines. A
command that ends with another exit code than 0 shows it below its output, as in "[exit code 2]"; in a pipe the last
command decides. A block marked `python` is run as a script and must not fail. All blocks of a page run in one
temporary folder, in order.

    python tests/docs/doc_blocks.py            check every page, exit 1 with the differences
    python tests/docs/doc_blocks.py --write    put the real output into the pages
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TIMEOUT_S = 300
_EXIT_CODE = "[exit code "


@dataclass(frozen=True)
class Step:
    """One command of a page with the output the page shows; `text` is the whole piece of the page."""

    command: str
    shown: str
    text: str


def pages() -> list[Path]:
    """The pages whose blocks are run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def steps(page: str) -> Iterator[Step]:
    """The commands of a page, in order."""
    for language, body in _BLOCK.findall(page):
        if language == "python":
            yield Step(f"python - <<'PY'\n{body}PY", "", body)
            continue
        for piece in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
            if piece.startswith("$ "):
                command, _, shown = _joined(piece).partition("\n")
                yield Step(command[2:], shown, piece)


def _joined(piece: str) -> str:
    """Commands may go on over lines that end in a backslash."""
    return piece.replace("\\\n", " ")


def run(step: Step, folder: Path) -> tuple[int, str]:
    """Exit code of a step in `folder`, and what the page is to show below it: both streams, and the code if not 0."""
    # `make demo` would set up a .venv of its own; what it runs is checked against the Makefile elsewhere.
    command = "turnwise run" if step.command == "make demo" else step.command
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TURNWISE_ROOT": str(ROOT), "COLUMNS": "120"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    if done.returncode:
        lines.append(f"{_EXIT_CODE}{done.returncode}]")
    return done.returncode, "".join(line + "\n" for line in lines)


def matches(shown: str, real: str) -> bool:
    """Whether the output shown is the real one; a line "..." stands for any number of lines, an exit code for none."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    any_lines = rf"(?:(?!{re.escape(_EXIT_CODE)}).*\n)*"
    return re.fullmatch(any_lines.join(parts), real) is not None


def rewritten(page: str, folder: Path) -> str:
    """The page with the real output of every command whose shown output does not match."""
    done, rest = "", page
    for step in steps(page):
        before, _, rest = rest.partition(step.text)
        _, real = run(step, folder)
        piece = step.text
        if piece.startswith("$ ") and not matches(step.shown, real):
            piece = piece[: len(piece) - len(step.shown)] + real
        done += before + piece
    return done + rest


def main() -> int:
    """Check or rewrite every page."""
    wrong = 0
    for path in pages():
        page = path.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            real = rewritten(page, Path(folder))
        if real != page:
            wrong += 1
            print(f"{path.relative_to(ROOT)}: {'rewritten' if '--write' in sys.argv else 'output differs'}")
            if "--write" in sys.argv:
                path.write_text(real, "utf-8")
    return 0 if "--write" in sys.argv else min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
