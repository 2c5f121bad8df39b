"""The dialogues two runs share, as columns: what a comparison reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from turnwise.errors import UsageError
from turnwise.metrics.interval import FloatArray, IntArray

__all__ = ["Pairs", "RunValue"]


class RunValue(msgspec.Struct, frozen=True):
    """What one run gave for one dialogue: 1 or 0 for a rate, a number for a score, None when it could not be scored."""

    dialogue: str
    group: str
    value: float | None


class Pairs(msgspec.Struct, frozen=True, eq=False):
    """The dialogues that two runs share, as columns of shape (n_shared,), sorted by dialogue.

    Fields:
        group: Code of the group of each dialogue, the unit of resampling.
        first, second: What each run gave; nan could not be scored.
        n_only_first, n_only_second: Dialogues that only one run has. They are compared with nothing.
    """

    group: IntArray
    first: FloatArray
    second: FloatArray
    n_only_first: int
    n_only_second: int

    @classmethod
    def of(cls, first: Iterable[RunValue], second: Iterable[RunValue]) -> Pairs:
        """Pair the values of two runs by dialogue.

        Raises:
            UsageError: a run has a dialogue twice, or the runs put a dialogue into different groups.
        """
        ours, theirs = _by_dialogue(first, "first"), _by_dialogue(second, "second")
        shared = sorted(ours.keys() & theirs.keys())
        for name in shared:
            if ours[name].group != theirs[name].group:
                raise UsageError(
                    f"dialogue {name!r} is in group {ours[name].group!r} of the first run and in group "
                    f"{theirs[name].group!r} of the second; compare runs of one benchmark"
                )
        codes = {group: code for code, group in enumerate(sorted({ours[name].group for name in shared}))}
        return cls(
            group=np.array([codes[ours[name].group] for name in shared], dtype=np.int64),
            first=_column(ours, shared),
            second=_column(theirs, shared),
            n_only_first=len(ours) - len(shared),
            n_only_second=len(theirs) - len(shared),
        )

    def scored(self) -> Pairs:
        """Only the dialogues scored in both runs, their groups coded anew."""
        kept = np.isfinite(self.first) & np.isfinite(self.second)
        group = np.unique(self.group[kept], return_inverse=True)[1].astype(np.int64)
        return msgspec.structs.replace(self, group=group, first=self.first[kept], second=self.second[kept])


def _by_dialogue(rows: Iterable[RunValue], run: str) -> dict[str, RunValue]:
    found: dict[str, RunValue] = {}
    for row in rows:
        if row.dialogue in found:
            raise UsageError(
                f"dialogue {row.dialogue!r} is twice in the {run} run; compare one judge and one benchmark"
            )
        found[row.dialogue] = row
    return found


def _column(rows: dict[str, RunValue], names: Sequence[str]) -> FloatArray:
    values = [rows[name].value for name in names]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
