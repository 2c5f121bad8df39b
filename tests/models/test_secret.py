"""Keys that never show."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from turnwise.errors import UsageError
from turnwise.models import Secret
from turnwise.models.secret import key_from_environment


def test_a_secret_prints_as_stars() -> None:
    """No way of printing shows the text, and it can still be told apart and used."""
    secret = Secret("sk-hidden")
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    assert secret.reveal() == "sk-hidden"
    assert secret == Secret("sk-hidden")
    assert secret != Secret("sk-other")
    assert len({secret, Secret("sk-hidden")}) == 1


def test_a_secret_is_not_stored() -> None:
    """Neither pickle nor JSON takes it."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret("sk-hidden"))
    with pytest.raises(TypeError):
        msgspec.json.encode({"key": Secret("sk-hidden")})


def test_a_secret_is_hidden_in_bytes_that_quote_it() -> None:
    """Every copy is covered; an empty secret covers nothing."""
    assert Secret("sk-1").hide_in(b"key sk-1 and sk-1") == b"key *** and ***"
    assert Secret("").hide_in(b"text") == b"text"


@pytest.mark.parametrize("bad", ["sk-hidden\nX: y", "sk hidden", "sk-hidden\u00e9", "sk-hidden\r"])
def test_a_key_no_header_can_carry_is_refused_unseen(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the variable and not the key."""
    monkeypatch.setenv("OPENAI_API_KEY", bad)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        key_from_environment("OPENAI_API_KEY")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_key_is_no_key(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable counts as unset."""
    monkeypatch.setenv("OPENAI_API_KEY", blank)
    assert key_from_environment("OPENAI_API_KEY") is None
