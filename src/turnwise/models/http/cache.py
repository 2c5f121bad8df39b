"""Bytes made once and kept while there is room: encoded images, between the requests of a run."""

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
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """What the cache holds at the moment, its own overhead included."""
        return self._size_bytes

    def by_key(self, key: str, source: _Source, make: Callable[[_Source], bytes]) -> bytes:
        """What `make` makes of an object, kept under a key that stands for its content."""
        kept = self._kept.get(key)
        if kept is None:
            return self._keep(key, make(source))
        self._kept.move_to_end(key)
        return kept

    def _keep(self, key: str, made: bytes) -> bytes:
        self._kept[key] = made
        self._size_bytes += len(made) + _ENTRY_OVERHEAD_BYTES
        while self._size_bytes > self._budget_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._size_bytes -= len(dropped) + _ENTRY_OVERHEAD_BYTES
        return made
