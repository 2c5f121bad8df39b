"""The Gemini provider keeps the contract of a ChatModel, and what is its own.

Source: Gemini API reference (generateContent, finish and block reasons, error details).
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from models.contract import ASK, KEY, Open, SeamContract, Seen, ServedContract, Wire
from models.misbehaving import Handler, Received, Server, answers
from turnwise.errors import UsageError
from turnwise.models import open_model

pytestmark = pytest.mark.extra("google")
pytest.importorskip("google.genai", reason="needs the extra 'google'")

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


_STANDARD = str.maketrans("-_", "+/")


def response(parts: list[dict[str, Any]] | None, finish: str | None, **fields: Any) -> dict[str, Any]:
    """The body of a response with one candidate."""
    candidate: dict[str, Any] = {"finishReason": finish, "index": 0}
    if parts is not None:
        candidate["content"] = {"role": "model", "parts": parts}
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 3, "totalTokenCount": 15}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "served-model-7b", **fields}


class GoogleWire:
    """The generateContent method of the Gemini API."""

    spelling = "google:gemini-test@{url}"
    finishes = "stop"

    def says(self, text: str, *, cut: str = "no") -> Handler:
        """A candidate with one part."""
        return answers(response([{"text": text}], "MAX_TOKENS" if cut == "yes" else "STOP"))

    def says_nothing(self) -> Handler:
        """A candidate without content."""
        return answers(response(None, "STOP"))

    def counts(self, read: int, written: int) -> Handler:
        """A candidate with these token counts."""
        usage = {"promptTokenCount": read, "candidatesTokenCount": written}
        return answers(response([{"text": "Hi"}], "STOP", usageMetadata=usage))

    def blocks(self) -> Handler:
        """A prompt that the filter took."""
        return answers({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "served-model-7b"})

    def cuts(self, text: str) -> Handler:
        """A candidate that the filter ended after some words."""
        return answers(response([{"text": text}], "SAFETY"))

    def fails(self, status: int, message: str, headers: dict[str, str] | None = None) -> Handler:
        """A google.rpc.Status."""
        error = {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}
        return answers({"error": error}, status=status, headers=headers)

    def read(self, received: Received) -> Seen:
        """The body of a generateContent request."""
        assert received.path.endswith("/models/gemini-test:generateContent")
        body, headers = received.body, {name.lower(): value for name, value in received.headers.items()}
        config = body.get("generationConfig", {})
        system = body.get("systemInstruction", {}).get("parts", [])
        if "responseJsonSchema" in config:
            assert config["responseMimeType"] == "application/json"
        return Seen(
            system="".join(part["text"] for part in system) or None,
            turns=[_turn(content) for content in body["contents"]],
            temperature=config.get("temperature"),
            max_tokens=config.get("maxOutputTokens"),
            key=headers.get("x-goog-api-key"),
            format=config.get("responseJsonSchema"),
        )


def _turn(content: dict[str, Any]) -> tuple[str, list[bytes], str]:
    kinds = ["text" if "text" in part else "image" for part in content["parts"]]
    assert kinds == sorted(kinds), "images stand before the text"
    blobs = [part["inlineData"] for part in content["parts"] if "inlineData" in part]
    # The JSON form of a protobuf may have a field by its own name too, and bytes in either base64 alphabet.
    assert all(blob.get("mimeType", blob.get("mime_type")) == "image/png" for blob in blobs)
    role = {"user": "user", "model": "assistant"}[content["role"]]
    text = "".join(part.get("text", "") for part in content["parts"])
    return role, [base64.b64decode(blob["data"].translate(_STANDARD), validate=True) for blob in blobs], text


class TestGoogle(SeamContract, ServedContract):
    """google:MODEL@BASE_URL."""

    @pytest.fixture
    def wire(self) -> Wire:
        """Its wire format."""
        return GoogleWire()

    @pytest.mark.parametrize(
        "reason", ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"]
    )
    async def test_a_candidate_stopped_by_the_filter_is_a_block(
        self, server: Server, open_one: Open, reason: str
    ) -> None:
        """Without a word, or with thoughts alone, there is no reply; the reason is kept."""
        server.plan = [
            answers(response(parts, reason)) for parts in (None, [], [{"text": "Well, first", "thought": True}])
        ]
        model = open_one()
        for _ in server.plan:
            reply = await model.reply(ASK)
            assert (reply.state, reply.text, reply.finish_reason) == ("provider_blocked", "", reason)

    async def test_thoughts_are_not_text_and_count_as_output(self, server: Server, open_one: Open) -> None:
        """A thought is no word of the reply; its 40 tokens are paid for as output beside the 3 of the words."""
        body = response([{"text": "Hm.", "thought": True}, {"text": "Yes"}, {"text": "!"}], "STOP")
        body["usageMetadata"]["thoughtsTokenCount"] = 40
        server.plan = [answers(body)]
        reply = await open_one().reply(ASK)
        assert (reply.text, reply.usage.input_tokens, reply.usage.output_tokens) == ("Yes!", 12, 43)

    async def test_a_refused_key_is_an_auth_failure(self, server: Server, open_one: Open) -> None:
        """Gemini says so with status 400; the breaker must know it from a wrong request."""
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
        error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": details}
        server.plan = [answers({"error": error}, status=400)]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("auth", False)

    async def test_the_wait_in_the_error_details_is_told(self, server: Server, open_one: Open) -> None:
        """Gemini asks for a wait in the body."""
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]
        error = {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": details}
        server.plan = [answers({"error": error}, status=429)]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retry_after_s) == ("rate_limited", 34.5)

    async def test_an_answer_spent_on_thoughts_says_so(self, server: Server, open_one: Open) -> None:
        """No word before the token limit is an empty reply whose message names the limit."""
        server.plan = [answers(response([{"text": "Hm", "thought": True}], "MAX_TOKENS"))]
        reply = await open_one().reply(ASK)
        assert reply.failure is not None
        assert (reply.failure.kind, reply.finish_reason) == ("empty_reply", "length")
        assert "max_tokens" in reply.failure.message

    @pytest.mark.parametrize(("path", "version"), [("/v1beta", "v1beta"), ("/gate/v1", "gate/v1")])
    async def test_an_api_version_may_end_the_base_url(
        self, server: Server, open_one: Open, path: str, version: str
    ) -> None:
        """The version of the address is asked for, once."""
        root = server.base_url.removesuffix("/v1")
        await open_one(spelling=f"google:gemini-test@{root}{path}").reply(ASK)
        assert server.received[0].path == f"/{version}/models/gemini-test:generateContent"


def test_addresses_and_keys_are_read_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default address needs a key, of either name; a model name cannot leave its place in the URL."""
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert open_model("google:gemini-x").name == "google:gemini-x@https://generativelanguage.googleapis.com"
    with pytest.raises(UsageError, match="model name"):
        open_model("google:../files?x")
    monkeypatch.delenv("GEMINI_API_KEY")
    with pytest.raises(UsageError, match="GOOGLE_API_KEY or GEMINI_API_KEY"):
        open_model("google:gemini-x")
