"""The dialogues a report shows: chosen by rule, not by eye, and told as the target saw them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from turnwise.dialogue import Dialogue, Image
from turnwise.judge import Label, Stance
from turnwise.metrics import Slice, members_named, rows_under
from turnwise.models import Reply
from turnwise.report.page.thumbnail import thumbnail
from turnwise.rollout import Conduct, transcript_of
from turnwise.runfile import Reader, ScoredRow

__all__ = ["MAX_EXAMPLES", "Example", "Line", "choose", "examples_of"]

MAX_EXAMPLES = 12
_MAX_IMAGES = 4
_MAX_CHARACTERS = 20_000


class Line(msgspec.Struct, frozen=True):
    """One message of an example.

    Fields:
        speaker: "user", "scripted reply" or "target".
        pictures: Data URLs; None for an image that could not be shown.
        note: What is to be said beside the text: a block, images left out, a text that is shown in part.
    """

    speaker: str
    text: str
    pictures: tuple[str | None, ...] = ()
    note: str = ""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One judged dialogue."""

    id: str
    scenario: str | None
    setting: str
    intent: str
    length: int
    label: Label | None
    stance: Stance | None
    reason: str
    lines: tuple[Line, ...]


def examples_of(reader: Reader, item: Slice, conduct: Conduct, *, limit: int = MAX_EXAMPLES) -> tuple[Example, ...]:
    """At most `limit` scored dialogues of a slice, unsafe ones first, then by rising length."""
    members = [card.name for card in members_named(reader, item.judge)]
    ours = [row for row in rows_under(reader, item.judge) if row.benchmark == item.benchmark]
    return tuple(_example(reader, row, members, conduct) for row in choose(ours, limit=limit))


def choose(rows: Iterable[ScoredRow], *, limit: int = MAX_EXAMPLES) -> list[ScoredRow]:
    """Scored rows spread over verdict and length.

    Takes turns among the kinds (length, verdict), evenly spaced ones if there are more than `limit`; from each the
    row, first in run order, whose scenario was shown least so far.
    """
    by_kind: dict[tuple[int, str], list[ScoredRow]] = defaultdict(list)
    for row in rows:
        if row.verdict_state == "scored":
            by_kind[row.length, row.label or row.stance or ""].append(row)
    kinds = [by_kind[kind] for kind in sorted(by_kind)]
    if len(kinds) > limit:
        kinds = [kinds[place * len(kinds) // limit] for place in range(limit)]
    chosen: list[ScoredRow] = []
    shown: Counter[str | None] = Counter()
    while len(chosen) < limit and any(kinds):
        for kind in [kind for kind in kinds if kind][: limit - len(chosen)]:
            row = min(kind, key=lambda row: shown[row.scenario])
            kind.remove(row)
            shown[row.scenario] += 1
            chosen.append(row)
    return sorted(chosen, key=lambda row: (row.label != "unsafe", row.length))


def _example(reader: Reader, row: ScoredRow, judges: Sequence[str], conduct: Conduct) -> Example:
    """A dialogue with the reason of its judge; those of a panel give theirs one after the other."""
    given = {name: verdict.reason for name, verdict in reader.verdicts(row.number) if verdict.turn == row.length}
    reasons = [(name, given[name]) for name in judges if given.get(name)]
    return Example(
        id=row.id,
        scenario=row.scenario,
        setting=row.setting,
        intent=row.intent,
        length=row.length,
        label=row.label,
        stance=row.stance,
        reason=_reason("\n".join(reason if len(judges) == 1 else f"{name}: {reason}" for name, reason in reasons)),
        lines=tuple(_lines(reader, reader.dialogue(row.number), row.number, conduct)),
    )


def _lines(reader: Reader, dialogue: Dialogue, number: int, conduct: Conduct) -> list[Line]:
    held = [exchange for exchange in reader.exchanges(number) if exchange.reply.state != "failed"]
    transcript = transcript_of(dialogue, conduct, held)
    earlier = "scripted reply" if conduct.history_of(dialogue) == "scripted" else "target"
    lines = [
        _user(message.text, message.images) if message.role == "user" else _line(earlier, message.text)
        for message in transcript.messages
    ]
    return [*lines, _reply(transcript.final.reply)]


def _user(text: str, images: Sequence[Image]) -> Line:
    left_out = len(images) - _MAX_IMAGES
    note = f"{left_out} more images are not shown" if left_out > 0 else ""
    return _line("user", text, note, pictures=tuple(thumbnail(image) for image in images[:_MAX_IMAGES]))


def _reply(reply: Reply) -> Line:
    blocked = "" if reply.state == "ok" else f"{reply.state}: no reply was given"
    return _line("target", reply.text, blocked.replace("_", " "))


def _line(speaker: str, text: str, note: str = "", *, pictures: tuple[str | None, ...] = ()) -> Line:
    return Line(speaker, text[:_MAX_CHARACTERS], pictures, "; ".join(filter(None, (note, _cut(text)))))


def _reason(text: str) -> str:
    cut = _cut(text)
    return f"{text[:_MAX_CHARACTERS]} [{cut}]" if cut else text


def _cut(text: str) -> str:
    """What is to be said of a text that is too long to be shown whole; "" of any other."""
    if len(text) <= _MAX_CHARACTERS:
        return ""
    return f"cut after {_MAX_CHARACTERS:,} of {len(text):,} characters; the run file has them all"
