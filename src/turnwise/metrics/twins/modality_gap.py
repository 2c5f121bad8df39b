"""The same dialogue with images and without: how much more often the target is unsafe, or over-refuses, with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from turnwise.dialogue import Modality
from turnwise.judge import Dimension
from turnwise.metrics.comparing.measures import MEASURES, Measure, MeasureName, ruled_on
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.paired.comparison import compare
from turnwise.metrics.paired.pairs import Pairs, RunValue
from turnwise.runfile import ScoredRow

__all__ = ["ModalityGap", "modality_gaps"]

_MEASURES = ("attack_success_rate", "over_refusal_rate")


class ModalityGap(Estimate, frozen=True, kw_only=True):
    """A rate over multimodal dialogues less the same over unimodal ones. Value and interval lie in [-1, 1].

    Fields:
        n, n_failed: Settings of groups that have dialogues in both modalities; those in `n` were scored in both.
    """

    measure: MeasureName


def modality_gaps(
    rows: Sequence[ScoredRow], *, rules_on: Sequence[Dimension] = (), seed: int = 0, resamples: int = 2000
) -> list[ModalityGap]:
    """The gaps in ASR and over-refusal among the rows of one benchmark under one judge; none where nothing is paired.

    A pair is a group in one setting. Where it has several dialogues of a modality, as with variants of an image, their
    mean counts, and only if all of them were scored.

    Source: paired difference with the interval of `compare`; the measure is ours.
    """
    found = []
    for measure in MEASURES:
        if measure.name in _MEASURES and ruled_on(measure, rows, rules_on):
            pairs = Pairs.of(*(_values(measure, rows, modality) for modality in ("unimodal", "multimodal")))
            if len(pairs.group):
                gap = compare(pairs, seed=seed, resamples=resamples)
                found.append(ModalityGap(gap.value, gap.n, gap.n_failed, gap.low, gap.high, measure=measure.name))
    return found


def _values(measure: Measure, rows: Iterable[ScoredRow], modality: Modality) -> Iterator[RunValue]:
    """One value for each setting of a group."""
    by_place: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for row in rows:
        if row.intent == measure.intent and row.modality == modality:
            by_place[row.group, row.setting].append(measure.value(row))
    for (group, setting), values in by_place.items():
        scored = [value for value in values if value is not None]
        mean = sum(scored) / len(scored) if len(scored) == len(values) else None
        yield RunValue(msgspec.json.encode([group, setting]).decode(), group, mean)
