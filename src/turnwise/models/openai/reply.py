"""Answers as replies: what an OpenAI-compatible server sent back, read into one typed state.

Source: OpenAI and Azure OpenAI API references (completion, refusal and content filter shapes); OpenRouter, vLLM,
    llama.cpp and FastAPI servers for the other shapes of an error body.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from turnwise.models.chat import ChatRequest, FailureKind, Reply, Usage, failed
from turnwise.models.openai.wire import Dialect, Dispensable

__all__ = ["NOT_FOUND", "Answer", "read_reply", "retry_after_s", "simpler_dialect"]

NOT_FOUND = "HTTP 404"
"""How the failure message of an unknown model or path begins; the breaker counts those."""

_MESSAGE_CHARACTERS = 300
# 520 to 524 are what a content delivery network says when the server behind it does not answer.
_RETRYABLE_STATUSES = frozenset({408, 409, 425, 500, 502, 503, 504, *range(520, 525), 529})
_BLOCK_CODES = frozenset(
    {"content_filter", "content_policy_violation", "moderation_blocked", "ResponsibleAIPolicyViolation"}
)
_NOT_TAKEN = (
    "unsupported",
    "not support",
    "only the default",
    "may only be",
    "deprecated",
    "not allowed",
    "unrecognized",
)
_FORMAT_WORDS = ("response_format", "json_schema", "guided")


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer, read to its end; `body` is None when it was longer than allowed."""

    status: int
    content_type: str
    body: bytes | None
    latency_ms: float
    retry_after_s: float | None = None


class _InnerError(msgspec.Struct):
    code: str | None = None


class _Error(msgspec.Struct):
    message: str | None = None
    code: str | int | None = None
    type: str | None = None
    param: str | None = None
    innererror: _InnerError | None = None
    metadata: dict[str, Any] | None = None

    @property
    def is_block(self) -> bool:
        """Whether a content filter spoke. OpenRouter says so by the reasons it gives, not by a code."""
        codes = {str(self.code), self.innererror.code if self.innererror else None}
        return bool(codes & _BLOCK_CODES) or "reasons" in (self.metadata or {})


class _ErrorBody(msgspec.Struct):
    error: _Error | str | None = None
    message: str | None = None
    param: str | None = None
    detail: Any = None

    def as_error(self) -> _Error:
        """The error in whichever of the known places it stands."""
        if isinstance(self.error, _Error):
            return self.error
        detail = None if self.detail is None else str(self.detail)
        return _Error(message=self.error or self.message or detail, param=self.param)


class _Part(msgspec.Struct):
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None

    @property
    def text(self) -> str:
        """The words, whether they came as one string or in parts."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    error: _Error | str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: _Error | str | None = None
    usage: _Usage | None = None
    model: str | None = None


_completion_decoder = msgspec.json.Decoder(_Completion)
_error_decoder = msgspec.json.Decoder(_ErrorBody)


def read_reply(answer: Answer) -> Reply:
    """The reply that an HTTP answer amounts to."""
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return _read_error(_error_of(answer), answer, status=answer.status)
    if answer.body is None:
        return _failed(answer, "invalid_reply", "the reply is longer than allowed", retryable=False)
    if not answer.content_type.endswith("json"):
        return _failed(answer, "invalid_reply", f"the reply is {answer.content_type or 'untyped'}, not JSON")
    try:
        completion = _completion_decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _failed(answer, "invalid_reply", f"the reply is not a chat completion ({error})")
    return _read_completion(completion, answer)


def _read_completion(completion: _Completion, answer: Answer) -> Reply:
    choice = completion.choices[0] if completion.choices else None
    error = completion.error or (choice.error if choice else None)
    if error is not None:
        known = error if isinstance(error, _Error) else _Error(message=error)
        return _read_error(known, answer, status=_status_in(known))
    if choice is None:
        return _failed(answer, "invalid_reply", "the reply has no choices")
    reply = _read_choice(choice, answer)
    used = completion.usage or _Usage()
    usage = Usage(used.prompt_tokens, used.completion_tokens)
    return msgspec.structs.replace(reply, usage=usage, served_model=completion.model)


def _read_choice(choice: _Choice, answer: Answer) -> Reply:
    message, finish = choice.message, choice.finish_reason
    if finish == "content_filter":
        return Reply(state="provider_blocked", finish_reason=finish, latency_ms=answer.latency_ms)
    if message.refusal and message.refusal.strip():
        return Reply(state="ok", text=message.refusal, finish_reason="refusal", latency_ms=answer.latency_ms)
    if message.text.strip():
        return Reply(state="ok", text=message.text, finish_reason=finish, latency_ms=answer.latency_ms)
    empty = _failed(answer, "empty_reply", _why_empty(message, finish))
    return msgspec.structs.replace(empty, finish_reason=finish)


def _why_empty(message: _Message, finish: str | None) -> str:
    if message.tool_calls:
        return "the reply calls a tool and says nothing"
    if finish == "length":
        return "the reply is empty and was cut off at max_tokens: a reasoning model may have spent them, allow more"
    return f"the reply is empty (finish reason {finish or 'not given'})"


def _read_error(error: _Error, answer: Answer, *, status: int) -> Reply:
    if error.is_block and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reply(state="provider_blocked", finish_reason="content_filter", latency_ms=answer.latency_ms)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        message = f"HTTP {status}: a redirect, not followed as it could carry the key elsewhere; give its goal instead"
        return _failed(answer, "rejected", message, retryable=False)
    kind, retryable = _kind_of(status)
    begins = (
        f"HTTP {status}"
        if status == answer.status
        else f"error {error.code or error.type or 'without code'} in the reply"
    )
    said = " ".join((error.message or "no reason given").split())[:_MESSAGE_CHARACTERS]
    return _failed(answer, kind, f"{begins}: {said}", retryable=retryable)


def _kind_of(status: int) -> tuple[FailureKind, bool]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "rate_limited", True
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "auth", False
    if status in _RETRYABLE_STATUSES:
        return "server_error", True
    return ("server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "rejected"), False


def _status_in(error: _Error) -> int:
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


def _error_of(answer: Answer) -> _Error:
    try:
        return _error_decoder.decode(answer.body or b"").as_error()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Error()


def _failed(answer: Answer, kind: FailureKind, message: str, *, retryable: bool = True) -> Reply:
    wait_s, latency_ms = answer.retry_after_s, answer.latency_ms
    return failed(kind, message, retryable=retryable, retry_after_s=wait_s, latency_ms=latency_ms)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After header that gives seconds or an HTTP date; None when it says neither."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _seconds_until(header, now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def simpler_dialect(answer: Answer, request: ChatRequest, dialect: Dialect) -> Dialect | None:
    """The dialect to ask in again, when a 400 says the server does not take a part of this one; else None."""
    if answer.status != HTTPStatus.BAD_REQUEST:
        return None
    error = _error_of(answer)
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
