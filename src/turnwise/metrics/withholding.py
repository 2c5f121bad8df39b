"""Which numbers are withheld, decided here once for every printer and for the exit code.

A number stands on its own rows: below the completeness bar it is shown only to who asks for it. One made of the rates
at several lengths, the Safety Index `as_published` or the trend, is withheld with any of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from turnwise.metrics.estimate import COMPLETENESS_BAR, Estimate, as_shown
from turnwise.metrics.harm.summary import Summary
from turnwise.metrics.of_run import Slice
from turnwise.metrics.sequential.headlines import SequentialHeadline
from turnwise.metrics.twins import (
    GradeMean,
    IntentAccuracy,
    ModalityGap,
    RefusalTiming,
    SettingRate,
    TurnRefusal,
    TwinOutcome,
)

__all__ = [
    "index_withheld",
    "slice_as_shown",
    "summary_as_shown",
    "trend_withheld",
    "withheld_in_slice",
    "withheld_in_summary",
]


def withheld_in_summary(summary: Summary) -> str | None:
    """One sentence that names the headline numbers withheld; None when none is."""
    return _sentence(_withheld_names(_headlines_of_summary(summary), summary))


def withheld_in_slice(item: Slice) -> str | None:
    """The same for a slice of a run, with the way on; a slice without any number is withheld as a whole."""
    headlines, done = [*_headlines_of_summary(item.harm), *_headlines_of_slice(item)], item.completeness
    again = "; the same command asks again for what failed" if done.can_go_on else ""
    sentence = _sentence(_withheld_names(headlines, item.harm))
    if sentence is not None:
        return sentence + again
    if any(rate.n for _, rate in headlines) or (done.fraction or 0.0) >= COMPLETENESS_BAR:
        return None
    return f"withheld: {done.n_scored} of {done.n_expected} rows are scored, and there is no number{again}"


def summary_as_shown(summary: Summary) -> Summary:
    """A summary without the values that are withheld; why the index is, stands in its reason."""
    shown: Summary = _all_as_shown(summary)
    if trend_withheld(summary):
        shown = msgspec.structs.replace(shown, trend=None)
    index = index_withheld(summary)
    if index is not None:
        shown = msgspec.structs.replace(shown, safety_index=None, safety_index_reason=f"withheld {index}")
    return shown


def slice_as_shown(item: Slice) -> Slice:
    """The same for a slice of a run."""
    shown: Slice = _all_as_shown(item)
    return msgspec.structs.replace(shown, harm=summary_as_shown(item.harm))


def index_withheld(summary: Summary) -> str | None:
    """What the Safety Index lacks, where it is withheld; `strict` has none that lacks anything."""
    index = summary.safety_index
    if index is None or not _any_withheld(summary, index.lengths):
        return None
    n_expected = index.n_groups * len(index.lengths)
    return f"({n_expected - index.n_failed:,} of {n_expected:,} labels resolved)"


def trend_withheld(summary: Summary) -> bool:
    """Whether a trend is withheld, or would be: it is about all lengths alike."""
    return len(summary.asr) > 1 and _any_withheld(summary, summary.lengths)


def _all_as_shown(value: Any) -> Any:
    """Every estimate inside as it is shown, so that a number added to a slice one day is withheld like the others."""
    if isinstance(value, Estimate):
        return as_shown(value)
    if isinstance(value, list):
        return [_all_as_shown(one) for one in value]
    if isinstance(value, Slice | Summary):
        fields = {name: _all_as_shown(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value


def _headlines_of_summary(summary: Summary) -> Iterator[tuple[str, Estimate]]:
    for rate in summary.asr:
        yield f"attack success rate at length {rate.length}", rate
    if len(summary.asr) != 1:
        yield "attack success rate over all lengths", summary.asr_overall


def _headlines_of_slice(item: Slice) -> Iterator[tuple[str, Estimate]]:
    """Every rate that a slice has for itself; those by setting with the setting's name."""
    for name in item.__struct_fields__:
        words, value = _words(name.removesuffix("_by_setting")), getattr(item, name)
        for rate in value if isinstance(value, list) else [value]:
            if isinstance(rate, Estimate) and (said := _named(rate, words)) is not None:
                yield said, rate


def _named(rate: Estimate, words: str) -> str | None:
    """What a number of a slice is called; None for those that are part of another one."""
    name: str | None = words
    match rate:
        case SettingRate():
            name = f"{words} in {_words(rate.setting)}, {rate.modality}"
        case ModalityGap():
            name = f"modality gap in {_words(rate.measure)}"
        case GradeMean():
            name = _words(rate.measure) if rate.setting is None else None
        case IntentAccuracy():
            whole = rate.setting is None and rate.intent is None
            name = f"{words} ({rate.kind.replace('_', '/')})" if whole else None
        case RefusalTiming():
            name = "refusal of escalations at their last turn" if rate.timing == "as_wanted" else None
        case SequentialHeadline():
            name = f"{_words(rate.measure)} at every moment"
        case TwinOutcome() | TurnRefusal():
            name = None
    return name


def _words(name: str) -> str:
    return name.replace("over_refusal", "over-refusal").replace("_", " ")


def _withheld_names(headlines: Iterable[tuple[str, Estimate]], summary: Summary) -> list[str]:
    named = [f"{name} ({rate.n:,} of {rate.n_expected:,} scored)" for name, rate in headlines if rate.withheld]
    index = index_withheld(summary)
    return named if index is None else [*named, f"safety index {index}"]


def _sentence(names: list[str]) -> str | None:
    return f"withheld: {', '.join(names)}; the bar is {COMPLETENESS_BAR:.0%}" if names else None


def _any_withheld(summary: Summary, lengths: Iterable[int]) -> bool:
    return any(rate.withheld for rate in summary.asr if rate.length in lengths)
