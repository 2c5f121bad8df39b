"""Models of Inspect AI keep what holds for every ChatModel, as far as Inspect lets them.

The served cases go through Inspect's provider for OpenAI-compatible servers.
"""

from __future__ import annotations

import importlib.util

import pytest

from models.contract import ASK, KEY, Open, SeamContract, ServedContract, Wire
from models.misbehaving import Server, redirects, sends
from models.test_contract_openai import OpenAIWire
from turnwise.errors import UsageError
from turnwise.models import ChatModel, ModelSettings, open_model

pytestmark = [
    pytest.mark.extra("inspect"),
    pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is None, reason="inspect-ai is not installed"),
]


class TestMock(SeamContract):
    """inspect:mockllm/model."""

    @pytest.fixture
    def open_one(self) -> Open:
        """Opens Inspect's own mock."""

        def opened() -> ChatModel:
            return open_model("inspect:mockllm/model")

        return opened


class InspectWire(OpenAIWire):
    """The chat completions API, spoken by Inspect."""

    spelling = "inspect:openai-api/service/org/model:7b@{url}/v1"


class TestServed(SeamContract, ServedContract):
    """inspect:openai-api/SERVICE/MODEL@BASE_URL."""

    @pytest.fixture
    def wire(self, monkeypatch: pytest.MonkeyPatch) -> Wire:
        """Its wire format, with the key where Inspect looks for it."""
        monkeypatch.setenv("SERVICE_API_KEY", KEY)
        return InspectWire()

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
        """Inspect and its SDK name such a failure in several ways; in none is it a reply."""
        server.plan = [sends(raw, content_type=content_type)]
        reply = await open_one().reply(ASK)
        assert reply.failure is not None
        assert (reply.state, reply.text) == ("failed", "")
        assert reply.failure.kind in {"invalid_reply", "server_error", "model_error"}

    async def test_redirects_are_not_followed(self, server: Server, open_one: Open) -> None:
        """The SDK does not carry the key elsewhere, and calls it a connection error."""
        server.plan = [redirects]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert failure.kind == "connection"
        assert len(server.received) == 1

    async def test_a_temperature_that_is_not_taken_is_left_out_and_remembered(
        self, server: Server, wire: Wire, open_one: Open
    ) -> None:
        """Which parameters a model takes is for Inspect to know: where it does not, the server's refusal stands."""
        server.plan = [wire.fails(400, "`temperature` is deprecated for this model.")]
        failure = (await open_one().reply(ASK)).failure
        assert failure is not None
        assert (failure.kind, failure.retryable, len(server.received)) == ("rejected", False, 1)

    async def test_proxies_come_from_the_settings_only(
        self, server: Server, open_one: Open, wire: Wire, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Inspect takes its proxies from the environment, so that one in the settings is refused."""
        with pytest.raises(UsageError, match="HTTPS_PROXY"):
            open_one(ModelSettings(proxy="http://proxy:3128"))
