"""Gathering requests into batches, over an engine that writes down what it was asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from turnwise.dialogue import Image
from turnwise.errors import DataError
from turnwise.models import ChatRequest, Message, Parameters, Reply
from turnwise.models.transformers.worker import NotAnswerable, OutOfMemory, Worker

LONG_S = 60.0
"""A window that no test waits out: a batch begins because it is full."""
COLD = Parameters()


class Echo:
    """Says each request's last text again; breaks on command."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.breaks: dict[str, Exception] = {}
        self.memory = 1000
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.freed = 0
        self.dropped: list[bool] = []

    def answer(self, requests: Sequence[ChatRequest], dropped: Callable[[], list[bool]]) -> list[Reply]:
        """The texts again, after waiting for `go_on`."""
        texts = [request.messages[-1].text for request in requests]
        self.batches.append(texts)
        self.entered.set()
        assert self.go_on.wait(LONG_S)
        self.dropped = dropped()
        if len(texts) > self.memory:
            raise OutOfMemory("too large")
        for text in texts:
            if text in self.breaks:
                raise self.breaks[text]
        return [Reply(state="ok", text=text) for text in texts]

    def free(self) -> None:
        """Count how often."""
        self.freed += 1


@pytest.fixture
def engine() -> Echo:
    """An engine that answers at once."""
    return Echo()


@pytest.fixture
async def worker(engine: Echo) -> AsyncIterator[Worker]:
    """A worker that takes up to four requests, and waits until it has them."""
    worker = Worker(engine, size=4, window_s=LONG_S)
    yield worker
    engine.go_on.set()
    await worker.close()


def ask(text: str, parameters: Parameters = COLD, images: tuple[Image, ...] = ()) -> ChatRequest:
    """A request of one message."""
    return ChatRequest((Message("user", text, images),), parameters)


async def answers(worker: Worker, *requests: ChatRequest) -> list[Reply]:
    """The replies to requests that are all there at once."""
    return list(await asyncio.gather(*(worker.answer(request) for request in requests)))


async def entered(engine: Echo) -> None:
    """Wait until the engine has a batch in hands."""
    assert await asyncio.to_thread(engine.entered.wait, LONG_S)
    engine.entered.clear()


async def test_requests_that_are_there_together_are_one_batch(worker: Worker, engine: Echo) -> None:
    """Four callers get their own replies from one call of the engine."""
    replies = await answers(worker, *(ask(text) for text in "abcd"))
    assert [reply.text for reply in replies] == ["a", "b", "c", "d"]
    assert engine.batches == [["a", "b", "c", "d"]]


async def test_a_request_without_company_is_answered_after_the_window(engine: Echo) -> None:
    """One caller alone is not left waiting for a batch to fill."""
    worker = Worker(engine, size=4, window_s=0.001)
    assert (await worker.answer(ask("alone"))).text == "alone"
    await worker.close()
    assert engine.batches == [["alone"]]


async def test_what_waited_during_a_batch_is_the_next_one(worker: Worker, engine: Echo) -> None:
    """While a batch is generated, the queue grows; nobody is answered twice or forgotten."""
    engine.go_on.clear()
    tasks = [asyncio.create_task(worker.answer(ask(text))) for text in "abcdefgh"]
    await entered(engine)
    engine.go_on.set()
    assert [(await task).text for task in tasks] == list("abcdefgh")
    assert engine.batches == [list("abcd"), list("efgh")]


async def test_only_requests_of_one_kind_share_a_batch(engine: Echo) -> None:
    """Temperature, length limit and having images separate requests; their seeds do not."""
    worker = Worker(engine, size=4, window_s=0.001)
    engine.go_on.clear()
    first = asyncio.create_task(worker.answer(ask("z", Parameters(max_tokens=9))))
    await entered(engine)
    picture = Image("0" * 64, "image/png", 1, "none.png")
    warm, short = Parameters(temperature=1.0), Parameters(max_tokens=3)
    requests = [ask("a", Parameters(seed=1)), ask("b", warm), ask("c", short), ask("d", images=(picture,))]
    requests += [*(ask(text, Parameters(seed=2)) for text in "efg"), ask("h", warm)]
    rest = [asyncio.create_task(worker.answer(request)) for request in requests]
    await asyncio.sleep(0)
    engine.go_on.set()
    await asyncio.gather(first, *rest)
    await worker.close()
    assert engine.batches == [["z"], list("aefg"), list("bh"), ["c"], ["d"]]


async def test_the_oldest_takes_along_those_of_its_length(worker: Worker, engine: Echo) -> None:
    """Padding costs time, so a short request waits behind a longer one that fits the batch better."""
    engine.go_on.clear()
    first = [asyncio.create_task(worker.answer(ask(text))) for text in "wxyz"]
    await entered(engine)
    texts = ["o" * 50, "s", "n" * 49, "t", "m" * 52, "l" * 47, "u", "v"]
    rest = [asyncio.create_task(worker.answer(ask(text))) for text in texts]
    await asyncio.sleep(0)
    engine.go_on.set()
    await asyncio.gather(*first, *rest)
    assert [text[0] for text in engine.batches[1]] == ["o", "n", "m", "l"]
    assert [text[0] for text in engine.batches[2]] == ["s", "t", "u", "v"]


async def test_a_request_that_breaks_its_batch_fails_alone(worker: Worker, engine: Echo) -> None:
    """The others are asked again, one by one, and answered; the cause is in the failure."""
    engine.breaks = {"b": RuntimeError("shape mismatch\nat layer 3"), "c": NotAnswerable("rejected", "too long")}
    a, b, c, d = await answers(worker, *(ask(text) for text in "abcd"))
    assert (a.text, d.text) == ("a", "d")
    assert b.failure is not None
    assert (b.failure.kind, b.failure.retryable) == ("model_error", False)
    assert b.failure.message == "RuntimeError: shape mismatch at layer 3"
    assert c.failure is not None
    assert (c.failure.kind, c.failure.message) == ("rejected", "too long")
    assert engine.batches == [list("abcd"), ["a"], ["b"], ["c"], ["d"]]


async def test_a_changed_image_file_is_raised_to_its_caller_only(worker: Worker, engine: Echo) -> None:
    """As with every provider, a data error ends the run and is no reply."""
    engine.breaks = {"b": DataError("picture.png: the image changed")}
    replies = await asyncio.gather(*(worker.answer(ask(text)) for text in "abcd"), return_exceptions=True)
    assert isinstance(replies[1], DataError)
    assert [reply.text for reply in replies if isinstance(reply, Reply)] == ["a", "c", "d"]


async def test_a_batch_that_is_too_large_is_halved(worker: Worker, engine: Echo) -> None:
    """All are answered from halves, and later batches are as small as what fitted."""
    engine.memory = 2
    replies = await answers(worker, *(ask(text) for text in "abcd"))
    assert [reply.text for reply in replies] == list("abcd")
    assert engine.batches == [list("abcd"), list("ab"), list("cd")]
    await answers(worker, *(ask(text) for text in "efgh"))
    assert engine.batches[3:] == [list("ef"), list("gh")]


async def test_a_request_too_large_for_the_device_is_a_failure(worker: Worker, engine: Echo) -> None:
    """Where even one does not fit, that is said, and nothing loops."""
    engine.memory = 0
    replies = await answers(worker, *(ask(text) for text in "abcd"))
    assert {reply.failure.kind for reply in replies if reply.failure} == {"model_error"}
    assert all("memory" in reply.failure.message for reply in replies if reply.failure)
    assert [len(batch) for batch in engine.batches] == [4, 2, 1, 1, 2, 1, 1]


async def test_a_cancelled_caller_that_waits_is_never_asked_for(worker: Worker, engine: Echo) -> None:
    """Its place in the queue is gone; the others are answered."""
    engine.go_on.clear()
    first = [asyncio.create_task(worker.answer(ask(text))) for text in "abcd"]
    await entered(engine)
    rest = [asyncio.create_task(worker.answer(ask(text))) for text in "efgh"]
    await asyncio.sleep(0)
    rest[1].cancel()
    await asyncio.gather(rest[1], return_exceptions=True)
    engine.go_on.set()
    results = await asyncio.gather(*first, *rest, return_exceptions=True)
    assert isinstance(results[5], asyncio.CancelledError)
    assert engine.batches == [list("abcd"), list("egh")]
    assert [reply.text for reply in results if isinstance(reply, Reply)] == list("abcdegh")


async def test_a_cancelled_caller_in_a_batch_does_not_break_the_others(worker: Worker, engine: Echo) -> None:
    """The engine is told that nobody waits for that row any more."""
    engine.go_on.clear()
    tasks = [asyncio.create_task(worker.answer(ask(text))) for text in "abcd"]
    await entered(engine)
    tasks[2].cancel()
    await asyncio.gather(tasks[2], return_exceptions=True)
    engine.go_on.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert engine.dropped == [False, False, True, False]
    assert [reply.text for reply in results if isinstance(reply, Reply)] == list("abd")


async def test_closing_tells_all_who_wait(worker: Worker, engine: Echo) -> None:
    """Neither those in a batch nor those behind it hang, and a text that was cut short is nobody's reply."""
    engine.go_on.clear()
    tasks = [asyncio.create_task(worker.answer(ask(text))) for text in "abcdef"]
    await entered(engine)
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0)
    engine.go_on.set()
    await closing
    replies = [await task for task in tasks]
    assert {reply.failure.message for reply in replies if reply.failure} == {"the model was closed before it answered"}
    assert len([reply for reply in replies if reply.failure]) == 6
    assert engine.dropped == [True] * 4
    assert engine.freed == 1


async def test_a_closed_worker_answers_nobody(worker: Worker, engine: Echo) -> None:
    """Closing twice is fine, before or after any request."""
    await worker.close()
    await worker.close()
    reply = await worker.answer(ask("a"))
    assert reply.failure is not None
    assert engine.batches == []
