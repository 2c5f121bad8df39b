"""Batch jobs over the Anthropic protocol, through the official SDK, against a server on loopback."""

from __future__ import annotations

import base64
import json
import os
import re
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from models.batch.anthropic_server import AnthropicServer, errored, message, succeeded
from models.batch.faulty import Handler, cuts_off_after, ends_early_after, loses_the_answer, says_status, serving
from models.batch.making import NAPS, collected, finished, item, items, patience
from turnwise.dialogue import Image
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import BatchItem, BatchJob, BatchStatus, ChatRequest, Message, Parameters, Secret

pytestmark = pytest.mark.extra("anthropic")
pytest.importorskip("anthropic", reason="needs the extra 'anthropic'")

from turnwise.models.anthropic import ANTHROPIC  # noqa: E402 - after the skip
from turnwise.models.batch.anthropic import ANTHROPIC_LIMITS, AnthropicBatch  # noqa: E402
from turnwise.models.batch.anthropic_calls import AnthropicCalls  # noqa: E402
from turnwise.models.batch.split import BatchLimits, size_bound  # noqa: E402
from turnwise.models.http.address import parse_address  # noqa: E402

Open = Callable[..., AnthropicBatch]
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


@pytest.fixture
async def server() -> AsyncIterator[AnthropicServer]:
    """A server of message batches."""
    async with serving(AnthropicServer()) as running:
        yield running


@pytest.fixture
async def open_batch(server: AnthropicServer) -> AsyncIterator[Open]:
    """Opens models at the server, and closes them after the test."""
    opened: list[AnthropicBatch] = []

    def open_one(*, limits: BatchLimits = ANTHROPIC_LIMITS, max_attempts: int = 4) -> AnthropicBatch:
        address = parse_address(f"claude@{server.base_url}", ANTHROPIC)
        calls = AnthropicCalls(address, key=Secret("sk-ant-test"), timeout_s=20.0, proxy=None)
        opened.append(AnthropicBatch(calls, patience=patience(max_attempts), limits=limits))
        return opened[-1]

    yield open_one
    for model in opened:
        await model.close()


async def test_a_job_is_a_list_of_messages_requests_with_ids_the_api_takes(
    server: AnthropicServer, open_batch: Open, png: Image
) -> None:
    """Ids of any text become 64 characters of its alphabet; requests are as live ones, images byte for byte."""
    asked = BatchItem("a b/c\u2603", ChatRequest((Message("user", "Look", (png,)),), Parameters(0.5, 77)))
    job = await open_batch().submit([asked, item("two")], key="k")
    first, second = server.requests[job.id]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", request["custom_id"]) for request in (first, second))
    assert first["custom_id"][:16] == second["custom_id"][:16]
    data = base64.b64encode(png.read_bytes()).decode()
    assert first["params"] == {
        "model": "claude",
        "max_tokens": 77,
        "temperature": 0.5,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
                    {"type": "text", "text": "Look"},
                ],
            }
        ],
    }
    assert server.headers[0]["X-Api-Key"] == "sk-ant-test"
    assert "anthropic-version" in {name.lower() for name in server.headers[0]}
    assert "Transfer-Encoding" not in server.headers[0]


async def test_a_job_runs_until_it_is_done_and_another_process_fetches_it(
    server: AnthropicServer, open_batch: Open
) -> None:
    """A job that went through JSON is polled to its end, and each reply finds its own id."""
    stored = msgspec.json.encode(await open_batch().submit(items("one", "two"), key="k"))
    job = msgspec.json.decode(stored, type=BatchJob)
    model = open_batch()
    assert await model.poll(job) == BatchStatus("running", 2, 0, 0)
    assert await model.poll(job) == BatchStatus("done", 2, 2, 0)
    replies = await collected(model.results(job, ["one", "two"]))
    assert {name: reply.text for name, reply in replies.items()} == {"one": "You said one.", "two": "You said two."}
    assert replies["one"].usage.input_tokens == 12
    assert replies["one"].served_model == "claude-served"


@pytest.mark.parametrize("name", RESULTS)
async def test_a_request_that_failed_is_typed_as_the_live_provider_types_it(
    name: str, server: AnthropicServer, open_batch: Open
) -> None:
    """A result that is no message gives its own kind of failure, beside the replies of the others."""
    result, kind, retryable, word = RESULTS[name]
    server.result = lambda text: [result if text == "bad" else succeeded("Hello.")]
    server.polls_to_end = 99
    model = open_batch()
    job = await model.submit(items("good", "bad"), key="k")
    server.batches[job.id]["processing_status"] = "ended"
    server.batches[job.id]["results_url"] = f"{server.base_url}{PATH}/{job.id}/results"
    replies = await collected(model.results(job, ["good", "bad"]))
    failure = replies["bad"].failure
    assert replies["good"].text == "Hello."
    assert failure is not None
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert word in failure.message


async def test_a_refusal_by_the_service_is_a_block(server: AnthropicServer, open_batch: Open) -> None:
    """A message that stopped as refused and says nothing is a block by the provider."""
    refused = {**message(""), "stop_reason": "refusal", "content": []}
    server.result = lambda _text: [{"type": "succeeded", "message": refused}]
    model = open_batch()
    replies = await finished(model, await model.submit(items("one"), key="k"), "one")
    assert replies["one"].state == "provider_blocked"


async def test_rows_that_are_missing_or_doubled_leave_each_id_with_one_reply(
    server: AnthropicServer, open_batch: Open
) -> None:
    """Of two rows the first counts, and a missing one is a failure that may be tried again."""
    server.result = lambda text: [succeeded("First."), succeeded("Second.")] if text == "twice" else []
    model = open_batch()
    replies = await finished(model, await model.submit(items("twice", "never"), key="k"), "twice", "never")
    assert replies["twice"].text == "First."
    assert replies["never"].failure is not None
    assert (replies["never"].failure.kind, replies["never"].failure.retryable) == ("invalid_reply", True)


async def test_a_job_that_ran_out_of_time_is_expired_and_keeps_what_was_answered(
    server: AnthropicServer, open_batch: Open
) -> None:
    """One expired request makes the job expired; the answered one is given."""
    server.result = lambda text: [succeeded("Hello.")] if text == "early" else [{"type": "expired"}]
    model = open_batch()
    job = await model.submit(items("early", "late"), key="k")
    replies = await finished(model, job, "early", "late")
    assert await model.poll(job) == BatchStatus("expired", 2, 1, 0)
    assert replies["early"].text == "Hello."
    assert replies["late"].state == "failed"


async def test_a_job_is_found_by_the_tag_in_its_results_and_no_other_is_taken_for_it(
    server: AnthropicServer, open_batch: Open
) -> None:
    """Among jobs of the same size on several pages, the one with this key is found after it was waited for."""
    server.page = 2
    before = time.time()
    submitter = open_batch()
    await submitter.submit(items("one"), key="other 1")
    job = await submitter.submit(items("one"), key="mine")
    await submitter.submit(items("one"), key="other 2")
    await submitter.submit(items("one", "two"), key="another size")
    finder = open_batch()
    assert await finder.find("mine", n_items=1, since_s=before) == job
    assert await finder.find("not there", n_items=1, since_s=before) is None
    assert 60.0 in NAPS
    assert server.count(f"GET {PATH}/msgbatch_003") == 0


async def test_jobs_older_than_the_submission_are_not_looked_at(server: AnthropicServer, open_batch: Open) -> None:
    """A job that was made a year before cannot be the one, so its results are not fetched."""
    server.page = 1
    server.clock = lambda: datetime(2001, 1, 1, tzinfo=UTC)
    for _ in range(3):
        await open_batch().submit(items("one"), key="k")
    assert await open_batch().find("k", n_items=1, since_s=datetime(2002, 1, 1, tzinfo=UTC).timestamp()) is None
    assert server.count(f"GET {PATH}") == 1


async def test_a_job_whose_answer_was_lost_is_not_made_twice(server: AnthropicServer, open_batch: Open) -> None:
    """When the connection breaks after the job was made, the new job of this size is waited for, known, and taken."""
    server.fail(f"POST {PATH}", loses_the_answer)
    job = await open_batch().submit(items("one", "two"), key="k")
    assert list(server.batches) == [job.id]
    assert server.count(f"POST {PATH}") == 1


async def test_a_job_that_was_not_made_is_made_by_the_next_attempt(server: AnthropicServer, open_batch: Open) -> None:
    """After an unclear and a clear error without a job, the third attempt makes it; the clear one needs no search."""
    server.fail(f"POST {PATH}", says_status(500), says_status(529))
    job = await open_batch().submit(items("one"), key="k")
    assert list(server.batches) == [job.id]
    assert server.count(f"POST {PATH}") == 3
    assert server.count(f"GET {PATH}") == 1


@pytest.mark.parametrize("fault", [cuts_off_after(60), ends_early_after(60), says_status(500)])
async def test_a_download_that_breaks_is_begun_again(fault: Any, server: AnthropicServer, open_batch: Open) -> None:
    """Rows of a broken download are dropped, and the second download gives every reply."""
    model = open_batch()
    job = await model.submit(items("one", "two"), key="k")
    server.polls_to_end = 1
    await model.poll(job)
    server.fail(f"GET {PATH}/{job.id}/results", fault)
    replies = await collected(model.results(job, ["one", "two"]))
    assert {reply.text for reply in replies.values()} == {"You said one.", "You said two."}
    assert server.count(f"GET {PATH}/{job.id}/results") == 2


async def test_errors_while_polling_are_waited_out(server: AnthropicServer, open_batch: Open) -> None:
    """Errors in passing are asked again after growing waits."""
    model = open_batch()
    job = await model.submit(items("one"), key="k")
    server.fail(f"GET {PATH}/", says_status(500), says_status(529))
    assert (await model.poll(job)).state == "running"
    assert NAPS == [1.0, 2.0]


async def test_a_refused_key_ends_at_once_and_is_covered(server: AnthropicServer, open_batch: Open) -> None:
    """A 401 is not asked again, and a key that the server quotes does not get into our error."""
    server.fail(f"POST {PATH}", says_status(401, message="bad key sk-ant-test"))
    with pytest.raises(EndpointDown, match=r"failed once.*auth.*\*\*\*") as raised:
        await open_batch().submit(items("one"), key="k")
    assert "sk-ant-test" not in str(raised.value)
    assert server.calls == [f"POST {PATH}"]


async def test_results_of_a_running_job_are_refused_and_a_job_can_be_cancelled(
    server: AnthropicServer, open_batch: Open
) -> None:
    """Too early is an error of the caller; a cancelled job ends as such, and a second cancel asks nothing."""
    server.polls_to_end = 4
    model = open_batch()
    job = await model.submit(items("one"), key="k")
    with pytest.raises(UsageError, match="still running"):
        await collected(model.results(job, ["one"]))
    await model.cancel(job)
    await model.cancel(job)
    replies = await finished(model, job, "one")
    assert (await model.poll(job)).state == "cancelled"
    assert replies["one"].failure is not None
    assert server.count(f"POST {PATH}/{job.id}/cancel") == 1


async def test_a_parameter_that_a_model_does_not_take_is_left_out_of_the_next_job(
    server: AnthropicServer, open_batch: Open
) -> None:
    """A row refused for its temperature may be tried again, and the next job has none."""
    server.result = lambda _text: [errored("invalid_request_error", "`temperature` is deprecated for this model.")]
    model = open_batch()
    replies = await finished(model, await model.submit(items("one"), key="1"), "one")
    assert replies["one"].failure is not None
    assert replies["one"].failure.retryable
    job = await model.submit(items("one"), key="2")
    assert "temperature" not in server.requests[job.id][0]["params"]


async def test_too_many_items_are_refused_and_the_size_bound_holds(server: AnthropicServer, open_batch: Open) -> None:
    """A job over a limit is refused before it is sent, and a request is no longer than it was taken for."""
    with pytest.raises(UsageError, match="split them first"):
        await open_batch(limits=BatchLimits(1, 10_000)).submit(items("1", "2"), key="k")
    assert server.calls == []
    said = [Message("system", "\u2603" * 50)]
    for at in range(20):
        said += [Message("user", f"question {at}"), Message("assistant", f"answer {at}")]
    request = ChatRequest((*said, Message("user", "last")))
    job = await open_batch().submit([BatchItem("one", request)], key="k")
    sent = json.dumps(server.requests[job.id][0], ensure_ascii=False, separators=(",", ":"))
    assert len(sent.encode()) <= size_bound(request, model="claude")


async def test_a_job_is_never_held_in_memory_whole(server: AnthropicServer, open_batch: Open, tmp_path: Path) -> None:
    """Sixty megabytes of images leave while less than half of it is held; the server counts them and keeps none."""
    asked = []
    for at in range(30):
        path = tmp_path / f"{at}.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(1_500_000))
        asked.append(item(f"look {at}", Image.from_file(path)))

    async def counts_and_refuses(request: web.Request, _handler: Handler) -> web.StreamResponse:
        size_bytes = 0
        async for chunk in request.content.iter_any():
            size_bytes += len(chunk)
        return web.json_response({"error": {"message": f"read {size_bytes // 10_000_000}0 MB"}}, status=400)

    server.fail(f"POST {PATH}", counts_and_refuses)
    model = open_batch()
    tracemalloc.start()
    with pytest.raises(EndpointDown, match="read 60 MB"):
        await model.submit(asked, key="k")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 30_000_000
