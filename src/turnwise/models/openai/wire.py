"""Requests as bytes: what is posted to an OpenAI-compatible server, each message serialised once.

A request body is a row of pieces. The text of a message is kept with the Message object and goes with it; the base64 of
an image is kept by its content, in a cache bounded by bytes: a turn costs its new text, not its history, and an image
is never copied into a body.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from turnwise.dialogue import Image
from turnwise.models.chat import ChatRequest, Message
from turnwise.models.http.cache import CACHE_BYTES, ByteCache
from turnwise.models.http.dialect import Dialect

__all__ = ["Fragments", "body_pieces", "encode_body"]

_encode = msgspec.json.Encoder().encode
_IMAGE_OPENING = b'%b{"type":"image_url","image_url":{"url":"data:%b;base64,'


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
    """The JSON of messages; images in base64 are kept in a least-recently-used cache bounded by bytes.

    Args:
        images: A cache of encoded images to share with other models: a judge is often shown what the target saw.
    """

    def __init__(self, budget_bytes: int = CACHE_BYTES, *, images: ByteCache | None = None) -> None:
        self._images = ByteCache(budget_bytes) if images is None else images

    @property
    def size_bytes(self) -> int:
        """What the cache of images holds at the moment, its own overhead included."""
        return self._images.size_bytes

    def of(self, message: Message, text: bytes) -> Sequence[bytes]:
        """The pieces of JSON that make up one message, given that of its text; images stand before it.

        Raises:
            DataError: an image file is gone or changed.
        """
        if not message.images:
            return (text,)
        pieces = [b'{"role":"%b","content":[' % message.role.encode()]
        for position, image in enumerate(message.images):
            opening = _IMAGE_OPENING % (b"," if position else b"", image.mime.encode())
            pieces += [opening, self._images.by_key(image.sha256, image, _base64), b'"}}']
        pieces.append(text)
        return pieces


def encode_body(model: str, request: ChatRequest, fragments: Fragments, dialect: Dialect) -> bytes:
    """The body of one chat request that is sent once, as those in a batch job are: its texts are not kept.

    Raises:
        DataError: an image file is gone or changed.
    """
    messages = [fragments.of(message, _text_fragment(message)) for message in request.messages]
    return b"".join(_body(model, messages, _options(request, dialect)))


def body_pieces(model: str, request: ChatRequest, fragments: Fragments, dialect: Dialect) -> list[bytes]:
    """The body of one chat request in pieces, ready to post; the next turn finds those of its history made.

    Raises:
        DataError: an image file is gone or changed.
    """
    messages = [fragments.of(message, _kept_text(message)) for message in request.messages]
    return _body(model, messages, _options(request, dialect))


def _body(model: str, messages: Sequence[Sequence[bytes]], options: _Options) -> list[bytes]:
    pieces = [b'{"model":', _encode(model), b',"messages":[']
    for position, message in enumerate(messages):
        if position:
            pieces.append(b",")
        pieces.extend(message)
    encoded = _encode(options)
    pieces += [b"]}"] if encoded == b"{}" else [b"],", encoded[1:]]
    return pieces


def _kept_text(message: Message) -> bytes:
    """The text of a message as JSON, made once an object."""
    made = message.__dict__.get("openai_text_")
    if made is None:
        made = message.__dict__["openai_text_"] = _text_fragment(message)
    return cast("bytes", made)


def _text_fragment(message: Message) -> bytes:
    """The whole message when it has no image, else what follows its images: the text part and the closing."""
    if not message.images:
        return _encode({"role": message.role, "content": message.text})
    if not message.text:
        return b"]}"
    return b',{"type":"text","text":%b}]}' % _encode(message.text)


def _base64(image: Image) -> bytes:
    return base64.b64encode(image.read_bytes())


def _options(request: ChatRequest, dialect: Dialect) -> _Options:
    given, wanted = request.parameters, request.response_format
    options = _Options(seed=given.seed)
    setattr(options, dialect.max_tokens, given.max_tokens)
    if "temperature" not in dialect.without:
        options.temperature = given.temperature
    if wanted is not None and "response_format" not in dialect.without:
        options.response_format = _ResponseFormat(_JsonSchema(wanted.name, wanted.schema))
    return options
