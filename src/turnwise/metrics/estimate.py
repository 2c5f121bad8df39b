"""The one shape of every number: a value, what it rests on, an interval, and whether it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

__all__ = ["COMPLETENESS_BAR", "Completeness", "Estimate", "as_shown", "completeness"]

_MENDABLE = ("missing", "not_", "reply_failed", "verdict_failed")

COMPLETENESS_BAR = 0.98
"""Below this share of scored rows a number is withheld: what is missing could change it."""

_Number = TypeVar("_Number", bound="Estimate")


class Estimate(msgspec.Struct, frozen=True):
    """A number with its evidence.

    Fields:
        value: In [0, 1] for rates; None when nothing could be scored, or when it is withheld.
        n: Rows scored, the ones `value` rests on.
        n_failed: Rows that should have been scored and could not be. They are not in `n`.
        low, high: 95 % interval from resampling groups; None when `value` is.
    """

    value: float | None
    n: int
    n_failed: int
    low: float | None = None
    high: float | None = None

    @property
    def n_expected(self) -> int:
        """Rows that should have been scored."""
        return self.n + self.n_failed

    @property
    def withheld(self) -> bool:
        """Whether so many of its own rows could not be scored that the value is shown only to who asks for it."""
        return self.n_expected > 0 and self.n / self.n_expected < COMPLETENESS_BAR


def as_shown(number: _Number) -> _Number:
    """The same number, without value and interval where they are withheld; its counts stay."""
    return msgspec.structs.replace(number, value=None, low=None, high=None) if number.withheld else number


class Completeness(msgspec.Struct, frozen=True):
    """How many of the expected rows were scored, and in which states the others are.

    Fields:
        fraction: n_scored / n_expected; None when nothing was expected.
        counts: Rows by state, the most frequent first; with "missing" for expected rows that are not there at all.
    """

    fraction: float | None
    n_expected: int
    n_scored: int
    counts: dict[str, int]

    @property
    def can_go_on(self) -> bool:
        """Whether the same command would do more: blocks, refusals and answers that could not be read are final."""
        return any(state.startswith(_MENDABLE) for state in self.counts)


def completeness(counts: Mapping[str, int], *, n_expected: int) -> Completeness:
    """Completeness from the number of rows in each state; the state "scored" is the one that counts.

    Raises:
        ValueError: there are more rows than were expected.
    """
    missing = n_expected - sum(counts.values())
    if missing < 0:
        raise ValueError(f"{sum(counts.values())} rows, but only {n_expected} were expected")
    found = {
        state: count for state, count in {**counts, "missing": counts.get("missing", 0) + missing}.items() if count
    }
    n_scored = counts.get("scored", 0)
    return Completeness(
        fraction=n_scored / n_expected if n_expected else None,
        n_expected=n_expected,
        n_scored=n_scored,
        counts=dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))),
    )
