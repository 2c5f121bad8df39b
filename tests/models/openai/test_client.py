"""The OpenAI-compatible client against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from models.misbehaving import (
    Handler,
    OpenChat,
    Server,
    answers,
    completion,
    drips,
    fails,
    floods,
    hangs,
    redirects,
    resets,
    says,
    sends,
)
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Message, Parameters, ResponseFormat
from turnwise.models.openai.client import OpenAIChat
from turnwise.models.openai.endpoint import parse_endpoint
from turnwise.models.secret import Secret

ASK = ChatRequest((Message("user", "Good morning"),))
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"label": {"type": "string"}},
    "required": ["label"],
    "additionalProperties": False,
}
AZURE: dict[str, Any] = {
    "code": "bad",
    "innererror": {"code": "ResponsibleAIPolicyViolation"},
}

# name: handler, kind, retryable, a word of the message
FAILURES: dict[str, tuple[Handler, str, bool, str]] = {
    "429": (fails(429), "rate_limited", True, "it broke"),
    "500": (fails(500), "server_error", True, "HTTP 500"),
    "503": (fails(503), "server_error", True, "HTTP 503"),
    "501": (fails(501), "server_error", False, "HTTP 501"),
    "408": (fails(408), "server_error", True, "HTTP 408"),
    "409": (fails(409), "server_error", True, "HTTP 409"),
    "529": (fails(529), "server_error", True, "HTTP 529"),
    "401": (fails(401), "auth", False, "HTTP 401"),
    "403": (fails(403), "auth", False, "HTTP 403"),
    "404": (fails(404, "no such model"), "rejected", False, "HTTP 404: no such model"),
    "400 context length": (
        fails(400, "maximum context length is 4096", code="context_length_exceeded"),
        "rejected",
        False,
        "maximum context",
    ),
    "422 of FastAPI": (answers({"detail": [{"msg": "no field"}]}, status=422), "rejected", False, "no field"),
    "400 as plain message": (answers({"object": "error", "message": "too long"}, status=400), "rejected", False, "too"),
    "500 without JSON": (sends(b"<html>"), "invalid_reply", True, "chat completion"),
    "redirect": (redirects, "rejected", False, "redirect"),
    "wrong content type": (sends(b"<html>hi</html>", content_type="text/html"), "invalid_reply", True, "text/html"),
    "broken JSON": (sends(b'{"choices": ['), "invalid_reply", True, "not a chat completion"),
    "another JSON": (sends(b"[1, 2]"), "invalid_reply", True, "not a chat completion"),
    "no choices": (answers({"id": "x"}), "invalid_reply", True, "no choices"),
    "empty choices": (answers({"choices": []}), "invalid_reply", True, "no choices"),
    "null content": (answers(completion(None)), "empty_reply", True, "finish reason stop"),
    "blank content": (answers(completion(" \n")), "empty_reply", True, "empty"),
    "cut off before a word": (answers(completion("", finish_reason="length")), "empty_reply", True, "max_tokens"),
    "a tool call": (answers(completion(None, tool_calls=[{"id": "1"}])), "empty_reply", True, "tool"),
    "200 with 429": (answers({"error": {"message": "slow", "code": 429}}), "rate_limited", True, "slow"),
    "200 with 502": (answers({"error": {"message": "down", "code": "502"}}), "server_error", True, "down"),
    "200 with a rate limit": (answers({"error": {"code": "rate_limit_exceeded"}}), "rate_limited", True, "no reason"),
    "200 with server_error": (answers({"error": {"type": "server_error"}}), "server_error", True, "no reason"),
    "200 with an unknown error": (answers({"error": "strange"}), "rejected", False, "strange"),
    "reset in the body": (resets, "connection", True, ""),
    "too long a body": (floods, "invalid_reply", False, "longer"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_is_typed_asked_once_and_puts_no_words_into_the_conversation(
    name: str, server: Server, open_chat: OpenChat
) -> None:
    """Every way of failing gives its own kind after one request, with its cause apart from the reply's text."""
    handler, kind, retryable, word = FAILURES[name]
    server.plan = [handler]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.text, reply.attempts) == ("failed", "", 1)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == (kind, retryable)
    assert word in reply.failure.message
    assert len(server.received) == 1


@pytest.mark.parametrize("handler", [hangs, drips])
async def test_a_server_that_does_not_finish_is_a_timeout(
    handler: Handler, server: Server, open_chat: OpenChat
) -> None:
    """The time allowed covers silence and a slow drip alike."""
    server.plan = [handler]
    reply = await open_chat(timeout_s=0.4).reply(ASK)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == ("timeout", True)
    assert reply.latency_ms > 0


async def test_a_closed_port_is_a_connection_failure() -> None:
    """Nobody listening is retryable, and no exception."""
    chat = OpenAIChat(parse_endpoint("m@http://127.0.0.1:1/v1"), timeout_s=5)
    reply = await chat.reply(ASK)
    await chat.close()
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == ("connection", True)


@pytest.mark.parametrize(
    "handler",
    [
        answers(completion("", finish_reason="content_filter")),
        fails(400, code="content_filter"),
        fails(400, code="content_policy_violation"),
        fails(400, code="moderation_blocked"),
        fails(400, **AZURE),
        fails(403, metadata={"reasons": ["violence"]}),
        answers({"error": {"message": "no", "code": "content_filter"}}),
    ],
)
async def test_the_services_own_filter_is_a_block_and_no_failure(
    handler: Handler, server: Server, open_chat: OpenChat
) -> None:
    """A filter's verdict is data in its own state."""
    server.plan = [handler]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("provider_blocked", "", "content_filter")


async def test_words_that_came_before_the_filter_struck_are_a_reply(server: Server, open_chat: OpenChat) -> None:
    """They reached the user, so they are judged and not taken for a block."""
    server.plan = [answers(completion("half an ans", finish_reason="content_filter"))]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "half an ans", "content_filter")


async def test_a_short_key_does_not_change_what_the_model_said(server: Server) -> None:
    """Only errors are searched for the key: a key that is a common word must not rewrite replies."""
    server.plan = [says("I cannot explain that.")]
    chat = OpenAIChat(parse_endpoint(f"m@{server.base_url}"), key=Secret("x"))
    reply = await chat.reply(ASK)
    await chat.close()
    assert reply.text == "I cannot explain that."


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": -5, "completion_tokens": 10**12}, {"prompt_tokens": 10**400, "completion_tokens": -1}]
)
async def test_nonsense_usage_is_left_out(usage: dict[str, int], server: Server, open_chat: OpenChat) -> None:
    """A count that no request can use is not given on: caps and rates rest on it."""
    server.plan = [answers({**completion("fine"), "usage": usage})]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.usage.input_tokens, reply.usage.output_tokens) == ("ok", None, None)


async def test_a_deeply_nested_answer_is_a_failure(server: Server, open_chat: OpenChat) -> None:
    """200,000 brackets are an unreadable answer, and no crash."""
    server.plan = [sends(b"[" * 200_000)]
    reply = await open_chat().reply(ASK)
    assert reply.failure is not None
    assert reply.failure.kind == "invalid_reply"


async def test_a_reply_carries_what_the_server_said(server: Server, open_chat: OpenChat) -> None:
    """Text, finish reason, usage, served model and latency come back."""
    server.plan = [says("Good morning to you.")]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "Good morning to you.", "stop")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 3)
    assert reply.served_model == "served-model-7b"
    assert reply.latency_ms > 0


async def test_a_refusal_field_is_the_models_own_refusal(server: Server, open_chat: OpenChat) -> None:
    """The structured-output refusal is a reply with words, marked by its finish reason."""
    server.plan = [answers(completion(None, refusal="I can't help with that."))]
    reply = await open_chat().reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "I can't help with that.", "refusal")


async def test_content_in_parts_is_joined(server: Server, open_chat: OpenChat) -> None:
    """Servers that send content as a list of parts are read too."""
    server.plan = [answers(completion([{"type": "text", "text": "Good "}, {"type": "text", "text": "day"}]))]
    assert (await open_chat().reply(ASK)).text == "Good day"


async def test_retry_after_reaches_the_failure(server: Server, open_chat: OpenChat) -> None:
    """Seconds given by the server are kept with the failure; without the header there are none."""
    server.plan = [fails(429, retry_after=7), fails(429)]
    chat = open_chat()
    first, second = await chat.reply(ASK), await chat.reply(ASK)
    assert first.failure is not None
    assert second.failure is not None
    assert (first.failure.retry_after_s, second.failure.retry_after_s) == (7.0, None)


async def test_structured_output_is_left_out_once_the_server_refused_it(
    server: Server, open_chat: OpenChat, caplog: pytest.LogCaptureFixture
) -> None:
    """One 400 that names the schema costs one extra request, then the client remembers and says so once."""
    server.plan = [fails(400, "guided decoding is off: response_format"), says("{}")]
    chat = open_chat()
    ask = ChatRequest(ASK.messages, response_format=ResponseFormat("verdict", SCHEMA))
    with caplog.at_level(logging.WARNING):
        first, second = await chat.reply(ask), await chat.reply(ask)
    assert (first.state, first.attempts, second.attempts) == ("ok", 2, 1)
    assert (first.dropped, second.dropped) == (("response_format",), ("response_format",))
    assert ["response_format" in received.body for received in server.received] == [True, False, False]
    assert sum("response_format" in record.message for record in caplog.records) == 1


async def test_temperature_is_left_out_once_the_server_refused_it(server: Server, open_chat: OpenChat) -> None:
    """A model that takes no temperature is asked without it from then on."""
    server.plan = [fails(400, "Unsupported value: only the default is supported", param="temperature"), says("Hi")]
    chat = open_chat()
    first, second = await chat.reply(ASK), await chat.reply(ASK)
    assert (first.attempts, second.attempts) == (2, 1)
    assert ["temperature" in received.body for received in server.received] == [True, False, False]


async def test_the_token_limit_changes_its_name_when_the_server_asks_for_it(
    server: Server, open_chat: OpenChat
) -> None:
    """A server that wants max_completion_tokens gets it, with the same number."""
    server.plan = [fails(400, "'max_tokens' is not supported. Use 'max_completion_tokens' instead."), says("Hi")]
    reply = await open_chat().reply(ASK)
    assert server.received[1].body["max_completion_tokens"] == 1024
    assert "max_tokens" not in server.received[1].body
    assert reply.dropped == ("max_tokens",)


async def test_what_a_request_did_not_ask_for_was_not_dropped(server: Server, open_chat: OpenChat) -> None:
    """A server that takes no temperature costs a request without one nothing, and no reply says otherwise."""
    server.plan = [fails(400, "Unsupported value", param="temperature"), says("Hi")]
    chat = open_chat()
    await chat.reply(ASK)
    reply = await chat.reply(ChatRequest(ASK.messages, Parameters(temperature=None)))
    assert (reply.state, reply.dropped) == ("ok", ())


async def test_a_temperature_out_of_range_is_rejected_not_dropped(server: Server, open_chat: OpenChat) -> None:
    """A 400 about the value of a parameter is the user's to mend: nothing is left out behind his back."""
    server.plan = [fails(400, "temperature must be at most 2", param="temperature")]
    reply = await open_chat().reply(ChatRequest(ASK.messages, Parameters(temperature=9)))
    assert reply.failure is not None
    assert reply.failure.kind == "rejected"
    assert len(server.received) == 1


async def test_nothing_is_remembered_when_the_simpler_request_fails_too(server: Server, open_chat: OpenChat) -> None:
    """Only an answer proves that a parameter was the trouble."""
    server.plan = [fails(400, "bad response_format"), fails(400, "bad anyway"), says("{}")]
    chat = open_chat()
    ask = ChatRequest(ASK.messages, response_format=ResponseFormat("verdict", SCHEMA))
    first, second = await chat.reply(ask), await chat.reply(ask)
    assert (first.state, second.state) == ("failed", "ok")
    assert (first.dropped, second.dropped) == ((), ())
    assert "response_format" in server.received[2].body


async def test_the_key_goes_out_in_the_header_and_never_into_a_message(server: Server, open_chat: OpenChat) -> None:
    """A server that quotes the key back gets stars put over it."""
    server.plan = [fails(401, "Incorrect API key provided: sk-very-secret " + "x" * 230 + " again: sk-very-secret")]
    chat = open_chat(key="sk-very-secret")
    reply = await chat.reply(ASK)
    assert server.received[0].headers["Authorization"] == "Bearer sk-very-secret"
    assert "sk-ver" not in f"{reply!r} {chat.__dict__!r}"
    assert reply.failure is not None
    assert "provided: ***" in reply.failure.message


def test_a_remote_server_needs_a_key() -> None:
    """Without a key for a remote address the client says which variable to set, before any request."""
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        OpenAIChat(parse_endpoint("m@https://models.example.com/v1"))


async def test_cancelling_a_call_passes_through(server: Server, open_chat: OpenChat) -> None:
    """A cancelled call ends as cancelled, not as a failed reply."""
    server.plan = [hangs]
    call = asyncio.ensure_future(open_chat().reply(ASK))
    await server.arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_closing_twice_is_fine(open_chat: OpenChat) -> None:
    """Close may be called before any request and again."""
    chat = open_chat()
    await chat.close()
    await chat.reply(ASK)
    await chat.close()
    await chat.close()
