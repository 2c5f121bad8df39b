"""`turnwise list`: what can be named on the command line, and the runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["list_"]

WIDTH = 28


def list_(
    runs: Annotated[Path, typer.Option(metavar="FOLDER", help="Where run files are looked for.")] = Path("runs"),
) -> None:
    """List benchmarks, targets and judges with their spelling, and the runs under runs/."""
    from turnwise import benchmarks, judge, models

    for title, spellings in (
        ("benchmarks", benchmarks.SPELLINGS),
        ("targets", models.SPELLINGS),
        ("judges", judge.SPELLINGS),
    ):
        print(title)
        for spelling, words in spellings.items():
            # A long spelling stands on a line of its own.
            print(
                f"  {spelling:<{WIDTH}} {words}" if len(spelling) <= WIDTH else f"  {spelling}\n  {'':<{WIDTH}} {words}"
            )
        print()
    print(f"runs under {runs}/")
    found = sorted(runs.glob("**/*.sqlite"))
    for path in found:
        print(f"  {path}  {_described(path)}")
    if not found:
        print("  none yet; `turnwise run` makes one")


def _described(path: Path) -> str:
    from turnwise.errors import RunFileError
    from turnwise.evaluate import stored_settings
    from turnwise.runfile import Reader

    try:
        with Reader(path) as reader:
            settings, judges = stored_settings(reader), [card.name for card in reader.judges()]
            left = len(reader.pending(judges))
            state = "complete" if not left else f"{left:,} to do"
            asked = ", ".join(settings.benchmarks)
            return f"{asked} -> {settings.target} -> {', '.join(judges)}; {reader.count():,} dialogues, {state}"
    except RunFileError as error:
        return f"unreadable: {error}"
