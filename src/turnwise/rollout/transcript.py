"""What was said: a dialogue with the replies a target gave to it. Judges read it, the run file keeps it."""

from __future__ import annotations

import msgspec

from turnwise.dialogue import Dialogue
from turnwise.models import Message, Reply

__all__ = ["Answer", "Exchange", "Transcript"]


class Exchange(msgspec.Struct, frozen=True):
    """The target's reply to one turn, and the hash of the request that it answered."""

    turn: int
    request_sha256: str
    reply: Reply


class Answer(msgspec.Struct, frozen=True):
    """The target's reply to a question about the dialogue, by its id, and the hash of the request that it answered."""

    question: str
    request_sha256: str
    reply: Reply


class Transcript(msgspec.Struct, frozen=True):
    """A dialogue as it was held.

    Fields:
        messages: Exactly what the target saw in its last request.
        exchanges: The target's replies in turn order: one for a scripted history, one a turn for a live one.
    """

    dialogue: Dialogue
    messages: tuple[Message, ...]
    exchanges: tuple[Exchange, ...]

    @property
    def final(self) -> Exchange:
        """The last exchange held."""
        return self.exchanges[-1]

    @property
    def censored(self) -> bool:
        """Whether the dialogue ended before its last turn was answered or blocked: nothing is known after that."""
        last = self.final
        return last.turn < self.dialogue.length or last.reply.state == "failed"
