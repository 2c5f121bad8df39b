"""A plan of a comparison as lines for a terminal and as JSON."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import msgspec

from turnwise.metrics.comparing import Plan
from turnwise.report.words import counted, percent

__all__ = ["plan_as_json", "plan_as_lines"]


def plan_as_json(found: Plan) -> dict[str, Any]:
    """All fields by name."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    return fields


def plan_as_lines(found: Plan) -> list[str]:
    """What is to be seen, what is assumed, and what it takes."""
    design, pilot = found.design, found.pilot
    digits = _digits(100 * abs(design.difference))
    apart = (
        f"{found.first:.{digits}%} and {found.second:.{digits}%} apart "
        f"({100 * design.difference:+.{digits}f} percentage points)"
    )
    rows = f"{design.rows_per_group:.3g} {'dialogue' if design.rows_per_group == 1 else 'dialogues'} a group"
    correlated = f"whose differences correlate by {design.group_correlation:.2f}"
    lines = [
        f"to see     {apart} with a chance of {found.power:.0%}, p at most {found.alpha:g}",
        f"assumed    the runs disagree on {percent(design.discordance)} of dialogues; {rows}, {correlated}",
        f"it takes   {counted(found.n_groups, 'group')}, about {counted(found.n_dialogues, 'dialogue')}",
    ]
    if pilot is not None and found.pilot_power is not None:
        groups = counted(pilot.n_groups, "group")
        lines.append(f"the pilot  has {groups}; as many see it with a chance of {found.pilot_power:.0%}")
    return lines


def _digits(points: float) -> int:
    """Decimals that show two digits of a small difference; at least one."""
    return max(1, 1 - floor(log10(points)))
