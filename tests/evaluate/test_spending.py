"""What a run does not ask twice or pay for: shared requests, the cache over runs, caps; and how it is asked to stop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from evaluate.answering import QUICK, Answering, benchmark_of, settings_of
from rollout.recording import live, scripted
from turnwise.dialogue import Dialogue, Turn
from turnwise.errors import UsageError
from turnwise.evaluate import Machinery, Stop, dry_run, evaluate
from turnwise.rollout import BudgetSpent, Caps
from turnwise.runfile import Reader


def twins(name: str) -> tuple[Dialogue, Dialogue]:
    """A pair that parts at its third turn."""
    start = (Turn(f"{name}: hello"), Turn(f"{name}: go on"))

    def half(intent: str) -> Dialogue:
        return Dialogue(
            id=f"{name}/{intent}",
            benchmark="b",
            group=name,
            turns=(*start, Turn(f"{name}: now {intent}")),
            setting="escalation",
            intent="safe" if intent == "safe" else "unsafe",
            history="live",
        )

    return half("unsafe"), half("safe")


def origins(path: Path) -> list[list[str]]:
    """Where each reply of each dialogue came from."""
    with Reader(path) as reader:
        return [
            [exchange.reply.origin for exchange in reader.exchanges(number)] for number in range(1, reader.count() + 1)
        ]


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_twins_cost_four_calls_instead_of_six(
    server: Answering, tmp_path: Path, run: Path, concurrency: int
) -> None:
    """Their two common turns are asked once, whether they run one after the other or side by side."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *twins("x"), *twins("y")), share=True)

    await evaluate(settings, run, machinery=msgspec.structs.replace(QUICK, concurrency=concurrency))

    assert len(server.asked) == 8
    assert sorted(origins(run)) == sorted([["model"] * 3, ["shared", "shared", "model"]] * 2)


async def test_without_sharing_every_twin_is_asked(server: Answering, tmp_path: Path, run: Path) -> None:
    """Six calls a pair, each reply the model's own."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *twins("x")), share=False)

    await evaluate(settings, run, machinery=QUICK)

    assert len(server.asked) == 6
    assert origins(run) == [["model"] * 3] * 2


async def test_twins_far_apart_in_the_file_still_share(server: Answering, tmp_path: Path, run: Path) -> None:
    """Dialogues of one group are run next to each other, wherever they stand in the benchmark."""
    (first, second), others = twins("x"), [live(1, name=f"d{number}") for number in range(30)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", first, *others, second), share=True)

    await evaluate(settings, run, machinery=msgspec.structs.replace(QUICK, concurrency=1))

    assert [asked.last for asked in server.asked][:4] == ["x: hello", "x: go on", "x: now unsafe", "x: now safe"]


async def test_another_run_takes_its_replies_from_the_cache(server: Answering, tmp_path: Path, run: Path) -> None:
    """Target and judge are asked once over two runs; rows say where the replies came from; another model is asked."""
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(2), scripted(3, name="d2"))
    machinery = msgspec.structs.replace(QUICK, cache=tmp_path / "cache.sqlite")
    settings = settings_of(server, benchmark, judges=("rules", server.judge))

    await evaluate(settings, run, machinery=machinery)
    asked = len(server.asked)
    again = msgspec.structs.replace(settings, share=True, judges=(server.judge,))
    second = tmp_path / "second.sqlite"
    await evaluate(msgspec.structs.replace(again, share=False), second, machinery=machinery)

    assert (asked, len(server.asked)) == (5, 5)
    assert origins(second) == [["cache", "cache"], ["cache"]]
    with Reader(second) as reader:
        target, judge = reader.totals()
        assert (target.calls, target.reused, target.input_tokens) == (0, 3, 0)
        assert (judge.calls, judge.reused, judge.input_tokens) == (0, 2, 0)

    other = msgspec.structs.replace(settings, target=server.target("other"))
    await evaluate(other, tmp_path / "third.sqlite", machinery=machinery)

    assert len(server.of("other")) == 3


async def test_failed_replies_are_not_cached(server: Answering, tmp_path: Path, run: Path) -> None:
    """A request that failed in one run is asked again in the next."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(1)))
    machinery = msgspec.structs.replace(QUICK, cache=tmp_path / "cache.sqlite")
    server.answer = lambda _: 400
    await evaluate(settings, run, machinery=machinery)
    server.answer = lambda _: "Of course."

    await evaluate(settings, tmp_path / "second.sqlite", machinery=machinery)

    assert len(server.asked) == 2
    assert origins(tmp_path / "second.sqlite") == [["model"]]


async def test_cap_on_requests_ends_the_run_before_it_is_passed(server: Answering, tmp_path: Path, run: Path) -> None:
    """Never more than seven requests, target's and judge's together; a higher cap finishes the rest."""
    dialogues = [live(2, name=f"d{number}") for number in range(6)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=(server.judge,))
    capped = msgspec.structs.replace(QUICK, caps=Caps(max_requests=7))

    with pytest.raises(BudgetSpent, match=r"--max-requests 7.*goes on"):
        await evaluate(settings, run, machinery=capped)
    stopped = len(server.asked)
    await evaluate(settings, run, machinery=QUICK)

    assert stopped == 7
    assert len(server.asked) == 6 * 3
    with Reader(run) as reader:
        assert reader.pending([card.name for card in reader.judges()]) == []


async def test_cost_cap_needs_a_price(server: Answering, tmp_path: Path, run: Path) -> None:
    """A cap in dollars on a model nobody knows the price of is refused before anything is sent."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(1)))

    with pytest.raises(UsageError, match="no price is known for openai:target"):
        await evaluate(settings, run, machinery=Machinery(caps=Caps(max_cost_usd=1.0)))

    assert (server.asked, list(tmp_path.glob("*.sqlite"))) == ([], [])


async def test_cost_cap_holds_with_an_own_price(server: Answering, tmp_path: Path, run: Path) -> None:
    """At 1 dollar for 10 tokens in, each call costs 1 dollar: the fourth would pass a cap of 3.9 dollars."""
    prices = tmp_path / "prices.toml"
    prices.write_text('[target]\ninput = 100000\noutput = 0\nseen = "2026-01"\n')
    dialogues = [live(1, name=f"d{number}") for number in range(9)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues))
    machinery = Machinery(concurrency=1, caps=Caps(max_cost_usd=3.9), prices=prices, max_attempts=1)

    with pytest.raises(BudgetSpent, match=r"--max-cost-usd 3.9"):
        await evaluate(settings, run, machinery=machinery)

    assert len(server.asked) == 3


async def test_asked_to_stop_it_lets_calls_in_flight_finish(server: Answering, tmp_path: Path, run: Path) -> None:
    """Four turns are under way: their answers are stored, no fifth is asked, and the same run goes on later."""
    dialogues = [live(3, name=f"d{number}") for number in range(8)]
    settings, stop = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), Stop()
    server.hold.clear()
    going = asyncio.create_task(evaluate(settings, run, machinery=QUICK, stop=stop))
    await server.until_asked(4)

    stop.ask()
    server.hold.set()
    await going

    assert len(server.asked) == 4
    assert sorted(len(replies) for replies in origins(run)) == [0] * 4 + [1] * 4
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 8 * 3


async def test_dry_run_sends_nothing_and_counts_what_a_run_then_takes(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """Its calls are the run's calls, shared ones once; afterwards nothing is pending."""
    benchmark = benchmark_of(tmp_path / "b.jsonl", *twins("x"), live(2), scripted(3, name="d2"))
    settings = settings_of(server, benchmark, judges=("rules", server.judge), share=True)

    before = await dry_run(settings, run, machinery=QUICK)

    assert (server.asked, list(tmp_path.glob("*.sqlite"))) == ([], [])
    assert [(role.role.split(":")[0], role.calls, role.cost_usd) for role in before.roles] == [
        ("target", 4 + 2 + 1, None),
        ("safemt", 4, None),
    ]
    assert (before.total, before.pending, before.rounds) == (4, 4, 11 / QUICK.concurrency)
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 11
    assert (await dry_run(settings, run, machinery=QUICK)).pending == 0


async def test_asked_to_stop_nobody_waits_to_send(server: Answering, tmp_path: Path, run: Path) -> None:
    """At one request a second, those who waited for their turn send nothing any more, and come back as not asked."""
    dialogues = [live(1, name=f"d{number}") for number in range(6)]
    settings, stop = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), Stop()
    slow = msgspec.structs.replace(QUICK, rpm=60.0)

    going = asyncio.create_task(evaluate(settings, run, machinery=slow, stop=stop))
    await server.until_asked(1)
    stop.ask()
    await asyncio.wait_for(going, 20)

    assert len(server.asked) == 1
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 6
