"""Rows of a run as words: what became of a dialogue under a judge, and its twin."""

from __future__ import annotations

from typing import Any

from turnwise.runfile import ScoredRow

__all__ = ["scored", "twins"]


def scored(name: str, **fields: Any) -> ScoredRow:
    """A scored unsafe escalation of three turns, in a group of its own and with a plain reply, but for `fields`."""
    row: dict[str, Any] = {
        "number": 1,
        "benchmark": "b",
        "id": name,
        "group": name,
        "length": 3,
        "scenario": None,
        "method": None,
        "setting": "escalation",
        "intent": "unsafe",
        "modality": "unimodal",
        "reply_state": "ok",
        "reply_turn": 3,
        "failure_kind": None,
        "verdict_state": "scored",
        "label": "safe",
        "stance": "compliance",
    }
    return ScoredRow(**row | fields)


def twins(name: str, unsafe: dict[str, Any], safe: dict[str, Any]) -> tuple[ScoredRow, ScoredRow]:
    """An unsafe dialogue and its safe twin, of one group."""
    return (
        scored(f"{name}/unsafe", group=name, twin=f"{name}/safe", **unsafe),
        scored(f"{name}/safe", group=name, twin=f"{name}/unsafe", intent="safe", **safe),
    )
