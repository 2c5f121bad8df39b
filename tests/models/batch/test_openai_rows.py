"""Rows and whole jobs that failed over the OpenAI protocol: each id still gets one typed reply."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.batch.conftest import OpenOpenAI
from models.batch.making import collected, finished, items, nap
from models.batch.openai_server import OpenAIServer, answered, not_run
from models.misbehaving import completion
from turnwise.models import BatchItem, BatchJob, BatchStatus, ChatRequest, Message, Parameters, wait_for_batch

BLOCKED = {"error": {"code": "content_filter", "message": "It was filtered."}}
TEMPERATURE = "Unsupported value: 'temperature' does not support 0.0 with this model."

# How a row is answered; then kind, retryable, and a word of the message.
ROWS: dict[str, tuple[Any, str, bool, str]] = {
    "429": (lambda line: answered(line, {"error": {"message": "slow"}}, 429), "rate_limited", True, "slow"),
    "500": (lambda line: answered(line, {"error": {"message": "broke"}}, 500), "server_error", True, "broke"),
    "400": (lambda line: answered(line, {"error": {"message": "too long"}}, 400), "rejected", False, "too long"),
    "401": (lambda line: answered(line, {"error": {"message": "no"}}, 401), "auth", False, "no"),
    "not a completion": (lambda line: answered(line, {"id": 1}), "invalid_reply", True, "no choices"),
    "blank": (lambda line: answered(line, completion(" ")), "empty_reply", True, "empty"),
    "expired": (lambda line: not_run(line, "batch_expired"), "timeout", True, "ended before"),
    "cancelled": (lambda line: not_run(line, "batch_cancelled"), "timeout", True, "cancelled"),
    "another cause": (lambda line: not_run(line, "server_error", "lost"), "server_error", True, "lost"),
    "neither answer nor error": (lambda line: {"custom_id": line["custom_id"]}, "invalid_reply", True, "no row"),
}


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_that_failed_is_typed_as_the_live_provider_types_it(
    name: str, openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A failed row gives its own kind of failure, and the rows beside it their replies."""
    make, kind, retryable, word = ROWS[name]
    openai_server.answer = lambda text, line: [make(line) if text == "bad" else answered(line, completion())]
    model = open_openai()
    replies = await finished(model, await model.submit(items("good", "bad"), key="k"), "good", "bad")
    failure = replies["bad"].failure
    assert replies["good"].text == "Hello."
    assert failure is not None
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert word in failure.message


async def test_a_row_that_the_services_filter_refused_is_blocked(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A content filter's error in a row is a block by the provider, no failure."""
    openai_server.answer = lambda _text, line: [answered(line, BLOCKED, 400)]
    model = open_openai()
    replies = await finished(model, await model.submit(items("one"), key="k"), "one")
    assert replies["one"].state == "provider_blocked"


async def test_rows_that_are_missing_doubled_or_strange_leave_each_id_with_one_reply(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Of two rows the first counts, a missing one may be tried again, an unknown one is passed over."""

    def rows(text: str, line: dict[str, Any]) -> list[dict[str, Any]]:
        strange = {**answered(line, completion("Whose?")), "custom_id": "nobody"}
        first, second = answered(line, completion("First.")), answered(line, completion("Second."))
        return {"twice": [first, second], "never": [], "strange": [strange, first]}[text]

    openai_server.answer = rows
    model = open_openai()
    job = await model.submit(items("twice", "never", "strange"), key="k")
    replies = await finished(model, job, "twice", "never", "strange")
    assert replies["twice"].text == "First."
    assert replies["strange"].text == "First."
    failure = replies["never"].failure
    assert failure is not None
    assert (failure.kind, failure.retryable) == ("invalid_reply", True)


async def test_an_expired_job_keeps_what_was_answered(openai_server: OpenAIServer, open_openai: OpenOpenAI) -> None:
    """Replies that were there in time are given; the rest, with a row or without, may be tried again."""
    openai_server.way = ("validating", "in_progress", "expired")
    openai_server.answer = lambda text, line: {
        "early": [answered(line, completion())],
        "late": [not_run(line, "batch_expired")],
        "never": [],
    }[text]
    model = open_openai()
    job = await model.submit(items("early", "late", "never"), key="k")
    replies = await finished(model, job, "early", "late", "never")
    assert await model.poll(job) == BatchStatus("expired", 3, 1, 1)
    assert replies["early"].text == "Hello."
    for name in ("late", "never"):
        failure = replies[name].failure
        assert failure is not None
        assert (failure.kind, failure.retryable) == ("timeout", True)


@pytest.mark.parametrize(
    ("code", "kind", "retryable"), [("token_limit_exceeded", "rate_limited", True), ("invalid_url", "rejected", False)]
)
async def test_a_job_refused_as_a_whole_says_why_in_every_reply(
    code: str,
    kind: str,
    retryable: bool,  # noqa: FBT001 - a row of the table
    openai_server: OpenAIServer,
    open_openai: OpenOpenAI,
) -> None:
    """A full queue may be tried again, a wrong file may not, and the reason with its line is in status and replies."""
    openai_server.way = ("validating", "failed")
    openai_server.errors = [{"code": code, "message": "No room.", "line": 3, "param": None}]
    model = open_openai()
    job = await model.submit(items("one", "two"), key="k")
    status = await wait_for_batch(model, job, sleep=nap)
    assert (status.state, status.message) == ("failed", f"{code}: No room (line 3)")
    for reply in (await collected(model.results(job, ["one", "two"]))).values():
        assert reply.failure is not None
        assert (reply.failure.kind, reply.failure.retryable) == (kind, retryable)
        assert "No room" in reply.failure.message


async def test_a_parameter_that_a_model_does_not_take_is_left_out_of_the_next_job(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """All rows refused for it may be tried again; the next job goes without it; refused once more, it is final."""
    refusal = {"error": {"message": TEMPERATURE, "param": "temperature", "code": "unsupported_value"}}
    openai_server.answer = lambda _text, line: [answered(line, refusal, 400)]
    model = open_openai()
    first = await model.submit(items("one", "two"), key="1")
    refused = await finished(model, first, "one", "two")
    assert all(reply.failure is not None and reply.failure.retryable for reply in refused.values())
    second = await model.submit(items("one"), key="2")
    assert "temperature" in openai_server.lines(first.id)[0]["body"]
    assert "temperature" not in openai_server.lines(second.id)[0]["body"]
    final = (await finished(model, second, "one"))["one"].failure
    assert final is not None
    assert not final.retryable


async def test_what_a_stored_job_went_without_is_remembered_by_another_process(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A model that fetches a job written without a parameter leaves it out of its own jobs, too."""
    refusal = {"error": {"message": TEMPERATURE, "param": "temperature"}}
    openai_server.answer = lambda _text, line: [
        answered(line, refusal, 400) if "temperature" in line["body"] else answered(line, completion())
    ]
    model = open_openai()
    await finished(model, await model.submit(items("one"), key="1"), "one")
    stored = msgspec.json.encode(await model.submit(items("one"), key="2"))
    other = open_openai()
    replies = await finished(other, msgspec.json.decode(stored, type=BatchJob), "one")
    job = await other.submit(items("one"), key="3")
    assert (replies["one"].text, replies["one"].dropped) == ("Hello.", ("temperature",))
    assert "temperature" not in openai_server.lines(job.id)[0]["body"]


async def test_a_newer_openai_model_is_told_its_limit_by_the_newer_name(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A refusal of max_tokens makes the next job write max_completion_tokens."""
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    openai_server.answer = lambda _text, line: [answered(line, {"error": {"message": words}}, 400)]
    model = open_openai()
    asked = [BatchItem("one", ChatRequest((Message("user", "one"),), Parameters(None, 9)))]
    await finished(model, await model.submit(asked, key="1"), "one")
    job = await model.submit(asked, key="2")
    body = openai_server.lines(job.id)[0]["body"]
    assert body["max_completion_tokens"] == 9
    assert "max_tokens" not in body


async def test_a_broken_row_costs_its_own_request_alone(
    openai_server: OpenAIServer, open_openai: OpenOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """A line of something else is said in the log, its request is missing, and the other rows are read."""
    model = open_openai()
    job = await model.submit(items("one", "two"), key="k")
    await wait_for_batch(model, job, sleep=nap)
    path = openai_server.files[openai_server.batches[job.id]["output_file_id"]]
    path.write_bytes(b'{"custom_id": 7}\n' + path.read_bytes().splitlines()[1])
    replies = await collected(model.results(job, ["one", "two"]))
    assert replies["one"].text == "You said one."
    assert replies["two"].failure is not None
    assert "1 rows of a results file cannot be read" in caplog.text
