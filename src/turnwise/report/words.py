"""Numbers in words, the same on every page: percentages, intervals, counts, and what stands for a withheld number."""

from __future__ import annotations

from turnwise.metrics import COMPLETENESS_BAR, Estimate, GradeMean, SequentialHeadline, SurvivalPoint

__all__ = [
    "BAR",
    "MARK",
    "coefficient_text",
    "counted",
    "interval_text",
    "known_words",
    "limits_text",
    "percent",
    "plain",
    "scored_text",
    "value_text",
]

BAR = f"{COMPLETENESS_BAR:.0%}"
"""The share of scored rows below which a number is withheld."""

MARK = "*"
"""Stands behind a number below the bar that is shown because somebody asked for it."""

_NONE = "-"


def percent(value: float | None) -> str:
    """A fraction as a percentage with one decimal; "-" for none."""
    return _NONE if value is None else f"{value:.1%}"


def interval_text(low: float | None, high: float | None) -> str:
    """A 95 % interval in percent; "" for none."""
    return "" if low is None or high is None else f"[{low:.1%}, {high:.1%}]"


def limits_text(number: Estimate) -> str:
    """The interval of a number: in percent, or of a grade on its own scale."""
    if isinstance(number, GradeMean) and number.low is not None and number.high is not None:
        return f"[{number.low:.2f}, {number.high:.2f}]"
    return interval_text(number.low, number.high)


def scored_text(rate: Estimate) -> str:
    """How many of its rows a number rests on; a point of a survival curve, on groups scored so far."""
    if isinstance(rate, SurvivalPoint):
        return f"({rate.n_groups - rate.n_lost:,} of {counted(rate.n_groups, 'group')} scored so far)"
    return f"({rate.n:,} of {rate.n_expected:,} scored)"


def value_text(rate: Estimate) -> str:
    """A rate in percent, a grade as it is; marked when it is below the bar, and the word for it when it is withheld."""
    if rate.withheld and rate.value is None:
        return f"withheld {scored_text(rate)}"
    of_grades = isinstance(rate, GradeMean) and rate.value is not None
    return (f"{rate.value:.2f}" if of_grades else percent(rate.value)) + MARK * rate.withheld


def known_words(headline: SequentialHeadline) -> str:
    """What is known of a headline that a run stops by, and from how much of the run."""
    groups = f"{headline.n_groups:,} of {counted(headline.n_groups_all, 'group')}"
    state = "known" if headline.known else "not known"
    said = f"{plain(headline.measure)}: {state} to ±{headline.half_width * 100:g} points after {groups}"
    if headline.known or not headline.n_failed:
        return said
    return f"{said}, for {counted(headline.n_failed, 'dialogue')} could not be scored"


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 dialogue", "1,200 dialogues", "2 replies"."""
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else several}"


def plain(name: str) -> str:
    """A name of ours as words."""
    return name.replace("_", " ").replace("over refusal", "over-refusal")


def coefficient_text(number: Estimate | None) -> str:
    """A coefficient, or a number like one, with its interval; "-" for none."""
    if number is None or number.value is None or number.low is None or number.high is None:
        return _NONE
    return f"{number.value:.2f} [{number.low:.2f}, {number.high:.2f}]"
