"""What a sheet says of its lines instead of names: keys that lead labels back and tell the people who label nothing.

The id of a dialogue can say whether its user means harm, and the name of a judge invites guesses at what it said.
"""

from __future__ import annotations

import hashlib

from turnwise.metrics.raters.sitting import members_named, panel_name
from turnwise.runfile import Reader

__all__ = ["draw_key", "drawn_by_key", "reply_keys"]

# Hex digits alone could be a number, 12e4 say, and a spreadsheet would write it in its own way.
_REPLY, _REPLY_DIGITS = "r", 12
_JUDGE, _JUDGE_DIGITS = "j", 8


def reply_keys(reader: Reader) -> dict[int, str]:
    """The key of each dialogue's last reply by number: "r" and 12 hex digits over target, benchmark, id and turn."""
    target = reader.settings().get("target", b"").decode()
    return {
        row.number: _REPLY + _digest("\0".join((target, row.benchmark, row.id, str(row.length))), _REPLY_DIGITS)
        for row in reader.scored_rows("")
    }


def draw_key(reader: Reader, drawn_by: str) -> str:
    """What a sheet says of the judge, or the members of the panel, by whose labels it was drawn; "" for none."""
    return "+".join(_judge_key(card.name) for card in members_named(reader, drawn_by)) if drawn_by else ""


def drawn_by_key(reader: Reader, key: str) -> str | None:
    """The name of the judge or panel that `draw_key` gives this key; None where the run has no such."""
    names = {_judge_key(card.name): card.name for card in reader.judges()}
    members = [names.get(part) for part in key.split("+")]
    known = [name for name in members if name is not None]
    if len(known) < len(members):
        return None
    return known[0] if len(known) == 1 else panel_name(known)


def _judge_key(name: str) -> str:
    return _JUDGE + _digest(name, _JUDGE_DIGITS)


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
