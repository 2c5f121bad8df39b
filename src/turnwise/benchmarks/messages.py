"""Chat messages as benchmarks store them -> turns: roles must alternate, strays are mended and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from turnwise.benchmarks.record import LoadNotes
from turnwise.dialogue import Turn
from turnwise.errors import DataError

__all__ = ["ChatMessage", "turns_from_messages"]


class ChatMessage(msgspec.Struct):
    """One stored message."""

    role: Literal["user", "assistant"]
    content: str


def turns_from_messages(messages: Sequence[ChatMessage], where: str, notes: LoadNotes) -> tuple[Turn, ...]:
    """User and assistant messages as turns; the last turn has no reply.

    White space around a message is removed and counted, and so is a reply after the last user message: that one is
    the target's to give.

    Raises:
        DataError: no messages, roles that do not alternate from user on, or a message without text.
    """
    if len(messages) % 2 == 0 and messages and messages[-1].role == "assistant":
        notes.quirks["reply after the last user turn left out"] += 1
        messages = messages[:-1]
    if not messages:
        raise DataError(f"{where}: dialogue is empty")
    for number, message in enumerate(messages, 1):
        wanted = "user" if number % 2 else "assistant"
        if message.role != wanted:
            raise DataError(f"{where}: message {number} has role {message.role!r} where {wanted!r} belongs")
        if not message.content.strip():
            raise DataError(f"{where}: message {number} ({message.role}) has no text")
    if any(message.content != message.content.strip() for message in messages):
        notes.quirks["white space around messages removed"] += 1
    texts = [message.content.strip() for message in messages]
    replies: list[str | None] = [*texts[1::2], None]
    return tuple(Turn(user=user, reply=reply) for user, reply in zip(texts[::2], replies, strict=True))
