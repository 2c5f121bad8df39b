"""A judge's rate or mean score, corrected by human labels on a sample of the rows: prediction-powered inference.

Comes after annotation.py (which rows people label) and before a report. Rows are split into parts; what people say of a
part comes from its labelled rows (labelled.py), how large it is from the judge, who has ruled on all of them.
docs/statistics.md has the formulas and the measured coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import FloatArray, interval
from turnwise.metrics.raters.annotation import SamplingDesign
from turnwise.metrics.raters.labelled import ZERO, LabelledRows, Part, labelled_rows, on_scale, part_of

__all__ = ["CorrectedEstimate", "corrected_mean", "corrected_rate"]

_NOT_SCORED = -1


class CorrectedEstimate(Estimate, frozen=True, kw_only=True):
    """What people would say of all rows, from the judge's labels on all and theirs on some.

    Fields:
        n: Rows that the judge scored or a person labelled.
        n_failed: Rows that neither did. Where people labelled other rows without a judge's label, `value` speaks of
            these too; else it speaks of the `n` rows alone.
        low, high: 95 % interval for other groups from the same source, as of every estimate.
        run_low, run_high: 95 % interval for the rows of this run, whatever groups were sampled for it.
        n_labelled: Rows with a human label.
        n_unsettled: Rows that people looked at and could not settle (unsure, or a tie): limits hold whatever they are.
        judged: What the judge's labels say by themselves; None when it scored no row.
        tuning: How far the judge's labels move the value (lambda of PPI++): 1 as far as they say, 0 not at all.
    """

    n_labelled: int
    judged: float | None
    tuning: float
    run_low: float
    run_high: float
    n_unsettled: int = 0


def corrected_rate(judged: FloatArray, human: FloatArray, design: SamplingDesign) -> CorrectedEstimate:
    """The share of rows that people would call 1.

    Rows are split by the judge's label. This is power tuning in closed form: tuning is the share of human 1 among rows
    judged 1, less that among rows judged 0. Where the rows of one of the labels have no human label, the judge's labels
    are left out, and people's labels speak alone.

    Args:
        judged: Shape (n_rows,): 1, 0, or nan where the judge could not score.
        human: Shape (n_rows,): 1, 0, or nan where no person labelled.
        design: How the labelled rows were drawn; codes for all rows, labelled or not.

    Raises:
        NotMeasurable: there is no human label, or none in some stratum.
        UsageError: a label is neither 0 nor 1; the sentence names row and value.

    Source: prediction-powered inference, arXiv 2301.09633; power tuning, PPI++, arXiv 2311.01453; with strata, arXiv
    2406.04291; intervals of parts put together as by Zou and Donner, Statistics in Medicine 27 (2008), 1693-1702.
    Differs: labelled rows are some of the judged ones, drawn in whole units; intervals are not normal ones.
    """
    _check(judged, who="judged", fits=np.isin(judged, (0.0, 1.0)), known="0 or 1")
    _check(human, who="human", fits=np.isin(human, (0.0, 1.0)), known="0 or 1")
    return _corrected(judged, human, design, labels=judged)


def corrected_mean(
    judged: FloatArray, human: FloatArray, design: SamplingDesign, *, scale: tuple[float, float]
) -> CorrectedEstimate:
    """The mean score that people would give; the judge's scores enter as far as human scores go along with them.

    Args:
        judged: Shape (n_rows,): scores, nan where the judge could not score.
        human: Shape (n_rows,): scores, nan where no person labelled.
        design: As for `corrected_rate`.
        scale: The lowest and the highest score there is. Value and intervals are on it.

    Raises:
        NotMeasurable: as for `corrected_rate`.
        UsageError: a score is off the scale; the sentence names row and value.

    Source: as for `corrected_rate`; tuning is the slope of human on judge's scores, as in the regression estimator of
    Cochran, Sampling Techniques, 3rd edition, 1977, 7.
    """
    least, most = scale
    for who, values in (("judged", judged), ("human", human)):
        _check(values, who=who, fits=(values >= least) & (values <= most), known=f"from {least:g} to {most:g}")
    span = most - least
    found = _corrected((judged - least) / span, (human - least) / span, design, labels=np.zeros_like(judged))
    moved = {
        name: value if value is None else least + span * value
        for name in ("value", "low", "high", "judged", "run_low", "run_high")
        for value in (getattr(found, name),)
    }
    return msgspec.structs.replace(found, **moved)


def _check(values: FloatArray, *, who: str, fits: NDArray[np.bool_], known: str) -> None:
    for row in np.flatnonzero(np.isfinite(values) & ~fits)[:1]:
        raise UsageError(f"row {row}: the {who} value {values[row]:g} is not {known}")


def _corrected(
    judged: FloatArray, human: FloatArray, design: SamplingDesign, *, labels: FloatArray
) -> CorrectedEstimate:
    """On [0, 1]. Rows are parted by `labels` of the judge; those it could not score are a part of their own."""
    has_label, scored = np.isfinite(human), np.isfinite(judged)
    if not has_label.any():
        raise NotMeasurable("no row has a human label, so there is nothing to correct the judge by; label some")
    if scored.any() and not (scored & has_label).any():
        raise NotMeasurable("people labelled only rows that the judge could not score; label some that it did")
    kept = scored | (has_label & ~scored).any()
    part = np.where(scored, labels, _NOT_SCORED)
    used = judged
    if set(part[kept]) != set(part[has_label]):
        # Nobody looked at rows with one of the judge's labels: what that label is worth is not known.
        part, used = np.where(scored, 0.0, _NOT_SCORED), np.where(scored, 0.0, np.nan)
    rows = labelled_rows(used[kept], human[kept], design.at(kept))
    codes = np.unique(part[kept])
    parts = [part_of(rows, part[kept] == code) for code in codes]
    value, run, source = _put_together(rows, parts)
    return CorrectedEstimate(
        value=value,
        n=int((scored | has_label).sum()),
        n_failed=int((~scored & ~has_label).sum()),
        low=source[0],
        high=source[1],
        run_low=run[0],
        run_high=run[1],
        n_labelled=int(has_label.sum()),
        judged=float(judged[scored].mean()) if scored.any() else None,
        tuning=_tuning([one for one, code in zip(parts, codes, strict=True) if code != _NOT_SCORED]),
    )


def _tuning(parts: Sequence[Part]) -> float:
    if len(parts) > 1:
        return parts[-1].value - parts[0].value
    return parts[0].slope if parts else 0.0


def _put_together(rows: LabelledRows, parts: Sequence[Part]) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """The value over all parts, its interval for these rows, and its interval for other groups from their source.

    Distances from the value to the ends add up as errors do: squared, with their covariance. So the ends stay as
    lopsided as those of the parts, where one symmetric error for all would not hold near 0 or 1.
    """
    share, values, lows, highs = np.array([(part.share, part.value, part.low, part.high) for part in parts]).T
    value = on_scale(float(share @ values))
    covariance = rows.covariance(np.column_stack([part.effect for part in parts]))
    error = np.sqrt(np.diag(covariance))
    both = np.outer(error, error)
    correlation = np.divide(covariance, both, out=np.eye(len(parts)), where=both > ZERO)
    np.fill_diagonal(correlation, 1.0)
    down, up = (math.sqrt(max(0.0, d @ correlation @ d)) for d in (share * (values - lows), share * (highs - values)))
    low, high = _between_groups(rows, parts, value)
    source = value - math.hypot(down, value - low), value + math.hypot(up, high - value)
    return value, _inside(value - down, value + up), _inside(*source)


def _between_groups(rows: LabelledRows, parts: Sequence[Part], value: float) -> tuple[float, float]:
    """The interval if people had labelled all rows: what other groups from the same source would change.

    Groups differ by what is expected of their rows, and by what labels add to it; the part of the latter that comes
    from having drawn only some units is taken off again.

    Source: two-phase sampling, Sarndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, 9.
    """
    predicted = np.sum([part.predicted for part in parts], axis=0)
    residual = np.sum([part.residual for part in parts], axis=0)
    from_labels = rows.by_unit(residual)
    not_drawn = np.divide(
        rows.unit_weight - 1, rows.unit_weight, out=np.zeros_like(from_labels), where=from_labels != 0
    )
    squares = (rows.by_group(predicted - value + residual) ** 2).sum() - (not_drawn * from_labels**2).sum()
    n_rows, n_groups = len(predicted), int(rows.group.max()) + 1
    error = math.sqrt(max(0.0, squares) * n_groups / max(1, n_groups - 1)) / n_rows
    spread = math.sqrt(rows.weight @ (rows.human - value) ** 2 / rows.weight.sum())
    return interval(value, error, n_groups=n_groups, least_error=spread / math.sqrt(n_rows))


def _inside(low: float, high: float) -> tuple[float, float]:
    return max(0.0, low), min(1.0, high)
