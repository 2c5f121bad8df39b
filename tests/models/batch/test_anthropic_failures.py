"""Batch jobs over the Anthropic protocol when requests, jobs or the server fail: each id gets one typed reply."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from models.batch.anthropic_server import AnthropicServer, errored, message, succeeded
from models.batch.conftest import OpenAnthropic
from models.batch.faulty import Handler, cuts_off_after, ends_early_after, says_status
from models.batch.making import NAPS, collected, finished, items
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import BatchStatus

pytestmark = pytest.mark.extra("anthropic")

PATH = "/v1/messages/batches"

# What a request came to; then kind, retryable, and a word of the message.
RESULTS: dict[str, tuple[dict[str, Any], str, bool, str]] = {
    "invalid request": (errored("invalid_request_error", "too long"), "rejected", False, "too long"),
    "overloaded": (errored("overloaded_error", "Overloaded"), "server_error", True, "Overloaded"),
    "api error": (errored("api_error", "Internal"), "server_error", True, "Internal"),
    "rate limit": (errored("rate_limit_error", "slow"), "rate_limited", True, "slow"),
    "key": (errored("authentication_error", "no"), "auth", False, "no"),
    "error without its wrapping": (
        {"type": "errored", "error": {"type": "timeout_error", "message": "late"}},
        "server_error",
        True,
        "late",
    ),
    "expired": ({"type": "expired"}, "timeout", True, "ended before"),
    "canceled": ({"type": "canceled"}, "timeout", True, "cancelled"),
    "a type of the future": ({"type": "postponed"}, "invalid_reply", True, "no row"),
    "no content": ({"type": "succeeded", "message": {"id": "x"}}, "invalid_reply", True, "no content"),
}


@pytest.mark.parametrize("name", RESULTS)
async def test_a_request_that_failed_is_typed_as_the_live_provider_types_it(
    name: str, anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A result that is no message gives its own kind of failure, beside the replies of the others."""
    result, kind, retryable, word = RESULTS[name]
    anthropic_server.result = lambda text: [result if text == "bad" else succeeded("Hello.")]
    anthropic_server.polls_to_end = 99
    model = open_anthropic()
    job = await model.submit(items("good", "bad"), key="k")
    anthropic_server.batches[job.id]["processing_status"] = "ended"
    anthropic_server.batches[job.id]["results_url"] = f"{anthropic_server.base_url}{PATH}/{job.id}/results"
    replies = await collected(model.results(job, ["good", "bad"]))
    failure = replies["bad"].failure
    assert replies["good"].text == "Hello."
    assert failure is not None
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert word in failure.message


async def test_a_refusal_by_the_service_is_a_block(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A message that stopped as refused and says nothing is a block by the provider."""
    refused = {**message(""), "stop_reason": "refusal", "content": []}
    anthropic_server.result = lambda _text: [{"type": "succeeded", "message": refused}]
    model = open_anthropic()
    replies = await finished(model, await model.submit(items("one"), key="k"), "one")
    assert replies["one"].state == "provider_blocked"


async def test_rows_that_are_missing_or_doubled_leave_each_id_with_one_reply(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """Of two rows the first counts, and a missing one is a failure that may be tried again."""
    anthropic_server.result = lambda text: [succeeded("First."), succeeded("Second.")] if text == "twice" else []
    model = open_anthropic()
    replies = await finished(model, await model.submit(items("twice", "never"), key="k"), "twice", "never")
    assert replies["twice"].text == "First."
    assert replies["never"].failure is not None
    assert (replies["never"].failure.kind, replies["never"].failure.retryable) == ("invalid_reply", True)


async def test_a_job_that_ran_out_of_time_is_expired_and_keeps_what_was_answered(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """One expired request makes the job expired; the answered one is given."""
    anthropic_server.result = lambda text: [succeeded("Hello.")] if text == "early" else [{"type": "expired"}]
    model = open_anthropic()
    job = await model.submit(items("early", "late"), key="k")
    replies = await finished(model, job, "early", "late")
    assert await model.poll(job) == BatchStatus("expired", 2, 1, 0)
    assert replies["early"].text == "Hello."
    assert replies["late"].state == "failed"


@pytest.mark.parametrize("fault", [cuts_off_after(60), ends_early_after(60), says_status(500)])
async def test_a_download_that_breaks_is_begun_again(
    fault: Any, anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """Rows of a broken download are dropped, and the second download gives every reply."""
    model = open_anthropic()
    job = await model.submit(items("one", "two"), key="k")
    anthropic_server.polls_to_end = 1
    await model.poll(job)
    anthropic_server.fail(f"GET {PATH}/{job.id}/results", fault)
    replies = await collected(model.results(job, ["one", "two"]))
    assert {reply.text for reply in replies.values()} == {"You said one.", "You said two."}
    assert anthropic_server.count(f"GET {PATH}/{job.id}/results") == 2


async def test_errors_while_polling_are_waited_out(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """Errors in passing are asked again after growing waits."""
    model = open_anthropic()
    job = await model.submit(items("one"), key="k")
    anthropic_server.fail(f"GET {PATH}/", says_status(500), says_status(529))
    assert (await model.poll(job)).state == "running"
    assert NAPS == [1.0, 2.0]


async def test_a_refused_key_ends_at_once_and_is_covered(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A 401 is not asked again, and a key that the server quotes does not get into our error."""
    anthropic_server.fail(f"POST {PATH}", says_status(401, message="bad key sk-ant-test"))
    with pytest.raises(EndpointDown, match=r"failed once.*auth.*\*\*\*") as raised:
        await open_anthropic().submit(items("one"), key="k")
    assert "sk-ant-test" not in str(raised.value)
    assert anthropic_server.calls == [f"POST {PATH}"]


async def test_results_of_a_running_job_are_refused_and_a_job_can_be_cancelled(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """Too early is an error of the caller; a cancelled job ends as such, and a second cancel asks nothing."""
    anthropic_server.polls_to_end = 4
    model = open_anthropic()
    job = await model.submit(items("one"), key="k")
    with pytest.raises(UsageError, match="still running"):
        await collected(model.results(job, ["one"]))
    await model.cancel(job)
    await model.cancel(job)
    replies = await finished(model, job, "one")
    assert (await model.poll(job)).state == "cancelled"
    assert replies["one"].failure is not None
    assert anthropic_server.count(f"POST {PATH}/{job.id}/cancel") == 1


async def test_a_parameter_that_a_model_does_not_take_is_left_out_of_the_next_job(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A row refused for its temperature may be tried again, and the next job has none."""
    anthropic_server.result = lambda _text: [
        errored("invalid_request_error", "`temperature` is deprecated for this model.")
    ]
    model = open_anthropic()
    replies = await finished(model, await model.submit(items("one"), key="1"), "one")
    assert replies["one"].failure is not None
    assert replies["one"].failure.retryable
    job = await model.submit(items("one"), key="2")
    assert "temperature" not in anthropic_server.requests[job.id][0]["params"]


async def test_a_server_that_hangs_is_a_timeout(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A call without an answer ends after the time allowed."""

    async def hangs(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    anthropic_server.fail(f"GET {PATH}", hangs)
    with pytest.raises(EndpointDown, match="timeout"):
        await open_anthropic(max_attempts=1, timeout_s=0.2).find("k", n_items=1, since_s=0.0)


async def test_a_job_that_ends_while_it_is_cancelled_is_no_error(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A refusal because the job has just ended is what was wanted; one while it runs is an error."""
    model = open_anthropic()
    anthropic_server.polls_to_end = 3
    job = await model.submit(items("one"), key="k")
    anthropic_server.fail(f"POST {PATH}/{job.id}/cancel", says_status(403), says_status(400))
    with pytest.raises(EndpointDown, match="403"):
        await model.cancel(job)
    anthropic_server.polls_to_end = 4
    await model.cancel(job)
    assert anthropic_server.batches[job.id]["processing_status"] == "ended"
