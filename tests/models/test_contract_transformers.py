"""The in-process models keep what holds for every ChatModel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.contract import Open, SeamContract
from models.transformers.conftest import tiny_vlm as tiny_vlm  # noqa: PLC0414 - a fixture of the folder beside this file
from turnwise.models import ChatModel, open_model

pytestmark = pytest.mark.extra("transformers")


class TestTransformers(SeamContract):
    """transformers:FOLDER."""

    @pytest.fixture
    def open_one(self, tiny_vlm: Path) -> Iterator[Open]:
        """Opens the tiny random model."""

        def opened() -> ChatModel:
            return open_model(f"transformers:{tiny_vlm}")

        yield opened
