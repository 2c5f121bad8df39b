"""Opening the batch side of a model by its spelling."""

from __future__ import annotations

import pytest

from turnwise.errors import UsageError
from turnwise.models import BATCH_PROVIDERS, ModelSettings, open_batch_model


async def test_a_model_is_opened_by_its_usual_spelling() -> None:
    """The name is the canonical spelling of the live model."""
    model = open_batch_model("openai:org/m@http://LOCALHOST:8000/v1/", ModelSettings())
    assert model.name == "openai:org/m@http://localhost:8000/v1"
    await model.close()


@pytest.mark.extra("anthropic")
async def test_an_anthropic_model_is_opened_by_its_usual_spelling() -> None:
    """So it is for the other provider with a batch API."""
    pytest.importorskip("anthropic", reason="needs the extra 'anthropic'")
    model = open_batch_model("anthropic:claude@http://localhost:8000", ModelSettings())
    assert model.name == "anthropic:claude@http://localhost:8000"
    await model.close()


@pytest.mark.parametrize("spelling", ["simulated:refuse", "google:gemini", "nothing", "openai:"])
def test_a_provider_without_a_batch_api_is_refused_with_those_that_have_one(spelling: str) -> None:
    """The error names what was given and every provider that has a batch API."""
    with pytest.raises(UsageError) as raised:
        open_batch_model(spelling)
    assert spelling in str(raised.value)
    assert all(f"{provider}:MODEL" in str(raised.value) for provider in BATCH_PROVIDERS)


def test_a_remote_server_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key in the environment the default address is refused when it is opened, with the variable's name."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        open_batch_model("openai:gpt")
