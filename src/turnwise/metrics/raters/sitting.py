"""Who rules on a run, by name -> the rows of the run under it: one of its judges, or several of them as a panel.

Whatever is computed of judged rows gets them here, so that all that can be asked of a judge can be asked of a panel.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, get_args

import msgspec

from turnwise.errors import NotMeasurable, UsageError, one_of
from turnwise.judge import Dimension, JudgeCard, Verdict
from turnwise.metrics.raters.panel import TIE, PanelRow, PanelRuling, PanelUnit, panel
from turnwise.runfile import Reader, ScoredRow

__all__ = [
    "PANEL",
    "card_named",
    "judges_of",
    "members_named",
    "opinions_of",
    "panel_name",
    "panel_units",
    "rows_under",
    "ties_under",
]

PANEL: Final = "panel"
"""The name of all judges of a run together; `panel:A+B` is that of some."""


def judges_of(reader: Reader) -> list[JudgeCard]:
    """The judges of a run, each once: repeats tell how stable a judge is, and are no judges beside it."""
    return [card for card in reader.judges() if card.repeat == 1]


def opinions_of(reader: Reader) -> list[JudgeCard]:
    """The judges that `panel` is of: of those that differ only in what they are shown, the first.

    One model that applies one rubric would have two votes otherwise, and outvote a third.
    """
    kept: list[JudgeCard] = []
    for card in judges_of(reader):
        if not any(_is_view(card, other) for other in kept):
            kept.append(card)
    return kept


def members_named(reader: Reader, name: str) -> list[JudgeCard]:
    """The judges behind a name, in the order of the run: one for the name of a judge, several for a panel.

    A further view of a judge is there only where it is named.

    Raises:
        UsageError: no judge of the run has that name, a panel is of one judge, or has one twice, be it as a repeat.
        NotMeasurable: all judges are asked for, and fewer than two ruled.
    """
    stored = {card.name: card for card in reader.judges()}
    if name in stored:
        return [stored[name]]
    if name == PANEL:
        return _all(reader)
    if not name.startswith(f"{PANEL}:"):
        several = len(opinions_of(reader)) > 1
        raise one_of("judge", name, [*stored, *([PANEL] if several else [])])
    named = list(_split(name.removeprefix(f"{PANEL}:"), list(stored)))
    for member in named:
        if member not in stored:
            raise one_of(f"judge {name!r}: member", member, list(stored))
    if len(named) < 2 or len(set(named)) < len(named):  # noqa: PLR2004 - one judge is no panel
        raise UsageError(f"judge {name!r}: a panel is of two judges or more, each named once, as in panel:A+B")
    members = [card for card in stored.values() if card.name in named]
    again = next(
        (
            card
            for card in members
            if card.repeat > 1 and card.first in {one.first for one in members if one is not card}
        ),
        None,
    )
    if again is not None:
        raise UsageError(
            f"judge {name!r}: {again.name} is {again.first} once more, and no further opinion; leave one out"
        )
    return members


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
    return [row if said is None else _under(row, said.ruling) for row, said in _said(reader, members)]


def ties_under(reader: Reader, judge: str) -> dict[str, dict[Dimension, int]]:
    """Dialogues on which a panel is tied, by benchmark and by what over; nothing for a judge.

    Raises:
        UsageError, NotMeasurable: as `members_named` raises them.
    """
    members = members_named(reader, judge)
    if len(members) == 1:
        return {}
    ties: dict[str, Counter[Dimension]] = {}
    for row, said in _said(reader, members):
        tied = () if said is None else (one.dimension for one in said.open if one.cause == TIE)
        ties.setdefault(row.benchmark, Counter()).update(tied)
    return {benchmark: dict(counted) for benchmark, counted in ties.items()}


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


def _is_view(card: JudgeCard, other: JudgeCard) -> bool:
    """Whether both are one model with one rubric that is shown other things, or rules on other turns."""
    alike = card.model is not None and (card.rubric_sha256, card.model) == (other.rubric_sha256, other.model)
    return alike and (card.sees, card.turns) != (other.sees, other.turns)


def _said(reader: Reader, members: Sequence[JudgeCard]) -> list[tuple[ScoredRow, PanelRow | None]]:
    """Every dialogue with what a panel came to; None where no member has ruled."""
    rows, units = panel_units(reader, members)
    said = {row.unit: row for row in panel(units, [card.rules_on for card in members])}
    return [(row, said[unit.unit] if any(unit.rulings) else None) for row, unit in zip(rows, units, strict=True)]


def _all(reader: Reader) -> list[JudgeCard]:
    cards = opinions_of(reader)
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
