"""The OpenAI-compatible provider keeps the contract of a ChatModel."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from models.contract import SeamContract, Seen, ServedContract, Wire
from models.misbehaving import Handler, Received, answers, completion


class OpenAIWire:
    """The chat completions API."""

    spelling = "openai:org/model:7b@{url}/v1"
    finishes = "stop"

    def says(self, text: str, *, cut: str = "no") -> Handler:
        """A chat completion."""
        return answers(completion(text, finish_reason="length" if cut == "yes" else "stop"))

    def says_nothing(self) -> Handler:
        """A completion whose content is empty."""
        return answers(completion(""))

    def counts(self, read: int, written: int) -> Handler:
        """A chat completion with these token counts."""
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": 15}
        return answers({**completion("Hi"), "usage": usage})

    def blocks(self) -> Handler:
        """A completion that the filter ended."""
        return answers(completion(None, finish_reason="content_filter"))

    def cuts(self, text: str) -> Handler:
        """A completion that the filter ended after some words."""
        return answers(completion(text, finish_reason="content_filter"))

    def fails(self, status: int, message: str, headers: dict[str, str] | None = None) -> Handler:
        """An error object."""
        return answers({"error": {"message": message, "type": "error"}}, status=status, headers=headers)

    def read(self, received: Received) -> Seen:
        """The body of a chat completions request."""
        assert received.path == "/v1/chat/completions"
        body = received.body
        assert body["model"] == "org/model:7b"
        system = [message["content"] for message in body["messages"] if message["role"] == "system"]
        return Seen(
            system=system[0] if system else None,
            turns=[_turn(message) for message in body["messages"] if message["role"] != "system"],
            temperature=body.get("temperature"),
            max_tokens=body.get("max_tokens"),
            key=received.headers["Authorization"].removeprefix("Bearer "),
            format=body.get("response_format", {}).get("json_schema", {}).get("schema"),
        )


def _turn(message: dict[str, Any]) -> tuple[str, list[bytes], str]:
    content = message["content"]
    if isinstance(content, str):
        return message["role"], [], content
    kinds = [part["type"] for part in content]
    assert kinds == sorted(kinds), "images stand before the text"
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    assert all(url.startswith("data:image/png;base64,") for url in urls)
    text = "".join(part["text"] for part in content if part["type"] == "text")
    return message["role"], [base64.b64decode(url.partition(",")[2]) for url in urls], text


class TestOpenAI(SeamContract, ServedContract):
    """openai:MODEL@BASE_URL."""

    @pytest.fixture
    def wire(self) -> Wire:
        """Its wire format."""
        return OpenAIWire()
