"""The gate of an endpoint: how many go at once, how fast, and what it learns; in virtual time and in real time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.virtual_time import now, run_virtually
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Gate, Message, Paced, PacingLimits, Parameters, Reply, Usage, failed

ASK = ChatRequest((Message("user", "x" * 400),), Parameters(max_tokens=100))  # estimated at 200 tokens
GOOD = Reply("ok", "Hello.", "stop", latency_ms=100.0)
BUSY = failed("rate_limited", "HTTP 429: slow down", retryable=True)


class Server:
    """A ChatModel that answers after a time, and notes when each request came and how many it had at once."""

    name = "server:one"

    def __init__(self, plan: Callable[[int], tuple[float, Reply]], gate: Gate) -> None:
        self.plan = plan
        self.gate = gate
        self.began: list[float] = []
        self.limits: list[int] = []
        self.at_once = 0
        self.closed = False

    async def reply(self, request: ChatRequest) -> Reply:
        """The planned reply of the request's number, from 0."""
        takes_s, reply = self.plan(len(self.began))
        self.began.append(now())
        self.at_once += 1
        self.limits.append(int(self.gate.limit))
        assert self.at_once <= int(self.gate.limit)
        try:
            await asyncio.sleep(takes_s)
        finally:
            self.at_once -= 1
        return reply

    async def close(self) -> None:
        """Note it."""
        self.closed = True


def paced(plan: Callable[[int], tuple[float, Reply]], **limits: Any) -> tuple[Paced, Server, Gate]:
    """A server behind a gate in virtual time."""
    gate = Gate(PacingLimits(**limits), clock=now)
    server = Server(plan, gate)
    return Paced(server, gate), server, gate


def always(reply: Reply, takes_s: float = 1.0) -> Callable[[int], tuple[float, Reply]]:
    """The same reply to everything."""
    return lambda _: (takes_s, reply)


def used(tokens: int) -> Reply:
    """A reply that says how many tokens it took."""
    return Reply("ok", "Hello.", usage=Usage(tokens - 10, 10))


def all_at_once(model: Paced, count: int) -> list[float]:
    """Send requests at the same moment; when each was answered."""
    return run_virtually(_all_at_once(model, count))


async def _all_at_once(model: Paced, count: int) -> list[float]:
    async def one() -> float:
        await model.reply(ASK)
        return now()

    return await asyncio.gather(*(one() for _ in range(count)))


def most_in_a_minute(times: Sequence[float]) -> int:
    """The largest number of times within any 60 s, the end not included."""
    return max(sum(start <= time < start + 60.0 - 1e-6 for time in times) for start in times)


def test_requests_beyond_the_limit_wait_in_the_order_of_coming() -> None:
    """Five requests through a gate of two take three rounds of a second, the first come first."""
    model, server, gate = paced(always(GOOD), in_flight=2)
    assert all_at_once(model, 5) == [1.0, 1.0, 2.0, 2.0, 3.0]
    assert server.began == [0.0, 0.0, 1.0, 1.0, 2.0]
    assert gate.in_flight == 0


def test_a_round_of_congestion_halves_the_limit_once() -> None:
    """Eight refusals of requests that were all under way already count as one: 8 becomes 4, not 1."""
    model, _, gate = paced(always(BUSY), in_flight=8)
    all_at_once(model, 8)
    assert gate.limit == 4.0


def test_each_new_round_of_congestion_halves_it_again_and_never_below_one() -> None:
    """Sixteen refusals in rounds of 8, 4, 2, 1 and 1 bring the limit to one, and it stays there."""
    model, server, gate = paced(always(BUSY), in_flight=8)
    assert all_at_once(model, 16)[-1] == 5.0
    assert [server.began.count(second) for second in range(5)] == [8, 4, 2, 1, 1]
    assert gate.limit == 1.0


@pytest.mark.parametrize("kind", ["server_error", "timeout", "rate_limited"])
def test_every_kind_of_congestion_counts(kind: Any) -> None:
    """429, 5xx and time-outs halve the limit."""
    model, _, gate = paced(always(failed(kind, "no", retryable=True)), in_flight=8)
    all_at_once(model, 1)
    assert gate.limit == 4.0


@pytest.mark.parametrize("kind", ["auth", "rejected", "invalid_reply", "empty_reply", "connection"])
def test_failures_that_say_nothing_about_load_change_nothing(kind: Any) -> None:
    """The limit stays for failures of single requests, and neither rises by them."""
    model, _, gate = paced(lambda number: (1.0, BUSY if number == 0 else failed(kind, "no", retryable=False)))
    all_at_once(model, 5)
    assert gate.limit == 8.0


def test_a_full_round_of_answers_adds_one_place() -> None:
    """From 2 after a refusal, two answers bring 2 + 1/2 + 1/2.5 = 2.9, and the limit never passes where it began."""
    model, _, gate = paced(lambda number: (1.0, BUSY if number == 0 else GOOD), in_flight=4)

    async def work() -> list[float]:
        limits = []
        for count in (1, 2, 50):
            await _all_at_once(model, count)
            limits.append(gate.limit)
        return limits

    assert run_virtually(work()) == pytest.approx([2.0, 2.9, 4.0])


def test_a_refused_request_s_place_is_not_given_away_before_the_limit_falls() -> None:
    """When one of four under way is refused, nobody is let in until fewer than two are left."""
    model, server, _ = paced(lambda number: (1.0, BUSY) if number == 0 else (3.0, GOOD), in_flight=4)
    all_at_once(model, 5)
    assert server.began == [0.0, 0.0, 0.0, 0.0, 3.0]


def test_a_retry_after_closes_the_gate_for_everybody() -> None:
    """A refusal at second 1 that asks for 10 s keeps all who wait out until second 11; two of four places are left."""
    refusal = failed("rate_limited", "HTTP 429", retryable=True, retry_after_s=10.0)
    model, server, _ = paced(lambda number: (1.0, refusal), in_flight=4)
    all_at_once(model, 7)
    assert server.began == [0.0, 0.0, 0.0, 0.0, 11.0, 11.0, 22.0]


def test_a_retry_after_also_holds_those_who_wait_for_their_minute() -> None:
    """Requests that were waiting for their second at one a second start again evenly after the gate opens."""
    refusal = failed("server_error", "HTTP 503", retryable=True, retry_after_s=30.0)
    model, server, _ = paced(lambda number: (0.5, refusal if number == 1 else GOOD), in_flight=8, rpm=60)
    all_at_once(model, 5)
    assert server.began[:2] == [0.0, 1.0]
    assert server.began[2] == 31.5
    assert most_in_a_minute(server.began) == 5


def test_a_retry_after_is_waited_out_up_to_a_cap() -> None:
    """A server that asks for a day is asked again after two minutes."""
    refusal = failed("rate_limited", "HTTP 429", retryable=True, retry_after_s=86_400.0)
    model, server, _ = paced(lambda number: (1.0, refusal if number == 0 else GOOD), in_flight=1)
    all_at_once(model, 2)
    assert server.began == [0.0, 121.0]


def test_requests_a_minute_are_evenly_spread() -> None:
    """At 120 a minute one goes every half second, whatever there is room for."""
    model, server, _ = paced(always(GOOD), in_flight=100, rpm=120)
    all_at_once(model, 6)
    assert server.began == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])


@settings(max_examples=60, deadline=None)
@given(
    rpm=st.floats(0.5, 200.0),
    pauses=st.lists(st.sampled_from([0.0, 0.01, 0.3, 2.0, 70.0]), min_size=1, max_size=60),
)
def test_no_minute_has_more_than_its_requests_and_one(rpm: float, pauses: list[float]) -> None:
    """However requests come, no 60 s hold more than the cap and one."""
    model, server, _ = paced(always(GOOD, 0.1), in_flight=50, rpm=rpm)

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            for pause_s in pauses:
                await asyncio.sleep(pause_s)
                group.create_task(model.reply(ASK))

    run_virtually(work())
    assert len(server.began) == len(pauses)
    assert most_in_a_minute(server.began) <= int(rpm) + 1 + (rpm % 1 > 0)


def test_tokens_a_minute_are_estimated_before_they_are_known() -> None:
    """At 600 tokens a minute a request estimated at 200 keeps the next one out for 20 s."""
    model, server, _ = paced(always(GOOD), in_flight=8, tpm=600)
    all_at_once(model, 3)
    assert server.began == pytest.approx([0.0, 20.0, 40.0])


@pytest.mark.parametrize(("tokens", "second"), [(100, 10.0), (200, 20.0), (500, 50.0)])
def test_tokens_a_minute_are_corrected_by_usage(tokens: int, second: float) -> None:
    """What a request really took decides when the next one goes, also when that one is waiting already."""
    model, server, _ = paced(always(used(tokens)), in_flight=8, tpm=600)
    all_at_once(model, 2)
    assert server.began == pytest.approx([0.0, second])


@pytest.mark.parametrize("limits", [{"in_flight": 1}, {"in_flight": 8, "rpm": 1.0}, {"in_flight": 8, "tpm": 200.0}])
def test_who_is_cancelled_while_waiting_leaves_no_trace(limits: dict[str, Any]) -> None:
    """A request cancelled while it waits for a place, its minute or its tokens takes nothing from the next one."""
    model, server, gate = paced(always(GOOD, 5.0), **limits)

    async def work() -> float:
        first = asyncio.create_task(model.reply(ASK))
        waiting = [asyncio.create_task(model.reply(ASK)) for _ in range(3)]
        last = asyncio.create_task(model.reply(ASK))
        await asyncio.sleep(2.0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(first, last, *waiting, return_exceptions=True)
        return server.began[1]

    assert run_virtually(work()) == (5.0 if "rpm" not in limits and "tpm" not in limits else 60.0)
    assert len(server.began) == 2
    assert gate.in_flight == 0


def test_who_is_cancelled_under_way_frees_the_place() -> None:
    """A cancelled request lets the next one in at once and teaches nothing."""
    model, server, gate = paced(always(GOOD, 100.0), in_flight=1)

    async def work() -> None:
        first = asyncio.create_task(model.reply(ASK))
        second = asyncio.create_task(model.reply(ASK))
        await asyncio.sleep(3.0)
        first.cancel()
        await second

    run_virtually(work())
    assert server.began == [0.0, 3.0]
    assert (gate.limit, gate.in_flight) == (1.0, 0)


def test_an_error_of_the_model_frees_the_place() -> None:
    """What the model raises comes through, and the place is free again."""

    def fails(_: int) -> tuple[float, Reply]:
        raise OSError("the image is gone")

    model, _, gate = paced(fails, in_flight=1)
    with pytest.raises(OSError, match="the image is gone"):
        all_at_once(model, 1)
    assert gate.in_flight == 0


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.1, 1.0]),  # pause before it comes
        st.sampled_from([0.0, 0.2, 1.0, 3.0]),  # how long it takes
        st.sampled_from(["ok", "busy", "later", "wrong"]),
        st.sampled_from([None, None, 0.0, 0.1, 0.9, 2.0]),  # cancelled so long after it came
    ),
    min_size=1,
    max_size=40,
)
_OUTCOMES = {
    "ok": used(150),
    "busy": BUSY,
    "later": failed("server_error", "HTTP 503", retryable=True, retry_after_s=1.5),
    "wrong": failed("rejected", "HTTP 400", retryable=False),
}


@settings(max_examples=300, deadline=None)
@given(
    events=_EVENTS,
    in_flight=st.integers(1, 5),
    rpm=st.sampled_from([None, 30.0, 600.0]),
    tpm=st.sampled_from([None, 3_000.0]),
)
def test_nobody_is_forgotten(events: list[Any], in_flight: int, rpm: float | None, tpm: float | None) -> None:
    """Whatever comes, fails and is cancelled: the limit holds, who was not cancelled ends, and all places are free."""

    def plan(number: int) -> tuple[float, Reply]:
        return events[number][1], _OUTCOMES[events[number][2]]

    model, server, gate = paced(plan, in_flight=in_flight, rpm=rpm, tpm=tpm)

    async def work() -> list[bool]:
        loop = asyncio.get_running_loop()
        tasks = []
        for pause_s, _, _, cancelled_after_s in events:
            await asyncio.sleep(pause_s)
            task = asyncio.create_task(model.reply(ASK))
            if cancelled_after_s is not None:
                loop.call_later(cancelled_after_s, task.cancel)
            tasks.append(task)
        await asyncio.wait(tasks)
        return [task.cancelled() for task in tasks]

    ended = run_virtually(work())
    assert not any(cancelled and event[3] is None for cancelled, event in zip(ended, events, strict=True))
    assert gate.in_flight == 0
    assert server.at_once == 0


def answers(each_ms: float, *, words: int, count: int) -> list[Reply]:
    """Answers of a length in tokens, each token of which took a time, after the time of fifty for the beginning."""
    return [Reply("ok", "x", usage=Usage(10, words), latency_ms=each_ms * (50 + words))] * count


def after(replies: Sequence[Reply]) -> float:
    """The limit of a gate of 16 after these replies, one after the other."""
    model, _, gate = paced(lambda number: (1.0, replies[number]), in_flight=16)

    async def work() -> None:
        for _ in replies:
            await model.reply(ASK)

    run_virtually(work())
    return gate.limit


def test_answers_far_slower_than_they_were_lower_the_limit() -> None:
    """After a hundred answers of 10 ms a token, a hundred of 200 ms a token press the server less."""
    assert after([*answers(10.0, words=50, count=100), *answers(200.0, words=50, count=100)]) < 12.0


def test_long_answers_after_short_ones_are_not_slowness() -> None:
    """Refusals of 15 tokens, then compliance of 1,000 tokens at the same speed leave the limit alone."""
    replies = [*answers(20.0, words=15, count=100), *answers(20.0, words=1_000, count=100)]
    assert replies[-1].latency_ms > 16 * replies[0].latency_ms
    assert after(replies) == 16.0


def test_one_quick_answer_at_the_start_sets_no_measure() -> None:
    """A single answer that came at once does not make all later ones slow."""
    assert after([*answers(0.1, words=50, count=1), *answers(30.0, words=50, count=200)]) == 16.0


def test_answers_under_two_seconds_are_never_slow() -> None:
    """A server that went from 1 ms to 1 s an answer is left alone."""
    assert after([*answers(0.01, words=50, count=100), *answers(10.0, words=50, count=200)]) == 16.0


@pytest.mark.parametrize(
    "limits", [{"in_flight": 0}, {"rpm": 0.0}, {"tpm": -1.0}, {"rpm": float("nan")}, {"retry_after_cap_s": -1.0}]
)
def test_limits_that_let_nothing_through_are_refused(limits: dict[str, Any]) -> None:
    """Zero, negative and undefined limits are wrong use."""
    with pytest.raises(UsageError):
        PacingLimits(**limits)


async def test_it_works_on_a_real_clock() -> None:
    """On the real loop and clock sixty requests pass a gate of four at 60,000 a minute, all answered."""
    gate = Gate(PacingLimits(in_flight=4, rpm=60_000, tpm=1e9))
    server = Server(lambda number: (0.001, BUSY if number % 10 == 3 else GOOD), gate)
    model = Paced(server, gate)
    replies = await asyncio.gather(*(model.reply(ASK) for _ in range(60)))
    assert [reply.state for reply in replies].count("failed") == 6
    assert gate.in_flight == 0
    assert all(later >= earlier for earlier, later in itertools.pairwise(server.began))


async def test_it_is_the_model_inside_to_others() -> None:
    """Name and closing are those of the model inside."""
    model, server, _ = paced(always(GOOD, 0.0))
    assert model.name == "server:one"
    await model.close()
    assert server.closed
