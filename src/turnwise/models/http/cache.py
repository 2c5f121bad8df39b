"""Bytes made once and kept while there is room: encoded messages and images, between requests of one provider."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

__all__ = ["CACHE_BYTES", "ByteCache"]

CACHE_BYTES = 48 * 1024 * 1024
_ENTRY_OVERHEAD_BYTES = 256
_Source = TypeVar("_Source")


class ByteCache:
    """A least-recently-used cache of bytes, bounded by their sum."""

    def __init__(self, budget_bytes: int = CACHE_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._size_bytes = 0
        self._kept: OrderedDict[int | str, tuple[object, bytes]] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """What the cache holds at the moment, its own overhead included."""
        return self._size_bytes

    def by_identity(self, source: _Source, make: Callable[[_Source], bytes]) -> bytes:
        """What `make` makes of an object, kept under the object itself."""
        # The source is kept beside the bytes: while it lives, its id() belongs to no other object.
        kept = self._get(id(source))
        return self._keep(id(source), source, make(source)) if kept is None else kept

    def by_key(self, key: str, source: _Source, make: Callable[[_Source], bytes]) -> bytes:
        """What `make` makes of an object, kept under a key that stands for its content."""
        kept = self._get(key)
        return self._keep(key, None, make(source)) if kept is None else kept

    def _get(self, key: int | str) -> bytes | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def _keep(self, key: int | str, owner: object, made: bytes) -> bytes:
        self._kept[key] = (owner, made)
        self._size_bytes += len(made) + _ENTRY_OVERHEAD_BYTES
        while self._size_bytes > self._budget_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._size_bytes -= len(dropped) + _ENTRY_OVERHEAD_BYTES
        return made
