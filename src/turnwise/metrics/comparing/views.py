"""One judge that ruled with several views of the images -> what each view changes, on the same replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec
import numpy as np

from turnwise.judge import JudgeCard, Sees
from turnwise.metrics.comparing.measures import MEASURES, Measure, MeasureName, ruled_on
from turnwise.metrics.estimate import as_shown
from turnwise.metrics.paired.comparison import Comparison, compare
from turnwise.metrics.paired.pairs import Pairs
from turnwise.metrics.raters.sitting import judges_of, rows_under
from turnwise.runfile import Reader, ScoredRow

__all__ = ["ViewChange", "view_as_shown", "view_changes"]

_VIEWS: tuple[Sees, ...] = ("image", "caption", "neither")


class ViewChange(Comparison, frozen=True, kw_only=True):
    """A measure under one view less the same measure under the fullest one, over dialogues with images.

    Fields:
        judges: Names of both judges, the one with the fuller view first; model and rubric are the same.
        sees: Their views, likewise.
        n_flipped: Of the `n` dialogues, those on which the two verdicts differ.
        scale: The least and the greatest value a dialogue can have.
    """

    benchmark: str
    judges: tuple[str, str]
    sees: tuple[Sees, Sees]
    measure: MeasureName
    n_flipped: int
    scale: tuple[float, float]


def view_changes(reader: Reader, *, seed: int = 0, resamples: int = 2000) -> list[ViewChange]:
    """What the judges of a run change with what they see; empty where none ruled with two views.

    Dialogues without images look the same under every view and are left out.
    """
    return [
        change
        for views in _views(judges_of(reader))
        for change in _changes(reader, views, seed=seed, resamples=resamples)
    ]


def view_as_shown(change: ViewChange) -> ViewChange:
    """The same change, without any number that it says where it is withheld; its counts stay."""
    if not change.withheld:
        return change
    first, second = as_shown(change.first), as_shown(change.second)
    return msgspec.structs.replace(
        as_shown(change), first=first, second=second, p_value=None, cohens_h=None, discordance=None
    )


def _views(cards: Sequence[JudgeCard]) -> Iterator[list[JudgeCard]]:
    """Judges that differ in their view alone, the fullest view first; one for each view."""

    def alike(card: JudgeCard) -> tuple[str, str, str]:
        return card.rubric_sha256, card.model or "", card.turns

    # Judges without a model see no image; a sort is stable, so that of one view the first judge counts.
    with_view = sorted((card for card in cards if card.model is not None), key=lambda card: _VIEWS.index(card.sees))
    for _, ours in groupby(sorted(with_view, key=alike), key=alike):
        by_view: dict[Sees, JudgeCard] = {}
        for card in ours:
            by_view.setdefault(card.sees, card)
        if len(by_view) > 1:
            yield list(by_view.values())


def _changes(reader: Reader, views: Sequence[JudgeCard], *, seed: int, resamples: int) -> Iterator[ViewChange]:
    first, *others = views
    rows = {card.name: [row for row in rows_under(reader, card.name) if row.modality == "multimodal"] for card in views}
    for benchmark in dict.fromkeys(row.benchmark for row in rows[first.name]):
        for other in others:
            ours, theirs = ([row for row in rows[card.name] if row.benchmark == benchmark] for card in (first, other))
            for measure in MEASURES:
                if ruled_on(measure, ours, first.rules_on) or ruled_on(measure, theirs, other.rules_on):
                    pairs = _pairs(measure, ours, theirs)
                    found = compare(pairs, scale=measure.scale, seed=seed, resamples=resamples)
                    yield ViewChange(
                        **msgspec.structs.asdict(found),
                        benchmark=benchmark,
                        judges=(first.name, other.name),
                        sees=(first.sees, other.sees),
                        measure=measure.name,
                        n_flipped=_n_flipped(pairs),
                        scale=measure.scale,
                    )


def _pairs(measure: Measure, first: Sequence[ScoredRow], second: Sequence[ScoredRow]) -> Pairs:
    return Pairs.of(measure.over(first), measure.over(second))


def _n_flipped(pairs: Pairs) -> int:
    scored = pairs.scored()
    return int(np.count_nonzero(scored.first != scored.second))
