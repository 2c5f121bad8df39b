"""Errors that model servers write, read into one kind of failure, or a block by the service's filter.

Source: OpenAI, Azure OpenAI, Anthropic and Gemini API references (shapes of an error body, status codes, content
    filters); OpenRouter, vLLM, llama.cpp and FastAPI servers for the other shapes.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import msgspec

from turnwise.models.chat import FailureKind, Reply
from turnwise.models.http.answer import Answer, failed_answer

__all__ = ["NOT_FOUND", "ErrorSaid", "error_of", "read_error", "read_error_inside"]

NOT_FOUND = "HTTP 404"
"""How the failure message of an unknown model or path begins; the breaker counts those."""

_MESSAGE_CHARACTERS = 300
# 520 to 524 are what a content delivery network says when the server behind it does not answer.
_RETRYABLE_STATUSES = frozenset({408, 409, 425, 500, 502, 503, 504, *range(520, 525), 529})
_BLOCK_CODES = frozenset(
    {"content_filter", "content_policy_violation", "moderation_blocked", "ResponsibleAIPolicyViolation"}
)
# Anthropic has no code for it: a 400 whose message says that the output was blocked.
_BLOCK_WORDS = "blocked by content filtering policy"
_BLOCK_MESSAGE_CHARACTERS = 80


class _InnerError(msgspec.Struct):
    code: str | None = None


class ErrorSaid(msgspec.Struct):
    """What a server says went wrong."""

    message: str | None = None
    code: str | int | None = None
    type: str | None = None
    param: str | None = None
    innererror: _InnerError | None = None
    metadata: dict[str, Any] | None = None
    details: Any = None

    @property
    def is_block(self) -> bool:
        """Whether a content filter spoke. OpenRouter says so by the reasons it gives, not by a code."""
        codes = {str(self.code), self.innererror.code if self.innererror else None}
        return bool(codes & _BLOCK_CODES) or "reasons" in (self.metadata or {}) or self._says_blocked

    @property
    def _says_blocked(self) -> bool:
        # A longer message may quote what a user said.
        message = self.message or ""
        return _BLOCK_WORDS in message and len(message) < _BLOCK_MESSAGE_CHARACTERS

    @property
    def is_key_refused(self) -> bool:
        """Whether a 400 is about the key, as Gemini has it."""
        return "API_KEY_INVALID" in str(self.details)

    @property
    def is_spent(self) -> bool:
        """Whether a 429 is about money and not about pace, so that asking again is in vain (Anthropic)."""
        return "spend_limit_reached" in str(self.details)


class _ErrorBody(msgspec.Struct):
    error: ErrorSaid | str | None = None
    message: str | None = None
    param: str | None = None
    detail: Any = None

    def as_error(self) -> ErrorSaid:
        """The error in whichever of the known places it stands."""
        if isinstance(self.error, ErrorSaid):
            return self.error
        detail = None if self.detail is None else str(self.detail)
        return ErrorSaid(message=self.error or self.message or detail, param=self.param)


_error_decoder = msgspec.json.Decoder(_ErrorBody)


def read_error(answer: Answer) -> Reply:
    """The reply that an answer with an error status amounts to: a failure, or a block by the service's filter."""
    return _read_error(error_of(answer), answer, status=answer.status)


def read_error_inside(error: ErrorSaid | str, answer: Answer) -> Reply:
    """The same for an error that stands in the body of an answer with status 200."""
    known = error if isinstance(error, ErrorSaid) else ErrorSaid(message=error)
    return _read_error(known, answer, status=_status_in(known))


def _read_error(error: ErrorSaid, answer: Answer, *, status: int) -> Reply:
    if error.is_block and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reply(state="provider_blocked", finish_reason="content_filter", latency_ms=answer.latency_ms)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        message = f"HTTP {status}: a redirect, not followed as it could carry the key elsewhere; give its goal instead"
        return failed_answer(answer, "rejected", message, retryable=False)
    kind, retryable = _kind_of(status, error)
    begins = (
        f"HTTP {status}"
        if status == answer.status
        else f"error {error.code or error.type or 'without code'} in the reply"
    )
    said = " ".join((error.message or "no reason given").split())[:_MESSAGE_CHARACTERS]
    return failed_answer(answer, kind, f"{begins}: {said}", retryable=retryable)


def _kind_of(status: int, error: ErrorSaid) -> tuple[FailureKind, bool]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "rate_limited", not error.is_spent
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or error.is_key_refused:
        return "auth", False
    if status in _RETRYABLE_STATUSES:
        return "server_error", True
    return ("server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "rejected"), False


def _status_in(error: ErrorSaid) -> int:
    """The HTTP status an error inside a 200 stands for; 400 when it names none that is known."""
    code = str(error.code or "")
    if re.fullmatch(r"[45]\d\d", code, re.ASCII):
        return int(code)
    words = f"{code} {error.type or ''}"
    if "rate_limit" in words:
        return HTTPStatus.TOO_MANY_REQUESTS
    if "server_error" in words or "overloaded" in words:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.BAD_REQUEST


def error_of(answer: Answer) -> ErrorSaid:
    """What the server said, as far as its body can be read."""
    try:
        return _error_decoder.decode(answer.body or b"").as_error()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorSaid()
