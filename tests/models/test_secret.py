"""Keys that never show."""

from __future__ import annotations

import pickle
import time

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


@pytest.mark.parametrize(
    "quoted",
    [
        rb"sk-a\/b+c\"\\d",  # as JSON may write it
        rb"sk-a\\\/b+c\\\"\\\\d",  # JSON inside JSON
        rb"\u0073\u006b\u002D\u0061\u002f\u0062\u002B\u0063\u0022\u005C\u0064",
        b"sk-a%2Fb%2Bc%22%5Cd",
        b"sk-a%2fb%2bc%22%5cd",
        b"sk-a%252Fb%252Bc%2522%255Cd",
        rb"sk-a%2fb+c\"\\d",
    ],
)
def test_a_secret_is_hidden_in_every_spelling(quoted: bytes) -> None:
    """Escapes of JSON and of URLs, in either case and one over the other, cover nothing up; what is around stays."""
    assert Secret('sk-a/b+c"\\d').hide_in(b'{"said": "key ' + quoted + b' is wrong"}') == (
        b'{"said": "key *** is wrong"}'
    )


def test_what_only_resembles_a_secret_stays() -> None:
    """Another key, a part of it and the text around it are left as they were said."""
    for text in (b"sk-1", b"sk-a/", b"sk-a%b", rb"sk-a\b", b"sk-A/b", rb"a \n line, 100 %, \u0073"):
        assert Secret("sk-a/b").hide_in(text) == text


@pytest.mark.parametrize("flood", [b"\\" * 2**20, b"%25" * 2**19, b"sk-" * 2**19, b" " * 2**22])
def test_hiding_takes_time_in_proportion_to_the_text(flood: bytes) -> None:
    """No answer made to be slow to search holds a run up: twice the bytes take no more than about twice the time."""
    secret, seconds = Secret("sk-proj-0123456789/abcdefgh"), []
    for text in (flood, flood * 2):
        started = time.perf_counter()
        secret.hide_in(text)
        seconds.append(time.perf_counter() - started)
    assert seconds[1] < 6 * seconds[0] + 0.05


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
