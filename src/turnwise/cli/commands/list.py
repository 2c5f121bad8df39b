"""`turnwise list`: what can be named on the command line, and the runs there are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["list_"]

_SPELLING_WIDTH = 28
_LINE_WIDTH = 80


def list_(
    runs: Annotated[Path, typer.Option(metavar="FOLDER", help="Where run files are looked for.")] = Path("runs"),
) -> None:
    """List benchmarks, targets and judges with their spelling, and the runs under runs/."""
    from turnwise import benchmarks, judge, models
    from turnwise.cli.printable import one_line
    from turnwise.rollout import CACHE_PATH

    for title, spellings in (
        ("benchmarks", benchmarks.SPELLINGS),
        ("targets", models.SPELLINGS),
        ("judges", judge.SPELLINGS),
    ):
        print(title)
        for spelling, words in spellings.items():
            print("\n".join(_entry(spelling, words)))
        print()
    print(f"runs under {runs}/")
    found = sorted(path for path in runs.glob("**/*.sqlite") if path.name != CACHE_PATH.name)
    for path in found:
        print(f"  {one_line(str(path))}")
        for line in _described(path):
            print(f"    {one_line(line)}")
    if not found:
        print("  none yet; `turnwise run` makes one")


def _entry(spelling: str, words: str) -> Iterator[str]:
    """A spelling with what it is beside it, in lines; a long spelling has the first one for itself."""
    blanks = " " * (_SPELLING_WIDTH + 3)
    first = f"  {spelling:<{_SPELLING_WIDTH}} "
    if len(spelling) > _SPELLING_WIDTH:
        yield first.rstrip()
        first = blanks
    yield from textwrap.wrap(
        words,
        _LINE_WIDTH,
        initial_indent=first,
        subsequent_indent=blanks,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _described(path: Path) -> Iterator[str]:
    from turnwise.errors import RunFileError
    from turnwise.evaluate import stored_settings
    from turnwise.report import counted
    from turnwise.runfile import Reader

    try:
        with Reader(path) as reader:
            settings, judges = stored_settings(reader), [card.name for card in reader.judges()]
            left = len(reader.left(judges))
            state = "complete" if not left else f"{left:,} to do"
            total = f"{counted(reader.count(), 'dialogue')}, {state}"
            lines = [f"{', '.join(settings.benchmarks)} -> {settings.target} -> {', '.join(judges)}", total]
    except RunFileError as error:
        lines = [f"unreadable: {str(error).removeprefix(f'{path}: ')}"]
    yield from lines
