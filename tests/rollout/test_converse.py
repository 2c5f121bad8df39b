"""Which messages a target is sent, turn by turn, and what ends a dialogue."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.recording import FAILURE_TEXT, Recording, blocked, broken, live, ok, replies, scripted
from turnwise.dialogue import Dialogue
from turnwise.errors import UsageError
from turnwise.models import ChatRequest, Parameters, Reply
from turnwise.rollout import Conduct, Exchange, check_conduct, converse, transcript_of

STATES = {"ok": ok("own words"), "failed": broken(), "provider_blocked": blocked(), "guard": Reply("guard_blocked")}


async def held(
    dialogue: Dialogue, target: Recording, conduct: Conduct | None = None, *, answered: Sequence[Exchange] = ()
) -> list[Exchange]:
    """The exchanges of a dialogue held to its end."""
    return [step async for step in converse(dialogue, target, conduct or Conduct(), answered=answered)]


def said(request: ChatRequest) -> list[tuple[str, str]]:
    """Role and text of each message."""
    return [(message.role, message.text) for message in request.messages]


def answered(*given: Reply) -> list[Exchange]:
    """Stored exchanges of turns 1, 2, ..."""
    return [Exchange(turn, "0" * 64, reply) for turn, reply in enumerate(given, 1)]


async def test_scripted_history_is_one_request_with_the_given_replies_in_their_roles() -> None:
    """Only the last turn is asked; the scripted replies stand before it as the assistant's."""
    target = Recording()
    exchanges = await held(scripted(3), target)
    assert [said(request) for request in target.requests] == [
        [
            ("user", "question 1"),
            ("assistant", "scripted reply 1"),
            ("user", "question 2"),
            ("assistant", "scripted reply 2"),
            ("user", "question 3"),
        ]
    ]
    assert [(step.turn, step.reply.text) for step in exchanges] == [(3, "own reply 1")]


async def test_one_turn_dialogue_is_one_user_message() -> None:
    """A dialogue of one turn has no history in either form."""
    for dialogue in (scripted(1), live(1)):
        target = Recording()
        assert [step.turn for step in await held(dialogue, target)] == [1]
        assert said(target.requests[0]) == [("user", "question 1")]


async def test_live_history_asks_each_turn_after_the_targets_own_replies() -> None:
    """Request t holds t user messages and the target's replies to the earlier ones."""
    target = Recording()
    exchanges = await held(live(3), target)
    assert [step.turn for step in exchanges] == [1, 2, 3]
    assert said(target.requests[0]) == [("user", "question 1")]
    assert said(target.requests[2]) == [
        ("user", "question 1"),
        ("assistant", "own reply 1"),
        ("user", "question 2"),
        ("assistant", "own reply 2"),
        ("user", "question 3"),
    ]


async def test_live_history_may_be_chosen_for_a_scripted_dialogue() -> None:
    """`history=live` leaves the scripted replies out of every request."""
    target = Recording()
    assert len(await held(scripted(3), target, Conduct(history="live"))) == 3
    assert "scripted" not in str([said(request) for request in target.requests])


@pytest.mark.parametrize("ending", [broken(), blocked(), Reply("guard_blocked")])
async def test_live_dialogue_ends_at_the_first_turn_that_is_not_answered(ending: Reply) -> None:
    """A failed or blocked turn 2 is given as it is, and turn 3 is never asked."""
    target = Recording(replies(ok("own words"), ending, ok("never")))
    exchanges = await held(live(4), target)
    assert [step.reply.state for step in exchanges] == ["ok", ending.state]
    assert len(target.requests) == 2


async def test_live_dialogue_resumes_after_the_stored_exchanges() -> None:
    """Turns 1 and 2 are taken from the store, word for word; only turn 3 is asked."""
    target = Recording()
    stored = answered(ok("stored 1"), ok("stored 2"))
    exchanges = await held(live(3), target, answered=stored)
    assert [step.turn for step in exchanges] == [3]
    assert [text for role, text in said(target.requests[0]) if role == "assistant"] == ["stored 1", "stored 2"]


async def test_stored_failure_is_asked_again_and_its_text_stays_out() -> None:
    """A failed exchange among the stored ones counts as not asked."""
    target = Recording()
    exchanges = await held(live(2), target, answered=answered(ok("stored 1"), broken()))
    assert [step.turn for step in exchanges] == [2]
    assert said(target.requests[0])[1] == ("assistant", "stored 1")


@pytest.mark.parametrize(
    "stored",
    [answered(ok("a"), blocked()), answered(Reply("guard_blocked")), answered(ok("a"), ok("b"), ok("c"))],
)
async def test_ended_dialogue_is_not_asked_again(stored: list[Exchange]) -> None:
    """After a stored block, or a stored last turn, nothing is sent."""
    target = Recording()
    assert await held(live(3), target, answered=stored) == []
    assert target.requests == []


async def test_answered_scripted_dialogue_is_not_asked_again() -> None:
    """The one exchange of a scripted history, once stored, is all there is."""
    target = Recording()
    assert await held(scripted(3), target, answered=[Exchange(3, "0" * 64, ok("stored"))]) == []
    assert target.requests == []


@given(st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=6), st.integers(1, 6))
async def test_only_answers_and_user_turns_ever_enter_a_request(states: list[str], turns: int) -> None:
    """Whatever comes back, each request alternates user turns and true replies, and holds no failure's text."""
    target = Recording(replies(*(STATES[state] for state in states)))
    exchanges = await held(live(turns), target)
    asked = [states[min(place, len(states) - 1)] for place in range(turns)]
    ends = next((place for place, state in enumerate(asked, 1) if state != "ok"), turns)
    assert len(exchanges) == len(target.requests) == ends
    for number, request in enumerate(target.requests, 1):
        roles = [role for role, _ in said(request)]
        assert roles == (["user", "assistant"] * number)[:-1]
        assert {text for role, text in said(request) if role == "assistant"} <= {"own words"}
        assert all(text for _, text in said(request))
        assert FAILURE_TEXT not in str(said(request))


async def test_stored_hash_is_that_of_the_request_sent() -> None:
    """Each exchange carries the hash of its own request, parameters included."""
    target = Recording()
    conduct = Conduct(parameters=Parameters(0.7, 64))
    exchanges = await held(live(3), target, conduct)
    assert [step.request_sha256 for step in exchanges] == [request.sha256() for request in target.requests]
    assert {request.parameters for request in target.requests} == {Parameters(0.7, 64)}
    assert len({step.request_sha256 for step in exchanges}) == 3


async def test_message_objects_are_shared_between_the_requests_of_a_dialogue() -> None:
    """The history of request t is the very objects of request t - 1, so a provider encodes each once."""
    target = Recording()
    await held(live(4), target)
    for earlier, later in zip(target.requests, target.requests[1:], strict=False):
        pairs = zip(earlier.messages, later.messages, strict=False)
        assert all(one is other for one, other in pairs)


async def test_transcript_holds_the_messages_of_the_last_request() -> None:
    """A judge is given exactly what the target saw last, and every exchange."""
    target = Recording()
    for dialogue in (live(3), scripted(3)):
        exchanges = await held(dialogue, target)
        transcript = transcript_of(dialogue, Conduct(), exchanges)
        assert transcript.messages == target.requests[-1].messages
        assert transcript.exchanges == tuple(exchanges)
        assert transcript.final.turn == 3


@pytest.mark.parametrize(
    ("turns", "given", "censored"),
    [
        (2, [ok("a"), ok("b")], False),
        (2, [ok("a"), blocked()], False),
        (2, [ok("a"), broken()], True),
        (2, [ok("a")], True),
        (2, [blocked()], True),
        (1, [blocked()], False),
    ],
)
def test_dialogue_cut_short_is_censored(turns: int, given: list[Reply], censored: bool) -> None:  # noqa: FBT001
    """Only an answer or a block on the last turn says how the dialogue ended."""
    assert transcript_of(live(turns), Conduct(), answered(*given)).censored is censored


def test_scripted_history_without_scripted_replies_is_refused() -> None:
    """The sentence names the dialogue and both ways out."""
    with pytest.raises(UsageError, match=r"dialogue 'd1' of test has no scripted replies.*--history live"):
        check_conduct(live(2), Conduct(history="scripted"))


@pytest.mark.parametrize(
    ("dialogue", "conduct"),
    [
        (live(2), Conduct()),
        (live(1), Conduct(history="scripted")),
        (scripted(3), Conduct(history="live")),
        (scripted(3), Conduct(history="scripted")),
    ],
)
def test_dialogue_that_can_be_held_passes(dialogue: Dialogue, conduct: Conduct) -> None:
    """Live history suits every dialogue, and one turn needs no scripted reply."""
    check_conduct(dialogue, conduct)
