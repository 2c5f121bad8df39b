"""The gate of an endpoint: how many go at once, what it learns, and who waits; in virtual time and in real time."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.paced import ASK, BUSY, GOOD, Server, all_at_once, always, answer_times, paced, used
from models.virtual_time import run_virtually
from turnwise.errors import UsageError
from turnwise.models import Gate, Paced, PacingLimits, Reply, failed


def test_requests_beyond_the_limit_wait_in_the_order_of_coming() -> None:
    """Five requests through a gate of two take three rounds of a second, the first come first."""
    model, server, gate = paced(always(GOOD), in_flight=2)
    assert all_at_once(model, 5) == [1.0, 1.0, 2.0, 2.0, 3.0]
    assert server.began == [0.0, 0.0, 1.0, 1.0, 2.0]
    assert gate.in_flight == 0


def test_who_asks_again_at_once_does_not_overtake_who_waits() -> None:
    """A place that gets free goes to the one waiting, not to the one that just left and comes back."""
    model, _, _ = paced(always(GOOD), in_flight=1)
    order: list[str] = []

    async def asks(who: str, times: int) -> None:
        for _ in range(times):
            await model.reply(ASK)
            order.append(who)

    async def work() -> None:
        await asyncio.gather(asks("one", 2), asks("two", 1))

    run_virtually(work())
    assert order == ["one", "two", "one"]


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
            await answer_times(model, count)
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


def test_a_retry_after_is_waited_out_up_to_a_cap() -> None:
    """A server that asks for a day is asked again after two minutes."""
    refusal = failed("rate_limited", "HTTP 429", retryable=True, retry_after_s=86_400.0)
    model, server, _ = paced(lambda number: (1.0, refusal if number == 0 else GOOD), in_flight=1)
    all_at_once(model, 2)
    assert server.began == [0.0, 121.0]


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
