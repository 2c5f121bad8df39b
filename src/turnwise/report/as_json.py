"""Numbers as JSON for programs: the same keys for a run and for labels brought along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from turnwise.metrics import IndexWithVariants, SafetyIndex, Slice, Summary

__all__ = ["run_as_json", "summary_as_json"]

_NUMBERS = ("value", "n", "n_failed", "low", "high")
_WITHHELD = ("value", "low", "high", "robustness", "consistency", "p_value", "statistic", "direction")


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """A summary's fields by name; of each rate first what it is of, then its numbers."""
    fields: dict[str, Any] = _keys_first(msgspec.to_builtins(summary))
    if summary.safety_index is not None:
        fields["safety_index"] = _with_variants(summary.safety_index)
    return fields


def run_as_json(slices: Sequence[Slice], *, show_incomplete: bool = False) -> dict[str, Any]:
    """The first slice's fields at the top, and every slice under `slices`.

    Numbers of a slice below the completeness bar are null, with the reason under `withheld`, unless
    `show_incomplete`; their n and n_failed stay. `withheld` is null where numbers are shown.
    """
    shown = [_slice_as_json(item, show_incomplete=show_incomplete) for item in slices]
    return {**(shown[0] if shown else {}), "slices": shown}


def _slice_as_json(item: Slice, *, show_incomplete: bool) -> dict[str, Any]:
    fields: dict[str, Any] = _keys_first(msgspec.to_builtins(item))
    del fields["harm"]
    names = {"benchmark": fields.pop("benchmark"), "judge": fields.pop("judge")}
    numbers = {**summary_as_json(item.harm), **fields}
    if item.completeness.withheld and not show_incomplete:
        return {**names, "withheld": item.completeness.reason, **_without_numbers(numbers)}
    return {**names, "withheld": None, **numbers}


def _with_variants(index: IndexWithVariants) -> dict[str, Any]:
    fields = _index(index)
    return {**fields, "uniform": _index(index.uniform), "long": _index(index.long)}


def _index(index: SafetyIndex) -> dict[str, Any]:
    return {**msgspec.to_builtins(index), "comparable": index.comparable}


def _keys_first(value: Any) -> Any:
    """The same value, where a rate begins with the names that say what it is of."""
    if isinstance(value, list):
        return [_keys_first(item) for item in value]
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda name: "value" in value and name in _NUMBERS)
        return {name: _keys_first(value[name]) for name in ordered}
    return value


def _without_numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: None if name in _WITHHELD else _without_numbers(item) for name, item in value.items()}
    return value
