"""Dialects of servers: what one does not take is learned from its own words, left out, and remembered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Literal

import msgspec

from turnwise.models.chat import ChatRequest, Dropped, Reply
from turnwise.models.http.answer import Answer
from turnwise.models.http.error_body import error_of

__all__ = ["Dialect", "Dispensable", "Speaker", "TokenLimit", "dropped", "simpler_dialect"]

_log = logging.getLogger(__name__)
_NOT_TAKEN = (
    "unsupported",
    "not support",
    "only the default",
    "may only be",
    "deprecated",
    "not allowed",
    "unrecognized",
    "not permitted",
)
# OpenAI and those compatible with it; Anthropic; Gemini.
_FORMAT_WORDS = (
    "response_format",
    "json_schema",
    "guided",
    "output_config",
    "responsejsonschema",
    "response_json_schema",
    "json mode",
)


Dispensable = Literal["temperature", "response_format"]
"""What a server may not know, and a request still makes sense without."""

TokenLimit = Literal["max_tokens", "max_completion_tokens"]
"""The name of the limit on new tokens; newer OpenAI models know only the second."""


class Dialect(msgspec.Struct, frozen=True):
    """How one server wants its requests.

    Fields:
        max_tokens: The name it knows the limit on new tokens by.
        without: What it does not take.
    """

    max_tokens: TokenLimit = "max_tokens"
    without: frozenset[Dispensable] = frozenset()


class Speaker:
    """Talks to one server in the fullest dialect it is not known to refuse.

    Args:
        name: The model, for the log.
        dialect: What it is believed to take until it says otherwise.
    """

    def __init__(self, name: str, dialect: Dialect) -> None:
        self._name = name
        self._believed = self._dialect = dialect

    @property
    def dialect(self) -> Dialect:
        """What the server is spoken to in at the moment."""
        return self._dialect

    async def reply(
        self,
        request: ChatRequest,
        ask: Callable[[ChatRequest, Dialect], Awaitable[Answer | Reply]],
        read: Callable[[Answer], Reply],
    ) -> Reply:
        """Ask the server; ask again in a simpler dialect when it says that it does not take a part of the request."""
        dialect, attempts = self._dialect, 1
        answer = await ask(request, dialect)
        while isinstance(answer, Answer) and (simpler := simpler_dialect(answer, request, dialect)) is not None:
            dialect, attempts = simpler, attempts + 1
            answer = await ask(request, dialect)
        reply = read(answer) if isinstance(answer, Answer) else answer
        if dialect is self._believed:
            return reply
        if reply.state != "failed":
            self._remember(dialect)
            reply = msgspec.structs.replace(reply, dropped=dropped(request, dialect, self._believed))
        return msgspec.structs.replace(reply, attempts=attempts)

    def _remember(self, dialect: Dialect) -> None:
        """Keep to a simpler dialect that got an answer, and say once what is left out from now on."""
        known = self._dialect
        if dialect == known:
            return
        for part in sorted(dialect.without - known.without):
            _log.warning("%s does not take %s: sent without it from now on", self._name, part)
        # Another request may have found another part since this one was sent: both are kept.
        limit: TokenLimit = dialect.max_tokens if known.max_tokens == "max_tokens" else known.max_tokens
        self._dialect = Dialect(limit, known.without | dialect.without)


def dropped(request: ChatRequest, dialect: Dialect, believed: Dialect) -> tuple[Dropped, ...]:
    """What a request asks for and was not sent as it stands, in a dialect simpler than what the server should take."""
    given, learned = request.parameters, dialect.without - believed.without
    parts: list[Dropped] = []
    if given.temperature is not None and "temperature" in learned:
        parts.append("temperature")
    if request.response_format is not None and "response_format" in learned:
        parts.append("response_format")
    if given.max_tokens is not None and dialect.max_tokens != believed.max_tokens:
        parts.append("max_tokens")
    return tuple(parts)


def simpler_dialect(answer: Answer, request: ChatRequest, dialect: Dialect) -> Dialect | None:
    """The dialect to ask in again, when a 400 says the server does not take a part of this one; else None."""
    if answer.status != HTTPStatus.BAD_REQUEST:
        return None
    error = error_of(answer)
    if error.is_block:
        return None
    said = f"{error.param or ''} {error.message or ''}".lower()
    given, not_taken = request.parameters, any(words in said for words in _NOT_TAKEN)
    if (
        given.max_tokens is not None
        and dialect.max_tokens == "max_tokens"
        and "max_completion_tokens" in said
        and not_taken
    ):
        return msgspec.structs.replace(dialect, max_tokens="max_completion_tokens")
    if request.response_format is not None and any(word in said for word in _FORMAT_WORDS):
        return _without(dialect, "response_format")
    # A server may quote the user's words in its error: where it names the parameter apart, only that counts.
    if given.temperature is not None and not_taken and "temperature" in (error.param or said):
        return _without(dialect, "temperature")
    return None


def _without(dialect: Dialect, part: Dispensable) -> Dialect | None:
    if part in dialect.without:
        return None
    return msgspec.structs.replace(dialect, without=dialect.without | {part})
