"""Spellings of in-process models: what they may say, and that wrong ones are refused before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from turnwise.errors import UsageError
from turnwise.models.transformers.settings import TransformersSettings, parse_settings


@pytest.mark.parametrize(
    ("spelling", "settings", "name"),
    [
        ("org/model-7b", TransformersSettings("org/model-7b"), "transformers:org/model-7b"),
        ("org/m,batch=8,device=auto", TransformersSettings("org/m"), "transformers:org/m"),
        ("gpt2,device=cuda:1", TransformersSettings("gpt2", device="cuda:1"), "transformers:gpt2,device=cuda:1"),
        (
            "org/m,device=spread,batch=32",
            TransformersSettings("org/m", 32, "spread"),
            "transformers:org/m,batch=32,device=spread",
        ),
    ],
)
def test_options_follow_the_model_in_any_order(spelling: str, settings: TransformersSettings, name: str) -> None:
    """The name writes them in one order, without those that are the default."""
    assert parse_settings(spelling) == settings
    assert settings.name == name


def test_a_folder_with_a_model_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is taken as it is written, and `~` is resolved for the library."""
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_settings("~/saved").model == "~/saved"
    assert parse_settings("~/saved").source == str(tmp_path / "saved")


@pytest.mark.parametrize(
    ("spelling", "said"),
    [
        (",batch=2", "the model is missing"),
        ("org/m,batch=0", "whole number from 1"),
        ("org/m,batch=two", "whole number from 1"),
        ("org/m,batch=2,batch=3", "given twice"),
        ("org/m,device=gpu", "auto, cpu, cuda"),
        ("org/m,dtype=int8", "known: batch, device"),
        ("./nowhere", "no such folder"),
        ("a/b/c", "no such folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(spelling: str, said: str) -> None:
    """The sentence says what would be right."""
    with pytest.raises(UsageError, match=said):
        parse_settings(spelling)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """A folder has to hold a config.json."""
    with pytest.raises(UsageError, match=r"holds no config\.json"):
        parse_settings(str(tmp_path))
