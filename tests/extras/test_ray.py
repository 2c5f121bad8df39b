"""The same run on a Ray cluster of two nodes on this machine: whole, within its limits, and with a node killed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dialogue.whole_png import whole_png
from evaluate.answering import Answering, Asked, benchmark_of, outcome, settings_of
from rollout.recording import live
from turnwise.dialogue import Dialogue, Image
from turnwise.errors import EndpointDown, UsageError
from turnwise.evaluate import Machinery, Silent, Stop, evaluate, rejudge
from turnwise.rollout import BudgetSpent, Caps

pytestmark = [
    pytest.mark.extra("ray"),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed"),
    # Ray leaves sockets and log files of its own to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"),
]

ON_RAY = Machinery(concurrency=8, timeout_s=20.0, max_attempts=1, ray="auto", ray_workers=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors, where the driver and the desk are, and two nodes with room for one worker each."""
    ray, cluster_utils = importlib.import_module("ray"), importlib.import_module("ray.cluster_utils")
    small = {"object_store_memory": 100 * 2**20}
    started = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small}
    )
    for _ in range(2):
        started.add_node(num_cpus=1, **small)
    ray.init(address=started.address, log_to_driver=False, logging_level="ERROR")
    yield started
    ray.shutdown()
    started.shutdown()


@pytest.fixture
async def server() -> AsyncIterator[Answering]:
    """A server that answers everything until a test says otherwise."""
    running = Answering()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Where the run file lies."""
    return tmp_path / "run.sqlite"


def many(count: int, *, images: tuple[Image, ...] = ()) -> list[Dialogue]:
    """Live dialogues of two turns, each with words of its own."""
    return [numbered(live(2, name=f"d{number}"), number, images) for number in range(count)]


def numbered(dialogue: Dialogue, number: int, images: tuple[Image, ...]) -> Dialogue:
    """The dialogue with its number in every turn."""
    turns = tuple(msgspec.structs.replace(turn, user=f"{turn.user} ({number})") for turn in dialogue.turns)
    modality = "multimodal" if images else "unimodal"
    return msgspec.structs.replace(dialogue, turns=turns, images=images, modality=modality, group=f"g{number // 2}")


class Notes(Silent):
    """A listener that keeps what is noted and what is finished."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.done: list[str] = []

    def noted(self, words: str) -> None:
        """Keep the words."""
        self.words.append(words)

    def finished(self, dialogue: Dialogue) -> None:
        """Keep the name."""
        self.done.append(dialogue.id)


def rows(path: Path) -> list[tuple[object, ...]]:
    """What a run came to: replies and verdicts without times."""
    database = sqlite3.connect(path)
    replies = database.execute(
        "SELECT dialogue, turn, state, text, attempts, origin, request_sha256 FROM replies ORDER BY 1, 2"
    ).fetchall()
    verdicts = database.execute("SELECT dialogue, turn, judge, state, label FROM verdicts ORDER BY 1, 2, 3").fetchall()
    database.close()
    return replies + verdicts


async def test_run_on_two_nodes_comes_to_what_it_comes_to_here(
    cluster: Any, server: Answering, run: Path, tmp_path: Path
) -> None:
    """The same rows as in this process, request hashes included; each request is sent once; both workers took part."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(whole_png(b"a picture"))
    server.answer = lambda asked: (
        '{"verdict": "safe", "reason": "r"}' if asked.model == "judge" else f"re: {asked.last}"
    )
    dialogues = many(30, images=(Image.from_file(picture),))
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=("rules", server.judge))
    notes = Notes()
    await evaluate(settings, run, machinery=ON_RAY, listener=notes)
    there = Counter(map(str, server.asked))
    await evaluate(
        settings, tmp_path / "here.sqlite", machinery=msgspec.structs.replace(ON_RAY, ray=None, ray_workers=None)
    )
    assert rows(run) == rows(tmp_path / "here.sqlite")
    assert len(server.asked) == 2 * (30 * 2 + 30)
    assert Counter(map(str, server.asked)) == there + there
    assert sorted(notes.done) == sorted(dialogue.id for dialogue in dialogues)
    assert not notes.words


async def test_images_with_a_relative_path_reach_workers(
    cluster: Any, server: Answering, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers have a current folder of their own."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "one.png").write_bytes(whole_png(b"a picture"))
    monkeypatch.chdir(tmp_path)
    dialogues = many(4, images=(Image.from_file(Path("pictures/one.png")),))
    await evaluate(settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), run, machinery=ON_RAY)
    assert len(server.asked) == 8


async def test_caps_hold_over_all_workers(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """Eleven requests may be sent, and eleven are; the same command with a higher cap does the rest."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(20)))
    capped = msgspec.structs.replace(ON_RAY, caps=Caps(max_requests=11))
    with pytest.raises(BudgetSpent, match="stopped at --max-requests 11"):
        await evaluate(settings, run, machinery=capped)
    assert len(server.asked) == 11
    await evaluate(settings, run, machinery=ON_RAY)
    assert len(server.asked) == 40


async def test_rate_holds_over_all_workers(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """Twenty-four requests at ten a second take two seconds at least, whoever sends them."""
    came: list[float] = []

    def answer(asked: object) -> str:
        came.append(time.monotonic())
        return "Of course."

    server.answer = answer
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(12)))
    await evaluate(settings, run, machinery=msgspec.structs.replace(ON_RAY, rpm=600.0))
    assert len(came) == 24
    assert came[-1] - came[0] >= 2.2


async def test_replies_are_kept_for_the_next_run(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """Workers read and write the one response cache of the project, refusals and all; a second run sends nothing."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(8)))
    cached = msgspec.structs.replace(ON_RAY, cache=tmp_path / "cache.sqlite")
    await evaluate(settings, run, machinery=cached)
    await evaluate(settings, tmp_path / "again.sqlite", machinery=cached)
    assert len(server.asked) == 16
    assert {reply.origin for replies, _ in outcome(tmp_path / "again.sqlite").values() for reply in replies} == {
        "cache"
    }


async def test_dead_endpoint_ends_the_run(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """What a worker gives up, the run gives up, with the worker's sentence."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)))
    server.answer = lambda asked: 500
    with pytest.raises(EndpointDown, match="5 times in a row"):
        await evaluate(settings, run, machinery=ON_RAY)
    server.answer = lambda asked: "Of course."
    await evaluate(settings, run, machinery=ON_RAY)
    assert all(reply.state == "ok" for replies, _ in outcome(run).values() for reply in replies)


async def test_stop_lets_calls_in_flight_finish(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """Every call that was made when the run was asked to stop is in the run file, and no other one was made."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)))
    server.hold.clear()
    stop = Stop()
    going = asyncio.create_task(evaluate(settings, run, machinery=ON_RAY, stop=stop))
    await server.until_asked(8)
    stop.ask()
    await asyncio.sleep(1.0)
    server.hold.set()
    await going
    assert len(server.asked) == 8
    assert sum(len(replies) for replies, _ in outcome(run).values()) == 8


async def test_judges_rule_from_workers(cluster: Any, server: Answering, run: Path, tmp_path: Path) -> None:
    """Judging a stored run again goes the same way."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(6)))
    await evaluate(settings, run, machinery=ON_RAY)
    await rejudge(run, [server.judge], machinery=ON_RAY)
    assert len(server.of("judge")) == 6
    assert all(len(verdicts) == 2 for _, verdicts in outcome(run).values())


async def test_worker_that_cannot_open_the_engine_is_a_sentence(
    cluster: Any, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of replies that only the driver's folder has."""
    (tmp_path / "replies.jsonl").write_text('{"reply": "Of course."}\n')
    monkeypatch.chdir(tmp_path)
    settings = settings_of(Answering(), benchmark_of(tmp_path / "b.jsonl", *many(1)))
    settings = msgspec.structs.replace(settings, target="scripted:replies.jsonl")
    with pytest.raises(UsageError, match=r"worker on .*replies\.jsonl"):
        await evaluate(settings, run, machinery=ON_RAY)


async def test_node_killed_midway_costs_only_what_was_on_its_way(
    cluster: Any, server: Answering, run: Path, tmp_path: Path
) -> None:
    """A node is killed while its worker asks: its dialogues are leased again, every one is answered and judged once.

    Rows are back within a second: nothing that was answered earlier than that before the kill is asked again.
    """
    answered: dict[str, list[float]] = {}

    def answer(asked: Asked) -> str:
        answered.setdefault(asked.last, []).append(time.monotonic())
        return "Of course."

    server.answer, server.latency_s = answer, 0.1
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(120)))
    notes = Notes()
    going = asyncio.create_task(evaluate(settings, run, machinery=ON_RAY, listener=notes))
    await server.until_asked(150)
    await asyncio.to_thread(cluster.remove_node, cluster.list_all_nodes()[-1], allow_graceful=False)
    killed = time.monotonic()
    await asyncio.wait_for(going, 60)
    check_whole(run, notes)
    early = {words for words, times in answered.items() if times[0] < killed - 1.0}
    again = {words for words, times in answered.items() if len(times) > 1}
    assert early
    assert not early & again
    assert len(again) < 40


def check_whole(run: Path, notes: Notes) -> None:
    """Each of 120 dialogues has two replies and a verdict, was told to be finished once, and the loss was noted."""
    replies = outcome(run)
    assert len(replies) == len(set(notes.done)) == len(notes.done) == 120
    assert all([reply.state for reply in given] == ["ok", "ok"] for given, _ in replies.values())
    assert all(verdicts["rules"].state == "scored" for _, verdicts in replies.values())
    assert any("a worker was lost" in words for words in notes.words)
