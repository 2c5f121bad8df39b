"""What headers say about waiting, and which part of a request a 400 is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from turnwise.models import ChatRequest, Message, Parameters, ResponseFormat
from turnwise.models.http.answer import Answer, retry_after_s
from turnwise.models.http.dialect import Dialect, simpler_dialect
from turnwise.models.openai.reply import read_reply

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ASK = ChatRequest((Message("user", "Hi"),), response_format=ResponseFormat("verdict", {"type": "object"}))


def answer(error: dict[str, Any], status: int = 400) -> Answer:
    """An HTTP answer with an error body."""
    return Answer(status, "application/json", msgspec.json.encode({"error": error}), 1.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.25", 0.25),
        ("-4", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header: str | None, seconds: float | None) -> None:
    """Seconds and HTTP dates are understood, the past is now, anything else is no wait."""
    assert retry_after_s(header, NOON) == seconds


@pytest.mark.parametrize(
    ("error", "dialect"),
    [
        ({"message": "Invalid parameter: 'response_format'"}, Dialect(without=frozenset({"response_format"}))),
        ({"message": "guided_json is unavailable"}, Dialect(without=frozenset({"response_format"}))),
        (
            {"message": "Unsupported parameter", "param": "temperature"},
            Dialect(without=frozenset({"temperature"})),
        ),
        ({"message": "temperature is deprecated for this model"}, Dialect(without=frozenset({"temperature"}))),
        ({"message": "`temperature` may only be set to 1 here"}, Dialect(without=frozenset({"temperature"}))),
        ({"message": "temperature unsupported", "param": "messages"}, None),
        ({"message": "context too long"}, None),
        ({"message": "json_schema", "code": "content_filter"}, None),
    ],
)
def test_a_400_names_what_to_leave_out(error: dict[str, Any], dialect: Dialect | None) -> None:
    """The part that the server says it does not take is left out; nothing is, when it says something else."""
    assert simpler_dialect(answer(error), ASK, Dialect()) == dialect


def test_what_is_already_left_out_is_not_left_out_again() -> None:
    """A server that goes on complaining gets no third request."""
    dialect = Dialect(without=frozenset({"response_format"}))
    assert simpler_dialect(answer({"message": "response_format"}), ASK, dialect) is None


def test_only_a_400_is_about_parameters() -> None:
    """A broken server that mentions a parameter is not asked in another dialect."""
    assert simpler_dialect(answer({"message": "response_format"}, 500), ASK, Dialect()) is None


def test_what_was_not_sent_is_not_left_out() -> None:
    """Without a temperature or a schema in the request there is nothing to leave out."""
    bare = ChatRequest((Message("user", "Hi"),), Parameters(None, None, None))
    for message in ("response_format", "temperature is not supported", "unsupported: use max_completion_tokens"):
        assert simpler_dialect(answer({"message": message}), bare, Dialect()) is None


def test_a_servers_message_is_cut_to_one_short_line() -> None:
    """Long error texts over many lines are shortened to 300 characters in one line."""
    reply = read_reply(answer({"message": "long\n  story " * 100}))
    assert reply.failure is not None
    assert reply.failure.message.startswith("HTTP 400: long story long story")
    assert len(reply.failure.message) == len("HTTP 400: ") + 300
