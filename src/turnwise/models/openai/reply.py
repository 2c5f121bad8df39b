"""Answers as replies: what an OpenAI-compatible server sent back, read into one typed state.

Source: OpenAI and Azure OpenAI API references (completion, refusal and content filter shapes); OpenRouter, vLLM,
    llama.cpp and FastAPI servers for the other shapes of an error body.
"""

from __future__ import annotations

from typing import Any

import msgspec

from turnwise.models.chat import Reply, Usage
from turnwise.models.http.answer import Answer, decode_answer, failed_answer, is_success, text_answer
from turnwise.models.http.error_body import ErrorSaid, read_error, read_error_inside

__all__ = ["read_reply"]


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
    error: ErrorSaid | str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: ErrorSaid | str | None = None
    usage: _Usage | None = None
    model: str | None = None


_completion_decoder = msgspec.json.Decoder(_Completion)


def read_reply(answer: Answer) -> Reply:
    """The reply that an HTTP answer amounts to."""
    if not is_success(answer):
        return read_error(answer)
    completion = decode_answer(answer, _completion_decoder)
    return completion if isinstance(completion, Reply) else _read_completion(completion, answer)


def _read_completion(completion: _Completion, answer: Answer) -> Reply:
    choice = completion.choices[0] if completion.choices else None
    error = completion.error or (choice.error if choice else None)
    if error is not None:
        return read_error_inside(error, answer)
    if choice is None:
        return failed_answer(answer, "invalid_reply", "the reply has no choices")
    reply = _read_choice(choice, answer)
    used = completion.usage or _Usage()
    usage = Usage.reported(read=(used.prompt_tokens,), written=(used.completion_tokens,))
    return msgspec.structs.replace(reply, usage=usage, served_model=completion.model)


def _read_choice(choice: _Choice, answer: Answer) -> Reply:
    message, finish = choice.message, choice.finish_reason
    # A filter that struck in the middle let words through: those reached the user, and are judged.
    if finish == "content_filter" and not message.text.strip():
        return Reply(state="provider_blocked", finish_reason=finish, latency_ms=answer.latency_ms)
    if message.refusal and message.refusal.strip():
        return Reply(state="ok", text=message.refusal, finish_reason="refusal", latency_ms=answer.latency_ms)
    if message.tool_calls and not message.text.strip():
        empty = failed_answer(answer, "empty_reply", "the reply calls a tool and says nothing")
        return msgspec.structs.replace(empty, finish_reason=finish)
    return text_answer(answer, message.text, finish_reason=finish)
