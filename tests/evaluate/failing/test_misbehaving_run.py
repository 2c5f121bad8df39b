"""Whole runs against a server that misbehaves: every row in its state, every request counted, and all mended after."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec
import pytest

from evaluate.answering import benchmark_of, outcome, states
from evaluate.failing.misbehaviours import HALF, MISBEHAVIOURS, RETRY_AFTER_S, SAID, WORD, Course, Misbehaviour, Moody
from models.misbehaving import Handler, fails, running_server, says
from rollout.recording import live
from turnwise.dialogue import Dialogue, Turn
from turnwise.errors import EndpointDown
from turnwise.evaluate import Machinery, RunSettings, evaluate

PATIENT = Machinery(concurrency=4, timeout_s=20.0, max_attempts=2)
IMPATIENT = Machinery(concurrency=4, timeout_s=0.6, max_attempts=2)
DONE = (["ok", "ok"], {"rules": "scored"})

Row = tuple[list[str], dict[str, str]]
Go = Callable[[], Awaitable[None]]


class Expected(msgspec.Struct, frozen=True):
    """What becomes of a dialogue of two turns.

    Fields:
        asked: Requests for turn 1 and for turn 2, with two attempts at most.
        again: The same when the server is well and the command is given again.
        healed: States at the very end.
    """

    asked: tuple[int, int]
    row: Row
    again: tuple[int, int] = (0, 0)
    healed: Row = DONE


UNTOUCHED = Expected((1, 1), DONE)
FAILED_ON_1 = Expected((1, 0), (["failed"], {}), again=(1, 1))
BLOCKED_ON_1 = Expected((1, 0), (["provider_blocked"], {}), healed=(["provider_blocked"], {}))
BLOCKED_ON_2 = (["ok", "provider_blocked"], {"rules": "scored"})

# Three dialogues meet each misbehaviour: always on turn 1, always on turn 2, and the first time only, on turn 1.
EXPECTED: dict[Course, dict[str, Expected]] = {
    "retried": {
        "early": Expected((2, 0), (["failed"], {}), again=(1, 1)),
        "late": Expected((1, 2), (["ok", "failed"], {}), again=(0, 1)),
        "once": Expected((2, 1), DONE),
    },
    "given up": {
        "early": FAILED_ON_1,
        "late": Expected((1, 1), (["ok", "failed"], {}), again=(0, 1)),
        "once": FAILED_ON_1,
    },
    "blocked": {
        "early": BLOCKED_ON_1,
        "late": Expected((1, 1), BLOCKED_ON_2, healed=BLOCKED_ON_2),
        "once": BLOCKED_ON_1,
    },
    "answered": {"early": UNTOUCHED, "late": UNTOUCHED, "once": UNTOUCHED},
}


@pytest.fixture
async def moody() -> AsyncIterator[Moody]:
    """The server, well until a test says otherwise."""
    handler = Moody()
    async with running_server() as server:
        server.plan, handler.base_url = [handler.answer], server.base_url
        yield handler


def dialogue(name: str) -> Dialogue:
    """Two live turns in words that no other dialogue has."""
    return msgspec.structs.replace(live(2, name=name), turns=(Turn(f"{name} 1"), Turn(f"{name} 2")))


def settings_for(moody: Moody, folder: Path, names: Iterable[str]) -> RunSettings:
    """The settings of a run of these dialogues."""
    benchmark = benchmark_of(folder / "b.jsonl", *map(dialogue, names))
    return RunSettings(benchmarks=(benchmark,), target=moody.target, judges=("rules",))


def one_by_one(name: str) -> Machinery:
    """One request after the other, none of them twice; who meets a server that keeps silent does not wait long."""
    return Machinery(concurrency=1, max_attempts=1, timeout_s=0.1 if MISBEHAVIOURS[name].kind == "timeout" else 20.0)


def moods_of(name: str, handler: Handler) -> dict[str, list[Handler]]:
    """The moods that the three dialogues of a misbehaviour meet."""
    return {f"early {name} 1": [handler], f"late {name} 2": [handler], f"once {name} 1": [handler, says(SAID)]}


def expected_of(name: str, misbehaviour: Misbehaviour) -> dict[str, Expected]:
    """What becomes of the three, and of one beside them that meets a server in good health."""
    three = {f"{role} {name}": expected for role, expected in EXPECTED[misbehaviour.course].items()}
    return {**three, f"kind {name}": UNTOUCHED}


def requests_of(counts: Iterable[tuple[str, tuple[int, int]]]) -> Counter[str]:
    """Requests by last message, of dialogues with the requests for each turn."""
    return Counter({f"{name} {turn}": n for name, both in counts for turn, n in enumerate(both, 1) if n})


def check_conversations(moody: Moody) -> None:
    """Every request was the dialogue's own words and real replies."""
    for asked in moody.asked:
        name, turn = asked.last.rsplit(" ", 1)
        said = [text for role, text in asked.messages if role == "assistant"]
        users = [text for role, text in asked.messages if role == "user"]
        assert users == [f"{name} {number}" for number in range(1, int(turn) + 1)]
        assert len(said) == int(turn) - 1
        assert set(said) <= {SAID, HALF}
    assert WORD not in str(moody.asked)


def check_replies(moody: Moody, run: Path) -> None:
    """Stored words are real replies, a failure is named for what it is, and the attempts are the server's count."""
    attempts = Counter[str]()
    for name, (replies, _) in outcome(run).items():
        for turn, reply in enumerate(replies, 1):
            attempts[f"{name} {turn}"] = reply.attempts
            if reply.failure is None:
                assert reply.text in ({SAID, HALF} if reply.state == "ok" else {""})
            else:
                assert reply.failure.kind == MISBEHAVIOURS[name.split(" ", 1)[1]].kind
                assert reply.failure.message
    assert attempts == moody.counts()


async def check_run(moody: Moody, run: Path, expected: dict[str, Expected], go: Go) -> None:
    """Run, heal the server, run again and once more: after each the rows and the requests are as expected."""
    await go()
    assert states(run) == {name: one.row for name, one in expected.items()}
    assert moody.counts() == requests_of((name, one.asked) for name, one in expected.items())
    check_replies(moody, run)
    moody.moods, asked = {}, len(moody.asked)
    await go()
    assert states(run) == {name: one.healed for name, one in expected.items()}
    assert moody.counts(asked) == requests_of((name, one.again) for name, one in expected.items())
    check_replies(moody, run)
    check_conversations(moody)
    asked = len(moody.asked)
    await go()
    assert len(moody.asked) == asked


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_misbehaviour_costs_its_own_rows_and_a_second_start_mends_them(
    name: str, moody: Moody, tmp_path: Path, run: Path
) -> None:
    """Each row has its state, the server is asked exactly as often as the rules allow, and failed rows alone again."""
    misbehaviour = MISBEHAVIOURS[name]
    expected = expected_of(name, misbehaviour)
    moody.moods = moods_of(name, misbehaviour.handler)
    settings = settings_for(moody, tmp_path, expected)
    machinery = IMPATIENT if misbehaviour.kind == "timeout" else PATIENT
    await check_run(moody, run, expected, partial(evaluate, settings, run, machinery=machinery))


async def test_all_misbehaviours_at_once_cost_what_each_costs_alone(moody: Moody, tmp_path: Path, run: Path) -> None:
    """34 dialogues that meet 17 misbehaviours, and 17 that meet none, take 125 requests; mending takes 19 more.

    A dialogue that fails on turn 2 and one that fails the first time on turn 1: 6 requests for each of the 13 that are
    retried, 3 for each of the 2 that are not, 3 for the block, 4 where the words count. With 34 of the others 125.
    To be mended are 13 times 1 and 2 times 3.
    """
    expected: dict[str, Expected] = {}
    for name, misbehaviour in MISBEHAVIOURS.items():
        three = expected_of(name, misbehaviour)
        # A server that drips and hangs takes its time: it meets two of the three here.
        expected |= {each: one for each, one in three.items() if not each.startswith("early")}
        moody.moods = {**moody.moods, **moods_of(name, misbehaviour.handler)}
    settings = settings_for(moody, tmp_path, expected)
    await check_run(moody, run, expected, partial(evaluate, settings, run, machinery=IMPATIENT))
    assert len(moody.asked) == 125 + 19


@pytest.mark.parametrize("name", [name for name, one in MISBEHAVIOURS.items() if one.ends_endpoint])
async def test_server_that_does_nothing_else_is_given_up_and_asked_again_later(
    name: str, moody: Moody, tmp_path: Path, run: Path
) -> None:
    """Five requests say that nobody is there; the rest of the run is not asked until the command is given again."""
    names = [f"{number} {name}" for number in range(7)]
    settings = settings_for(moody, tmp_path, names)
    moody.moods = {f"{each} 1": [MISBEHAVIOURS[name].handler] for each in names}
    with pytest.raises(EndpointDown, match=f"failed 5 times in a row.*{MISBEHAVIOURS[name].kind}"):
        await evaluate(settings, run, machinery=one_by_one(name))
    assert moody.counts() == Counter(f"{each} 1" for each in names[:5])
    assert not any(reply.text for replies, _ in outcome(run).values() for reply in replies)
    moody.moods, asked = {}, len(moody.asked)
    await evaluate(settings, run, machinery=PATIENT)
    assert states(run) == dict.fromkeys(names, DONE)
    assert moody.counts(asked) == requests_of((each, (1, 1)) for each in names)
    check_conversations(moody)


@pytest.mark.parametrize("name", [name for name, one in MISBEHAVIOURS.items() if not one.ends_endpoint])
async def test_what_is_wrong_with_single_requests_ends_no_run(
    name: str, moody: Moody, tmp_path: Path, run: Path
) -> None:
    """A server that answers, however badly, is there: every dialogue is asked, and each has its own row."""
    names = [f"{number} {name}" for number in range(7)]
    moody.moods = {f"{each} 1": [MISBEHAVIOURS[name].handler] for each in names}
    await evaluate(settings_for(moody, tmp_path, names), run, machinery=one_by_one(name))
    expected = EXPECTED[MISBEHAVIOURS[name].course]["early"]
    assert states(run) == dict.fromkeys(names, expected.row)
    assert moody.counts() == requests_of((each, (1, expected.asked[1])) for each in names)
    check_replies(moody, run)
    check_conversations(moody)


async def test_retry_after_holds_back_everybody(moody: Moody, tmp_path: Path, run: Path) -> None:
    """While a server wants to be left alone, no dialogue of the run asks it anything."""
    names = [f"d{number}" for number in range(40)]
    moody.moods = {"d3 1": [fails(429, WORD, retry_after=RETRY_AFTER_S), says(SAID)]}
    await evaluate(settings_for(moody, tmp_path, names), run, machinery=PATIENT)
    first, second = (asked.came_s for asked in moody.asked if asked.last == "d3 1")
    assert second - first >= RETRY_AFTER_S
    # What was under way when the answer came is not called back; that it came takes a moment.
    assert [asked.last for asked in moody.asked if first + 0.1 < asked.came_s < first + RETRY_AFTER_S] == []
    assert states(run) == dict.fromkeys(names, DONE)
    assert len(moody.asked) == 81
