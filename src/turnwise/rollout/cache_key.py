"""What a kept reply is known by: all that was sent, in parts, so that a miss can be explained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from turnwise.models import ChatRequest

__all__ = ["RequestKey", "miss_reason", "request_key"]

_KEY_VERSION: Final = 1
_ABSENT = "none"


class RequestKey(msgspec.Struct, frozen=True):
    """A request to a model, in the parts that are compared.

    Fields:
        model: Its full spelling.
        words: sha256 over the roles and texts of all messages.
        images: sha256 over the images of each message, in order, by content.
        parameters: JSON of every parameter that is sent, the response format and the sample number. What is not sent
            is not in it, so that a parameter added to turnwise later changes no key.
    """

    model: str
    words: bytes
    images: bytes
    parameters: str

    def digest(self) -> bytes:
        """The key itself: sha256 over the scheme's version and all parts."""
        return _sha256([_KEY_VERSION, self.model, self.words, self.images, self.parameters])

    def columns(self) -> tuple[str, bytes, bytes, str]:
        """The parts in the order of the fields."""
        return self.model, self.words, self.images, self.parameters


def request_key(model: str, request: ChatRequest) -> RequestKey:
    """The key of a request to a model."""
    parameters = request.parameters
    sent = {
        **{name: getattr(parameters, name) for name in parameters.__struct_fields__},
        "response_format": None if request.response_format is None else _sha256(request.response_format).hex(),
        "sample": request.sample or None,
    }
    return RequestKey(
        model,
        _sha256([(message.role, message.text) for message in request.messages]),
        _sha256([[image.sha256 for image in message.images] for message in request.messages]),
        msgspec.json.encode(
            {name: value for name, value in sent.items() if value is not None}, order="sorted"
        ).decode(),
    )


def miss_reason(asked: RequestKey, kept: Iterable[RequestKey]) -> str:
    """What differs between a request and the nearest of those kept with the same words, in a few words."""
    nearest = min((list(_differences(asked, other)) for other in kept), key=len, default=None)
    if nearest is None:
        return "these messages were not asked before"
    return "; ".join(nearest) or "nothing differs: it is kept"


def _differences(asked: RequestKey, kept: RequestKey) -> Iterator[str]:
    if asked.model != kept.model:
        yield f"model {asked.model} asked, {kept.model} kept"
    if asked.images != kept.images:
        yield "other images, or the same at another place"
    ours, theirs = _read(asked.parameters), _read(kept.parameters)
    for name in sorted({*ours, *theirs}):
        if ours.get(name) != theirs.get(name):
            yield f"{name} {ours.get(name, _ABSENT)} asked, {theirs.get(name, _ABSENT)} kept"


def _read(parameters: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(parameters)
    return fields


def _sha256(value: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(value)).digest()
