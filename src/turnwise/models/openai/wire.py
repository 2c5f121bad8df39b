"""Requests as bytes: what is posted to an OpenAI-compatible server, each message serialised once.

A request body is a join of fragments. The fragment of a message is kept by the identity of the Message object, that
of an image by its content, in one cache bounded by bytes: a turn costs its new text, not its history.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from turnwise.dialogue import Image
from turnwise.models.chat import ChatRequest, Message

__all__ = ["CACHE_BYTES", "Dialect", "Dispensable", "Fragments", "TokenLimit", "encode_body"]

CACHE_BYTES = 64 * 1024 * 1024
_ENTRY_OVERHEAD_BYTES = 256

Dispensable = Literal["temperature", "response_format"]
"""What a server may not know, and a request still makes sense without."""

TokenLimit = Literal["max_tokens", "max_completion_tokens"]
"""The name of the limit on new tokens; newer OpenAI models know only the second."""

_encode = msgspec.json.Encoder().encode


class Dialect(msgspec.Struct, frozen=True):
    """How one server wants its requests.

    Fields:
        max_tokens: The name it knows the limit on new tokens by.
        without: What it does not take.
    """

    max_tokens: TokenLimit = "max_tokens"
    without: frozenset[Dispensable] = frozenset()


class _JsonSchema(msgspec.Struct):
    name: str
    schema: dict[str, Any]
    strict: bool = True


class _ResponseFormat(msgspec.Struct):
    json_schema: _JsonSchema
    type: str = "json_schema"


class _Options(msgspec.Struct, omit_defaults=True):
    temperature: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    response_format: _ResponseFormat | None = None


class Fragments:
    """The JSON of messages and images, made once each and kept in a least-recently-used cache bounded by bytes."""

    def __init__(self, budget_bytes: int = CACHE_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._size_bytes = 0
        # The owner is kept beside the bytes: while it lives, its id() belongs to no other object.
        self._kept: OrderedDict[int | str, tuple[object, bytes]] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """What the cache holds at the moment, its own overhead included."""
        return self._size_bytes

    def of(self, message: Message) -> Iterator[bytes]:
        """The pieces of JSON that make up one message; images stand before the text.

        Raises:
            DataError: an image file is gone or changed.
        """
        if not message.images:
            yield self._text(message)
            return
        yield b'{"role":"%b","content":[' % message.role.encode()
        for position, image in enumerate(message.images):
            if position:
                yield b","
            yield self._image(image)
        yield self._text(message)

    def _text(self, message: Message) -> bytes:
        key = id(message)
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept[1]
        return self._keep(key, message, _text_fragment(message))

    def _image(self, image: Image) -> bytes:
        key = image.sha256
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept[1]
        return self._keep(key, None, _image_fragment(image))

    def _keep(self, key: int | str, owner: object, fragment: bytes) -> bytes:
        self._kept[key] = (owner, fragment)
        self._size_bytes += len(fragment) + _ENTRY_OVERHEAD_BYTES
        while self._size_bytes > self._budget_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._size_bytes -= len(dropped) + _ENTRY_OVERHEAD_BYTES
        return fragment


def encode_body(model: str, request: ChatRequest, fragments: Fragments, dialect: Dialect) -> bytes:
    """The body of one chat request, ready to post.

    Raises:
        DataError: an image file is gone or changed.
    """
    pieces = [b'{"model":', _encode(model), b',"messages":[']
    for position, message in enumerate(request.messages):
        if position:
            pieces.append(b",")
        pieces.extend(fragments.of(message))
    options = _encode(_options(request, dialect))
    pieces += [b"]}"] if options == b"{}" else [b"],", options[1:]]
    return b"".join(pieces)


def _text_fragment(message: Message) -> bytes:
    """The whole message when it has no image, else what follows its images: the text part and the closing."""
    if not message.images:
        return _encode({"role": message.role, "content": message.text})
    if not message.text:
        return b"]}"
    return b',{"type":"text","text":%b}]}' % _encode(message.text)


def _image_fragment(image: Image) -> bytes:
    data = base64.b64encode(image.read_bytes())
    return b'{"type":"image_url","image_url":{"url":"data:%b;base64,%b"}}' % (image.mime.encode(), data)


def _options(request: ChatRequest, dialect: Dialect) -> _Options:
    given, wanted = request.parameters, request.response_format
    options = _Options(seed=given.seed)
    setattr(options, dialect.max_tokens, given.max_tokens)
    if "temperature" not in dialect.without:
        options.temperature = given.temperature
    if wanted is not None and "response_format" not in dialect.without:
        options.response_format = _ResponseFormat(_JsonSchema(wanted.name, wanted.schema))
    return options
