"""Batch jobs over the OpenAI protocol when calls, downloads or the server fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from models.batch.conftest import OpenOpenAI
from models.batch.faulty import Handler, cuts_off_after, ends_early_after, says_status
from models.batch.making import NAPS, collected, finished, items, nap
from models.batch.openai_server import OpenAIServer, answered
from models.misbehaving import completion
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import wait_for_batch


async def test_errors_while_polling_are_waited_out_with_growing_waits(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Three errors in a row are asked again after one, two and four times the base wait."""
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    openai_server.fail("GET /v1/batches/", says_status(500), says_status(502), says_status(429))
    assert (await model.poll(job)).state == "running"
    assert NAPS == [1.0, 2.0, 4.0]


async def test_a_server_that_stays_away_ends_with_a_sentence_that_says_the_job_goes_on(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """After the last attempt the error names the model, the attempts and the cause."""
    model = open_openai(max_attempts=3)
    job = await model.submit(items("one"), key="k")
    openai_server.fail("GET /v1/batches/", *[says_status(500)] * 3)
    with pytest.raises(EndpointDown, match=r"a model.*3 times.*HTTP 500.*jobs already made go on"):
        await model.poll(job)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_key_or_an_unknown_job_is_not_asked_again(
    status: int, openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """What does not get better by asking ends at once."""
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    openai_server.fail("GET /v1/batches/", says_status(status))
    with pytest.raises(EndpointDown, match=f"failed once.*HTTP {status}"):
        await model.poll(job)
    assert NAPS == []


async def test_a_key_in_an_error_is_covered(openai_server: OpenAIServer, open_openai: OpenOpenAI) -> None:
    """A server that quotes the key in its refusal does not get it into our error."""
    openai_server.fail("POST /v1/files", says_status(401, message="Incorrect API key: sk-test-key"))
    with pytest.raises(EndpointDown) as raised:
        await open_openai().submit(items("one"), key="k")
    assert "sk-test-key" not in str(raised.value)
    assert "***" in str(raised.value)


async def test_a_server_that_hangs_is_a_timeout(openai_server: OpenAIServer, open_openai: OpenOpenAI) -> None:
    """A call without an answer ends after the time allowed."""

    async def hangs(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    model = open_openai(max_attempts=1, timeout_s=0.2)
    openai_server.fail("GET /v1/batches", hangs)
    with pytest.raises(EndpointDown, match="timeout"):
        await model.find("k", n_items=1, since_s=0.0)


@pytest.mark.parametrize("fault", [cuts_off_after(40), ends_early_after(40), ends_early_after(700), says_status(500)])
async def test_a_download_that_breaks_is_begun_again(
    fault: Any, openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Rows of a broken download are dropped, and the second download gives every reply."""
    openai_server.answer = lambda text, line: [
        answered(line, completion("Bad."), 500) if text == "bad" else answered(line, completion(f"You said {text}."))
    ]
    model = open_openai()
    job = await model.submit(items("one", "two", "bad"), key="k")
    await wait_for_batch(model, job, sleep=nap)
    openai_server.fail("GET /v1/files/", fault)
    replies = await collected(model.results(job, ["one", "two", "bad"]))
    assert (replies["one"].text, replies["two"].text) == ("You said one.", "You said two.")
    assert replies["bad"].failure is not None
    assert replies["bad"].failure.kind == "server_error"
    assert sum(call.startswith("GET /v1/files/") for call in openai_server.calls) == 3


async def test_results_of_a_running_job_are_refused(openai_server: OpenAIServer, open_openai: OpenOpenAI) -> None:
    """Asking too early is an error of the caller, not a set of missing replies."""
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    with pytest.raises(UsageError, match="still running"):
        await collected(model.results(job, ["one"]))


async def test_a_job_can_be_cancelled_and_cancelling_again_is_fine(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A cancelled job ends as such, what was answered is there, and a second cancel asks nothing of the server."""
    openai_server.answer = lambda text, line: [answered(line, completion())] if text == "early" else []
    model = open_openai()
    job = await model.submit(items("early", "late"), key="k")
    await model.cancel(job)
    replies = await finished(model, job, "early", "late")
    await model.cancel(job)
    assert (await model.poll(job)).state == "cancelled"
    assert replies["early"].text == "Hello."
    assert replies["late"].failure is not None
    assert "cancelled" in replies["late"].failure.message
    assert openai_server.count(f"POST /v1/batches/{job.id}/cancel") == 1


async def test_a_job_that_ends_while_it_is_cancelled_is_no_error(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A conflict because the job has just ended is what was wanted."""
    openai_server.way = ("in_progress", "in_progress_still", "completed")
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    openai_server.fail(f"POST /v1/batches/{job.id}/cancel", *[says_status(409)] * 4)
    await model.cancel(job)
    assert openai_server.batches[job.id]["status"] == "completed"


async def test_an_answer_that_cannot_be_read_does_not_make_a_second_job(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """When the batch was made but its description came broken, the batch is looked for and taken."""

    async def mumbles(request: web.Request, handler: Handler) -> web.StreamResponse:
        await handler(request)
        return web.Response(text="<html>created</html>", content_type="text/html")

    openai_server.fail("POST /v1/batches", mumbles)
    job = await open_openai().submit(items("one"), key="k")
    assert list(openai_server.batches) == [job.id]


async def test_a_job_that_will_not_be_cancelled_is_an_error(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A refused cancel of a job that still runs is not passed over."""
    openai_server.way = ("in_progress", "in_progress", "completed")
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    openai_server.fail(f"POST /v1/batches/{job.id}/cancel", says_status(403))
    with pytest.raises(EndpointDown, match="403"):
        await model.cancel(job)
