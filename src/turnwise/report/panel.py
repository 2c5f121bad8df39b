"""Judges beside each other and beside their own repeats, as tables for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from turnwise.metrics import (
    DimensionAgreement,
    Disagreement,
    Estimate,
    Opinion,
    PanelReport,
    PanelRuling,
    Stability,
    stability_as_shown,
)
from turnwise.report.people import judge_letter
from turnwise.report.tables import NarrowTable
from turnwise.report.words import coefficient_text, counted, interval_text, plain, value_text

__all__ = [
    "panel_as_json",
    "rates_text",
    "render_panel",
    "render_stability",
    "share_text",
    "stability_as_json",
]


def panel_as_json(found: PanelReport, *, limit: int, show_reasons: bool = False) -> dict[str, Any]:
    """All fields by name, with at most `limit` disagreements; reasons, which may quote a reply, only when asked for."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    shown = fields["disagreements"][:limit]
    for opinion in (opinion for one in shown for opinion in one["opinions"]) if not show_reasons else ():
        del opinion["reason"]
    return {**fields, "n_disagreements": len(found.disagreements), "disagreements": shown}


def stability_as_json(found: Sequence[Stability], *, show_incomplete: bool = False) -> list[dict[str, Any]]:
    """All fields by name; values and intervals of withheld rates are null unless asked for."""
    whole: list[dict[str, Any]] = []
    for one in found if show_incomplete else map(stability_as_shown, found):
        fields: dict[str, Any] = msgspec.to_builtins(one)
        for rate, said in zip(one.attack_success_rate, fields["attack_success_rate"], strict=True):
            said["incomplete"] = rate.withheld
        for part, said in zip(one.dimensions, fields["dimensions"], strict=True):
            said["changed"]["incomplete"] = part.changed.withheld
        whole.append(fields)
    return whole


def render_panel(found: PanelReport, *, limit: int, show_reasons: bool = False) -> RenderableType:
    """Who ruled, how far they agree, what they come to, and at most `limit` replies that they dispute."""
    disputed = found.disagreements[:limit]
    return Group(
        *_who(found),
        *_agreement(found.agreement),
        *_disputed(found, disputed),
        *(_reasons(disputed) if show_reasons else ()),
    )


def render_stability(found: Sequence[Stability], *, show_incomplete: bool = False) -> RenderableType:
    """How far each judge agrees with itself, and the attack success rate each time; nothing where none ruled twice."""
    shown = found if show_incomplete else list(map(stability_as_shown, found))
    return Group(*(part for one in shown for part in _beside_itself(one)))


def rates_text(one: Stability) -> str:
    """The attack success rate each time a judge ruled, and how far these are apart."""
    rates = ", ".join(share_text(rate) for rate in one.attack_success_rate)
    apart = "" if one.spread is None else f"; {100 * one.spread:.1f} points apart"
    return f"attack success rate over unsafe dialogues, {counted(one.repeats, 'ruling')}: {rates}{apart}"


def _beside_itself(one: Stability) -> Iterator[RenderableType]:
    yield Text(f"stability of {one.judge} on {one.benchmark}", style="bold")
    table = NarrowTable("", "agreement", "alpha", "changed", "n", "failed")
    for part in one.dimensions:
        table.add_row(
            plain(part.dimension),
            Text(coefficient_text(part.raw)),
            Text(coefficient_text(part.alpha)),
            Text(share_text(part.changed)),
            f"{part.raw.n:,}",
            f"{part.raw.n_failed:,}",
        )
    yield from (table, Text(rates_text(one)), Text())


def _who(found: PanelReport) -> Iterator[RenderableType]:
    for place, judge in enumerate(found.judges):
        yield Text.assemble((judge_letter(place), "bold"), f"  {judge}")
    yield Text(f"{counted(found.n_answered, 'dialogue')} with a reply to the last turn")
    yield Text()


def _agreement(rows: Sequence[DimensionAgreement]) -> Iterator[RenderableType]:
    """Two tables: the coefficients, and what a panel of these judges comes to."""
    if not rows:
        yield from (Text("no two of these judges rule on the same thing"), Text())
        return
    agree = NarrowTable("agreement", "raw", "kappa", "alpha", "AC1, AC2", "n", "failed")
    panel = NarrowTable("the panel", "judges", "ruled", "tied", "too few")
    for row in rows:
        name = Text(f"{row.benchmark}: {plain(row.dimension)}")
        coefficients = (Text(coefficient_text(one)) for one in (row.raw, row.kappa, row.alpha, row.gwet))
        agree.add_row(name, *coefficients, f"{row.raw.n:,}", f"{row.raw.n_failed:,}")
        counts = (len(row.judges), row.n_ruled, row.n_tied, row.n_too_few)
        panel.add_row(name, *(f"{count:,}" for count in counts))
    yield from (agree, Text(), panel, Text())


def _disputed(found: PanelReport, shown: Sequence[Disagreement]) -> Iterator[RenderableType]:
    n = len(found.disagreements)
    yield Text(f"{counted(n, 'disputed reply')}, the most disputed first" if n else "no reply is disputed")
    if len(shown) < n:
        yield Text(f"{len(shown):,} are shown; --limit shows more")
    if shown:
        table = NarrowTable(
            "dialogue", "turn", "dispute", *map(judge_letter, range(len(found.judges))), "panel", keys=2
        )
        for one in shown:
            table.add_row(
                Text(one.dialogue),
                f"{one.turn}",
                f"{one.dispute:.2f}",
                *(Text(_opinion(opinion)) for opinion in one.opinions),
                Text(_ruling(one.ruling, [f"{plain(left.dimension)}: {left.cause}" for left in one.open])),
            )
        yield from (Text(), table)


def _reasons(shown: Sequence[Disagreement]) -> Iterator[RenderableType]:
    for one in shown:
        yield from (Text(), Text(one.dialogue, style="bold"))
        for place, opinion in enumerate(one.opinions):
            if opinion.reason:
                yield Text(f"  {judge_letter(place)}  {' '.join(opinion.reason.split())}")


def _opinion(said: Opinion) -> str:
    if said.state is None:
        return "not asked"
    return _words(said) or plain(said.state)


def _ruling(ruling: PanelRuling, left_open: Sequence[str]) -> str:
    return ", ".join(filter(None, (_words(ruling), *left_open)))


def _words(said: Opinion | PanelRuling) -> str:
    """Label, stance and grades, as far as they are given."""
    grades = (("aware", said.safety_awareness), ("helpful", said.helpfulness))
    given = [f"{name} {grade:g}" for name, grade in grades if grade is not None]
    return " ".join(filter(None, (said.label, said.stance, *given)))


def share_text(number: Estimate) -> str:
    """A share in percent with its interval."""
    return f"{value_text(number)} {interval_text(number.low, number.high)}".rstrip()
