"""The one shape of every number: a value, what it rests on, what could not be scored, and an interval."""

from __future__ import annotations

import msgspec

__all__ = ["Estimate"]


class Estimate(msgspec.Struct, frozen=True):
    """A number with its evidence.

    Fields:
        value: In [0, 1] for rates; None when nothing could be scored.
        n: Rows scored, the ones `value` rests on.
        n_failed: Rows that should have been scored and could not be. They are not in `n`.
        low, high: 95 % interval from resampling groups; None when `value` is.
    """

    value: float | None
    n: int
    n_failed: int
    low: float | None = None
    high: float | None = None
