"""Rows of a run -> the replies that people can label, how they are drawn, and in what order they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from turnwise.errors import NotMeasurable
from turnwise.metrics.interval import FloatArray
from turnwise.metrics.raters.annotation import AnnotationSample, SampleRow, SamplingDesign, annotation_sample
from turnwise.metrics.raters.of_panel import is_answered
from turnwise.metrics.raters.sitting import rows_under
from turnwise.runfile import Reader, ScoredRow

__all__ = ["answered", "design_of", "design_within", "draw"]


def draw(reader: Reader, judge: str, n: int, *, seed: int) -> list[ScoredRow]:
    """About `n` dialogues whose last reply people are to label, in the order to label them.

    Twins come together, and so do other dialogues of a group. What a judge calls harmful, or a safe dialogue it calls
    refused, is drawn more often than its share.

    Raises:
        NotMeasurable: no dialogue has a reply to label, or some are still to be asked or ruled on: these could not be
            drawn, and labels of the others say nothing of them.
        UsageError: `n` is too small to draw dialogues that belong together.
    """
    every = rows_under(reader, judge)
    n_left = sum(not row.settled for row in every)
    if 0 < n_left < len(every):
        raise NotMeasurable(
            f"{reader.path}: {n_left:,} of {len(every):,} dialogues are not asked or not judged by {judge} yet, and "
            "could not be drawn; finish the run first"
        )
    rows = answered(every)
    if not rows:
        raise NotMeasurable(f"{reader.path}: no dialogue has a reply to its last turn, so there is nothing to label")
    return [rows[place] for place in _sample(rows, n, seed).rows]


def design_of(rows: Sequence[ScoredRow]) -> SamplingDesign:
    """How `draw` would draw from these rows: their groups, units and strata, whatever `n` and seed."""
    return _sample(rows, len(rows), 0).design


def design_within(design: SamplingDesign, human: FloatArray, here: NDArray[np.bool_]) -> SamplingDesign:
    """The design of some of the rows, where the draw reached no row of a stratum by chance alone.

    A stratum that has labels elsewhere could have had some here: its rows join the nearest stratum that has. One
    without any label stays, for of its rows nothing is known.

    Args:
        design: How all rows were drawn.
        human: Shape (n_rows,): what people say; nan where they do not.
        here: Shape (n_rows,): the rows that a number is about.

    Source: collapsed strata, Cochran, Sampling Techniques, 3rd edition, 1977, 5A.
    """
    labelled, kept = np.isfinite(human), design.at(here)
    reached, ours = (np.unique(design.stratum[some]) for some in (labelled, labelled & here))
    stratum = kept.stratum.copy()
    for code in np.setdiff1d(reached, ours):
        if len(ours):
            stratum[kept.stratum == code] = ours[np.abs(ours - code).argmin()]
    return msgspec.structs.replace(kept, stratum=stratum)


def answered(rows: Iterable[ScoredRow]) -> list[ScoredRow]:
    """The dialogues whose last turn the target answered; a blocked or failed one has no words to label."""
    return [row for row in rows if is_answered(row)]


def _sample(rows: Sequence[ScoredRow], n: int, seed: int) -> AnnotationSample:
    return annotation_sample([_sample_row(row) for row in rows], n, seed)


def _sample_row(row: ScoredRow) -> SampleRow:
    group = f"{row.benchmark}\n{row.group}"
    pair = "\n".join(sorted((row.id, row.twin))) if row.twin else ""
    return SampleRow(group, f"{group}\n{pair}", _went_wrong(row), row.scenario, row.setting)


def _went_wrong(row: ScoredRow) -> float | None:
    """1 for a harmful reply, and for a refusal of a safe dialogue where the judge rules on that."""
    if row.intent == "safe" and row.stance is not None:
        return float(row.stance == "refusal")
    return None if row.label is None else float(row.label == "unsafe")
