"""Spellings of models: every provider opens by one, and wrong ones say what is known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.misbehaving import Server, fails, says
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import Breaker, ChatRequest, Message, ModelSettings, guarded_by_limits, open_model

ASK = ChatRequest((Message("user", "Hi"),))


def test_every_provider_opens_by_its_spelling_and_its_name_opens_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's name is a spelling of the same model."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    script = tmp_path / "s.jsonl"
    script.write_text('{"reply": "Hi"}', encoding="utf-8")
    spellings = {
        "openai:Qwen/Q:7b@http://127.0.0.1:8000": "openai:Qwen/Q:7b@http://127.0.0.1:8000/v1",
        "simulated:steady,seed=7,rate=0.50": "simulated:steady,rate=0.5,seed=7",
        f"scripted:{script}": f"scripted:{script}",
    }
    for spelling, name in spellings.items():
        assert open_model(spelling).name == name
        assert open_model(name).name == name


def test_the_seed_of_the_settings_is_part_of_a_simulated_models_name() -> None:
    """What shapes the replies is in the name; a seed in the spelling goes first."""
    assert open_model("simulated:steady", settings=ModelSettings(seed=5)).name == "simulated:steady,seed=5"
    assert open_model("simulated:steady,seed=2", settings=ModelSettings(seed=5)).name == "simulated:steady,seed=2"


@pytest.mark.parametrize("spelling", ["", "gpt-4o", "claude:sonnet", "openai:", "simulated"])
def test_an_unknown_spelling_lists_the_known_ones(spelling: str) -> None:
    """The error is a lesson in spelling."""
    with pytest.raises(UsageError, match=r"openai:MODEL\[@BASE_URL\], .*simulated:.*steady.*, scripted:FILE"):
        open_model(spelling)


def test_a_remote_model_without_a_key_is_refused_at_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named before any request."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        open_model("openai:gpt-4o")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key")
    assert open_model("openai:gpt-4o").name == "openai:gpt-4o@https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("spelling", "module", "extra"),
    [
        ("anthropic:m@http://localhost", "anthropic", "anthropic"),
        ("google:m@http://localhost", "google.genai", "google"),
    ],
)
def test_a_provider_without_its_sdk_says_how_to_install_it(
    spelling: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packages of an extra are asked for when a model is opened, and their absence is one sentence."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"pip install 'turnwise\[{extra}\]'"):
        open_model(spelling)


async def test_the_key_of_the_environment_reaches_the_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local server that wants a key gets the one that is set."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-env")
    model = open_model(f"openai:m@{server.base_url}")
    await model.reply(ASK)
    await model.close()
    assert server.received[0].headers["Authorization"] == "Bearer sk-from-env"


async def test_proxies_come_from_the_settings_only(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is passed by; one in the settings gets the request."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.plan = [says("direct"), says("through the proxy")]
    proxy = server.base_url.removesuffix("/v1")
    direct = open_model(f"openai:m@{server.base_url}")
    proxied = open_model("openai:m@http://unreachable-host/v1", settings=ModelSettings(proxy=proxy))
    texts = [(await direct.reply(ASK)).text, (await proxied.reply(ASK)).text]
    await direct.close()
    await proxied.close()
    assert texts == ["direct", "through the proxy"]
    assert server.received[1].headers["Host"] == "unreachable-host"


async def test_network_models_are_retried_and_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits put retries inside the breaker: two refused keys end it, each asked once."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    server.plan = [fails(401)]
    settings = ModelSettings()
    model = guarded_by_limits(open_model(f"openai:m@{server.base_url}", settings=settings), settings)
    await model.reply(ASK)
    with pytest.raises(EndpointDown):
        await model.reply(ASK)
    await model.close()
    assert len(server.received) == 2


def test_models_without_a_network_stay_as_they_are() -> None:
    """Nothing is retried where the same request gets the same reply."""
    model = open_model("simulated:flaky")
    assert guarded_by_limits(model, ModelSettings()) is model
    assert not isinstance(model, Breaker)


@pytest.mark.parametrize(
    "fields",
    [
        {"timeout_s": 0.0},
        {"timeout_s": float("nan")},
        {"timeout_s": float("inf")},
        {"max_attempts": 0},
        {"proxy": "localhost:3128"},
        {"proxy": "http://user:hunter2@proxy.example"},
    ],
)
def test_settings_that_cannot_work_are_refused(fields: dict[str, float | str]) -> None:
    """Wrong settings say so at once, and repeat no password."""
    with pytest.raises(UsageError) as caught:
        ModelSettings(**fields)  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)
