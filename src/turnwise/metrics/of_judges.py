"""From the rows of a run file to what its judges are worth: their cards, people beside them, and what they see."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from turnwise.metrics.comparing.views import ViewChange, view_changes
from turnwise.metrics.people import CalibratedCard, Corrected, PeopleReport, calibrate_run, calibrated_cards
from turnwise.metrics.raters.of_panel import DimensionAgreement, panel_of_run
from turnwise.metrics.raters.sitting import PANEL, members_named, opinions_of
from turnwise.metrics.raters.stability import Stability, stability_of_run
from turnwise.runfile import Reader

__all__ = ["JudgesOfRun", "judges_of_run"]


class JudgesOfRun(msgspec.Struct, frozen=True):
    """What is said of the judges of a run beside their numbers.

    Fields:
        people: What people's labels say of them; None where nobody labelled the run.
        views: What a judge that ruled with several views of the images changes with each.
        agreement: How far the judges agree with each other; empty where one ruled.
        stability: How far each agrees with itself; empty where none ruled more than once.
    """

    cards: list[CalibratedCard] = []
    people: PeopleReport | None = None
    views: list[ViewChange] = []
    agreement: list[DimensionAgreement] = []
    stability: list[Stability] = []

    def corrected(self, benchmark: str, judge: str) -> list[Corrected]:
        """The numbers of a slice beside what people make of them; empty where nobody labelled a reply of it."""
        given = [] if self.people is None else self.people.corrected
        return [one for one in given if (one.benchmark, one.judge) == (benchmark, judge)]


def judges_of_run(reader: Reader, *, judges: Sequence[str] = (), seed: int = 0, resamples: int = 2000) -> JudgesOfRun:
    """All of it, of all judges or of those named; of a panel, its members."""
    named = {card.name for name in judges for card in members_named(reader, name)}
    people = None
    if reader.judges() and reader.annotations():
        people = calibrate_run(reader, seed=seed, resamples=resamples)
    views = view_changes(reader, seed=seed, resamples=resamples)
    return JudgesOfRun(
        cards=[one for one in calibrated_cards(reader, people) if not judges or one.card.name in named],
        people=people,
        views=[one for one in views if not judges or set(one.judges) <= named],
        agreement=_agreement(reader, seed=seed, resamples=resamples),
        stability=[
            one for one in stability_of_run(reader, seed=seed, resamples=resamples) if not judges or one.judge in named
        ],
    )


def _agreement(reader: Reader, *, seed: int, resamples: int) -> list[DimensionAgreement]:
    """Of all judges, whichever are shown: how far one can be believed shows beside the others."""
    if len(opinions_of(reader)) < 2:  # noqa: PLR2004 - one judge agrees with nobody
        return []
    return panel_of_run(reader, PANEL, seed=seed, resamples=resamples).agreement
