"""Providers whose packages are not installed say which command installs them."""

from __future__ import annotations

import sys

import pytest

from turnwise.errors import UsageError
from turnwise.models import open_model


@pytest.mark.parametrize(
    ("spelling", "package", "extra"),
    [
        ("transformers:org/model", "torch", "transformers"),
        ("transformers:org/model", "accelerate", "transformers"),
        ("inspect:mockllm/model", "inspect_ai.model", "inspect"),
    ],
)
def test_an_absent_package_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, spelling: str, package: str, extra: str
) -> None:
    """Before any request, in one sentence."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"needs the extra '{extra}': pip install 'turnwise\[{extra}\]'"):
        open_model(spelling)
