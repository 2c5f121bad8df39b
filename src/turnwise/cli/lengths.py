"""Reading `--lengths 1,2,4`."""

from __future__ import annotations

from turnwise.errors import UsageError

__all__ = ["parse_lengths"]


def parse_lengths(text: str | None) -> tuple[int, ...] | None:
    """Lengths from comma-separated digits; None stays None.

    Raises:
        UsageError: a part is not a whole number.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if not (part.isascii() and part.isdecimal()):
            raise UsageError(f"--lengths {text!r}: {part!r} is not a whole number; write them as in --lengths 1,2,4")
    return tuple(int(part) for part in parts)
