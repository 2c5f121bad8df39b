"""Both event loops: runs use uvloop where there is one, and the two tell at different times that a connection ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from turnwise.models.http.posting import Poster


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every asynchronous test beside this file under each."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def opened() -> AsyncIterator[list[Poster]]:
    """What is to be closed after the test."""
    posters: list[Poster] = []
    yield posters
    for poster in posters:
        await poster.close()
