"""`turnwise cache`: what the response cache holds, and emptying it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turnwise.cli.printable import one_line

if TYPE_CHECKING:
    from turnwise.rollout import CacheStats

__all__ = ["cache"]

cache = typer.Typer(no_args_is_help=True, help="Show or empty the cache of replies that runs share.")

# As rollout.CACHE_PATH, which is slow to import for a help text; a test holds them together.
_DEFAULT_PATH = Path("runs") / "cache.sqlite"

_Path = Annotated[Path, typer.Option("--path", metavar="FILE", help="The cache file.")]
_Model = Annotated[str | None, typer.Option("--model", metavar="MODEL", help="Only this model, by its full spelling.")]


@cache.command(short_help="Count the replies kept, by model.")
def stats(*, model: _Model = None, path: _Path = _DEFAULT_PATH) -> None:
    """Count the replies kept, by model, with the first and the last date, and the size of the file."""
    from turnwise.rollout import ResponseCache

    if _is_absent(path):
        return
    opened = ResponseCache(path)
    try:
        kept, size_bytes = _of_model(opened.stats(), model), opened.size_bytes()
    finally:
        opened.close()
    if kept:
        width = max(len("model"), *(len(one_line(item.model)) for item in kept))
        print(f"{'model':<{width}}  {'replies':>9}  {'first':<10}  {'last':<10}")
    for item in kept:
        print(f"{one_line(item.model):<{width}}  {item.replies:>9,}  {item.first[:10]}  {item.last[:10]}")
    total = sum(item.replies for item in kept)
    print(f"{one_line(str(path))}: {_replies(total)}, {_size(size_bytes)} on disk{' in all' if model else ''}")


@cache.command(short_help="Remove the replies kept, all or of one model.")
def clear(*, model: _Model = None, path: _Path = _DEFAULT_PATH) -> None:
    """Remove the replies kept, all or of one model, without asking; run files keep theirs."""
    from turnwise.rollout import ResponseCache

    if _is_absent(path):
        return
    opened = ResponseCache(path)
    try:
        _of_model(opened.stats(), model)
        before = opened.size_bytes()
        removed = opened.clear(model)
        freed = max(0, before - opened.size_bytes())
    finally:
        opened.close()
    whose = f" of {one_line(model)}" if model else ""
    print(f"{one_line(str(path))}: removed {_replies(removed)}{whose}, {_size(freed)} freed")


def _is_absent(path: Path) -> bool:
    """Whether there is no cache; says so, as looking is no reason to make one."""
    if path.exists():
        return False
    print(f"{one_line(str(path))}: there is no cache; a run makes one")
    return True


def _of_model(kept: list[CacheStats], model: str | None) -> list[CacheStats]:
    from turnwise.errors import UsageError, one_of

    if model is None:
        return kept
    found = [item for item in kept if item.model == model]
    if not found:
        raise one_of("model", model, [item.model for item in kept]) if kept else UsageError("the cache is empty")
    return found


def _replies(number: int) -> str:
    return f"{number:,} {'reply' if number == 1 else 'replies'}"


def _size(size_bytes: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size_bytes < 1000:  # noqa: PLR2004 - what a kilobyte has
            return f"{size_bytes:.3g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:,.1f} GB"
