"""What the tests of the room share: the misbehaving server, a client of it, a real image."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.contract import KEY, Open, Wire
from models.misbehaving import OpenChat, Server, running_server
from turnwise.dialogue import Image
from turnwise.models import ChatModel, ModelSettings, open_model
from turnwise.models.openai.client import OpenAIChat
from turnwise.models.openai.endpoint import parse_endpoint
from turnwise.models.secret import Secret

_PATIENT = ModelSettings(timeout_s=20.0)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A misbehaving server that says hello until a test gives it a plan."""
    async with running_server() as running:
        yield running


@pytest.fixture
async def open_chat(server: Server) -> AsyncIterator[OpenChat]:
    """Opens clients of the server, and closes them after the test."""
    opened: list[OpenAIChat] = []

    def open_one(model: str = "org/model:7b", *, timeout_s: float = 20.0, key: str = "sk-test-key") -> OpenAIChat:
        endpoint = parse_endpoint(f"{model}@{server.base_url}")
        opened.append(OpenAIChat(endpoint, key=Secret(key), timeout_s=timeout_s))
        return opened[-1]

    yield open_one
    for chat in opened:
        await chat.close()


@pytest.fixture
def png(tmp_path: Path) -> Image:
    """A real small PNG, under a name that lies about its type."""
    pillow = pytest.importorskip("PIL.Image")
    path = tmp_path / "picture.jpg"
    pillow.new("RGB", (8, 6), (200, 30, 30)).save(path, format="PNG")
    return Image.from_file(path)


@pytest.fixture
async def open_one(server: Server, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Opens models of the server in a wire format, with a key in the environment, and closes them after the test."""
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(variable, KEY)
    server.plan = [wire.says("Hello.")]
    spelled = wire.spelling.format(url=server.base_url.removesuffix("/v1"))
    opened: list[ChatModel] = []

    def open_another(settings: ModelSettings = _PATIENT, *, spelling: str = spelled) -> ChatModel:
        opened.append(open_model(spelling, settings=settings))
        return opened[-1]

    yield open_another
    for model in opened:
        await model.close()
