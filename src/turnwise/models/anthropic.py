"""`anthropic:MODEL[@BASE_URL]`: the Anthropic Messages API, over the official SDK (extra `anthropic`).

The SDK carries the request: address, headers, API version. Body and answer are ours, so that an answer is read as
strictly as any other provider's, and nothing is retried or guessed on the way.

Source: Anthropic API reference (Messages, errors, prompt caching, structured outputs); SDK anthropic 2.12.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from turnwise.dialogue import Image
from turnwise.errors import missing_extra
from turnwise.models.chat import ChatRequest, Message, Reply, Usage
from turnwise.models.http.address import Service, parse_address
from turnwise.models.http.answer import Answer, decode_answer, failed_answer, is_success, text_answer
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect
from turnwise.models.http.error_body import ErrorSaid, read_error, read_error_inside
from turnwise.models.http.sdk import NO_KEY, Received, SdkChat, as_builtin_error, open_http_client
from turnwise.models.secret import Secret

__all__ = ["ANTHROPIC", "open_anthropic"]

ANTHROPIC = Service(
    "anthropic",
    default_base_url="https://api.anthropic.com",
    key_variables=("ANTHROPIC_API_KEY",),
    call_path="/v1/messages",
    sdk_path="/v1",
)
_DEFAULT_MAX_TOKENS = 1024  # the API demands a number
_CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded"})
_CACHED = {"type": "ephemeral"}

_encode = msgspec.json.Encoder().encode


def open_anthropic(spelling: str, *, key: Secret | None, timeout_s: float, proxy: str | None) -> SdkChat:
    """The model that `MODEL` or `MODEL@BASE_URL` names.

    Raises:
        UsageError: the spelling is wrong, a remote server has no key, or the SDK is not installed.
    """
    address = parse_address(spelling, ANTHROPIC)
    address.check_key(key)
    try:
        import anthropic  # noqa: PLC0415 - an extra, and slow to import
        import httpx2  # noqa: PLC0415 - comes with it
    except ImportError as error:
        raise missing_extra("a model spelled anthropic:...", "anthropic") from error
    client = anthropic.AsyncAnthropic(
        api_key=key.reveal() if key is not None else NO_KEY,
        base_url=address.base_url,
        timeout=timeout_s,
        max_retries=0,
        http_client=open_http_client(timeout_s=timeout_s, proxy=proxy),
    )

    images = ByteCache()

    async def send(request: ChatRequest, dialect: Dialect) -> Received:
        body = encode_body(address.model, request, images, dialect)
        options: Any = {"headers": {"Content-Type": "application/json"}}
        try:
            response: Received = await client.post(
                "/v1/messages", cast_to=httpx2.Response, content=body, options=options
            )
        except anthropic.APIStatusError as error:
            response = error.response
        except anthropic.APIConnectionError as error:
            raise as_builtin_error(error.__cause__ or error) from error
        return response

    return SdkChat(address, send=send, read=read_reply, close=client.close, timeout_s=timeout_s, key=key)


def encode_body(model: str, request: ChatRequest, images: ByteCache, dialect: Dialect) -> bytes:
    """The body of one request, ready to post.

    The end of what the next turn will share, all before the last user message, is marked for the prompt cache.

    Raises:
        DataError: an image file is gone or changed.
    """
    given, wanted = request.parameters, request.response_format
    spoken = [message for message in request.messages if message.role != "system"]
    system = [message.text for message in request.messages if message.role == "system"]
    end = _end_of_shared_prefix(spoken)
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": _DEFAULT_MAX_TOKENS if given.max_tokens is None else given.max_tokens,
        "messages": [
            _message(message, images, marks={} if at != end else {"cache_control": _CACHED})
            for at, message in enumerate(spoken)
        ],
    }
    if system:
        body["system"] = "\n\n".join(system)
    if given.temperature is not None and "temperature" not in dialect.without:
        body["temperature"] = given.temperature
    if wanted is not None and "response_format" not in dialect.without:
        body["output_config"] = {"format": {"type": "json_schema", "schema": wanted.schema}}
    return _encode(body)


def _end_of_shared_prefix(spoken: list[Message]) -> int | None:
    """Where the message before the last user message stands, when there is an earlier user message."""
    users = [at for at, message in enumerate(spoken) if message.role == "user"]
    return users[-1] - 1 if len(users) > 1 else None


def _message(message: Message, images: ByteCache, marks: dict[str, Any]) -> dict[str, Any]:
    if not message.images and not marks:
        return {"role": message.role, "content": message.text}
    blocks: list[Any] = [msgspec.Raw(images.by_key(image.sha256, image, _image_block)) for image in message.images]
    if message.text:
        # Neither an empty text block nor a mark on one is taken by the API.
        blocks.append({"type": "text", "text": message.text, **marks})
    return {"role": message.role, "content": blocks}


def _image_block(image: Image) -> bytes:
    data = base64.b64encode(image.read_bytes())
    source = b'{"type":"base64","media_type":"%b","data":"%b"}' % (image.mime.encode(), data)
    return b'{"type":"image","source":%b}' % source


class _Block(msgspec.Struct):
    type: str = ""
    text: str | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None

    def as_usage(self) -> Usage:
        """Tokens in and out; what went into or came out of the prompt cache was read by the model too."""
        read = (self.input_tokens, self.cache_creation_input_tokens, self.cache_read_input_tokens)
        # What came from the cache alone is no count of the input.
        return Usage.reported(read=() if self.input_tokens is None else read, written=(self.output_tokens,))


class _Completion(msgspec.Struct):
    content: list[_Block] | None = None
    stop_reason: str | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: ErrorSaid | str | None = None


_decoder = msgspec.json.Decoder(_Completion)


def read_reply(answer: Answer) -> Reply:
    """The reply that an HTTP answer of the Messages API amounts to."""
    if not is_success(answer):
        return read_error(answer)
    completion = decode_answer(answer, _decoder)
    if isinstance(completion, Reply):
        return completion
    if completion.error is not None:
        return read_error_inside(completion.error, answer)
    if completion.content is None:
        return failed_answer(answer, "invalid_reply", "the reply has no content")
    reply = _read_content(completion, answer)
    usage = (completion.usage or _Usage()).as_usage()
    return msgspec.structs.replace(reply, usage=usage, served_model=completion.model)


def _read_content(completion: _Completion, answer: Answer) -> Reply:
    text = "".join(block.text or "" for block in completion.content or [] if block.type == "text")
    finish = "length" if completion.stop_reason in _CUT_OFF else completion.stop_reason
    if finish == "refusal" and not text.strip():
        return Reply(state="provider_blocked", finish_reason=finish, latency_ms=answer.latency_ms)
    return text_answer(answer, text, finish_reason=finish)
