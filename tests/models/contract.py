"""What every ChatModel keeps to, written once: run for each provider by the test_contract_*.py beside this file.

`SeamContract` needs nothing but a model that answers. `ServedContract` needs a server that speaks a provider's wire
format: a `Wire` makes its answers and reads its requests.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
import pytest
from aiohttp import web

from models.misbehaving import Handler, Received, Server, drips, hangs, redirects, resets, sends
from turnwise.dialogue import Image
from turnwise.models import ChatModel, ChatRequest, Message, ModelSettings, Parameters, ResponseFormat, open_model

ASK = ChatRequest((Message("user", "Good morning"),))
TURNS = ChatRequest(
    (
        Message("user", "One"),
        Message("assistant", "Two"),
        Message("user", "Three"),
        Message("assistant", "Four"),
        Message("user", "Five"),
    )
)
KEY = "test/key+0123456789=="
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"label": {"type": "string"}},
    "required": ["label"],
    "additionalProperties": False,
}

Open = Callable[..., ChatModel]
"""Opens a model of the server; the fixture of this type closes it after the test."""


class Seen(msgspec.Struct, frozen=True):
    """One request, as the server understood it.

    Fields:
        turns: Role (user or assistant), image bytes and text of each message, in the order of the wire.
        format: The JSON schema that is asked for.
    """

    system: str | None
    turns: list[tuple[str, list[bytes], str]]
    temperature: float | None
    max_tokens: int | None
    key: str | None
    format: dict[str, Any] | None


class Wire(Protocol):
    """One provider's wire format, from the server's side."""

    spelling: str
    """With {url} for the server's address."""

    finishes: str
    """The finish reason of an answer that came to its end."""

    def says(self, text: str, *, cut: str = "no") -> Handler:
        """An answer with input_tokens 12 and output_tokens 3, cut off at its token limit when `cut` is "yes"."""
        ...

    def says_nothing(self) -> Handler:
        """An answer without a word."""
        ...

    def counts(self, read: int, written: int) -> Handler:
        """An answer with these token counts."""
        ...

    def blocks(self) -> Handler:
        """The service's filter gives no answer."""
        ...

    def cuts(self, text: str) -> Handler:
        """The service's filter ends an answer after these words."""
        ...

    def fails(self, status: int, message: str, headers: dict[str, str] | None = None) -> Handler:
        """An error, as the provider writes them."""
        ...

    def read(self, received: Received) -> Seen:
        """A request; raises where the provider would not take it."""
        ...


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def page(raw: bytes) -> Handler:
    """A handler that answers 502 with these bytes as HTML."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=502, body=raw, content_type="text/html")

    return handler


def escaped(handler: Handler) -> Handler:
    """The same answer with every slash written as JSON may write it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        response.body = response.body.replace(b"/", rb"\/")
        return response

    return handle


class SeamContract:
    """What holds for every model; `open_one` opens one that answers ASK and TURNS."""

    async def test_a_text_turn_is_answered_with_words(self, open_one: Open) -> None:
        """A reply in state ok has text, no failure and one attempt."""
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.failure, reply.attempts) == ("ok", None, 1)
        assert reply.text.strip()
        assert reply.latency_ms >= 0.0

    async def test_a_conversation_is_answered_with_words(self, open_one: Open) -> None:
        """Several turns are no different from one."""
        reply = await open_one().reply(TURNS)
        assert (reply.state, bool(reply.text.strip())) == ("ok", True)

    async def test_a_name_opens_the_same_model_again(self, open_one: Open) -> None:
        """The name is a spelling, holds no key, and is its own name."""
        name = open_one().name
        again = open_model(name)
        await again.close()
        assert again.name == name
        assert KEY not in name

    async def test_a_model_can_be_closed_twice(self, open_one: Open) -> None:
        """Closing gives back what there is to give back, used or not."""
        used, unused = open_one(), open_one()
        await used.reply(ASK)
        for model in (used, unused):
            await model.close()
            await model.close()

    async def test_requests_at_the_same_time_are_all_answered(self, open_one: Open) -> None:
        """A model is shared by all conversations of a run."""
        model = open_one()
        replies = await asyncio.gather(*(model.reply(ASK) for _ in range(20)))
        assert {reply.state for reply in replies} == {"ok"}


class ServedContract:
    """What holds for every model behind a server."""

    async def test_roles_and_order_reach_the_wire(self, server: Server, wire: Wire, open_one: Open) -> None:
        """Every message is sent as the one who said it, in order."""
        await open_one().reply(TURNS)
        assert wire.read(server.received[0]).turns == [
            ("user", [], "One"),
            ("assistant", [], "Two"),
            ("user", [], "Three"),
            ("assistant", [], "Four"),
            ("user", [], "Five"),
        ]

    async def test_images_reach_the_wire_before_the_text(
        self, server: Server, wire: Wire, open_one: Open, png: Image
    ) -> None:
        """The server has the very bytes of the file, at every turn of a conversation, and the text after them."""
        model = open_one()
        first, reply, last = Message("user", "Look", (png, png)), Message("assistant", "I see"), Message("user", "So?")
        await model.reply(ChatRequest((first,)))
        await model.reply(ChatRequest((first, reply, last)))
        look = ("user", [png.read_bytes()] * 2, "Look")
        assert wire.read(server.received[0]).turns == [look]
        assert wire.read(server.received[1]).turns == [look, ("assistant", [], "I see"), ("user", [], "So?")]

    async def test_an_image_alone_is_a_message(self, server: Server, wire: Wire, open_one: Open, png: Image) -> None:
        """A message without text sends no empty text."""
        await open_one().reply(ChatRequest((Message("user", "", (png,)),)))
        assert wire.read(server.received[0]).turns == [("user", [png.read_bytes()], "")]

    async def test_the_system_prompt_reaches_the_wire(self, server: Server, wire: Wire, open_one: Open) -> None:
        """It stands in the place the provider has for it, and is no turn."""
        await open_one().reply(ChatRequest((Message("system", "Be kind."), Message("user", "Hi"))))
        seen = wire.read(server.received[0])
        assert (seen.system, seen.turns) == ("Be kind.", [("user", [], "Hi")])

    async def test_parameters_and_key_reach_the_wire(self, server: Server, wire: Wire, open_one: Open) -> None:
        """Temperature, token limit and key are sent as given, a temperature of zero too."""
        await open_one().reply(ChatRequest(ASK.messages, Parameters(temperature=0.0, max_tokens=77)))
        seen = wire.read(server.received[0])
        assert (seen.temperature, seen.max_tokens, seen.key) == (0.0, 77, KEY)

    async def test_a_format_reaches_the_wire(self, server: Server, wire: Wire, open_one: Open) -> None:
        """A JSON schema is sent where the provider has structured outputs."""
        await open_one().reply(ChatRequest(ASK.messages, response_format=ResponseFormat("verdict", SCHEMA)))
        assert wire.read(server.received[0]).format == SCHEMA

    async def test_usage_model_and_end_are_told(self, server: Server, wire: Wire, open_one: Open) -> None:
        """Tokens, the served model and the finish reason are the server's."""
        server.plan = [wire.says("Good day.")]
        reply = await open_one().reply(ASK)
        assert (reply.text, reply.finish_reason, reply.served_model) == ("Good day.", wire.finishes, "served-model-7b")
        assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 3)

    async def test_an_answer_cut_off_has_finish_reason_length(self, server: Server, wire: Wire, open_one: Open) -> None:
        """One word for it with every provider, as judges read it."""
        server.plan = [wire.says("Half a sen", cut="yes")]
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.text, reply.finish_reason) == ("ok", "Half a sen", "length")

    async def test_a_block_is_a_state_and_no_failure(self, server: Server, wire: Wire, open_one: Open) -> None:
        """The service's filter is data: no text, no failure, a reason."""
        server.plan = [wire.blocks()]
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.text, reply.failure) == ("provider_blocked", "", None)
        assert reply.finish_reason

    async def test_words_before_a_filter_struck_are_the_reply(self, server: Server, wire: Wire, open_one: Open) -> None:
        """What got through reached the user, so it is judged; the reason says that there was a filter."""
        server.plan = [wire.cuts("Well, first"), wire.says("Well, first")]
        model = open_one()
        cut, whole = await model.reply(ASK), await model.reply(ASK)
        assert (cut.state, cut.text, cut.failure) == ("ok", "Well, first", None)
        assert cut.finish_reason not in {None, whole.finish_reason, "length"}

    @pytest.mark.parametrize(
        ("reported", "used"), [((-5, 3), (None, 3)), ((12, 10**12), (12, None)), ((-1, -1), (None, None))]
    )
    async def test_a_count_that_no_request_can_use_is_none(
        self,
        server: Server,
        wire: Wire,
        open_one: Open,
        reported: tuple[int, int],
        used: tuple[int | None, int | None],
    ) -> None:
        """Below 0, or more tokens than any model reads or writes: no limit and no cost rests on them."""
        server.plan = [wire.counts(*reported)]
        reply = await open_one().reply(ASK)
        assert (reply.state, reply.usage.input_tokens, reply.usage.output_tokens) == ("ok", *used)

    async def test_an_answer_without_words_is_a_failure(self, server: Server, wire: Wire, open_one: Open) -> None:
        """Nothing said is never an empty reply in state ok."""
        server.plan = [wire.says_nothing()]
        reply = await open_one().reply(ASK)
        assert reply.failure is not None
        assert (reply.state, reply.failure.kind, reply.failure.retryable) == ("failed", "empty_reply", True)

    @pytest.mark.parametrize(
        ("status", "kind", "retryable"),
        [
            (400, "rejected", False),
            (401, "auth", False),
            (403, "auth", False),
            (404, "rejected", False),
            (413, "rejected", False),
            (429, "rate_limited", True),
            (500, "server_error", True),
            (503, "server_error", True),
            (529, "server_error", True),
        ],
    )
    async def test_an_error_status_is_a_typed_failure(
        self,
        server: Server,
        wire: Wire,
        open_one: Open,
        status: int,
        kind: str,
        retryable: bool,  # noqa: FBT001
    ) -> None:
        """Status, the server's words and whether to ask again; asked once, and no word of it in the text."""
        server.plan = [wire.fails(status, f"it broke, key {KEY}")]
        reply = await open_one().reply(ASK)
        failure = reply.failure
        assert failure is not None
        assert (reply.state, reply.text, failure.kind, failure.retryable) == ("failed", "", kind, retryable)
        assert failure.message == f"HTTP {status}: it broke, key ***"
        assert len(server.received) == 1

    async def test_a_key_in_another_spelling_is_hidden_too(self, server: Server, wire: Wire, open_one: Open) -> None:
        """With the escapes of JSON or of a URL a server still quotes the key."""
        server.plan = [escaped(wire.fails(400, f"key {KEY}.")), wire.fails(400, f"see ?key={quote(KEY, safe='')}.")]
        model = open_one()
        failures = [(await model.reply(ASK)).failure, (await model.reply(ASK)).failure]
        assert [failure.message for failure in failures if failure] == ["HTTP 400: key ***.", "HTTP 400: see ?key=***."]

    async def test_retry_after_is_told(self, server: Server, wire: Wire, open_one: Open) -> None:
        """The wait a server asks for stands in the failure."""
        server.plan = [wire.fails(429, "slow down", {"Retry-After": "7"})]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retry_after_s) == ("rate_limited", 7.0)

    async def test_a_server_that_is_not_there_is_a_connection_failure(self, wire: Wire) -> None:
        """Nobody listens: retryable, with the cause."""
        model = open_model(wire.spelling.format(url=f"http://127.0.0.1:{free_port()}"))
        failure = (await model.reply(ASK)).failure
        await model.close()
        assert failure is not None
        assert (failure.kind, failure.retryable, bool(failure.message)) == ("connection", True, True)

    @pytest.mark.parametrize("handler", [hangs, drips])
    async def test_a_server_that_never_ends_is_a_timeout(
        self, server: Server, open_one: Open, handler: Handler
    ) -> None:
        """Silence and endless blanks are both cut off by one clock."""
        server.plan = [handler]
        failure = (await open_one(ModelSettings(timeout_s=0.3)).reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("timeout", True)

    async def test_a_connection_cut_in_the_body_is_a_connection_failure(self, server: Server, open_one: Open) -> None:
        """Half an answer is none."""
        server.plan = [resets]
        reply = await open_one().reply(ASK)
        assert reply.failure is not None
        assert (reply.text, reply.failure.kind, reply.failure.retryable) == ("", "connection", True)

    @pytest.mark.parametrize(
        ("raw", "content_type"),
        [
            (b"{", "application/json"),
            (b"{}", "application/json"),
            (b"[1, 2]", "application/json"),
            (b"", "application/json"),
            (b'{"a": "\xff"}', "application/json"),
            (b"<html>busy</html>", "text/html"),
        ],
    )
    async def test_a_body_of_another_shape_is_an_invalid_reply(
        self, server: Server, open_one: Open, raw: bytes, content_type: str
    ) -> None:
        """What is no completion is never read as one."""
        server.plan = [sends(raw, content_type=content_type)]
        reply = await open_one().reply(ASK)
        assert reply.failure is not None
        assert (reply.text, reply.failure.kind, reply.failure.retryable) == ("", "invalid_reply", True)

    async def test_an_error_page_is_a_failure_by_its_status(self, server: Server, open_one: Open) -> None:
        """What stands between a client and a service answers in HTML, and in bytes that are no text."""
        server.plan = [page(b"<html>bad gateway</html>"), page(b"\xff\xfe\x00")]
        model = open_one()
        failures = [(await model.reply(ASK)).failure, (await model.reply(ASK)).failure]
        assert [failure.retryable for failure in failures if failure is not None] == [True, True]
        assert failures[0] is not None
        assert failures[0].kind == "server_error"

    async def test_a_request_without_a_turn_is_the_servers_to_judge(self, server: Server, open_one: Open) -> None:
        """Nothing that a request lacks raises: it is sent."""
        await open_one().reply(ChatRequest((Message("system", "Be kind."),)))
        assert len(server.received) == 1

    async def test_redirects_are_not_followed(self, server: Server, open_one: Open) -> None:
        """A redirect could carry the key elsewhere."""
        server.plan = [redirects]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable, "redirect" in failure.message) == ("rejected", False, True)

    async def test_a_cancelled_request_is_cancelled(self, server: Server, open_one: Open) -> None:
        """Cancellation is the caller's, and passes through."""
        server.plan = [hangs]
        asking = asyncio.create_task(open_one().reply(ASK))
        await server.arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    async def test_a_temperature_that_is_not_taken_is_left_out_and_remembered(
        self, server: Server, wire: Wire, open_one: Open
    ) -> None:
        """A 400 that names the temperature is asked again without it, once for all requests."""
        server.plan = [wire.fails(400, "`temperature` is deprecated for this model."), wire.says("Hello.")]
        model = open_one()
        replies = [await model.reply(ASK), await model.reply(ASK)]
        assert [(reply.state, reply.attempts) for reply in replies] == [("ok", 2), ("ok", 1)]
        assert [reply.dropped for reply in replies] == [("temperature",)] * 2
        assert [wire.read(received).temperature for received in server.received] == [0.0, None, None]

    async def test_proxies_come_from_the_settings_only(
        self, server: Server, open_one: Open, wire: Wire, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A proxy in the environment is passed by; one in the settings gets the request."""
        for variable in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(variable, "http://127.0.0.1:9")
        for variable in ("ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, "socks5://127.0.0.1:9")
        proxy = server.base_url.removesuffix("/v1")
        proxied = open_model(wire.spelling.format(url="http://unreachable-host"), settings=ModelSettings(proxy=proxy))
        states = [(await open_one().reply(ASK)).state, (await proxied.reply(ASK)).state]
        await proxied.close()
        assert states == ["ok", "ok"]
        assert server.received[1].headers["Host"] == "unreachable-host"
