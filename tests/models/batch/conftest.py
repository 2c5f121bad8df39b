"""The batch servers of both protocols, and models that talk to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from models.batch.anthropic_server import AnthropicServer
from models.batch.faulty import serving
from models.batch.making import patience
from models.batch.openai_server import OpenAIServer
from turnwise.models import Secret
from turnwise.models.anthropic import ANTHROPIC
from turnwise.models.batch.anthropic import ANTHROPIC_LIMITS, AnthropicBatch
from turnwise.models.batch.anthropic_calls import AnthropicCalls
from turnwise.models.batch.openai import OPENAI_LIMITS, OpenAIBatch
from turnwise.models.batch.openai_calls import OpenAICalls
from turnwise.models.batch.split import BatchLimits
from turnwise.models.http.address import parse_address
from turnwise.models.openai.endpoint import parse_endpoint

OpenAnthropic = Callable[..., AnthropicBatch]
OpenOpenAI = Callable[..., OpenAIBatch]


@pytest.fixture
async def openai_server(tmp_path: Path) -> AsyncIterator[OpenAIServer]:
    """A server of files and batches."""
    folder = tmp_path / "server"
    folder.mkdir()
    async with serving(OpenAIServer(folder), "/v1") as server:
        yield server


@pytest.fixture
async def open_openai(openai_server: OpenAIServer) -> AsyncIterator[OpenOpenAI]:
    """Opens models at the server, and closes them after the test."""
    opened: list[OpenAIBatch] = []

    def open_one(*, limits: BatchLimits = OPENAI_LIMITS, max_attempts: int = 4, timeout_s: float = 20.0) -> OpenAIBatch:
        endpoint = parse_endpoint(f"small@{openai_server.base_url}")
        calls = OpenAICalls(endpoint, key=Secret("sk-test-key"), timeout_s=timeout_s, proxy=None)
        opened.append(OpenAIBatch(calls, patience=patience(max_attempts), limits=limits))
        return opened[-1]

    yield open_one
    for model in opened:
        await model.close()


@pytest.fixture
async def anthropic_server() -> AsyncIterator[AnthropicServer]:
    """A server of message batches."""
    async with serving(AnthropicServer()) as server:
        yield server


@pytest.fixture
async def open_anthropic(anthropic_server: AnthropicServer) -> AsyncIterator[OpenAnthropic]:
    """Opens models at the server, and closes them after the test."""
    pytest.importorskip("anthropic", reason="needs the extra 'anthropic'")
    opened: list[AnthropicBatch] = []

    def open_one(
        *, limits: BatchLimits = ANTHROPIC_LIMITS, max_attempts: int = 4, timeout_s: float = 20.0
    ) -> AnthropicBatch:
        address = parse_address(f"claude@{anthropic_server.base_url}", ANTHROPIC)
        calls = AnthropicCalls(address, key=Secret("sk-ant-test"), timeout_s=timeout_s, proxy=None)
        opened.append(AnthropicBatch(calls, patience=patience(max_attempts), limits=limits))
        return opened[-1]

    yield open_one
    for model in opened:
        await model.close()
