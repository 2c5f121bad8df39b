"""What loading a benchmark met that changes how the numbers read, in sentences for every kind of report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from turnwise.runfile import Reader

__all__ = ["load_notes"]


def load_notes(reader: Reader) -> Iterator[str]:
    """One sentence for each benchmark and matter: missing images, oddities of the data, records left out."""
    stored = reader.settings().get("load_notes")
    by_benchmark: dict[str, dict[str, Any]] = msgspec.json.decode(stored) if stored else {}
    for spelling, notes in by_benchmark.items():
        if notes["missing_images"]:
            yield f"{spelling}: {notes['missing_images']:,} images are missing; those went as text only"
        yield from (f"{spelling}: {count:,} x {quirk}" for quirk, count in notes["quirks"].items())
        yield from (f"left out: {reason}" for reason in notes["bad"])
