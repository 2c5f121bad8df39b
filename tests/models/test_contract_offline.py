"""The models without a network keep what holds for every ChatModel."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.contract import Open, SeamContract
from turnwise.models import ChatModel, open_model


class TestSimulated(SeamContract):
    """simulated:NAME."""

    @pytest.fixture
    def open_one(self) -> Open:
        """Opens a simulated model."""

        def opened() -> ChatModel:
            return open_model("simulated:steady,seed=3")

        return opened


class TestScripted(SeamContract):
    """scripted:FILE."""

    @pytest.fixture
    def open_one(self, tmp_path: Path) -> Open:
        """Opens a script of one line that answers everything."""
        script = tmp_path / "script.jsonl"
        script.write_text('{"reply": "Good morning."}\n', encoding="utf-8")

        def opened() -> ChatModel:
            return open_model(f"scripted:{script}")

        return opened
