"""Models of Inspect AI keep what holds for every ChatModel, as far as Inspect lets them.

The served cases go through Inspect's provider for OpenAI-compatible servers.
"""

from __future__ import annotations

import importlib.util

import pytest

from models.contract import KEY, Open, SeamContract, ServedContract, Wire
from models.test_contract_openai import OpenAIWire
from turnwise.models import ChatModel, open_model

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
