"""The in-process models keep what holds for every ChatModel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.contract import Open, SeamContract
from models.transformers.conftest import tiny_vlm as tiny_vlm  # noqa: PLC0414 - a fixture of the folder beside this file
from turnwise.models import ChatModel, open_model

pytestmark = pytest.mark.extra("transformers")


class TestTransformers(SeamContract):
    """transformers:FOLDER."""

    @pytest.fixture
    async def open_one(self, tiny_vlm: Path) -> AsyncIterator[Open]:
        """Opens the tiny random model."""
        opened: list[ChatModel] = []

        def open_another() -> ChatModel:
            opened.append(open_model(f"transformers:{tiny_vlm}"))
            return opened[-1]

        yield open_another
        for model in opened:
            await model.close()
