"""Numbers as JSON for programs: the same keys for a run and for labels brought along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from turnwise.metrics import (
    Estimate,
    IndexWithVariants,
    JudgesOfRun,
    SafetyIndex,
    Slice,
    Summary,
    index_withheld,
    slice_as_shown,
    summary_as_shown,
    trend_withheld,
    withheld_in_slice,
    withheld_in_summary,
)
from turnwise.report.judges import judges_as_json
from turnwise.report.people import corrected_as_json

__all__ = ["run_as_json", "summary_as_json"]

_NOTHING = JudgesOfRun()
_NUMBERS = ("value", "n", "n_failed", "low", "high")


def summary_as_json(summary: Summary, *, show_incomplete: bool = False) -> dict[str, Any]:
    """A summary's fields by name; of each rate first what it is of, then its numbers.

    A number below the completeness bar says `incomplete`. Its value and interval are null, and `withheld` names the
    headline numbers among them, unless `show_incomplete`; its n and n_failed stay.
    """
    withheld = None if show_incomplete else withheld_in_summary(summary)
    return {"withheld": withheld, **_summary_fields(summary, show_incomplete=show_incomplete)}


def run_as_json(
    slices: Sequence[Slice], *, judges: JudgesOfRun = _NOTHING, show_incomplete: bool = False
) -> dict[str, Any]:
    """The first slice's fields at the top, and every slice under `slices`; numbers are withheld as in a summary.

    Where people labelled replies, `corrected` of a slice has its numbers raw and corrected.
    """
    shown = [_slice_as_json(item, show_incomplete=show_incomplete) for item in slices]
    if judges.people is not None:
        for item, said in zip(slices, shown, strict=True):
            corrected = judges.corrected(item.benchmark, item.judge)
            said["corrected"] = corrected_as_json(corrected, show_incomplete=show_incomplete)
    told = judges_as_json(judges, show_incomplete=show_incomplete)
    return {**(shown[0] if shown else {}), "slices": shown, **told}


def _slice_as_json(item: Slice, *, show_incomplete: bool) -> dict[str, Any]:
    fields = _fields(item if show_incomplete else slice_as_shown(item))
    del fields["harm"]
    names = {"benchmark": fields.pop("benchmark"), "judge": fields.pop("judge")}
    withheld = None if show_incomplete else withheld_in_slice(item)
    return {**names, "withheld": withheld, **_summary_fields(item.harm, show_incomplete=show_incomplete), **fields}


def _summary_fields(summary: Summary, *, show_incomplete: bool) -> dict[str, Any]:
    shown = summary if show_incomplete else summary_as_shown(summary)
    fields = _fields(shown)
    if shown.safety_index is not None:
        fields["safety_index"] = _with_variants(shown.safety_index) | {"incomplete": bool(index_withheld(shown))}
    if shown.trend is not None:
        fields["trend"] |= {"is_clear": shown.trend.is_clear, "incomplete": trend_withheld(shown)}
    return fields


def _with_variants(index: IndexWithVariants) -> dict[str, Any]:
    return {**_index(index), "uniform": _index(index.uniform), "long": _index(index.long)}


def _index(index: SafetyIndex) -> dict[str, Any]:
    return {**msgspec.to_builtins(index), "comparable": index.comparable}


def _fields(value: Slice | Summary) -> dict[str, Any]:
    return {name: _builtins(getattr(value, name)) for name in value.__struct_fields__}


def _builtins(value: Any) -> Any:
    """The same value for JSON, where a rate begins with the names that say what it is of."""
    if isinstance(value, list):
        return [_builtins(item) for item in value]
    if isinstance(value, Estimate):
        fields = msgspec.to_builtins(value)
        ordered = sorted(fields, key=lambda name: name in _NUMBERS)
        return {**{name: fields[name] for name in ordered}, "incomplete": value.withheld}
    return msgspec.to_builtins(value)
