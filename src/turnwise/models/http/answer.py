"""One HTTP answer of any provider, and the replies that can be made of it without knowing its wire format."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar

import msgspec

from turnwise.models.chat import FailureKind, Reply, failed

__all__ = ["Answer", "decode_answer", "failed_answer", "is_success", "media_type", "retry_after_s", "text_answer"]

_Body = TypeVar("_Body")


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer, read to its end; `body` is None when it was longer than allowed."""

    status: int
    content_type: str
    body: bytes | None
    latency_ms: float
    retry_after_s: float | None = None


def is_success(answer: Answer) -> bool:
    """Whether the status says that there is a reply."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def decode_answer(answer: Answer, decoder: msgspec.json.Decoder[_Body]) -> _Body | Reply:
    """The body of a successful answer as the decoder's type, or the failure of one that is something else."""
    if answer.body is None:
        return failed_answer(answer, "invalid_reply", "the reply is longer than allowed", retryable=False)
    if not answer.content_type.endswith("json"):
        return failed_answer(answer, "invalid_reply", f"the reply is {answer.content_type or 'untyped'}, not JSON")
    try:
        return decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return failed_answer(answer, "invalid_reply", f"the reply is not a chat completion ({error})")


def text_answer(answer: Answer, text: str, *, finish_reason: str | None) -> Reply:
    """The reply in these words; the failure of an empty one where there are none."""
    if text.strip():
        return Reply(state="ok", text=text, finish_reason=finish_reason, latency_ms=answer.latency_ms)
    if finish_reason == "length":
        why = "the reply is empty and was cut off at max_tokens: a reasoning model may have spent them, allow more"
    else:
        why = f"the reply is empty (finish reason {finish_reason or 'not given'})"
    return msgspec.structs.replace(failed_answer(answer, "empty_reply", why), finish_reason=finish_reason)


def failed_answer(answer: Answer, kind: FailureKind, message: str, *, retryable: bool = True) -> Reply:
    """A failure with the latency of an answer, and the wait it asked for."""
    wait_s, latency_ms = answer.retry_after_s, answer.latency_ms
    return failed(kind, message, retryable=retryable, retry_after_s=wait_s, latency_ms=latency_ms)


def media_type(headers: Mapping[str, str]) -> str:
    """What kind of body it is, in lower case and without parameters; "" when the headers do not say."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


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
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError):
        return math.nan
