"""The one seam to every model: a request goes in, a reply in a typed state comes out, never an exception.

The rollout asks targets through it, judges ask their models through it, and a guarded target is again one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal, Protocol, cast

import msgspec

from turnwise.dialogue import Image

__all__ = [
    "PARAMETER_DROPPED",
    "ChatModel",
    "ChatRequest",
    "Dropped",
    "Failure",
    "FailureKind",
    "Message",
    "Parameters",
    "Reply",
    "ReplyOrigin",
    "ReplyState",
    "ResponseFormat",
    "Role",
    "Usage",
    "dropped_note",
    "failed",
]

_encode = msgspec.json.Encoder().encode

Role = Literal["system", "user", "assistant"]
ReplyState = Literal["ok", "provider_blocked", "guard_blocked", "failed"]
"""`provider_blocked`: the service's own filter gave no reply. `failed`: nobody answered; retried on resume."""

ReplyOrigin = Literal["model", "cache", "shared"]

Dropped = Literal["temperature", "response_format", "max_tokens"]
"""A parameter that a server refused by name, so that requests went without it."""

PARAMETER_DROPPED = "parameter_dropped"
"""The kind of event under which run files keep it, since it shapes the numbers."""

_DROPPED_NOTES: dict[Dropped, str] = {
    "temperature": "temperature was not sent, because the server refuses it: its own default applied",
    "response_format": "response_format was not sent, because the server refuses it: no structured outputs",
    "max_tokens": "max_tokens was sent as max_completion_tokens, because the server refuses that name",
}
# What no request can use: far beyond the context of any model.
_MOST_TOKENS = 100_000_000

FailureKind = Literal[
    "timeout",  # no complete answer within the time allowed
    "connection",  # refused, reset, DNS, TLS, or cut off in the body
    "rate_limited",  # 429
    "server_error",  # 5xx
    "auth",  # 401, 403
    "rejected",  # any other 4xx: the request itself is wrong
    "invalid_reply",  # a 200 whose body is not a chat completion
    "empty_reply",  # a completion without text, block or refusal
    "model_error",  # an in-process model raised
]


class Message(msgspec.Struct, frozen=True, dict=True):
    """One message of a conversation. Images stand before the text, at every length."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()

    def digest(self) -> bytes:
        """sha256 over role, text and images by content (their paths do not count); made once an object."""
        made = self.__dict__.get("digest_")
        if made is None:
            shape = (self.role, self.text, [image.sha256 for image in self.images])
            made = self.__dict__["digest_"] = hashlib.sha256(_encode(shape)).digest()
        return cast("bytes", made)


class Parameters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sampling parameters, sent as given; None is not sent."""

    temperature: float | None = 0.0
    max_tokens: int | None = 1024
    seed: int | None = None


class ResponseFormat(msgspec.Struct, frozen=True):
    """A JSON Schema the reply must follow, for servers with structured outputs; others ignore it."""

    name: str
    schema: dict[str, Any]


class ChatRequest(msgspec.Struct, frozen=True, dict=True):
    """All that is sent to a model.

    Message objects are shared between the requests of one conversation, so a provider may cache what it
    makes of one by identity. `sample` is not sent: it tells draws apart that are to be independent although all that
    is sent is the same.
    """

    messages: tuple[Message, ...]
    parameters: Parameters = Parameters()
    response_format: ResponseFormat | None = None
    sample: int = 0

    def sha256(self) -> str:
        """Hex digest over everything sent, images by content, and the sample number; made once an object.

        It is a hash over the hashes of the messages, so a further turn costs its own text and not the history's.
        """
        made = self.__dict__.get("sha256_")
        if made is None:
            digest = hashlib.sha256(_encode((self.parameters, self.response_format, self.sample)))
            for message in self.messages:
                digest.update(message.digest())
            made = self.__dict__["sha256_"] = digest.hexdigest()
        return cast("str", made)


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the provider counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None

    @classmethod
    def reported(cls, *, read: Sequence[int | None], written: Sequence[int | None]) -> Usage:
        """The counts of a provider, each the sum of its parts; None where it gives none, or one no request can use.

        So no limit and no cost rests on nonsense. Every reader of a provider's answers makes its usage here.
        """
        return cls(_believable(read), _believable(written))


class Failure(msgspec.Struct, frozen=True):
    """Why nobody answered. `message` is one sentence; it never enters a conversation."""

    kind: FailureKind
    message: str
    retryable: bool
    retry_after_s: float | None = None


class Reply(msgspec.Struct, frozen=True):
    """What came back.

    Fields:
        text: The model's words; "" unless `state` is ok.
        finish_reason: As the provider gave it ("stop", "length", "content_filter", "refusal", ...).
        latency_ms: From sending the last attempt to its complete answer.
        attempts: Requests sent, retries included; 0 when the reply is not from the model.
        origin: Whether the model was asked, or the reply is one it gave to the same request: earlier (`cache`), or to
            another dialogue of this run (`shared`).
        failure: Set exactly when `state` is failed.
        dropped: What the server refused of the parameters, so that this reply came without them.
    """

    state: ReplyState
    text: str = ""
    finish_reason: str | None = None
    usage: Usage = Usage()
    latency_ms: float = 0.0
    served_model: str | None = None
    attempts: int = 1
    failure: Failure | None = None
    origin: ReplyOrigin = "model"
    dropped: tuple[Dropped, ...] = ()

    def __post_init__(self) -> None:
        """A failed reply has its cause; no other state has one, and only ok has text."""
        if (self.failure is not None) != (self.state == "failed"):
            raise ValueError(f"reply state {self.state} with failure {self.failure!r}")
        if self.text and self.state != "ok":
            raise ValueError(f"reply state {self.state} carries text")


def failed(
    kind: FailureKind,
    message: str,
    *,
    retryable: bool,
    retry_after_s: float | None = None,
    latency_ms: float = 0.0,
) -> Reply:
    """A reply in state failed. Half characters, as headers of a server may hold, are shown by their numbers."""
    told = message.encode(errors="backslashreplace").decode()
    return Reply(state="failed", latency_ms=latency_ms, failure=Failure(kind, told, retryable, retry_after_s))


def dropped_note(role: str, parameter: Dropped) -> str:
    """What it means for a role (the target, a judge) that its server refused a parameter, for run files and reports."""
    return f"{role}: {_DROPPED_NOTES[parameter]}"


def _believable(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known and min(known) >= 0 and sum(known) <= _MOST_TOKENS else None


class ChatModel(Protocol):
    """A model that can be talked to: a provider, a simulation, or one of these behind limits or a guard."""

    @property
    def name(self) -> str:
        """The spelling that opens it again, without secrets: `provider:model[@base_url]`."""
        ...

    async def reply(self, request: ChatRequest) -> Reply:
        """Answer a request. Never raises for what a model or network does: that is a state of the reply."""
        ...

    async def close(self) -> None:
        """Give back connections; the model is not used afterwards."""
        ...
