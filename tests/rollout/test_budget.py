"""Caps on requests, dollars and minutes: they hold under concurrency, and spend what they allow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.virtual_time import now, run_virtually
from rollout.recording import Recording, image, ok
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Message, Parameters, Reply, Usage, failed
from turnwise.rollout import Budget, Budgeted, BudgetSpent, Caps, Price

DOLLAR_A_TOKEN = Price(1e6, 1e6, "2025-01")
"""So that 5 tokens in and 5 out cost 10 dollars."""

# 4 bytes are at most 2 tokens, 8 more stand around a message: with 90 for the reply at most 100 dollars.
ASK = ChatRequest((Message("user", "four"),), Parameters(max_tokens=90))


class Slow:
    """A ChatModel that takes a second, and notes how many requests it got."""

    name = "slow:one"

    def __init__(self, reply: Callable[[int], Reply]) -> None:
        self.asked = 0
        self._reply = reply

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply to the request's number, from 1, a second later."""
        self.asked += 1
        number = self.asked
        await asyncio.sleep(1.0)
        return self._reply(number)

    async def close(self) -> None:
        """Nothing to give back."""


def costing(tokens: int) -> Reply:
    """An answer that took so many tokens."""
    return Reply("ok", "x", usage=Usage(tokens - 1, 1))


def spend(
    caps: Caps, reply: Callable[[int], Reply], *, requests: int, price: Price | None = DOLLAR_A_TOKEN
) -> tuple[Budget, Slow, list[Reply | BaseException]]:
    """Send requests at the same moment; the budget and the model afterwards, and what each came to."""

    async def work() -> tuple[Budget, Slow, list[Reply | BaseException]]:
        budget, inside = Budget(caps, clock=now), Slow(reply)
        model = Budgeted(inside, budget, price)
        ended = await asyncio.gather(*(model.reply(ASK) for _ in range(requests)), return_exceptions=True)
        return budget, inside, ended

    return run_virtually(work())


def stopped(ended: list[Reply | BaseException]) -> list[str]:
    """The sentences of those that were stopped."""
    return [str(error) for error in ended if isinstance(error, BudgetSpent)]


def test_requests_are_never_more_than_their_cap() -> None:
    """Of fifty at the same time under a cap of 7, seven are sent and the others say what to do."""
    budget, inside, ended = spend(Caps(max_requests=7), lambda _: ok("x"), requests=50, price=None)
    assert (inside.asked, budget.requests) == (7, 7)
    assert set(stopped(ended)) == {
        "stopped at --max-requests 7; what was answered is kept, the same command with a higher cap goes on"
    }


def test_failed_and_cancelled_requests_count_as_sent() -> None:
    """A server that only fails gets no more requests than the cap."""
    _, inside, ended = spend(
        Caps(max_requests=3), lambda _: failed("server_error", "no", retryable=True), requests=5, price=None
    )
    assert inside.asked == 3
    assert len(stopped(ended)) == 2


async def test_requests_that_a_provider_sent_again_itself_are_counted() -> None:
    """A reply that took three requests leaves two of five."""
    budget = Budget(Caps(max_requests=5))
    model = Budgeted(Recording(lambda _: Reply("ok", "x", attempts=3)), budget, None)
    await model.reply(ASK)
    assert budget.requests == 3


def test_what_is_under_way_counts_at_its_most() -> None:
    """Each may cost 100 and costs 10: under a cap of 250 never more than two are under way, until 25 were answered.

    The 16th is sent with 150 spent: then only one fits beside 100 reserved, and none once 160 are spent.
    """
    budget, inside, ended = spend(Caps(max_cost_usd=250.0), lambda _: costing(10), requests=40)
    assert budget.spent_usd == pytest.approx(160.0)
    assert inside.asked == 16
    sentence = "stopped at --max-cost-usd 250: 160.0000 is spent, and the next request may cost 100.0000; "
    assert {text.removeprefix(sentence) for text in stopped(ended)} == {
        "what was answered is kept, the same command with a higher cap goes on"
    }


def test_a_request_waits_for_what_others_may_not_use_up() -> None:
    """Three requests that may cost 100 each and cost 10 all go under a cap of 130, one after the other."""
    budget, inside, ended = spend(Caps(max_cost_usd=130.0), lambda _: costing(10), requests=3)
    assert inside.asked == 3
    assert stopped(ended) == []
    assert budget.spent_usd == pytest.approx(30.0)


def test_a_cap_below_the_first_request_stops_at_once() -> None:
    """Nothing is sent that alone may pass the cap."""
    _, inside, ended = spend(Caps(max_cost_usd=99.0), lambda _: costing(10), requests=1)
    assert inside.asked == 0
    assert len(stopped(ended)) == 1


@settings(max_examples=100, deadline=None)
@given(
    cap=st.floats(50.0, 1_000.0),
    tokens=st.lists(st.integers(2, 100), min_size=1, max_size=30),
    cancelled=st.sets(st.integers(0, 29)),
)
def test_no_cost_cap_is_ever_passed(cap: float, tokens: list[int], cancelled: set[int]) -> None:
    """Whatever requests cost within what they may, and whoever goes away, the sum stays below the cap and all end."""

    async def work() -> None:
        budget = Budget(Caps(max_cost_usd=cap), clock=now)
        model = Budgeted(Slow(lambda number: costing(tokens[number - 1])), budget, DOLLAR_A_TOKEN)
        tasks = [asyncio.create_task(model.reply(ASK)) for _ in tokens]
        await asyncio.sleep(0.5)
        for number in cancelled & set(range(len(tasks))):
            tasks[number].cancel()
        await asyncio.wait(tasks)
        assert budget.spent_usd <= cap
        assert budget._reserved_usd == 0.0
        # It stops for want of money only: another request might have passed the cap.
        unsent = any(not task.cancelled() and task.exception() for task in tasks)
        assert not unsent or budget.spent_usd + 100.0 > cap

    run_virtually(work())


@pytest.mark.parametrize(
    ("reply", "cost"),
    [
        (costing(10), 10.0),
        (ok("no usage said"), 100.0),
        (Reply("ok", "x", usage=Usage(5, None)), 100.0),
        (Reply("provider_blocked", usage=Usage(5, 0)), 5.0),
        (failed("timeout", "no", retryable=True), 100.0),
        (failed("rate_limited", "no", retryable=True), 0.0),
        (failed("rejected", "no", retryable=False), 0.0),
    ],
)
def test_what_nobody_counted_costs_the_most_it_may(reply: Reply, cost: float) -> None:
    """Usage decides; without it an answer or a time-out counts in full, and a refused request not at all."""
    budget, _, _ = spend(Caps(), lambda _: reply, requests=1)
    assert budget.spent_usd == pytest.approx(cost)


def test_who_goes_away_may_still_be_billed() -> None:
    """A request cancelled under way counts at its most; one cancelled while it waits counts for nothing."""

    async def work() -> tuple[float, int]:
        budget = Budget(Caps(max_cost_usd=150.0), clock=now)
        model = Budgeted(Slow(lambda _: costing(10)), budget, DOLLAR_A_TOKEN)
        tasks = [asyncio.create_task(model.reply(ASK)) for _ in range(2)]
        await asyncio.sleep(0.5)
        for task in reversed(tasks):
            task.cancel()
        await asyncio.wait(tasks)
        return budget.spent_usd, budget.requests

    assert run_virtually(work()) == (100.0, 1)


def test_minutes_are_counted_from_the_start() -> None:
    """A request after a minute and a half under a cap of one is not sent; those before it are."""

    async def work() -> list[str]:
        budget, inside = Budget(Caps(max_minutes=1.0), clock=now), Slow(lambda _: ok("x"))
        model = Budgeted(inside, budget, None)
        await asyncio.sleep(30.0)
        await model.reply(ASK)
        await asyncio.sleep(60.0)
        with pytest.raises(BudgetSpent) as raised:
            await model.reply(ASK)
        return [str(raised.value), str(inside.asked)]

    sentence, asked = run_virtually(work())
    assert sentence.startswith("stopped at --max-minutes 1;")
    assert asked == "1"


@pytest.mark.parametrize(
    ("request_", "dollars"),
    [
        (ASK, 100.0),
        (ChatRequest((Message("user", "four"),), Parameters(max_tokens=None)), 2.0 + 8.0 + 4_096.0),
        (ChatRequest((Message("user", "four", (image("a"), image("b"))),), Parameters(max_tokens=90)), 3_300.0),
        (ChatRequest((Message("user", "four"), Message("assistant", "eighteight")), Parameters(max_tokens=1)), 24.0),
        (ChatRequest((Message("user", "\N{CJK UNIFIED IDEOGRAPH-4F60}" * 4),), Parameters(max_tokens=1)), 15.0),
    ],
)
async def test_the_most_a_request_may_cost(request_: ChatRequest, dollars: float) -> None:
    """Half its bytes, 8 a message, 1,600 an image and the longest reply, in tokens."""
    budget = Budget(Caps())
    noted: list[float] = []

    def note(_: int) -> Reply:
        noted.append(budget._reserved_usd)
        return ok("x")

    await Budgeted(Recording(note), budget, DOLLAR_A_TOKEN).reply(request_)
    assert noted == [pytest.approx(dollars)]


@pytest.mark.parametrize("caps", [{"max_requests": 0}, {"max_cost_usd": -1.0}, {"max_minutes": float("nan")}])
def test_caps_that_let_nothing_through_are_refused(caps: dict[str, Any]) -> None:
    """Zero, negative and undefined caps are wrong use."""
    with pytest.raises(UsageError):
        Caps(**caps)
