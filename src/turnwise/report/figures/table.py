"""Numbers as text in rows and columns, for a page: below a figure, or by themselves."""

from __future__ import annotations

import msgspec

__all__ = ["Table"]


class Table(msgspec.Struct, frozen=True):
    """A table of texts. The first `n_keys` columns name the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_keys: int = 1
