"""What the tests of the room share: a running server, and where the run file lies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evaluate.answering import Answering


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
