"""`google:MODEL[@BASE_URL]`: the Gemini API, over the official google-genai SDK (extra `google`).

The SDK carries the request; its answer is taken raw and read here, as strictly as any other provider's.

Source: Gemini API reference (generateContent, finish and block reasons, error details); SDK google-genai 3.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from turnwise.dialogue import Image
from turnwise.errors import UsageError, missing_extra
from turnwise.models.chat import ChatRequest, Message, Reply, Usage
from turnwise.models.http.address import Address, Service, parse_address
from turnwise.models.http.answer import Answer, decode_answer, failed_answer, is_success, text_answer
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.dialect import Dialect
from turnwise.models.http.error_body import ErrorSaid, error_of, read_error, read_error_inside
from turnwise.models.http.sdk import NO_KEY, Received, SdkChat, as_builtin_error, open_http_client
from turnwise.models.secret import Secret

__all__ = ["GOOGLE", "open_google"]

GOOGLE = Service(
    "google",
    default_base_url="https://generativelanguage.googleapis.com",
    key_variables=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    call_path=":generateContent",
)
_API_VERSION = re.compile(r"/(v\d+(?:alpha|beta)?\d*)$")
_BLOCKS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "ESCALATION",
        "MODEL_ARMOR",
    }
)
# CONTINUATION: the answer could go on in a further request, which is not made.
_FINISHES = {"STOP": "stop", "MAX_TOKENS": "length", "CONTINUATION": "length"}


class _Raw(msgspec.Struct):
    """A response; the SDK gives a successful one without its status."""

    headers: Mapping[str, str]
    content: bytes
    status_code: int = 200


def open_google(spelling: str, *, key: Secret | None, timeout_s: float, proxy: str | None) -> SdkChat:
    """The model that `MODEL` or `MODEL@BASE_URL` names; an API version may end the base URL.

    Raises:
        UsageError: the spelling is wrong, a remote server has no key, or the SDK is not installed.
    """
    address = parse_address(spelling, GOOGLE)
    if any(mark in address.model for mark in ("..", "?", "&", "#")):
        raise UsageError(f"google:{address.model}: a model name has no '..', '?', '&' or '#' in it")
    address.check_key(key)
    try:
        import httpx2  # noqa: PLC0415 - comes with the SDK
        from google import genai  # noqa: PLC0415 - an extra, and slow to import
        from google.genai import errors  # noqa: PLC0415 - the same
    except ImportError as error:
        raise missing_extra("a model spelled google:...", "google") from error
    http_client = open_http_client(timeout_s=timeout_s, proxy=proxy)
    options = _http_options(address, timeout_s=timeout_s, http_client=http_client)
    client = genai.Client(api_key=key.reveal() if key is not None else NO_KEY, vertexai=False, http_options=options)

    images = ByteCache()

    async def send(request: ChatRequest, dialect: Dialect) -> Received:
        contents: Any = _contents(request, images)
        config: Any = _config(request, dialect)
        try:
            response = await client.aio.models.generate_content(model=address.model, contents=contents, config=config)
        except errors.APIError as error:
            refused: Any = error.response
            return _Raw(refused.headers, refused.content, refused.status_code)
        except httpx2.HTTPError as error:
            raise as_builtin_error(error) from error
        except UnicodeDecodeError as error:
            # The SDK reads the body of an error as JSON, and raises this for one that is not UTF-8.
            raise ConnectionError("the server answered with an error that is not text") from error
        raw: Any = response.sdk_http_response
        return _Raw(raw.headers, raw.body.encode())

    return SdkChat(address, send=send, read=read_reply, close=http_client.aclose, timeout_s=timeout_s, key=key)


def _http_options(address: Address, *, timeout_s: float, http_client: Any) -> Any:
    import httpx2  # noqa: PLC0415 - comes with the SDK
    from google.genai import types  # noqa: PLC0415 - an extra, and slow to import

    # The SDK would make a client for blocking calls too, by the proxies of the environment: it gets a closed one.
    unused = httpx2.Client(trust_env=False)
    unused.close()
    version = _API_VERSION.search(address.base_url)
    return types.HttpOptions(
        base_url=address.base_url if version is None else address.base_url[: version.start()],
        api_version=None if version is None else version[1],
        timeout=max(1, int(timeout_s * 1000)),
        httpx_client=unused,
        httpx_async_client=http_client,
    )


def _contents(request: ChatRequest, images: ByteCache) -> list[dict[str, Any]]:
    """The messages in the SDK's form; it raises where there is none, so then the server is left to refuse a blank."""
    spoken = [message for message in request.messages if message.role != "system"]
    return [_content(message, images) for message in spoken or [Message("user", "")]]


def _content(message: Message, images: ByteCache) -> dict[str, Any]:
    """One message in the SDK's form; images stand before the text."""
    parts: list[dict[str, Any]] = [
        {"inline_data": {"mime_type": image.mime, "data": images.by_key(image.sha256, image, Image.read_bytes)}}
        for image in message.images
    ]
    if message.text or not parts:
        parts.append({"text": message.text})
    return {"role": "user" if message.role == "user" else "model", "parts": parts}


def _config(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    given, wanted = request.parameters, request.response_format
    system = [message.text for message in request.messages if message.role == "system"]
    config: dict[str, Any] = {
        "should_return_http_response": True,
        "automatic_function_calling": {"disable": True},
        "max_output_tokens": given.max_tokens,
        "seed": given.seed,
    }
    if system:
        config["system_instruction"] = "\n\n".join(system)
    if "temperature" not in dialect.without:
        config["temperature"] = given.temperature
    if wanted is not None and "response_format" not in dialect.without:
        config |= {"response_mime_type": "application/json", "response_json_schema": wanted.schema}
    return config


class _Part(msgspec.Struct):
    text: str | None = None
    thought: bool | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The words, without the model's thoughts."""
        parts = (self.content.parts if self.content else None) or []
        return "".join(part.text or "" for part in parts if not part.thought)


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | None = None


class _Usage(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None

    def as_usage(self) -> Usage:
        """Tokens in and out; thoughts are paid for as output."""
        written = (self.candidates_token_count, self.thoughts_token_count)
        return Usage.reported(read=(self.prompt_token_count,), written=written)


class _Completion(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    error: ErrorSaid | str | None = None


_decoder = msgspec.json.Decoder(_Completion)


def read_reply(answer: Answer) -> Reply:
    """The reply that an HTTP answer of generateContent amounts to."""
    if not is_success(answer):
        return read_error(_with_retry_info(answer))
    completion = decode_answer(answer, _decoder)
    if isinstance(completion, Reply):
        return completion
    if completion.error is not None:
        return read_error_inside(completion.error, answer)
    reply = _read_completion(completion, answer)
    usage = (completion.usage_metadata or _Usage()).as_usage()
    return msgspec.structs.replace(reply, usage=usage, served_model=completion.model_version)


def _read_completion(completion: _Completion, answer: Answer) -> Reply:
    candidate = completion.candidates[0] if completion.candidates else _Candidate()
    blocked = completion.prompt_feedback.block_reason if completion.prompt_feedback else None
    if candidate.finish_reason in _BLOCKS:
        blocked = blocked or candidate.finish_reason
    # A filter that struck in the middle let words through: those reached the user, and are judged.
    if blocked is not None and not candidate.text.strip():
        return Reply(state="provider_blocked", finish_reason=blocked, latency_ms=answer.latency_ms)
    if not completion.candidates:
        return failed_answer(answer, "invalid_reply", "the reply has no candidates")
    if candidate.finish_reason == "PUP_LIMITED_DISABLED":
        return failed_answer(answer, "auth", "the account is limited by Google's use policy", retryable=False)
    finish = blocked or candidate.finish_reason
    return text_answer(answer, candidate.text, finish_reason=_FINISHES.get(finish or "", finish))


def _with_retry_info(answer: Answer) -> Answer:
    """An answer with the wait that its error details ask for, where no Retry-After header does."""
    if answer.retry_after_s is not None:
        return answer
    found = re.search(r"'retryDelay': '(\d+(?:\.\d+)?)s'", str(error_of(answer).details))
    return answer if found is None else msgspec.structs.replace(answer, retry_after_s=float(found[1]))
