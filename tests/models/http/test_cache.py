"""The bounded cache of bytes that providers keep encoded images in."""

from __future__ import annotations

from turnwise.models.http.cache import ByteCache

ENTRY = 256
"""What an entry is counted with beside its bytes."""


class Maker:
    """Makes bytes of a given size from any text, and counts how often."""

    def __init__(self, size_bytes: int = 100) -> None:
        self.size_bytes = size_bytes
        self.calls = 0

    def __call__(self, text: str) -> bytes:
        """The text, filled up with blanks."""
        self.calls += 1
        return text.encode().ljust(self.size_bytes)


def test_bytes_are_made_once_for_a_key() -> None:
    """The second request for a key costs nothing."""
    cache, make = ByteCache(), Maker()
    assert cache.by_key("a", "x", make) == cache.by_key("a", "another", make) == b"x".ljust(100)
    assert (make.calls, cache.size_bytes) == (1, 100 + ENTRY)


def test_the_least_recently_used_bytes_go_first() -> None:
    """With room for two, the one not asked for lately is made anew."""
    cache, make = ByteCache(budget_bytes=2 * (100 + ENTRY)), Maker()
    for key in ("a", "b", "a", "c"):
        cache.by_key(key, key, make)
    assert (make.calls, cache.size_bytes) == (3, 2 * (100 + ENTRY))
    cache.by_key("a", "a", make)
    assert make.calls == 3
    cache.by_key("b", "b", make)
    assert make.calls == 4


def test_empty_bytes_are_kept_like_others() -> None:
    """No bytes at all are no reason to make them again, nor to count them twice."""
    cache, make = ByteCache(), Maker(size_bytes=0)
    cache.by_key("a", "", make)
    cache.by_key("a", "", make)
    assert (make.calls, cache.size_bytes) == (1, ENTRY)


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    """It is made and given, and leaves the cache empty."""
    cache, make = ByteCache(budget_bytes=99), Maker()
    assert cache.by_key("a", "x", make) == b"x".ljust(100)
    assert cache.size_bytes == 0
