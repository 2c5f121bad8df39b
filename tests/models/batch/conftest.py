"""The batch server of the OpenAI protocol, and models that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from models.batch.faulty import serving
from models.batch.making import patience
from models.batch.openai_server import OpenAIServer
from turnwise.models import Secret
from turnwise.models.batch.openai import OPENAI_LIMITS, OpenAIBatch
from turnwise.models.batch.openai_calls import OpenAICalls
from turnwise.models.batch.split import BatchLimits
from turnwise.models.openai.endpoint import parse_endpoint

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
