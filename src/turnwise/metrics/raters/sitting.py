"""Who rules on a run, by name -> the rows of the run under it: one of its judges, or several of them as a panel.

Whatever is computed of judged rows gets them here, so that all that can be asked of a judge can be asked of a panel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, get_args

import msgspec

from turnwise.errors import NotMeasurable, UsageError, one_of
from turnwise.judge import Dimension, JudgeCard, Verdict
from turnwise.metrics.raters.panel import PanelRuling, PanelUnit, panel
from turnwise.runfile import Reader, ScoredRow

__all__ = ["PANEL", "card_named", "judges_of", "members_named", "panel_name", "panel_units", "rows_under"]

PANEL: Final = "panel"
"""The name of all judges of a run together; `panel:A+B` is that of some."""


def judges_of(reader: Reader) -> list[JudgeCard]:
    """The judges of a run, each once: repeats tell how stable a judge is, and are no judges beside it."""
    return [card for card in reader.judges() if card.repeat == 1]


def members_named(reader: Reader, name: str) -> list[JudgeCard]:
    """The judges behind a name, in the order of the run: one for the name of a judge, several for a panel.

    A repeat of a judge is there only where it is named.

    Raises:
        UsageError: no judge of the run has that name, a panel is of one judge, or has one twice.
        NotMeasurable: all judges are asked for, and fewer than two ruled.
    """
    stored = {card.name: card for card in reader.judges()}
    if name in stored:
        return [stored[name]]
    if name == PANEL:
        return _all(reader)
    if not name.startswith(f"{PANEL}:"):
        several = sum(card.repeat == 1 for card in stored.values()) > 1
        raise one_of("judge", name, [*stored, *([PANEL] if several else [])])
    named = list(_split(name.removeprefix(f"{PANEL}:"), list(stored)))
    for member in named:
        if member not in stored:
            raise one_of(f"judge {name!r}: member", member, list(stored))
    if len(named) < 2 or len(set(named)) < len(named):  # noqa: PLR2004 - one judge is no panel
        raise UsageError(f"judge {name!r}: a panel is of two judges or more, each named once, as in panel:A+B")
    return [card for card in stored.values() if card.name in named]


def card_named(reader: Reader, name: str) -> JudgeCard:
    """The card of a judge of the run; for a panel, one that tells its members by its name and what they rule on.

    The card of a panel is stored nowhere. Its hash is over the hashes of its members.

    Raises:
        UsageError, NotMeasurable: as `members_named` raises them.
    """
    members = members_named(reader, name)
    if len(members) == 1:
        return members[0]
    told = [card.rules_on for card in members]
    return JudgeCard(
        panel_name([card.name for card in members]),
        hashlib.sha256("".join(card.rubric_sha256 for card in members).encode()).hexdigest(),
        rules_on=tuple(one for one in get_args(Dimension) if any(one in given for given in told)) if all(told) else (),
    )


def panel_name(members: Sequence[str]) -> str:
    """The full name of a panel. A `panel` of another day may have other members; what has this name has these."""
    return f"{PANEL}:{'+'.join(members)}"


def rows_under(reader: Reader, judge: str) -> list[ScoredRow]:
    """Every dialogue of a run with its outcome under a judge or a panel, in run order.

    Under a panel a tie is `unparsed`, and too few rulings are `failed`; a dialogue on which no member ruled has no
    verdict, and grades are means.

    Raises:
        UsageError, NotMeasurable: as `members_named` raises them.
    """
    members = members_named(reader, judge)
    if len(members) == 1:
        return list(reader.scored_rows(members[0].name))
    rows, units = panel_units(reader, members)
    ruled = {row.unit: row.ruling for row in panel(units, [card.rules_on for card in members])}
    return [_under(row, ruled[unit.unit]) if any(unit.rulings) else row for row, unit in zip(rows, units, strict=True)]


def panel_units(reader: Reader, members: Sequence[JudgeCard]) -> tuple[list[ScoredRow], list[PanelUnit]]:
    """Every dialogue of a run, without a verdict, and beside it what each member says of its last turn."""
    rows = list(reader.scored_rows(""))
    return rows, [
        PanelUnit(
            # Names rise as the numbers do, for equally disputed replies come in the order of their names.
            unit=f"{row.number:09}",
            group=f"{row.benchmark}\n{row.group}",
            rulings=_rulings(reader, row, members),
            reply_state=row.reply_state or "failed",
        )
        for row in rows
    ]


def _all(reader: Reader) -> list[JudgeCard]:
    cards = judges_of(reader)
    if len(cards) < 2:  # noqa: PLR2004 - one judge is no panel
        ruled = ", ".join(card.name for card in cards) or "none"
        raise NotMeasurable(f"{reader.path}: a panel needs two judges, here is {ruled}; `turnwise judge` adds one")
    return cards


def _split(text: str, known: Sequence[str]) -> Iterator[str]:
    """The names between the plus signs. A model's name may hold one itself, so known names go first, longest first."""
    while text:
        fitting = [name for name in known if text == name or text.startswith(f"{name}+")]
        name = max(fitting, key=len) if fitting else text.partition("+")[0]
        yield name
        text = text[len(name) + 1 :]


def _rulings(reader: Reader, row: ScoredRow, members: Sequence[JudgeCard]) -> tuple[Verdict | None, ...]:
    last = {judge: verdict for judge, verdict in reader.verdicts(row.number) if verdict.turn == row.length}
    return tuple(last.get(card.name) for card in members)


def _under(row: ScoredRow, ruling: PanelRuling) -> ScoredRow:
    return msgspec.structs.replace(
        row,
        verdict_state=ruling.state,
        label=ruling.label,
        stance=ruling.stance,
        safety_awareness=ruling.safety_awareness,
        helpfulness=ruling.helpfulness,
    )
