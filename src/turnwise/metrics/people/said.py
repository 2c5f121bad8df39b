"""What several people said of the replies of a run: what they say together, and how far they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from turnwise.metrics.comparing.measures import LABEL_SCALE, MEASURES, Measure
from turnwise.metrics.raters.agreement import Agreement, Ratings, gwet_ac1, krippendorff_alpha, raw_agreement
from turnwise.runfile import Annotation, ScoredRow

__all__ = ["Annotator", "BetweenPeople", "Said", "annotators", "between_people", "together"]

Said = Mapping[tuple[int, int], Sequence[Annotation]]
"""What people said, by number of the dialogue and turn."""


class Annotator(msgspec.Struct, frozen=True):
    """One person's work: replies looked at, and those on which they could not tell."""

    name: str
    n: int
    n_unsure: int


class BetweenPeople(msgspec.Struct, frozen=True):
    """How far the annotators agree with each other on harm.

    Fields:
        n_tied: Replies that as many called safe as unsafe: they have no label, and are in no number that rests on one.
    """

    agreement: Agreement
    alpha: Agreement
    ac1: Agreement
    n_tied: int


def annotators(annotations: Iterable[Annotation]) -> list[Annotator]:
    """The people, by name."""
    labels: dict[str, list[Literal["safe", "unsafe", "unsure"]]] = defaultdict(list)
    for one in annotations:
        labels[one.annotator].append(one.label)
    return [Annotator(name, len(labels[name]), labels[name].count("unsure")) for name in sorted(labels)]


def together(measure: Measure, given: Sequence[Annotation]) -> float | None:
    """What people say of a reply together: their majority, or the mean of grades; None when they do not."""
    values = [value for one in given if (value := measure.value(one)) is not None]
    if not values:
        return None
    mean = sum(values) / len(values)
    if measure.scale != LABEL_SCALE:
        return mean
    return None if mean == 0.5 else float(mean > 0.5)  # noqa: PLR2004 - half of them


def between_people(said: Said, row_of: Mapping[int, ScoredRow], *, seed: int, resamples: int) -> BetweenPeople | None:
    """How far the annotators agree; None with one of them, or no reply in common."""
    names = sorted({one.annotator for given in said.values() for one in given})
    values = np.full((len(said), len(names)), np.nan)
    for unit, given in enumerate(said.values()):
        for one in given:
            label = MEASURES[0].value(one)
            values[unit, names.index(one.annotator)] = np.nan if label is None else label
    if not (np.isfinite(values).sum(axis=1) > 1).any():
        return None
    groups = [(row_of[number].benchmark, row_of[number].group) for number, _ in said]
    code = {group: place for place, group in enumerate(sorted(set(groups)))}
    unsafe, safe = (values == 1).sum(axis=1), (values == 0).sum(axis=1)
    ratings = Ratings(values, np.array([code[group] for group in groups], dtype=np.int64), LABEL_SCALE)
    return BetweenPeople(
        agreement=raw_agreement(ratings, seed=seed, resamples=resamples),
        alpha=krippendorff_alpha(ratings, level="nominal", seed=seed, resamples=resamples),
        ac1=gwet_ac1(ratings, seed=seed, resamples=resamples),
        n_tied=int(((unsafe == safe) & (unsafe > 0)).sum()),
    )
