"""Addresses of models: what is read from a spelling, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from turnwise.errors import UsageError
from turnwise.models.openai.endpoint import parse_endpoint
from turnwise.models.secret import Secret


@pytest.mark.parametrize(
    ("spelling", "model", "base_url"),
    [
        ("gpt-4o", "gpt-4o", "https://api.openai.com/v1"),
        ("Qwen/Qwen2-VL@http://127.0.0.1:8000/v1", "Qwen/Qwen2-VL", "http://127.0.0.1:8000/v1"),
        ("llava:7b@http://localhost:11434", "llava:7b", "http://localhost:11434/v1"),
        ("m@HTTPS://Models.Example.COM:443/api/v1/", "m", "https://models.example.com/api/v1"),
        ("@cf/meta/llama@https://a.example/v1", "@cf/meta/llama", "https://a.example/v1"),
        ("claude@20240620", "claude@20240620", "https://api.openai.com/v1"),
        ("m@http://[::1]:80/v1", "m", "http://[::1]/v1"),
    ],
)
def test_a_spelling_is_read_and_written_canonically(spelling: str, model: str, base_url: str) -> None:
    """Model and address are told apart at the last '@' before a URL; the name opens the same endpoint again."""
    endpoint = parse_endpoint(spelling)
    assert (endpoint.model, endpoint.base_url) == (model, base_url)
    assert parse_endpoint(endpoint.name.removeprefix("openai:")) == endpoint
    assert endpoint.call_url == f"{base_url}/chat/completions"


@pytest.mark.parametrize(
    ("spelling", "word"),
    [
        ("", "model name"),
        ("@http://localhost", "model name"),
        ("m@ftp://host/v1", "http:// or https://"),
        ("m@localhost:8000/v1", "scheme"),
        ("m@10.0.0.5/v1", "scheme"),
        ("m@http://user:hunter2@host/v1", "OPENAI_API_KEY"),
        ("m@http://host/v1?key=hunter2", "query"),
        ("m@http://host/v1#x", "query"),
        ("m@http:///v1", "no host"),
        ("m@http://host:99999/v1", "malformed"),
        ("m@http://[::1/v1", "malformed"),
        ("m@http://ho\nst/v1", "control character"),
        ("m@http://host/v1/chat/completions", "chat/completions"),
    ],
)
def test_a_wrong_address_is_refused_with_the_fix(spelling: str, word: str) -> None:
    """Each mistake has its own sentence, and no credential is repeated in it."""
    with pytest.raises(UsageError) as caught:
        parse_endpoint(spelling)
    assert word in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("[::1]", True),
        ("192.168.1.20", True),
        ("10.1.2.3", True),
        ("localhost", True),
        ("gpu-box", True),
        ("app.localhost", True),
        ("api.openai.com", False),
        ("8.8.8.8", False),
        ("[2606:4700::1111]", False),
    ],
)
def test_local_hosts_are_told_from_remote_ones(host: str, local: bool) -> None:  # noqa: FBT001 - a table's column
    """This machine, private networks and bare host names are local; the rest of the world is not."""
    assert parse_endpoint(f"m@http://{host}/v1").is_local is local


def test_a_key_does_not_cross_the_network_in_clear_text() -> None:
    """Over plain http a key goes to this machine and its private network only."""
    key = Secret("sk-not-a-real-key")
    parse_endpoint("m@http://127.0.0.1:8000/v1").check_key(key)
    parse_endpoint("m@https://models.example.org/v1").check_key(key)
    with pytest.raises(UsageError, match="clear text") as raised:
        parse_endpoint("m@http://models.example.org/v1").check_key(key)
    assert "sk-not" not in str(raised.value)
