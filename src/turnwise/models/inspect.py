"""`inspect:PROVIDER/MODEL`: any model of Inspect AI as a target or a judge, for providers that are not spoken here.

One request is one call of Inspect's `Model.generate` with its own cache, retries and concurrency limits off, so that
ours are the only ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Iterable
from http import HTTPStatus
from importlib import import_module
from typing import Any

import msgspec

from turnwise.dialogue import Image
from turnwise.errors import UsageError, missing_extra
from turnwise.models.chat import ChatRequest, FailureKind, Message, Reply, ResponseFormat, Usage, failed
from turnwise.models.http.address import Service, parse_address
from turnwise.models.http.answer import Answer, text_answer
from turnwise.models.http.cache import ByteCache
from turnwise.models.http.error_body import read_error
from turnwise.models.secret import Secret

__all__ = ["InspectChat", "open_inspect", "read_output"]

_MESSAGE_CHARACTERS = 300
# The caller bounds what is in flight; a pool of Inspect's own would only hide the waiting from the time limit.
_CONNECTIONS = 4096
_MARKUP = re.compile(r"\[/?[a-z][a-z0-9 _]*\]")
_CODE_TWICE = re.compile(r"^Error code: \d+( - )?")
_SERVICE = Service("inspect", "https://default.invalid", ("the provider's own key variable",))
_FINISH = {"max_tokens": "length", "model_length": "length"}


class InspectChat:
    """A ChatModel over an Inspect AI model.

    Args:
        model: An `inspect_ai.model.Model`; closed with this one.
        name: The spelling that opens it again.
        timeout_s: Time for one request, from asking to the complete answer.
    """

    def __init__(self, model: Any, *, name: str, timeout_s: float = 120.0) -> None:
        self._model = model
        self._name = name
        self._timeout_s = timeout_s
        self._inspect: Any = import_module("inspect_ai.model")
        self._uris = ByteCache()
        key = getattr(model.api, "api_key", None)
        # The SDKs of OpenAI, Anthropic and their like retry by themselves; Inspect has no setting for that.
        client: Any = getattr(model.api, "client", None)
        if isinstance(getattr(client, "max_retries", None), int):
            client.max_retries = 0
        self._key = Secret(key if isinstance(key, str) else "")

    @property
    def name(self) -> str:
        """The spelling: `inspect:PROVIDER/MODEL`, with the address where one was given."""
        return self._name

    async def reply(self, request: ChatRequest) -> Reply:
        """Ask the model once.

        Raises:
            DataError: an image file is gone or changed.
        """
        messages = [self._shown(message) for message in request.messages]
        config = self._config(request)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s):
                # A task of its own: Inspect logs every call to a transcript kept in the context of its task, which
                # would grow with the run if it were ours.
                output = await asyncio.create_task(self._model.generate(messages, config=config))
        except Exception as error:  # noqa: BLE001 - every provider raises the classes of its own SDK
            return self._failure(error, latency_ms=_ms_since(started))
        return read_output(output, latency_ms=_ms_since(started))

    async def close(self) -> None:
        """Close the provider's client; closing twice is fine."""
        await self._model.__aexit__(None, None, None)

    def _shown(self, message: Message) -> Any:
        kinds = {
            "system": self._inspect.ChatMessageSystem,
            "user": self._inspect.ChatMessageUser,
            "assistant": self._inspect.ChatMessageAssistant,
        }
        if not message.images:
            return kinds[message.role](content=message.text)
        parts = [
            self._inspect.ContentImage(image=self._uris.by_key(image.sha256, image, _data_uri).decode())
            for image in message.images
        ]
        words = [self._inspect.ContentText(text=message.text)] if message.text else []
        return kinds[message.role](content=[*parts, *words])

    def _config(self, request: ChatRequest) -> Any:
        given = request.parameters
        return self._inspect.GenerateConfig(
            temperature=given.temperature,
            max_tokens=given.max_tokens,
            seed=given.seed,
            response_schema=_response_schema(request.response_format),
            max_retries=0,
            cache=False,
            adaptive_connections=False,
            max_connections=_CONNECTIONS,
        )

    def _failure(self, error: Exception, *, latency_ms: float) -> Reply:
        """The typed failure that an exception of Inspect or of a provider's SDK amounts to."""
        if isinstance(error, TimeoutError):
            sentence = "no complete answer within the time allowed"
            return failed("timeout", sentence, retryable=True, latency_ms=latency_ms)
        chain = list(_causes(error))
        said = next((text for cause in chain if (text := getattr(cause, "provider_message", None))), str(chain[0]))
        shown = self._key.hide_in(_plain(said).encode()).decode()[:_MESSAGE_CHARACTERS]
        decision = self._model.api.should_retry(chain[-1])
        wait_s = getattr(decision, "retry_after", None)
        status = next((status for cause in chain if (status := _status_of(cause)) is not None), None)
        if status is not None:
            body = msgspec.json.encode({"error": {"message": _CODE_TWICE.sub("", shown) or None}})
            return read_error(Answer(status, "application/json", body, latency_ms, wait_s))
        kind = _kind_of(chain, decision)
        sentence, retryable = f"{type(chain[0]).__name__}: {shown}", kind != "model_error"
        return failed(kind, sentence, retryable=retryable, retry_after_s=wait_s, latency_ms=latency_ms)


def read_output(output: Any, *, latency_ms: float) -> Reply:
    """The reply that a `ModelOutput` amounts to.

    Inspect hands out some errors of providers as if they were words of the model: a filter's as `content_filter`, a
    conversation that is too long as `model_length`, both without tokens of output. Neither becomes a text here. Words
    that got through before a filter struck have tokens; they reached the user, and are the reply.
    """
    if output.empty:
        return failed("invalid_reply", "the reply has no choices", retryable=True, latency_ms=latency_ms)
    choice = output.choices[0]
    text, stop = choice.message.text, choice.stop_reason
    if _is_refusal(choice.message) and text.strip():
        reply = Reply(state="ok", text=text, finish_reason="refusal", latency_ms=latency_ms)
    elif stop == "content_filter" and not _words_got_through(output):
        reply = Reply(state="provider_blocked", finish_reason=stop, latency_ms=latency_ms)
    elif output.error or (stop == "model_length" and output.usage is None):
        sentence = _plain(output.error or f"the conversation is too long: {text}")[:_MESSAGE_CHARACTERS]
        reply = failed("rejected", sentence, retryable=False, latency_ms=latency_ms)
    else:
        answer = Answer(HTTPStatus.OK, "application/json", None, latency_ms)
        reply = text_answer(answer, text, finish_reason=_FINISH.get(stop, stop))
    return msgspec.structs.replace(reply, usage=_usage_of(output), served_model=output.model or None)


def open_inspect(spelling: str, *, timeout_s: float = 120.0, proxy: str | None = None) -> InspectChat:
    """The model that `PROVIDER/MODEL[@BASE_URL]` spells; nothing is sent.

    Raises:
        UsageError: the extra is absent, Inspect does not know the model, its key or SDK is missing, or a proxy is set.
    """
    address = parse_address(spelling, _SERVICE)
    base_url = None if address.base_url == _SERVICE.default_base_url else address.base_url
    name = f"inspect:{address.model}" if base_url is None else address.name
    if proxy is not None:
        raise UsageError(f"{name}: Inspect AI takes no proxy from turnwise; set HTTPS_PROXY for its providers instead")
    try:
        inspect_model: Any = import_module("inspect_ai.model")
    except ImportError as error:
        raise missing_extra(name, "inspect") from error
    extra = {"custom_outputs": _mocked} if address.model.startswith("mockllm/") else {}
    try:
        model = inspect_model.get_model(address.model, base_url=base_url, memoize=False, **extra)
    except Exception as error:  # every provider raises its own classes for a missing key or SDK
        raise UsageError(f"{name} cannot be opened: {_plain(str(error))[:_MESSAGE_CHARACTERS]}") from error
    return InspectChat(model, name=name, timeout_s=timeout_s)


def _mocked(*_request: Any) -> Any:
    """What Inspect's mock model says, with a usage: without one it counts by a tokenizer that it has to download."""
    inspect_model: Any = import_module("inspect_ai.model")
    output = inspect_model.ModelOutput.from_content("mockllm", "Default output from mockllm/model")
    output.usage = inspect_model.ModelUsage()
    return output


def _response_schema(wanted: ResponseFormat | None) -> Any:
    """The schema in Inspect's form; None where that form cannot say all of it, for half a schema is another one."""
    if wanted is None:
        return None
    schema = import_module("inspect_ai.util").JSONSchema.model_validate(wanted.schema)
    if schema.model_dump(exclude_none=True) != wanted.schema:
        return None
    inspect_model: Any = import_module("inspect_ai.model")
    return inspect_model.ResponseSchema(name=wanted.name, json_schema=schema, strict=True)


def _is_refusal(message: Any) -> bool:
    """Whether the model marked its own words as a refusal."""
    return not isinstance(message.content, str) and any(getattr(part, "refusal", None) for part in message.content)


def _words_got_through(output: Any) -> bool:
    """Whether the text beside a filter's stop is the model's own: then there is no error, and tokens were written."""
    text = output.choices[0].message.text.strip()
    return bool(text and not output.error and output.usage is not None and output.usage.output_tokens)


def _usage_of(output: Any) -> Usage:
    """Tokens read and written, those from a provider's prompt cache included."""
    used = output.usage
    if used is None or not used.total_tokens:
        return Usage()
    read = (used.input_tokens, used.input_tokens_cache_read, used.input_tokens_cache_write)
    return Usage.reported(read=read, written=(used.output_tokens,))


def _causes(error: BaseException) -> Iterable[BaseException]:
    """An error and what it stands for, outermost first; the wrapper of a retry that never was is left out."""
    attempt = getattr(error, "last_attempt", None)
    known: BaseException | None = error if attempt is None else attempt.exception()
    while known is not None:
        yield known
        known = known.__cause__


def _status_of(error: BaseException) -> int | None:
    """The HTTP status an SDK's error carries, if it does."""
    response = getattr(error, "response", None)
    found = (getattr(error, "status_code", None), getattr(error, "code", None), getattr(response, "status_code", None))
    return next((status for status in found if type(status) is int and 300 <= status <= 599), None)  # noqa: PLR2004


def _kind_of(chain: list[BaseException], decision: Any) -> FailureKind:
    """What failed, where no status says it: by the names SDKs give their errors, then by Inspect's own judgement."""
    names = " ".join(type(cause).__name__ for cause in chain)
    if "Timeout" in names:
        return "timeout"
    if "Connect" in names or "Network" in names or any(isinstance(cause, OSError) for cause in chain):
        return "connection"
    if any(isinstance(cause, json.JSONDecodeError | UnicodeDecodeError) for cause in chain):
        return "invalid_reply"
    if not decision:
        return "model_error"
    return "rate_limited" if getattr(decision, "kind", None) == "rate_limit" else "server_error"


def _data_uri(image: Image) -> bytes:
    return b"data:%b;base64,%b" % (image.mime.encode(), base64.b64encode(image.read_bytes()))


def _plain(text: str) -> str:
    """A message without line breaks and terminal markup."""
    return " ".join(_MARKUP.sub("", text).split())


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
