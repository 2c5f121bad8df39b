"""Batch jobs over the Anthropic protocol, through the official SDK, against a server on loopback."""

from __future__ import annotations

import base64
import json
import os
import re
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from dialogue.whole_png import whole_png
from models.batch.anthropic_server import AnthropicServer
from models.batch.conftest import OpenAnthropic
from models.batch.faulty import Handler, loses_the_answer, says_status
from models.batch.making import NAPS, collected, item, items
from turnwise.dialogue import Image
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import BatchItem, BatchJob, BatchStatus, ChatRequest, Message, Parameters
from turnwise.models.batch.split import BatchLimits, size_bound

pytestmark = pytest.mark.extra("anthropic")

PATH = "/v1/messages/batches"


async def test_a_job_is_a_list_of_messages_requests_with_ids_the_api_takes(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic, png: Image
) -> None:
    """Ids of any text become 64 characters of its alphabet; requests are as live ones, images byte for byte."""
    asked = BatchItem("a b/c\u2603", ChatRequest((Message("user", "Look", (png,)),), Parameters(0.5, 77)))
    job = await open_anthropic().submit([asked, item("two")], key="k")
    first, second = anthropic_server.requests[job.id]
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
    shown = {anthropic_server.headers[0].get("Authorization"), anthropic_server.headers[0].get("X-Api-Key")}
    assert shown & {"Bearer sk-ant-test", "sk-ant-test"}
    assert "anthropic-version" in {name.lower() for name in anthropic_server.headers[0]}
    assert "Transfer-Encoding" not in anthropic_server.headers[0]


async def test_a_job_runs_until_it_is_done_and_another_process_fetches_it(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A job that went through JSON is polled to its end, and each reply finds its own id."""
    stored = msgspec.json.encode(await open_anthropic().submit(items("one", "two"), key="k"))
    job = msgspec.json.decode(stored, type=BatchJob)
    model = open_anthropic()
    assert await model.poll(job) == BatchStatus("running", 2, 0, 0)
    assert await model.poll(job) == BatchStatus("done", 2, 2, 0)
    replies = await collected(model.results(job, ["one", "two"]))
    assert {name: reply.text for name, reply in replies.items()} == {"one": "You said one.", "two": "You said two."}
    assert replies["one"].usage.input_tokens == 12
    assert replies["one"].served_model == "claude-served"


async def test_a_job_is_found_by_the_tag_in_its_results_and_no_other_is_taken_for_it(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """Among jobs of the same size on several pages, the one with this key is found after it was waited for."""
    anthropic_server.page = 2
    before = time.time()
    submitter = open_anthropic()
    await submitter.submit(items("one"), key="other 1")
    job = await submitter.submit(items("one"), key="mine")
    await submitter.submit(items("one"), key="other 2")
    await submitter.submit(items("one", "two"), key="another size")
    finder = open_anthropic()
    assert await finder.find("mine", n_items=1, since_s=before) == job
    assert await finder.find("not there", n_items=1, since_s=before) is None
    assert 60.0 in NAPS
    assert anthropic_server.count(f"GET {PATH}/msgbatch_003") == 0


async def test_jobs_older_than_the_submission_are_not_looked_at(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A job that was made a year before cannot be the one, so its results are not fetched."""
    anthropic_server.page = 1
    anthropic_server.clock = lambda: datetime(2001, 1, 1, tzinfo=UTC)
    for _ in range(3):
        await open_anthropic().submit(items("one"), key="k")
    assert await open_anthropic().find("k", n_items=1, since_s=datetime(2002, 1, 1, tzinfo=UTC).timestamp()) is None
    assert anthropic_server.count(f"GET {PATH}") == 1


async def test_a_job_whose_answer_was_lost_is_not_made_twice(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """When the connection breaks after the job was made, the new job of this size is waited for, known, and taken."""
    anthropic_server.fail(f"POST {PATH}", loses_the_answer)
    job = await open_anthropic().submit(items("one", "two"), key="k")
    assert list(anthropic_server.batches) == [job.id]
    assert anthropic_server.count(f"POST {PATH}") == 1


async def test_a_job_that_was_not_made_is_made_by_the_next_attempt(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """After an unclear and a clear error without a job, the third attempt makes it; the clear one needs no search."""
    anthropic_server.fail(f"POST {PATH}", says_status(500), says_status(529))
    job = await open_anthropic().submit(items("one"), key="k")
    assert list(anthropic_server.batches) == [job.id]
    assert anthropic_server.count(f"POST {PATH}") == 3
    assert anthropic_server.count(f"GET {PATH}") == 1


async def test_too_many_items_are_refused_and_the_size_bound_holds(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A job over a limit is refused before it is sent, and a request is no longer than it was taken for."""
    with pytest.raises(UsageError, match="split them first"):
        await open_anthropic(limits=BatchLimits(1, 10_000)).submit(items("1", "2"), key="k")
    assert anthropic_server.calls == []
    said = [Message("system", "\u2603" * 50)]
    for at in range(20):
        said += [Message("user", f"question {at}"), Message("assistant", f"answer {at}")]
    request = ChatRequest((*said, Message("user", "last")))
    job = await open_anthropic().submit([BatchItem("one", request)], key="k")
    sent = json.dumps(anthropic_server.requests[job.id][0], ensure_ascii=False, separators=(",", ":"))
    assert len(sent.encode()) <= size_bound(request, model="claude")


async def test_a_job_is_never_held_in_memory_whole(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic, tmp_path: Path
) -> None:
    """Sixty megabytes of images leave while less than half of it is held; the server counts them and keeps none."""
    asked = []
    for at in range(30):
        path = tmp_path / f"{at}.png"
        path.write_bytes(whole_png(os.urandom(1_500_000)))
        asked.append(item(f"look {at}", Image.from_file(path)))

    async def counts_and_refuses(request: web.Request, _handler: Handler) -> web.StreamResponse:
        size_bytes = 0
        async for chunk in request.content.iter_any():
            size_bytes += len(chunk)
        return web.json_response({"error": {"message": f"read {size_bytes // 10_000_000}0 MB"}}, status=400)

    anthropic_server.fail(f"POST {PATH}", counts_and_refuses)
    model = open_anthropic()
    tracemalloc.start()
    with pytest.raises(EndpointDown, match="read 60 MB"):
        await model.submit(asked, key="k")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 30_000_000


async def test_an_archived_job_is_passed_over_while_looking(
    anthropic_server: AnthropicServer, open_anthropic: OpenAnthropic
) -> None:
    """A job of the size whose results are gone cannot be told, and does not end the search."""
    submitter = open_anthropic()
    job = await submitter.submit(items("one"), key="mine")
    archived = await submitter.submit(items("one"), key="other")
    anthropic_server.batches[archived.id]["processing_status"] = "ended"
    assert await open_anthropic().find("mine", n_items=1, since_s=job.created_s) == job
