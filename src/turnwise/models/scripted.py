"""`scripted:FILE`: replies from a table, for reproducing one conversation exactly and for checking judges.

The file is JSON Lines; the first line that matches a request answers it. A line may have:

    {"reply": "words of the model", "contains": "garden", "turn": 2, "finish_reason": "stop"}
    {"state": "provider_blocked", "sha256": "0f3a..."}

- `contains`: the last user message must hold this text, letter for letter.
- `turn`: the request must have this many user messages.
- `sha256`: the request must have this hash (the run file and the failure for an unmatched request both give it).
- `state`: `ok` (the default), `provider_blocked`, `guard_blocked` or `failed`; only `ok` takes a `reply`.

A line with none of the three conditions matches every request, so it belongs at the end. Blank lines are passed over.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from turnwise.errors import DataError
from turnwise.files import read_file
from turnwise.models.chat import ChatRequest, Reply, ReplyState, failed

__all__ = ["Scripted", "ScriptedLine", "open_scripted"]


class ScriptedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the table: conditions, and the reply given when all of them hold."""

    reply: str = ""
    contains: str | None = None
    turn: int | None = None
    sha256: str | None = None
    state: ReplyState = "ok"
    finish_reason: str | None = None

    def __post_init__(self) -> None:
        """Check that words stand where the state has some, and only there."""
        if (self.state == "ok") != bool(self.reply.strip()):
            raise ValueError(f"state {self.state} {'needs a reply' if self.state == 'ok' else 'takes no reply'}")
        if self.turn is not None and self.turn < 1:
            raise ValueError(f"turn is {self.turn}: turns are numbered from 1")

    def matches(self, request: ChatRequest, user_texts: list[str]) -> bool:
        """Whether every condition of the line holds for a request."""
        if self.turn is not None and self.turn != len(user_texts):
            return False
        if self.contains is not None and self.contains not in (user_texts or [""])[-1]:
            return False
        return self.sha256 is None or self.sha256.lower() == request.sha256()

    def as_reply(self) -> Reply:
        """The reply that the line gives."""
        if self.state == "failed":
            return failed("model_error", "the script says that this request fails", retryable=False)
        return Reply(state=self.state, text=self.reply, finish_reason=self.finish_reason)


class Scripted:
    """A ChatModel that reads its replies from lines, first match first."""

    def __init__(self, lines: tuple[ScriptedLine, ...], source: str) -> None:
        self._lines = lines
        self._source = source

    @property
    def name(self) -> str:
        """The spelling, with the file as given."""
        return f"scripted:{self._source}"

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the first line that matches; a rejection when none does."""
        user_texts = [message.text for message in request.messages if message.role == "user"]
        for line in self._lines:
            if line.matches(request, user_texts):
                return line.as_reply()
        last = len(user_texts[-1]) if user_texts else 0
        message = (
            f"no line of {self._source} matches: {len(user_texts)} user messages, the last one of {last} characters, "
            f"request sha256 {request.sha256()}"
        )
        return failed("rejected", message, retryable=False)

    async def close(self) -> None:
        """Nothing to give back."""


def open_scripted(file: str) -> Scripted:
    """The model whose replies stand in a JSON Lines file.

    Raises:
        DataError: the file cannot be read, has no line, or a line breaks the format; names file and line.
    """
    try:
        content = read_file(Path(file))
    except OSError as error:
        raise DataError(f"{file}: cannot read the script ({error.strerror})") from error
    lines = tuple(_read_line(file, number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip())
    if not lines:
        raise DataError(f"{file}: the script has no line")
    return Scripted(lines, file)


def _read_line(file: str, number: int, line: bytes) -> ScriptedLine:
    try:
        return msgspec.json.decode(line, type=ScriptedLine)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{file}, line {number}: {error}") from error
