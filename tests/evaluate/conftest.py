"""What the tests of the room share: a running server, and where the run file lies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evaluate.answering import Answering
from evaluate.waves.batching import answers_or
from models.batch.faulty import serving
from models.batch.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[Answering]:
    """A server that answers everything until a test says otherwise."""
    running = Answering()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Where the run file lies."""
    return tmp_path / "run.sqlite"


@pytest.fixture
async def batches(tmp_path: Path) -> AsyncIterator[OpenAIServer]:
    """A server of files and batches that answers every request with its last words."""
    folder = tmp_path / "server"
    folder.mkdir()
    server = OpenAIServer(folder)
    server.answer = answers_or({})
    async with serving(server, "/v1"):
        yield server
