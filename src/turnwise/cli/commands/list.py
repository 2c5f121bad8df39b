"""`turnwise list`: what can be named on the command line, and the runs there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["list_"]

_WIDTH = 28


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
            # A long spelling stands on a line of its own.
            gap = " " if len(spelling) <= _WIDTH else f"\n{'':<{_WIDTH + 3}}"
            print(f"  {spelling:<{_WIDTH}}{gap}{words}")
        print()
    print(f"runs under {runs}/")
    found = sorted(path for path in runs.glob("**/*.sqlite") if path.name != CACHE_PATH.name)
    for path in found:
        print(f"  {one_line(str(path))}")
        for line in _described(path):
            print(f"    {one_line(line)}")
    if not found:
        print("  none yet; `turnwise run` makes one")


def _described(path: Path) -> Iterator[str]:
    from turnwise.errors import RunFileError
    from turnwise.evaluate import stored_settings
    from turnwise.runfile import Reader

    try:
        with Reader(path) as reader:
            settings, judges = stored_settings(reader), [card.name for card in reader.judges()]
            left = len(reader.pending(judges))
            state = "complete" if not left else f"{left:,} to do"
            total = f"{reader.count():,} dialogues, {state}"
            lines = [f"{', '.join(settings.benchmarks)} -> {settings.target} -> {', '.join(judges)}", total]
    except RunFileError as error:
        lines = [f"unreadable: {str(error).removeprefix(f'{path}: ')}"]
    yield from lines
