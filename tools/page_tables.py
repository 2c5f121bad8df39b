"""Measured tables in a page: each stands between two comments, and the tool that measures it writes it anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with right-aligned columns."""
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write(page: Path, tables: Mapping[str, str]) -> None:
    """Put each table between `<!-- NAME: ... -->` and `<!-- end of NAME -->`; the page must have both comments."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        before, _, rest = text.partition(f"<!-- {name}: ")
        opening, _, rest = rest.partition("-->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not end:
            raise SystemExit(f"{page} has no place for the table {name!r}")
        text = f"{before}<!-- {name}: {opening}-->\n{table}\n{end}{after}"
    page.write_text(text, encoding="utf-8")
