"""From a labelled sample towards a corrected estimate: what labelled rows weigh, and what each part of the rows says.

Values are on [0, 1] here. Errors are linearised: the effect of a unit is how far its labels move a value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from turnwise.errors import NotMeasurable
from turnwise.metrics.interval import FloatArray, IntArray, interval, share_interval
from turnwise.metrics.raters.annotation import SamplingDesign

__all__ = ["ZERO", "LabelledRows", "Part", "labelled_rows", "on_scale", "part_of"]

ZERO = 1e-9
"""What is smaller is 0: residuals are differences of fractions, and may be off in the last bits."""


class LabelledRows(NamedTuple):
    """Rows as columns, shape (n_rows,), and the units they lie in, shape (n_units,).

    Fields:
        judged, human: Values; 0 where there is none.
        weight: Rows of the stratum for each labelled one in it; 0 where there is no human label.
        group, unit: Codes without gaps.
        unit_stratum: The stratum of each unit.
        unit_weight: The weight of a unit's labelled rows; 0 where it has none.
        likeness: How many times larger the variance of a mean is than for independent rows, 1 or more: of the judge's
            values or of the human ones, whichever shows more.
    """

    judged: FloatArray
    human: FloatArray
    weight: FloatArray
    group: IntArray
    unit: IntArray
    unit_stratum: IntArray
    unit_weight: FloatArray
    likeness: float

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Sums of row values over units."""
        return np.bincount(self.unit, weights=values).astype(np.float64)

    def by_group(self, values: FloatArray) -> FloatArray:
        """Sums of row values over groups."""
        return np.bincount(self.group, weights=values).astype(np.float64)

    def covariance(self, effects: FloatArray) -> FloatArray:
        """Of values whose unit effects have shape (n_units, n_values): what drawing the units adds, given the rows.

        Units of a stratum are taken as drawn at random without replacement. A stratum with a single labelled unit
        counts the square of its effect.

        Source: stratified sampling, Cochran, Sampling Techniques, 3rd edition, 1977, 5.6.
        """
        total = np.zeros((effects.shape[1], effects.shape[1]))
        for stratum in np.unique(self.unit_stratum):
            inside = self.unit_stratum == stratum
            ours = effects[inside & (self.unit_weight > 0)]
            n = len(ours)
            if n > 1:
                ours = (ours - ours.mean(axis=0)) * math.sqrt(n / (n - 1))
            total += (1 - n / inside.sum()) * ours.T @ ours
        return total


class Part(NamedTuple):
    """What people say of one part of the rows.

    Fields:
        share: Of all rows.
        value: The mean they would give, in [0, 1].
        low, high: Its 95 % interval over other draws of the labelled units.
        slope: Of human on judged values.
        predicted: Shape (n_rows,): the value expected of each row; 0 outside the part.
        residual: Shape (n_rows,): human value less predicted, times weight; 0 outside the part and without a label.
        effect: Shape (n_units,): of each unit on the value.
    """

    share: float
    value: float
    low: float
    high: float
    slope: float
    predicted: FloatArray
    residual: FloatArray
    effect: FloatArray


def labelled_rows(judged: FloatArray, human: FloatArray, design: SamplingDesign) -> LabelledRows:
    """The columns; nan stands for no value.

    Raises:
        NotMeasurable: a stratum has no human label.
    """
    has_label, scored = np.isfinite(human), np.isfinite(judged)
    all_of, labelled_of = np.bincount(design.stratum), np.bincount(design.stratum[has_label])
    labelled_of = np.pad(labelled_of, (0, len(all_of) - len(labelled_of)))
    for code in np.flatnonzero((all_of > 0) & (labelled_of == 0)):
        name = design.strata[code]
        raise NotMeasurable(f"stratum {name!r}: none of its {all_of[code]} rows has a human label; label some of them")
    weight = np.where(has_label, (all_of / np.maximum(labelled_of, 1))[design.stratum], 0.0)
    (units, unit), group = np.unique(design.unit, return_inverse=True), np.unique(design.group, return_inverse=True)[1]
    unit_stratum, unit_weight = np.zeros(len(units), dtype=np.int64), np.zeros(len(units))
    unit_stratum[unit] = design.stratum
    np.maximum.at(unit_weight, unit, weight)
    return LabelledRows(
        judged=np.where(scored, judged, 0.0),
        human=np.where(has_label, human, 0.0),
        weight=weight,
        group=group,
        unit=unit,
        unit_stratum=unit_stratum,
        unit_weight=unit_weight,
        likeness=max(_likeness(judged[scored], group[scored]), _likeness(human[has_label], group[has_label])),
    )


def part_of(rows: LabelledRows, inside: NDArray[np.bool_]) -> Part:
    """The part made of the rows inside, of which at least one has a human label.

    The value is the weighted mean of the labels, moved along the slope to where the judge puts all rows of the part.
    """
    weight = rows.weight * inside
    total = weight.sum()
    human, judged = (float(weight @ values / total) for values in (rows.human, rows.judged))
    varied = float(weight @ (rows.judged - judged) ** 2)
    slope = float(weight @ ((rows.judged - judged) * rows.human)) / varied if varied > ZERO else 0.0
    predicted = (human + slope * (rows.judged - judged)) * inside
    apart = rows.human - predicted
    residual = weight * np.where(np.abs(apart) > ZERO, apart, 0.0)
    value = on_scale(float(predicted.sum() / inside.sum()))
    low, high = _interval(rows, value, weight=weight, residual=residual, n_rows=int(inside.sum()), n_slopes=slope != 0)
    if slope and not residual.any():
        # Judge and people differ nowhere. What is not seen is no more uncertain than if there were no judge.
        alone = part_of(rows._replace(judged=np.zeros_like(rows.judged)), inside)
        low, high = max(low, value - (alone.value - alone.low)), min(high, value + (alone.high - alone.value))
    return Part(
        share=float(inside.mean()),
        value=value,
        low=low,
        high=high,
        slope=slope,
        predicted=predicted,
        residual=residual,
        effect=rows.by_unit(residual) / total,
    )


def on_scale(value: float) -> float:
    """A value from 0 to 1 without the rounding of weights: where all is yes it is exactly 1, and has an exact bound."""
    if value < ZERO:
        return 0.0
    return 1.0 if value > 1 - ZERO else value


def _interval(
    rows: LabelledRows, value: float, *, weight: FloatArray, residual: FloatArray, n_rows: int, n_slopes: int
) -> tuple[float, float]:
    """The interval of a part's value over other draws of its labelled units; a point when all its rows are labelled."""
    labelled = weight > 0
    units = np.unique(rows.unit[labelled])
    n_units = len(units) - n_slopes
    left = math.sqrt(1 - labelled.sum() / n_rows)
    # Rows of equal weight that would tell as much.
    n_equal = weight.sum() ** 2 / (weight @ weight)
    spread = math.sqrt((residual[labelled] ** 2 / weight[labelled]).sum() / weight.sum())
    if spread == 0 or value in (0.0, 1.0):
        # No spread to go by. Errors not seen are taken to be as alike within groups as the values are.
        together = min(rows.likeness, labelled.sum() / len(units))
        reach = left * _unseen_share(n_equal / together)
        return max(0.0, value - reach), min(1.0, value + reach)
    error = math.sqrt(rows.covariance(rows.by_unit(residual)[:, None] / weight.sum())[0, 0])
    if n_slopes and n_units > 1:
        error *= math.sqrt((len(units) - 1) / (n_units - 1))
    lost = len(np.unique(rows.unit_stratum[units])) - 1
    n_groups = max(1, n_units - lost)
    if n_slopes or not np.isin(rows.human[labelled], (0.0, 1.0)).all():
        return interval(value, error, n_groups=n_groups, least_error=left * spread / math.sqrt(n_equal))
    # Labels. What is left unlabelled scales the ends and not n: to have labelled nearly all of 10 rows is not many.
    n_effective = min(n_equal, value * (1 - value) * (left / error) ** 2) if error > ZERO else n_equal
    low, high = share_interval(
        value, n_effective=n_effective, n_rows=max(n_groups, int(labelled.sum()) - lost), n_groups=n_groups
    )
    return value - left * (value - low), value + left * (high - value)


def _unseen_share(n: float) -> float:
    """The largest share that is still plausible after seeing none in n; all 5 % are on that side, for it has no other.

    Source: the rule of three (3 / n), Hanley and Lippman-Hand, JAMA 249 (1983), 1743-1745, unrounded.
    """
    return float(1 - 0.05 ** (1 / n))


def _likeness(values: FloatArray, group: IntArray) -> float:
    """The design effect of a mean; values that do not vary tell nothing, and then rows of a group count as one."""
    apart = values - values.mean() if len(values) else values
    independent = float(apart @ apart)
    if independent <= ZERO:
        return math.inf
    return max(1.0, float((np.bincount(group, weights=apart) ** 2).sum()) / independent)
