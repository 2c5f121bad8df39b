"""What a server does not take, as each provider words it."""

from __future__ import annotations

import msgspec
import pytest

from turnwise.models import ChatRequest, Message, ResponseFormat
from turnwise.models.http.answer import Answer
from turnwise.models.http.dialect import Dialect, simpler_dialect

ASK = ChatRequest((Message("user", "Hi"),), response_format=ResponseFormat("verdict", {"type": "object"}))


@pytest.mark.parametrize(
    ("said", "without"),
    [
        ("temperature: Extra inputs are not permitted", "temperature"),
        ("`temperature` may only be set to 1 when thinking is enabled.", "temperature"),
        ("output_config.format: this model has no structured outputs", "response_format"),
        ("Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.", "response_format"),
        ("JSON mode is not enabled for models/gemma-test", "response_format"),
    ],
)
def test_a_part_that_is_not_taken_is_left_out(said: str, without: str) -> None:
    """Anthropic's and Gemini's words for it are understood as OpenAI's are."""
    body = msgspec.json.encode({"error": {"message": said}})
    answer = Answer(400, "application/json", body, latency_ms=1.0)
    simpler = simpler_dialect(answer, ASK, Dialect())
    assert simpler is not None
    assert simpler.without == {without}


def test_a_temperature_out_of_range_is_an_error_of_the_request() -> None:
    """A value that the server does not like is not silently dropped."""
    body = msgspec.json.encode({"error": {"message": "temperature: range: 0..1"}})
    assert simpler_dialect(Answer(400, "application/json", body, latency_ms=1.0), ASK, Dialect()) is None
