"""Numbers as JSON for programs: the same keys for a run and for labels brought along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from turnwise.metrics import Slice, Summary

__all__ = ["run_as_json", "summary_as_json"]

_WITHHELD = ("value", "low", "high", "robustness", "consistency", "p_value", "statistic", "direction")


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """A summary's fields by name."""
    fields: dict[str, Any] = msgspec.to_builtins(summary)
    return fields


def run_as_json(slices: Sequence[Slice], *, show_incomplete: bool = False) -> dict[str, Any]:
    """The first slice's fields at the top, and every slice under `slices`.

    Numbers of a slice below the completeness bar are null, with the reason under `withheld`, unless
    `show_incomplete`; their n and n_failed stay.
    """
    shown = [_slice_as_json(item, show_incomplete=show_incomplete) for item in slices]
    return {**(shown[0] if shown else {}), "slices": shown}


def _slice_as_json(item: Slice, *, show_incomplete: bool) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(item)
    harm = fields.pop("harm")
    reason = item.completeness.reason
    if reason is not None and not show_incomplete:
        harm, fields = _without_numbers(harm), _without_numbers(fields)
    return {**harm, **fields, "withheld": reason}


def _without_numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: None if name in _WITHHELD else _without_numbers(item) for name, item in value.items()}
    return value
