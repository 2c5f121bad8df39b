"""Requests as bytes: what is posted to an OpenAI-compatible server, each message serialised once.

A request body is a join of fragments. The fragment of a message is kept by the identity of the Message object, that
of an image by its content, in one cache bounded by bytes: a turn costs its new text, not its history.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec

from turnwise.dialogue import Image
from turnwise.models.chat import ChatRequest, Message
from turnwise.models.http.cache import CACHE_BYTES, ByteCache
from turnwise.models.http.dialect import Dialect

__all__ = ["Fragments", "encode_body"]

_encode = msgspec.json.Encoder().encode


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
    """The JSON of messages and images, made once each and kept in least-recently-used caches bounded by bytes.

    Args:
        images: A cache of encoded images to share with other models: a judge is often shown what the target saw.
    """

    def __init__(self, budget_bytes: int = CACHE_BYTES, *, images: ByteCache | None = None) -> None:
        self._texts = ByteCache(budget_bytes)
        self._images = self._texts if images is None else images

    @property
    def size_bytes(self) -> int:
        """What the caches hold at the moment, their own overhead included."""
        shared = 0 if self._images is self._texts else self._images.size_bytes
        return self._texts.size_bytes + shared

    def of(self, message: Message) -> Iterator[bytes]:
        """The pieces of JSON that make up one message; images stand before the text.

        Raises:
            DataError: an image file is gone or changed.
        """
        if not message.images:
            yield self._texts.by_identity(message, _text_fragment)
            return
        yield b'{"role":"%b","content":[' % message.role.encode()
        for position, image in enumerate(message.images):
            if position:
                yield b","
            yield self._images.by_key(image.sha256, image, _image_fragment)
        yield self._texts.by_identity(message, _text_fragment)


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
