"""Batch jobs over the OpenAI protocol: what is sent, how it goes on, what comes back, nothing paid twice."""

from __future__ import annotations

import base64
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dialogue.whole_png import whole_png
from models.batch.conftest import OpenOpenAI
from models.batch.faulty import loses_the_answer, says_status
from models.batch.making import collected, finished, item, items, nap
from models.batch.openai_server import OpenAIServer
from turnwise.dialogue import Image
from turnwise.errors import DataError, UsageError
from turnwise.models import BatchItem, BatchJob, BatchStatus, ChatRequest, Message, Parameters, wait_for_batch
from turnwise.models.batch.job import wire_id
from turnwise.models.batch.split import BatchLimits


async def test_a_job_is_a_file_of_chat_requests_under_the_callers_key(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """The uploaded file has a line for each item, and the batch names file, endpoint, window and key."""
    messages = (Message("system", "Be brief."), Message("user", "One?"))
    asked = BatchItem("a b/c\u2603", ChatRequest(messages, Parameters(0.5, 77, 3)))
    job = await open_openai().submit([asked, item("two")], key="wave-1")
    batch = openai_server.batches[job.id]
    assert openai_server.uploads == [{"purpose": "batch", "filename": "turnwise.jsonl"}]
    assert batch["endpoint"] == "/v1/chat/completions"
    assert batch["completion_window"] == "24h"
    assert batch["metadata"] == {"turnwise_key": "wave-1"}
    assert openai_server.lines(job.id)[0] == {
        "custom_id": wire_id("wave-1", "a b/c\u2603"),
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "small",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One?"}],
            "temperature": 0.5,
            "max_tokens": 77,
            "seed": 3,
        },
    }
    assert {headers["Authorization"] for headers in openai_server.headers} == {"Bearer sk-test-key"}


async def test_a_job_runs_until_it_is_done_and_gives_each_reply_to_its_own_id(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Three polls lead to done, and rows in another order than the requests still find their ids."""
    model = open_openai()
    job = await model.submit(items("one", "two", "three"), key="k")
    states = [(await model.poll(job)).state for _ in range(3)]
    assert states == ["running", "running", "done"]
    assert await model.poll(job) == BatchStatus("done", 3, 3, 0)
    replies = await collected(model.results(job, ["one", "two", "three"]))
    assert {name: reply.text for name, reply in replies.items()} == {
        "one": "You said one.",
        "two": "You said two.",
        "three": "You said three.",
    }
    assert replies["one"].usage.input_tokens == 12
    assert replies["one"].served_model == "served-model-7b"


async def test_another_process_goes_on_with_a_job_that_was_stored_as_json(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A job that went through JSON is polled and fetched by a model that never saw it; a part may be asked for."""
    stored = msgspec.json.encode(await open_openai().submit(items("one", "two"), key="k"))
    assert b"sk-test-key" not in stored
    job = msgspec.json.decode(stored, type=BatchJob)
    assert job.provider == "openai"
    replies = await finished(open_openai(), job, "two")
    assert {name: reply.text for name, reply in replies.items()} == {"two": "You said two."}


async def test_images_arrive_byte_for_byte(openai_server: OpenAIServer, open_openai: OpenOpenAI, png: Image) -> None:
    """The row of an image request holds exactly the file's bytes, under the MIME type they have."""
    job = await open_openai().submit([item("look", png)], key="k")
    [line] = openai_server.lines(job.id)
    url = line["body"]["messages"][0]["content"][0]["image_url"]["url"]
    begins = "data:image/png;base64,"
    assert url.startswith(begins)
    assert base64.b64decode(url.removeprefix(begins)) == png.read_bytes()


async def test_an_image_that_changed_stops_the_job_before_anything_is_sent(
    openai_server: OpenAIServer, open_openai: OpenOpenAI, png: Image
) -> None:
    """A changed image is an error, and the server is never called."""
    changed = msgspec.structs.replace(png, sha256="0" * 64)
    with pytest.raises(DataError, match="changed"):
        await open_openai().submit([item("look", changed)], key="k")
    assert openai_server.calls == []


async def test_an_upload_is_never_held_in_memory_whole(
    openai_server: OpenAIServer, open_openai: OpenOpenAI, tmp_path: Path
) -> None:
    """Sixty megabytes of images go up while client and server together hold less than half of it."""
    asked = []
    for at in range(30):
        path = tmp_path / f"{at}.png"
        path.write_bytes(whole_png(os.urandom(1_500_000)))
        asked.append(item(f"look {at}", Image.from_file(path)))
    tracemalloc.start()
    job = await open_openai().submit(asked, key="k")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    uploaded_bytes = openai_server.files[openai_server.batches[job.id]["input_file_id"]].stat().st_size
    assert uploaded_bytes > 60_000_000
    assert peak_bytes < 30_000_000


async def test_a_job_that_was_made_before_a_crash_is_found_by_its_key(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Another process finds the job on the third page of the list, and no job under another key."""
    openai_server.page = 2
    before = time.time()
    job = await open_openai().submit(items("one"), key="mine")
    for at in range(4):
        await open_openai().submit(items("one"), key=f"other {at}")
    finder = open_openai()
    assert await finder.find("mine", n_items=1, since_s=before) == job
    assert openai_server.count("GET /v1/batches") == 3
    assert await finder.find("not there", n_items=1, since_s=before) is None


async def test_the_search_ends_where_jobs_are_older_than_the_submission(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """Pages of jobs that were made long before the submission are not asked for."""
    openai_server.page = 1
    openai_server.clock = lambda: 1_000_000.0
    for at in range(4):
        await open_openai().submit(items("one"), key=f"old {at}")
    assert await open_openai().find("old 0", n_items=1, since_s=2_000_000.0) is None
    assert openai_server.count("GET /v1/batches") == 1


async def test_a_job_whose_answer_was_lost_is_not_made_twice(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """When the connection breaks after the batch was made, the batch is found and taken."""
    openai_server.fail("POST /v1/batches", loses_the_answer)
    job = await open_openai().submit(items("one"), key="k")
    assert list(openai_server.batches) == [job.id]
    assert openai_server.count("POST /v1/batches") == 1


async def test_a_job_that_was_not_made_is_made_by_the_next_attempt(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """After errors without a batch, unclear or clear, the next attempt makes the one batch."""
    openai_server.fail("POST /v1/batches", says_status(500), says_status(429))
    openai_server.fail("POST /v1/files", says_status(503))
    job = await open_openai().submit(items("one"), key="k")
    assert list(openai_server.batches) == [job.id]
    assert openai_server.count("POST /v1/files") == 2
    assert openai_server.count("POST /v1/batches") == 3
    assert openai_server.count("GET /v1/batches") == 1


async def test_a_job_that_was_refused_as_a_whole_is_not_found(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A failed job cost nothing, so that its key is free for another try."""
    openai_server.way = ("validating", "failed")
    model = open_openai()
    job = await model.submit(items("one"), key="k")
    await wait_for_batch(model, job, sleep=nap)
    assert await model.find("k", n_items=1, since_s=job.created_s) is None


async def test_items_are_split_by_number_and_too_many_are_refused(
    openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """A limit of two requests makes three jobs of five, and a job of three is refused before it is sent."""
    model = open_openai(limits=BatchLimits(2, 1_000_000))
    parts = model.split(items("1", "2", "3", "4", "5"))
    assert [[part.custom_id for part in job] for job in parts] == [["1", "2"], ["3", "4"], ["5"]]
    with pytest.raises(UsageError, match="split them first"):
        await model.submit(items("1", "2", "3"), key="k")
    assert openai_server.calls == []


@pytest.mark.parametrize(
    ("asked", "key", "words"),
    [([], "k", "at least one"), (items("one", "one"), "k", "'one'"), (items("one"), "", "1 to 512")],
)
async def test_what_no_provider_takes_is_refused_before_it_is_sent(
    asked: list[BatchItem], key: str, words: str, openai_server: OpenAIServer, open_openai: OpenOpenAI
) -> None:
    """No items, two of one id, or no key: an error that says so, and no call."""
    with pytest.raises(UsageError, match=words):
        await open_openai().submit(asked, key=key)
    assert openai_server.calls == []


async def test_the_official_client_reads_the_same_job(openai_server: OpenAIServer, open_openai: OpenOpenAI) -> None:
    """The server of these tests is one that the official client can list, too, and our job is in what it lists."""
    openai = pytest.importorskip("openai")
    job = await open_openai().submit(items("one"), key="k")
    async with openai.AsyncOpenAI(api_key="sk-test-key", base_url=openai_server.base_url) as client:
        batch: Any = await client.batches.retrieve(job.id)
    assert batch.metadata == {"turnwise_key": "k"}
    assert batch.status == "in_progress"
    assert json.loads(batch.model_dump_json())["request_counts"]["total"] == 1
