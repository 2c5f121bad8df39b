"""What is said to Anthropic's and Google's APIs and read of their answers, without their SDKs."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from turnwise.dialogue import Image
from turnwise.models import ChatRequest, Message, Parameters, Reply, ResponseFormat, anthropic, google
from turnwise.models.http.answer import Answer
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect

SCHEMA: dict[str, Any] = {"type": "object"}
BARE = Dialect(without=frozenset({"temperature", "response_format"}))


def answer(body: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, "application/json", msgspec.json.encode(body), latency_ms=5.0)


def facts(reply: Reply) -> tuple[str, str, str | None, str | None]:
    """State, text, finish reason and kind of failure."""
    return reply.state, reply.text, reply.finish_reason, reply.failure.kind if reply.failure else None


def talk(png: Image) -> ChatRequest:
    """Two user turns with a picture in the first, all options set."""
    messages = (
        Message("system", "Be kind."),
        Message("user", "Look", (png,)),
        Message("assistant", "A square."),
        Message("user", "Which colour?"),
    )
    return ChatRequest(messages, Parameters(0.5, 64, 7), ResponseFormat("verdict", SCHEMA))


def test_a_messages_body_is_as_the_api_wants_it(png: Image) -> None:
    """System apart, picture before text, the mark for the cache on the reply before the last user turn."""
    body = msgspec.json.decode(anthropic.encode_body("claude-x", talk(png), ByteCache(), Dialect()))
    data = base64.b64encode(png.read_bytes()).decode()
    mark = {"type": "ephemeral"}
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    assert body == {
        "model": "claude-x",
        "max_tokens": 64,
        "messages": [
            {"role": "user", "content": [picture, {"type": "text", "text": "Look"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "A square.", "cache_control": mark}]},
            {"role": "user", "content": "Which colour?"},
        ],
        "system": "Be kind.",
        "temperature": 0.5,
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }


def test_a_messages_body_leaves_out_what_the_server_does_not_take(png: Image) -> None:
    """Neither temperature nor format, the rest as before."""
    body = msgspec.json.decode(anthropic.encode_body("claude-x", talk(png), ByteCache(), BARE))
    assert set(body) == {"model", "max_tokens", "messages", "system"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}, ("ok", "Hi", "end_turn", None)),
        ({"content": [{"type": "text", "text": "H"}], "stop_reason": "max_tokens"}, ("ok", "H", "length", None)),
        ({"content": [{"type": "text", "text": "No."}], "stop_reason": "refusal"}, ("ok", "No.", "refusal", None)),
        ({"content": [], "stop_reason": "refusal"}, ("provider_blocked", "", "refusal", None)),
        (
            {"content": [{"type": "thinking", "thinking": "x"}], "stop_reason": "end_turn"},
            ("failed", "", "end_turn", "empty_reply"),
        ),
        ({"content": None}, ("failed", "", None, "invalid_reply")),
        ({"type": "error", "error": {"type": "overloaded_error"}}, ("failed", "", None, "server_error")),
    ],
)
def test_a_message_is_read_into_its_state(body: object, expected: tuple[str, str, str | None, str | None]) -> None:
    """Words, refusals, blocks and failures of the Messages API are told apart."""
    assert facts(anthropic.read_reply(answer(body))) == expected


def test_cached_input_is_input() -> None:
    """5 read anew, 20 into the cache, 300 out of it."""
    usage = {"input_tokens": 5, "output_tokens": 2, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}
    body = {"content": [{"type": "text", "text": "Hi"}], "usage": usage}
    used = anthropic.read_reply(answer(body)).usage
    assert (used.input_tokens, used.output_tokens) == (325, 2)


def candidate(finish: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """A response with one candidate."""
    return {"candidates": [{"content": {"parts": list(parts)}, "finishReason": finish}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (candidate("STOP", {"text": "Hi"}), ("ok", "Hi", "stop", None)),
        (candidate("MAX_TOKENS", {"text": "H"}), ("ok", "H", "length", None)),
        (candidate("OTHER", {"text": "Hi"}), ("ok", "Hi", "OTHER", None)),
        (candidate("SAFETY", {"text": "Half"}), ("ok", "Half", "SAFETY", None)),
        (candidate("SAFETY", {"text": "Hm", "thought": True}), ("provider_blocked", "", "SAFETY", None)),
        (candidate("STOP", {"text": "Hm", "thought": True}), ("failed", "", "stop", "empty_reply")),
        (candidate("PUP_LIMITED_DISABLED"), ("failed", "", None, "auth")),
        ({"promptFeedback": {"blockReason": "OTHER"}}, ("provider_blocked", "", "OTHER", None)),
        ({"candidates": []}, ("failed", "", None, "invalid_reply")),
        ({"error": {"code": 503, "message": "busy"}}, ("failed", "", None, "server_error")),
    ],
)
def test_a_candidate_is_read_into_its_state(body: object, expected: tuple[str, str, str | None, str | None]) -> None:
    """Words, blocks and failures of generateContent are told apart."""
    assert facts(google.read_reply(answer(body))) == expected


def test_thoughts_are_paid_for_as_output() -> None:
    """9 in, 4 of words and 30 of thoughts out; without any count, none is made up."""
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 30}
    used = google.read_reply(answer(candidate("STOP", {"text": "Hi"}) | {"usageMetadata": usage})).usage
    unknown = google.read_reply(answer(candidate("STOP", {"text": "Hi"}))).usage
    assert (used.input_tokens, used.output_tokens) == (9, 34)
    assert (unknown.input_tokens, unknown.output_tokens) == (None, None)


def test_gemini_errors_tell_the_key_and_the_wait() -> None:
    """The reason and the delay stand in the details of an error."""
    refused = {"error": {"code": 400, "message": "bad key", "details": [{"reason": "API_KEY_INVALID"}]}}
    busy = {"error": {"code": 429, "message": "quota", "details": [{"retryDelay": "12s"}]}}
    failures = [google.read_reply(answer(body, status)).failure for body, status in ((refused, 400), (busy, 429))]
    assert [(one.kind, one.retry_after_s) for one in failures if one] == [("auth", None), ("rate_limited", 12.0)]
