"""The Anthropic provider keeps the contract of a ChatModel, and what is its own.

Source: Anthropic API reference (Messages, errors, prompt caching, structured outputs).
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from models.contract import ASK, TURNS, Open, SeamContract, Seen, ServedContract, Wire
from models.misbehaving import Handler, Received, Server, answers
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Message, Parameters, open_model

pytestmark = pytest.mark.extra("anthropic")
pytest.importorskip("anthropic", reason="needs the extra 'anthropic'")

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def message(content: list[dict[str, Any]], stop_reason: str, **usage: int) -> dict[str, Any]:
    """The body of a message."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served-model-7b",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 3, **usage},
    }


def text(words: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": words}


class AnthropicWire:
    """The Messages API."""

    spelling = "anthropic:claude-test@{url}"
    finishes = "end_turn"

    def says(self, words: str, *, cut: str = "no") -> Handler:
        """A message."""
        return answers(message([text(words)], "max_tokens" if cut == "yes" else "end_turn"))

    def says_nothing(self) -> Handler:
        """A message without content blocks."""
        return answers(message([], "end_turn"))

    def counts(self, read: int, written: int) -> Handler:
        """A message with these token counts."""
        return answers(message([text("Hi")], "end_turn", input_tokens=read, output_tokens=written))

    def blocks(self) -> Handler:
        """A refusal before the first word."""
        return answers(message([], "refusal"))

    def cuts(self, words: str) -> Handler:
        """A refusal after some words."""
        return answers(message([text(words)], "refusal"))

    def fails(self, status: int, words: str, headers: dict[str, str] | None = None) -> Handler:
        """An error object."""
        error = {"type": _ERROR_TYPES.get(status, "api_error"), "message": words}
        return answers({"type": "error", "error": error, "request_id": "req_1"}, status=status, headers=headers)

    def read(self, received: Received) -> Seen:
        """The body of a Messages request, with the rules the API checks."""
        body, headers = received.body, {name.lower(): value for name, value in received.headers.items()}
        assert received.path == "/v1/messages"
        assert headers["content-type"] == "application/json"
        assert headers["anthropic-version"]
        assert body["model"] == "claude-test"
        assert isinstance(body["max_tokens"], int)
        assert body["messages"][0]["role"] == "user"
        return Seen(
            system=body.get("system"),
            turns=[_turn(one) for one in body["messages"]],
            temperature=body.get("temperature"),
            max_tokens=body["max_tokens"],
            key=headers.get("x-api-key") or headers["authorization"].removeprefix("Bearer "),
            format=body.get("output_config", {}).get("format", {}).get("schema"),
        )


def _turn(one: dict[str, Any]) -> tuple[str, list[bytes], str]:
    assert one["role"] in {"user", "assistant"}
    content = one["content"]
    blocks = [text(content)] if isinstance(content, str) else content
    assert all(block["text"] for block in blocks if block["type"] == "text"), "a text block is never empty"
    kinds = [block["type"] for block in blocks]
    assert kinds == sorted(kinds), "images stand before the text"
    sources = [block["source"] for block in blocks if block["type"] == "image"]
    assert all((source["type"], source["media_type"]) == ("base64", "image/png") for source in sources)
    images = [base64.b64decode(source["data"], validate=True) for source in sources]
    return one["role"], images, "".join(block["text"] for block in blocks if block["type"] == "text")


class TestAnthropic(SeamContract, ServedContract):
    """anthropic:MODEL@BASE_URL."""

    @pytest.fixture
    def wire(self) -> Wire:
        """Its wire format."""
        return AnthropicWire()

    async def test_a_refusal_in_words_is_a_reply(self, server: Server, open_one: Open) -> None:
        """A model that declines in words has answered, and the reason says how."""
        server.plan = [answers(message([text("I would rather not.")], "refusal"))]
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.text, reply.finish_reason) == ("ok", "I would rather not.", "refusal")

    async def test_thoughts_are_not_text(self, server: Server, open_one: Open) -> None:
        """Only text blocks are words of the reply."""
        thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
        server.plan = [answers(message([thought, text("Yes"), text(", please.")], "end_turn"))]
        assert (await open_one().reply(ASK)).text == "Yes, please."

    async def test_cached_tokens_count_as_input(self, server: Server, open_one: Open) -> None:
        """12 read anew, 100 into the cache, 1000 out of it: 1112 tokens of input."""
        usage = {"cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000}
        server.plan = [answers(message([text("Hi")], "end_turn", **usage))]
        reply = await open_one().reply(ASK)
        assert (reply.usage.input_tokens, reply.usage.output_tokens) == (1112, 3)

    async def test_the_end_of_the_shared_prefix_is_marked_for_the_cache(self, server: Server, open_one: Open) -> None:
        """Of three turns the second reply is marked, and nothing else; of one turn nothing is."""
        model = open_one()
        await model.reply(TURNS)
        await model.reply(ASK)
        marked = [{"type": "text", "text": "Four", "cache_control": {"type": "ephemeral"}}]
        contents = [one["content"] for one in server.received[0].body["messages"]]
        assert contents == ["One", "Two", "Three", marked, "Five"]
        assert server.received[1].raw.count(b"cache_control") == 0

    async def test_a_limit_is_sent_where_none_is_given(self, server: Server, wire: Wire, open_one: Open) -> None:
        """The API demands max_tokens, so it gets 1024."""
        await open_one().reply(ChatRequest(ASK.messages, Parameters(temperature=None, max_tokens=None)))
        seen = wire.read(server.received[0])
        assert (seen.max_tokens, seen.temperature) == (1024, None)

    async def test_system_messages_are_joined(self, server: Server, wire: Wire, open_one: Open) -> None:
        """Two system messages are one system prompt, in order."""
        await open_one().reply(ChatRequest((Message("system", "A"), Message("system", "B"), Message("user", "Hi"))))
        assert wire.read(server.received[0]).system == "A\n\nB"

    async def test_a_blocked_output_is_a_block(self, server: Server, wire: Wire, open_one: Open) -> None:
        """The filter of the service speaks through a 400."""
        server.plan = [wire.fails(400, "Output blocked by content filtering policy")]
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.finish_reason, reply.failure) == ("provider_blocked", "content_filter", None)

    async def test_a_spend_limit_is_not_asked_again(self, server: Server, open_one: Open) -> None:
        """A 429 about money does not pass by waiting."""
        details = {"error_code": "enforced_spend_limit_reached"}
        error = {"type": "rate_limit_error", "message": "limit reached", "details": details}
        server.plan = [answers({"type": "error", "error": error}, status=429)]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("rate_limited", False)

    async def test_an_error_in_a_200_is_a_failure(self, server: Server, open_one: Open) -> None:
        """A proxy may pass an error on with status 200."""
        server.plan = [answers({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}})]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("server_error", True)


def test_addresses_are_read_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default address needs a key; /v1 is the SDK's to add."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    assert open_model("anthropic:claude-x").name == "anthropic:claude-x@https://api.anthropic.com"
    assert open_model("anthropic:m@http://localhost:8000/v1/").name == "anthropic:m@http://localhost:8000"
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY"):
        open_model("anthropic:claude-x")
