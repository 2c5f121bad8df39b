"""Verdicts of a judge and of its repeats -> how far it agrees with itself, and what that does to the headline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from turnwise.judge import Dimension, JudgeCard
from turnwise.metrics.comparing.measures import MEASURES, estimate_of
from turnwise.metrics.estimate import Estimate, as_shown
from turnwise.metrics.interval import FloatArray
from turnwise.metrics.raters.agreement import Agreement, Level, Ratings, krippendorff_alpha, raw_agreement
from turnwise.metrics.raters.of_panel import ABOUT, is_answered
from turnwise.metrics.raters.panel import PanelUnit, panel_raters, panel_ratings
from turnwise.metrics.raters.sitting import panel_units, rows_under
from turnwise.metrics.rates import rate
from turnwise.runfile import Reader, ScoredRow

__all__ = ["DimensionStability", "Stability", "stability_as_shown", "stability_of_run"]

_HARM = MEASURES[0]


class DimensionStability(msgspec.Struct, frozen=True):
    """A judge beside itself on one dimension, over the dialogues it is about whose last turn the target answered.

    Fields:
        raw: Share of agreeing pairs of rulings.
        alpha: Krippendorff's: nominal for labels, ordinal for stances and grades.
        changed: Share of the dialogues on which it did not say the same each time; of labels, those that flipped.
    """

    dimension: Dimension
    raw: Agreement
    alpha: Agreement
    changed: Estimate


class Stability(msgspec.Struct, frozen=True):
    """A judge of one benchmark beside its repeats.

    Fields:
        repeats: How often it ruled, the first time included.
        attack_success_rate: Over the unsafe dialogues, each time it ruled.
        spread: The greatest of these less the least: what asking again did to the number. None where there are none.
    """

    benchmark: str
    judge: str
    repeats: int
    dimensions: list[DimensionStability]
    attack_success_rate: list[Estimate]
    spread: float | None


def stability_of_run(reader: Reader, *, seed: int = 0, resamples: int = 2000) -> list[Stability]:
    """Every judge of a run that ruled more than once, for each benchmark; empty when none did."""
    cards = reader.judges()
    found = []
    for name in dict.fromkeys(card.first for card in cards if card.repeat > 1):
        rulings = [card for card in cards if card.first == name]
        rows, units = panel_units(reader, rulings)
        asked = [(row, unit) for row, unit in zip(rows, units, strict=True) if is_answered(row)]
        tables = [rows_under(reader, card.name) for card in rulings]
        for benchmark in dict.fromkeys(row.benchmark for row in rows):
            rates = [
                estimate_of(_HARM, (row for row in table if row.benchmark == benchmark), seed=seed, resamples=resamples)
                for table in tables
            ]
            values = [rate.value for rate in rates if rate.value is not None]
            ours = [pair for pair in asked if pair[0].benchmark == benchmark]
            found.append(
                Stability(
                    benchmark=benchmark,
                    judge=name,
                    repeats=len(rulings),
                    dimensions=list(_dimensions(ours, rulings, seed=seed, resamples=resamples)),
                    attack_success_rate=rates,
                    spread=max(values) - min(values) if values else None,
                )
            )
    return found


def stability_as_shown(one: Stability) -> Stability:
    """The same without the shares and rates that are withheld; no spread where a rate is."""
    dimensions = [msgspec.structs.replace(part, changed=as_shown(part.changed)) for part in one.dimensions]
    rates = [as_shown(rate) for rate in one.attack_success_rate]
    spread = None if any(rate.withheld for rate in rates) else one.spread
    return msgspec.structs.replace(one, dimensions=dimensions, attack_success_rate=rates, spread=spread)


def _dimensions(
    asked: Sequence[tuple[ScoredRow, PanelUnit]], rulings: Sequence[JudgeCard], *, seed: int, resamples: int
) -> Iterator[DimensionStability]:
    rules_on = [card.rules_on for card in rulings]
    for dimension, intents in ABOUT.items():
        units = [unit for row, unit in asked if row.intent in intents]
        if units and len(panel_raters(units, dimension, rules_on)) > 1:
            ratings = panel_ratings(units, dimension, rules_on)
            level: Level = "nominal" if dimension == "label" else "ordinal"
            yield DimensionStability(
                dimension=dimension,
                raw=raw_agreement(ratings, seed=seed, resamples=resamples),
                alpha=krippendorff_alpha(ratings, level=level, seed=seed, resamples=resamples),
                changed=rate(_changed(ratings), ratings.group, seed=seed, resamples=resamples),
            )


def _changed(ratings: Ratings) -> FloatArray:
    """Shape (n_units,): 1 where rulings differ, 0 where all are the same, nan with fewer than two of them."""
    values = ratings.values
    known = np.isfinite(values)
    highest = np.where(known, values, -np.inf).max(axis=1)
    lowest = np.where(known, values, np.inf).min(axis=1)
    changed: FloatArray = np.where(known.sum(axis=1) > 1, (highest > lowest).astype(np.float64), np.nan)
    return changed
