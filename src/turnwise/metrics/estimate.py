"""The one shape of every number: a value, what it rests on, an interval, and whether it may be shown."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["COMPLETENESS_BAR", "Completeness", "Estimate", "completeness"]

_MENDABLE = ("missing", "not_", "reply_failed", "verdict_failed")

COMPLETENESS_BAR = 0.98
"""Below this share of scored rows a headline number is withheld: what is missing could change it."""


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
    def withheld(self) -> bool:
        """Whether a headline number resting on these rows is withheld unless asked for."""
        return self.fraction is None or self.fraction < COMPLETENESS_BAR

    @property
    def reason(self) -> str | None:
        """One sentence that says why the headline is withheld; None when it is not."""
        if not self.withheld:
            return None
        if self.fraction is None:
            return "withheld: no rows were expected, so there is nothing to measure"
        others = ", ".join(f"{count} {state}" for state, count in self.counts.items() if state != "scored")
        again = "; the same command asks again for what failed" if self.can_go_on else ""
        return (
            f"withheld: {self.n_scored} of {self.n_expected} rows are scored ({others}), and the bar is "
            f"{COMPLETENESS_BAR:.0%}{again}"
        )

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
