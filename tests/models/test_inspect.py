"""Inspect AI's models as ours: what reaches a provider of Inspect, and what its outputs and errors amount to."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from models.misbehaving import Server, answers, completion, fails, says
from turnwise.dialogue import Image
from turnwise.errors import DataError, UsageError
from turnwise.models import (
    Breaker,
    ChatRequest,
    Message,
    ModelSettings,
    Parameters,
    ResponseFormat,
    Usage,
    guarded_by_limits,
    open_model,
)
from turnwise.models.inspect import InspectChat

pytestmark = [
    pytest.mark.extra("inspect"),
    pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is None, reason="inspect-ai is not installed"),
]

ASK = ChatRequest((Message("user", "Hi"),))
MODEL = "staged-7b"


class Stage:
    """What the staged provider was asked, and what it does next."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[Any], Any]] = []
        self.next: Callable[[], Any] = said
        self.retries = False

    async def act(self, messages: list[Any], config: Any) -> Any:
        """Write the request down, then answer or raise."""
        self.asked.append((messages, config))
        result = self.next()
        return await result if asyncio.iscoroutine(result) else result


def said(
    text: Any = "Hello.", *, stop_reason: str = "stop", usage: tuple[int, int] | None = (12, 3), **rest: Any
) -> Any:
    """A `ModelOutput` in these words."""
    models: Any = import_module("inspect_ai.model")
    output = models.ModelOutput.from_content(MODEL, text, stop_reason=stop_reason, **rest)
    if usage is not None:
        output.usage = models.ModelUsage(input_tokens=usage[0], output_tokens=usage[1], total_tokens=sum(usage))
    return output


def _same(output: Any) -> Any:
    return output


def raises(error: Exception) -> Callable[[], Any]:
    """Something that raises when it is its turn."""

    def act() -> Any:
        raise error

    return act


@pytest.fixture
def stage() -> Stage:
    """A provider that says hello until a test gives it something else to do."""
    return Stage()


@pytest.fixture
async def chat(stage: Stage) -> AsyncIterator[InspectChat]:
    """A model of a provider written against Inspect's own interface for providers."""
    models: Any = import_module("inspect_ai.model")

    class Staged(models.ModelAPI):  # type: ignore[misc]
        async def generate(self, input: list[Any], tools: list[Any], tool_choice: Any, config: Any) -> Any:  # noqa: A002
            return await stage.act(input, config)

        def should_retry(self, ex: Exception) -> Any:
            return models.RetryDecision.rate_limit(retry_after=7.0) if stage.retries else models.RetryDecision.no()

    models.modelapi(name="staged")(lambda: Staged)
    model = models.get_model(f"staged/{MODEL}", memoize=False, api_key="sk-secret-key")
    chat = InspectChat(model, name=f"inspect:staged/{MODEL}", timeout_s=20.0)
    yield chat
    await chat.close()


async def test_the_mock_model_works_offline() -> None:
    """Inspect's own mock answers at once, although its tokenizer cannot be downloaded."""
    model = open_model("inspect:mockllm/model")
    reply = await model.reply(ASK)
    await model.close()
    await model.close()
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "Default output from mockllm/model", "stop")
    assert (reply.usage, reply.served_model, reply.failure) == (Usage(), "mockllm", None)
    assert model.name == "inspect:mockllm/model"


async def test_roles_images_and_texts_reach_the_provider_in_order(chat: InspectChat, stage: Stage, png: Image) -> None:
    """Images stand before the text, as data URIs of their true type; a text without images is a plain one."""
    messages = (
        Message("system", "Be kind."),
        Message("user", "Look", (png, png)),
        Message("assistant", "I see."),
        Message("user", "", (png,)),
    )
    await chat.reply(ChatRequest(messages))
    seen, _ = stage.asked[0]
    encoded = base64.b64encode(Path(png.path).read_bytes()).decode()
    assert [message.role for message in seen] == ["system", "user", "assistant", "user"]
    assert seen[0].content == "Be kind."
    assert [part.type for part in seen[1].content] == ["image", "image", "text"]
    assert seen[1].content[0].image == f"data:image/png;base64,{encoded}"
    assert seen[1].content[2].text == "Look"
    assert seen[2].text == "I see."
    assert [part.type for part in seen[3].content] == ["image"]


async def test_parameters_are_sent_as_given(chat: InspectChat, stage: Stage) -> None:
    """Temperature, limit and seed go through; Inspect's own retries, cache and concurrency limits are off."""
    await chat.reply(ChatRequest(ASK.messages, Parameters(temperature=0.5, max_tokens=7, seed=3)))
    await chat.reply(ChatRequest(ASK.messages, Parameters(temperature=None, max_tokens=None)))
    given, left_open = (config for _, config in stage.asked)
    assert (given.temperature, given.max_tokens, given.seed) == (0.5, 7, 3)
    assert (left_open.temperature, left_open.max_tokens, left_open.seed) == (None, None, None)
    assert (given.max_retries, given.cache, given.adaptive_connections) == (0, False, False)


async def test_a_schema_is_asked_for_whole_or_not_at_all(chat: InspectChat, stage: Stage) -> None:
    """What Inspect's form of a schema can hold is sent; one that would lose a part on the way is not."""
    whole = {"type": "object", "properties": {"verdict": {"type": "string", "enum": ["safe", "unsafe"]}}}
    lossy = {"type": "object", "properties": {"verdict": {"const": "safe"}}}
    for schema in (whole, lossy):
        await chat.reply(ChatRequest(ASK.messages, response_format=ResponseFormat("ruling", schema)))
    first, second = (config.response_schema for _, config in stage.asked)
    assert (first.name, first.json_schema.model_dump(exclude_none=True)) == ("ruling", whole)
    assert second is None


async def test_usage_counts_tokens_from_a_prompt_cache(chat: InspectChat, stage: Stage) -> None:
    """Inspect leaves cached tokens out of its input count; here they are input like any other."""
    output = said(usage=(10, 4))
    output.usage.input_tokens_cache_read, output.usage.input_tokens_cache_write = 100, 1_000
    stage.next = lambda: output
    reply = await chat.reply(ASK)
    assert (reply.usage, reply.served_model) == (Usage(1_110, 4), MODEL)


@pytest.mark.parametrize(
    ("stop_reason", "finish"), [("stop", "stop"), ("max_tokens", "length"), ("unknown", "unknown")]
)
async def test_stop_reasons_become_finish_reasons(
    chat: InspectChat, stage: Stage, stop_reason: str, finish: str
) -> None:
    """Inspect's words are put into those of all providers."""
    stage.next = lambda: said(stop_reason=stop_reason)
    reply = await chat.reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "Hello.", finish)


@pytest.mark.parametrize(
    ("text", "usage", "error"),
    [
        ("Sorry, but I am unable to help with that request.", None, "Output blocked by content filtering policy"),
        ("Your request was rejected.", None, None),
        ("Content blocked: SAFETY", (12, 0), None),
        ("Sorry.", (12, 3), "blocked"),
        ("", (12, 3), None),
    ],
)
async def test_a_content_filter_without_words_of_the_model_is_a_block(
    chat: InspectChat, stage: Stage, text: str, usage: tuple[int, int] | None, error: str | None
) -> None:
    """Beside an error, or without tokens written, the text is the filter's or Inspect's."""
    stage.next = lambda: said(text, stop_reason="content_filter", usage=usage, error=error)
    reply = await chat.reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("provider_blocked", "", "content_filter")


async def test_words_before_a_content_filter_struck_are_the_reply(chat: InspectChat, stage: Stage) -> None:
    """With tokens written and no error they are the model's own."""
    stage.next = lambda: said("Well, first", stop_reason="content_filter")
    reply = await chat.reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "Well, first", "content_filter")


async def test_a_refusal_in_the_models_own_words_is_a_reply(chat: InspectChat, stage: Stage) -> None:
    """A refusal is data: ok, with its words, marked."""
    content: Any = import_module("inspect_ai.model").ContentText
    stage.next = lambda: said([content(text="I'd rather not.", refusal=True)])
    reply = await chat.reply(ASK)
    assert (reply.state, reply.text, reply.finish_reason) == ("ok", "I'd rather not.", "refusal")


async def test_an_error_dressed_as_words_never_becomes_a_reply(chat: InspectChat, stage: Stage) -> None:
    """For a conversation that is too long Inspect hands out the server's error as the model's text."""
    stage.next = lambda: said("maximum context length is 8192", stop_reason="model_length", usage=None)
    reply = await chat.reply(ASK)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == ("rejected", False)
    assert "maximum context length is 8192" in reply.failure.message
    stage.next = lambda: said("cut off at the end of the cont", stop_reason="model_length")
    assert (await chat.reply(ASK)).finish_reason == "length"


async def test_nothing_said_is_a_failure(chat: InspectChat, stage: Stage) -> None:
    """No choices, blanks, or reasoning without a word after it: each is typed."""
    models: Any = import_module("inspect_ai.model")
    kinds = []
    for output in (models.ModelOutput(model=MODEL), said("  \n"), said([models.ContentReasoning(reasoning="Hmm.")])):
        stage.next = partial(_same, output)
        reply = await chat.reply(ASK)
        assert reply.failure is not None
        kinds.append(reply.failure.kind)
    assert kinds == ["invalid_reply", "empty_reply", "empty_reply"]


class SaidByServer(Exception):
    """An error as SDKs raise it, with a status."""

    def __init__(self, status_code: int) -> None:
        super().__init__("wrong key: sk-secret-key")
        self.status_code = status_code


class ConnectError(Exception):
    """An error as SDKs name it."""


class ReadTimeout(Exception):
    """An error as SDKs name it."""


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (SaidByServer(429), "rate_limited", True),
        (SaidByServer(401), "auth", False),
        (SaidByServer(404), "rejected", False),
        (SaidByServer(503), "server_error", True),
        (ConnectError("refused"), "connection", True),
        (ReadTimeout("slow"), "timeout", True),
        (OSError("no route"), "connection", True),
        (json.JSONDecodeError("no JSON", "", 0), "invalid_reply", True),
        (ValueError("odd"), "model_error", False),
    ],
)
async def test_errors_are_typed_failures(
    chat: InspectChat, stage: Stage, error: Exception, kind: str, *, retryable: bool
) -> None:
    """By the status an SDK's error carries, else by its name; the key is never repeated."""
    stage.next = raises(error)
    reply = await chat.reply(ASK)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == (kind, retryable)
    assert "sk-secret-key" not in reply.failure.message
    assert len(stage.asked) == 1


async def test_an_unknown_error_is_what_its_provider_says_it_is(chat: InspectChat, stage: Stage) -> None:
    """Inspect's providers know which of their errors may pass, and how long to wait; nothing is asked twice here."""
    stage.next, stage.retries = raises(ValueError("[bold]busy[/bold]\nright now")), True
    reply = await chat.reply(ASK)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable, reply.failure.retry_after_s) == ("rate_limited", True, 7.0)
    assert reply.failure.message == "ValueError: busy right now"
    assert len(stage.asked) == 1


async def test_an_error_returned_with_its_request_does_not_quote_it(chat: InspectChat, stage: Stage) -> None:
    """Inspect puts the whole request into such an error; a failure holds the server's words alone."""
    models: Any = import_module("inspect_ai.model")
    call = models.ModelCall.create({"messages": ["what was asked"]}, None)
    stage.next = lambda: (SaidByServer(400), call)
    reply = await chat.reply(ASK)
    assert reply.failure is not None
    assert reply.failure.message == "HTTP 400: wrong key: ***"


async def test_a_request_takes_no_longer_than_allowed(chat: InspectChat, stage: Stage) -> None:
    """A provider that never answers ends as a time-out that is worth another try."""
    stage.next = asyncio.Event().wait
    model = InspectChat(chat._model, name=chat.name, timeout_s=0.05)
    reply = await model.reply(ASK)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.retryable) == ("timeout", True)


async def test_calls_leave_no_trace_in_the_callers_context(chat: InspectChat, stage: Stage) -> None:
    """Inspect's transcript of a call ends with it, so that a long run does not pile up what it sent."""
    transcript: Any = import_module("inspect_ai.log").transcript
    for _ in range(3):
        await chat.reply(ASK)
    assert len(transcript().events) == 0


async def test_cancelling_reaches_the_provider(chat: InspectChat, stage: Stage) -> None:
    """A caller that goes away takes its request along."""
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def act() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    stage.next = act
    task = asyncio.create_task(chat.reply(ASK))
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert cancelled.is_set()


async def test_an_image_that_is_gone_is_raised(chat: InspectChat, stage: Stage, tmp_path: Path) -> None:
    """A broken benchmark stops the run; the provider is not asked."""
    gone = Image("0" * 64, "image/png", 1, str(tmp_path / "gone.png"))
    with pytest.raises(DataError, match="cannot read the image"):
        await chat.reply(ChatRequest((Message("user", "Look", (gone,)),)))
    assert stage.asked == []


async def test_a_provider_of_inspect_is_spoken_to_at_an_address(
    server: Server, monkeypatch: pytest.MonkeyPatch, png: Image
) -> None:
    """A real provider sends our messages to a real server; a 429 is one request and a typed failure."""
    monkeypatch.setenv("LOCAL_API_KEY", "sk-local")
    server.plan = [says("A square."), answers(completion("", finish_reason="content_filter")), fails(400)]
    model = open_model(f"inspect:openai-api/local/some-model@{server.base_url}")
    first = await model.reply(ChatRequest((Message("user", "Look", (png,)),), Parameters(max_tokens=9)))
    blocked, rejected = await model.reply(ASK), await model.reply(ASK)
    await model.close()
    assert model.name == f"inspect:openai-api/local/some-model@{server.base_url}"
    assert (first.text, first.usage, first.served_model) == ("A square.", Usage(12, 3), "served-model-7b")
    body = server.received[0].body
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("some-model", 9, 0.0)
    assert [part["type"] for part in body["messages"][0]["content"]] == ["image_url", "text"]
    assert blocked.state == "provider_blocked"
    assert rejected.failure is not None
    assert (rejected.failure.kind, rejected.failure.message[:8]) == ("rejected", "HTTP 400")


@pytest.mark.parametrize(
    ("spelling", "known"),
    [
        ("inspect:mockllm", "format of <api_name>/<model_name>"),
        ("inspect:no-such-provider/model", "not recognized"),
        ("inspect:openai/gpt-4o", "OPENAI_API_KEY"),
        ("inspect:openai/m@http://user:hunter2@host/v1", "user name or password"),
        ("inspect:openai/m@localhost:8000", "with its scheme"),
    ],
)
def test_what_inspect_cannot_open_is_a_usage_error(spelling: str, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, before any request, without terminal markup and passwords."""
    for variable in ("OPENAI_API_KEY", "AZUREAI_OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match=known) as caught:
        open_model(spelling)
    assert "[bold]" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_proxy_is_refused_as_inspect_takes_none() -> None:
    """A setting that would have no effect is an error."""
    with pytest.raises(UsageError, match="HTTPS_PROXY"):
        open_model("inspect:mockllm/model", settings=ModelSettings(proxy="http://proxy:3128"))


def test_limits_stand_around_it() -> None:
    """As Inspect's retries are off, ours are on."""
    assert isinstance(guarded_by_limits(open_model("inspect:mockllm/model"), ModelSettings()), Breaker)
