"""Which replies people label: a seeded sample with known chances, so that few labels can speak for all rows.

What is drawn is a unit (twins, or a whole group), never a row alone. The judge's own labels decide the stratum, so that
rare ones are seen; settings and scenarios are spread evenly within each stratum.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from turnwise.errors import UsageError
from turnwise.metrics.interval import FloatArray, IntArray

__all__ = ["AnnotationSample", "SampleRow", "SamplingDesign", "annotation_sample"]

STRATA = ("not scored", "lowest", "between", "highest")
"""Units by what the judge gave their rows: nothing; only the run's lowest value; anything else; only its highest."""

_LEAST_UNITS = 3
_LEAST_SHARE = 0.25


class SampleRow(msgspec.Struct, frozen=True):
    """One reply that a person could label.

    Fields:
        group: What was sampled to make the dialogue; the unit of resampling.
        unit: What is labelled together: the two of a pair of twins, or all of a group. A unit lies within one group.
        judged: The judge's value: 1 or 0 for a label, or a score; None when it could not score the reply.
    """

    group: str
    unit: str
    judged: float | None
    scenario: str | None = None
    setting: str | None = None


class SamplingDesign(msgspec.Struct, frozen=True, eq=False):
    """How rows were drawn for labelling: three codes for each row, shape (n_rows,).

    Fields:
        group: The unit of resampling.
        unit: What was drawn whole; each lies within one group and one stratum.
        stratum: Place of the row's stratum in `strata`. Within one, every unit had the same chance.
    """

    group: IntArray
    unit: IntArray
    stratum: IntArray
    strata: tuple[str, ...]

    @classmethod
    def whole_groups(cls, group: IntArray) -> SamplingDesign:
        """Groups drawn whole, all with the same chance."""
        code = np.unique(group, return_inverse=True)[1]
        return cls(group=code, unit=code, stratum=np.zeros_like(code), strata=("all",))

    def at(self, kept: NDArray[np.bool_]) -> SamplingDesign:
        """The design of some of the rows."""
        return SamplingDesign(
            group=self.group[kept], unit=self.unit[kept], stratum=self.stratum[kept], strata=self.strata
        )


class AnnotationSample(msgspec.Struct, frozen=True, eq=False):
    """The rows to be labelled, and the chances they had.

    Fields:
        rows: Shape (n_chosen,): places of the chosen rows, in the order to label them. Rows of a unit are neighbours.
            Units come in random order, strata mixed evenly, so that the first part of the list is a sample as well.
        probability: Shape (n_rows,): the chance of each row to be chosen; 1 / it is its weight.
    """

    rows: IntArray
    probability: FloatArray
    design: SamplingDesign


def annotation_sample(rows: Sequence[SampleRow], n: int, seed: int) -> AnnotationSample:
    """A sample of about `n` of the rows, in whole units.

    The number of units is `n` over their mean size. Strata are `STRATA`, as far as there are units in them. A stratum
    gets units in proportion to its size, but never less than a quarter of an equal share (and 3, or all it has): rare
    labels are seen, and should the judge turn out useless, intervals are up to a tenth wider for it. Within a stratum
    the draw is systematic over units in the order of setting and scenario, so that each gets its share to the unit.

    Raises:
        UsageError: there are no rows, `n` is too small to draw a unit, or a unit lies in two groups.

    Source: systematic sampling from an ordered list, Cochran, Sampling Techniques, 3rd edition, 1977, 8.1.
    """
    units = _units(rows)
    n_units = round(n * len(units) / len(rows)) if rows else 0
    if n_units < 1:
        raise UsageError(
            f"{n} of {len(rows)} rows to label is less than one unit of rows that belong together; use more"
        )
    names, stratum = _strata(rows, units)
    size = np.bincount(stratum, minlength=len(names))
    n_drawn = _allotted(size, n_units)
    rng = np.random.default_rng(seed)
    place, chosen = [], []
    for code, drawn in enumerate(n_drawn):
        listed = _listed(rows, units, np.flatnonzero(stratum == code), rng)
        at = ((rng.random() + np.arange(drawn)) * len(listed) / drawn).astype(np.int64)
        chosen.append(rng.permutation(listed[at]))
        place.append((np.arange(drawn) + rng.random(drawn)) / drawn)
    in_order = np.concatenate(chosen)[np.argsort(np.concatenate(place))]
    unit = np.empty(len(rows), dtype=np.int64)
    for code, members in enumerate(units):
        unit[members] = code
    group = np.unique([row.group for row in rows], return_inverse=True)[1]
    return AnnotationSample(
        rows=np.array([row for code in in_order for row in units[code]], dtype=np.int64),
        probability=(n_drawn / size)[stratum[unit]],
        design=SamplingDesign(group=group, unit=unit, stratum=stratum[unit], strata=names),
    )


def _units(rows: Sequence[SampleRow]) -> list[list[int]]:
    """The places of the rows of each unit, units in the order of their names: the order of `rows` decides nothing."""
    members: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        first = members.setdefault(row.unit, [])
        first.append(place)
        if rows[first[0]].group != row.group:
            raise UsageError(
                f"unit {row.unit!r} lies in groups {rows[first[0]].group!r} and {row.group!r}; one is right"
            )
    return [members[name] for name in sorted(members)]


def _strata(rows: Sequence[SampleRow], units: Sequence[Sequence[int]]) -> tuple[tuple[str, ...], IntArray]:
    """Names of the strata that have units, and the code of each unit among them, shape (n_units,)."""
    given = {row.judged for row in rows if row.judged is not None}
    lowest, highest = min(given, default=0.0), max(given, default=0.0)

    def name(members: Sequence[int]) -> str:
        values = {value for place in members if (value := rows[place].judged) is not None}
        if not values:
            return "not scored"
        if values == {lowest}:
            return "lowest"
        return "highest" if values == {highest} else "between"

    named = [name(members) for members in units]
    present = tuple(stratum for stratum in STRATA if stratum in named)
    return present, np.array([present.index(stratum) for stratum in named], dtype=np.int64)


def _allotted(size: IntArray, n_units: int) -> IntArray:
    """Units to draw from each stratum: about `n_units` in all, shares rounded by the method of Webster."""
    share = np.maximum(size / size.sum(), _LEAST_SHARE / len(size))
    drawn = np.minimum(size, _LEAST_UNITS)
    while drawn.sum() < min(n_units, size.sum()):
        drawn[np.argmax(np.where(drawn < size, share / (2 * drawn + 1), -1))] += 1
    return drawn


def _listed(
    rows: Sequence[SampleRow], units: Sequence[Sequence[int]], members: IntArray, rng: np.random.Generator
) -> IntArray:
    """The units of one stratum in the order of setting and scenario, in random order where these are the same."""

    def key(unit: int) -> tuple[str, str]:
        first = rows[units[unit][0]]
        return first.setting or "", first.scenario or ""

    return np.array(sorted(rng.permutation(members), key=key), dtype=np.int64)
