"""One call for identical requests: who shares what with whom, and what happens when somebody goes away."""

from __future__ import annotations

import asyncio

import pytest

from rollout.recording import Recording, blocked, broken, ok, replies, says
from turnwise.errors import EndpointDown
from turnwise.models import ChatRequest, Message, Reply
from turnwise.rollout import Shared


def ask(text: str = "Hi", *, sample: int = 0) -> ChatRequest:
    """A request of one message, made anew each time."""
    return ChatRequest((Message("user", text),), sample=sample)


class Held:
    """A ChatModel that answers only when told to, and notes who was cancelled."""

    name = "held:one"

    def __init__(self, reply: Reply | Exception | None = None) -> None:
        self.reply_given = reply or ok("answer")
        self.asked = 0
        self.cancelled = 0
        self.release = asyncio.Event()

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply, once released."""
        self.asked += 1
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.reply_given, Exception):
            raise self.reply_given
        return self.reply_given

    async def close(self) -> None:
        """Nothing to give back."""


async def waiting(shared: Shared, count: int) -> list[asyncio.Task[Reply]]:
    """Callers with the same request, all of them waiting."""
    tasks = [asyncio.create_task(shared.reply(ask())) for _ in range(count)]
    await asyncio.sleep(0.01)
    return tasks


async def test_identical_requests_at_the_same_time_are_one_call() -> None:
    """Of three callers the first is given the model's reply and the others the same marked as shared and free."""
    inside = Held(Reply("ok", "answer", "stop", latency_ms=7.0, attempts=2))
    shared = Shared(inside)
    tasks = await waiting(shared, 3)
    inside.release.set()
    first, *others = await asyncio.gather(*tasks)
    assert inside.asked == 1
    assert (first.origin, first.attempts, first.latency_ms) == ("model", 2, 7.0)
    assert [(reply.text, reply.origin, reply.attempts, reply.latency_ms) for reply in others] == [
        ("answer", "shared", 0, 0.0)
    ] * 2


async def test_an_answer_is_remembered_for_who_asks_later() -> None:
    """The second of two callers one after the other is not sent."""
    inside = Recording(says("one", "two"))
    shared = Shared(inside)
    assert [(await shared.reply(ask())).text for _ in range(2)] == ["one", "one"]
    assert len(inside.requests) == 1


async def test_a_block_is_remembered_like_an_answer() -> None:
    """A filter that spoke once is not asked again."""
    inside = Recording(replies(blocked(), ok("now")))
    shared = Shared(inside)
    assert [(await shared.reply(ask())).state for _ in range(2)] == ["provider_blocked"] * 2


async def test_other_requests_and_other_samples_are_calls_of_their_own() -> None:
    """Another text is another call, and so is another sample of the same text."""
    inside = Recording()
    shared = Shared(inside)
    got = [await shared.reply(request) for request in (ask(), ask("Ho"), ask(sample=1))]
    assert [reply.text for reply in got] == ["own reply 1", "own reply 2", "own reply 3"]


async def test_a_failure_reaches_who_waits_and_is_not_remembered() -> None:
    """Two who wait for the same call both fail; the next one asks again."""
    inside = Held(broken())
    shared = Shared(inside)
    tasks = await waiting(shared, 2)
    inside.release.set()
    assert [reply.state for reply in await asyncio.gather(*tasks)] == ["failed", "failed"]
    inside.reply_given = ok("now")
    assert (await shared.reply(ask())).text == "now"
    assert inside.asked == 2


async def test_an_endpoint_that_is_down_reaches_all_who_wait_and_is_not_remembered() -> None:
    """EndpointDown is raised for each of three, and the next one asks again."""
    inside = Held(EndpointDown("gone"))
    shared = Shared(inside)
    tasks = await waiting(shared, 3)
    inside.release.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(error) for error in errors] == [EndpointDown] * 3
    with pytest.raises(EndpointDown):
        await shared.reply(ask())
    assert inside.asked == 2


async def test_a_caller_that_goes_away_leaves_the_call_to_the_others() -> None:
    """When the first caller is cancelled the second still gets the answer of the one call."""
    inside = Held()
    shared = Shared(inside)
    first, second = await waiting(shared, 2)
    first.cancel()
    inside.release.set()
    assert (await second).text == "answer"
    assert first.cancelled()
    assert (inside.asked, inside.cancelled) == (1, 0)


async def test_a_call_that_nobody_waits_for_is_ended() -> None:
    """When the last caller is cancelled so is the call, and who asks next starts another one."""
    inside = Held()
    shared = Shared(inside)
    tasks = await waiting(shared, 2)
    for task in tasks:
        task.cancel()
    again = asyncio.create_task(shared.reply(ask()))  # before the cancelled call has come to its end
    await asyncio.sleep(0.01)
    assert all(task.cancelled() for task in tasks)
    (third,) = await waiting(shared, 1)
    assert (inside.asked, inside.cancelled) == (2, 1)
    inside.release.set()
    reply = await again
    assert (reply.text, reply.origin) == ("answer", "model")
    assert (await third).origin == "shared"
    assert (await shared.reply(ask())).origin == "shared"


async def test_an_error_nobody_waits_for_is_not_reported_as_lost() -> None:
    """A call whose callers were all cancelled as it failed leaves no complaint behind."""
    inside = Held(EndpointDown("gone"))
    shared = Shared(inside)
    (task,) = await waiting(shared, 1)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    inside.release.set()
    await asyncio.sleep(0)  # the call is about to raise
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0.01)
    assert complaints == []


async def test_memory_is_bounded_by_count_and_the_least_used_goes_first() -> None:
    """With room for two, the one not asked for again is forgotten when a third comes."""
    inside = Recording()
    shared = Shared(inside, remembered=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await shared.reply(ask(text))
    assert [request.messages[0].text for request in inside.requests] == ["a", "b", "c", "b"]


async def test_memory_is_bounded_by_the_length_of_the_texts() -> None:
    """With room for 10 characters, two answers of 6 are not both kept."""
    inside = Recording(says("sixsix"))
    shared = Shared(inside, remembered_characters=10)
    for text in ("a", "b", "b", "a"):
        await shared.reply(ask(text))
    assert [request.messages[0].text for request in inside.requests] == ["a", "b", "a"]


async def test_a_call_that_hangs_does_not_keep_memory_from_being_bounded() -> None:
    """While one call hangs, a thousand answers to others leave no more than is to be remembered."""
    hanging, quick = Held(), Recording()

    class Either:
        name = "either:one"

        async def reply(self, request: ChatRequest) -> Reply:
            return await (hanging if request.messages[0].text == "Hi" else quick).reply(request)

        async def close(self) -> None:
            """Nothing to give back."""

    shared = Shared(Either(), remembered=8)
    (task,) = await waiting(shared, 1)
    for number in range(1000):
        await shared.reply(ask(f"number {number}"))
    assert len(shared._replies) == 8
    assert len(shared._calls) == 1
    hanging.release.set()
    assert (await task).text == "answer"


async def test_closing_ends_what_is_under_way() -> None:
    """Closing cancels the call and waits for its end before the model is closed."""
    inside = Held()
    shared = Shared(inside)
    (task,) = await waiting(shared, 1)
    await shared.close()
    assert inside.cancelled == 1
    await asyncio.wait([task])
    assert task.cancelled()
    assert shared.name == "held:one"
