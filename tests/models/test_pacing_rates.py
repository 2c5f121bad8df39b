"""How fast requests go: so many a minute, so many tokens a minute, and slower when answers come slowly."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.paced import ASK, GOOD, all_at_once, always, paced, used
from models.virtual_time import run_virtually
from turnwise.models import Reply, Usage, failed


def most_in_a_minute(times: Sequence[float]) -> int:
    """The largest number of times within any 60 s, the end not included."""
    return max(sum(start <= time < start + 60.0 - 1e-6 for time in times) for start in times)


def test_a_retry_after_also_holds_those_who_wait_for_their_minute() -> None:
    """Requests that were waiting for their second at one a second start again evenly after the gate opens."""
    refusal = failed("server_error", "HTTP 503", retryable=True, retry_after_s=30.0)
    model, server, _ = paced(lambda number: (0.5, refusal if number == 1 else GOOD), in_flight=8, rpm=60)
    all_at_once(model, 5)
    assert server.began[:2] == [0.0, 1.0]
    assert server.began[2] == 31.5
    assert most_in_a_minute(server.began) == 5


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
