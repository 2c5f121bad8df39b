"""kill -9 at random moments of a real command, again and again: only calls on their way are lost, and no number."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from cli.command import Done, environment, turnwise
from evaluate.answering import benchmark_of, names_in
from evaluate.failing.paced_server import Call
from turnwise.dialogue import Dialogue, Turn
from turnwise.errors import RunFileError
from turnwise.runfile import Reader, export_jsonl

CONCURRENCY = 16
COMMITTED_WITHIN_S = 1.0
GROUPS, TALKS = 100, 60
MANNERS = ("comply", "warn", "decline", "stop", "comply", "comply", "decline")
TIMES = ("at", "latency_ms")
"""All of a row that may differ between two runs."""

NOT_BEGUN = re.compile("there is no such run file|the run file is empty")


Mark = Literal["start", "first call"]


class Moment(msgspec.Struct, frozen=True):
    """When to kill: so long after the command was started, or after its first call."""

    after: Mark
    earliest_s: float
    latest_s: float


# Some while it starts, most early, where little is on disk, others late enough for the promise of one second to bind.
MOMENTS = (
    *[Moment("start", 0.0, 0.3)] * 10,
    *[Moment("first call", 0.0, 0.5)] * 34,
    *[Moment("first call", 1.2, 1.5)] * 6,
)


class Kill(msgspec.Struct, frozen=True):
    """One killed start.

    Fields:
        client: The key it came to the server with.
        sent_s, gone_s: Just before it was killed, and when it was gone for sure.
        kept: The calls, as the server names them, whose answers the run file then holds.
    """

    client: str
    sent_s: float
    gone_s: float
    kept: frozenset[str]


class Server:
    """The paced server, seen from here."""

    def __init__(self, port: int) -> None:
        self.port = port

    def calls(self, client: str = "") -> list[Call]:
        """All calls, or those of one client."""
        return msgspec.json.decode(self._ask("GET", f"/log?client={client}" if client else "/log"), type=list[Call])

    def free(self) -> None:
        """Lift the pace."""
        self._ask("POST", "/free")

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path)
        body = connection.getresponse().read()
        connection.close()
        return body


@pytest.fixture
def paced() -> Iterator[Server]:
    """A server in its own process, so that its log outlives every killed client."""
    script = Path(__file__).with_name("paced_server.py")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of the run that is killed."""
    folder = tmp_path / "killed"
    folder.mkdir()
    return folder


@pytest.fixture
def forking(killed: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Starts commands in the folder."""
    script = Path(__file__).with_name("forked_command.py")
    with (
        (tmp_path / "said.txt").open("w") as said,
        subprocess.Popen(
            [sys.executable, str(script)],
            cwd=killed,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        yield process
        assert process.stdin is not None
        process.stdin.close()


def attack(group: int, length: int) -> Dialogue:
    """A scripted dialogue: a call of the target, and one of the judge unless it is stopped."""
    name = f"g{group}/{length}"
    turns = [Turn(f"{name} {turn} comply", reply="Go on.") for turn in range(1, length)]
    last = Turn(f"{name} {length} {MANNERS[(group + length) % len(MANNERS)]}")
    return Dialogue(
        id=name, benchmark="test", group=f"g{group}", scenario=f"scenario {group % 3}", turns=(*turns, last)
    )


def talk(number: int) -> Dialogue:
    """A harmless live dialogue of two turns: a call more. The first one is stopped on turn 1."""
    name, manner = f"talk{number}", MANNERS[number % len(MANNERS)]
    turns = (Turn(f"{name} 1 {'comply' if number else 'stop'}"), Turn(f"{name} 2 {manner}"))
    return Dialogue(id=name, benchmark="test", group=name, intent="safe", history="live", turns=turns)


def killed_midway(
    forking: subprocess.Popen[str], words: Sequence[str], server: Server, *, client: str, after: Mark, wait_s: float
) -> tuple[float, float]:
    """Start the command and kill it `wait_s` after the mark; just before that, and when it was gone for sure."""
    assert forking.stdin is not None
    assert forking.stdout is not None
    forking.stdin.write(json.dumps([client, words]) + "\n")
    forking.stdin.flush()
    command = int(forking.stdout.readline())
    while after == "first call" and not server.calls(client):
        os.kill(command, 0)  # raises when it has ended
        time.sleep(0.01)
    time.sleep(wait_s)
    sent_s = time.monotonic()
    os.kill(command, signal.SIGKILL)
    assert int(forking.stdout.readline()) == signal.SIGKILL, "the command was done before it was killed"
    return sent_s, time.monotonic()


def kept_in(run: Path) -> frozenset[str]:
    """The calls whose answers are in the run file; none while the run has not begun."""
    try:
        reader = Reader(run)
    except RunFileError as error:
        if NOT_BEGUN.search(str(error)):
            return frozenset()
        raise
    with reader:
        return frozenset(chain.from_iterable(kept_of(reader, number) for number in reader.touched()))


def kept_of(reader: Reader, number: int) -> Iterator[str]:
    """The calls for one dialogue whose answers are there."""
    turns = reader.dialogue(number).turns
    for exchange in reader.exchanges(number):
        yield f"target {turns[exchange.turn - 1].user}"
    for _, verdict in reader.verdicts(number):
        if verdict.attempts:
            yield f"judge {turns[-1].user}"


def test_fifty_kills_cost_only_calls_on_their_way_and_change_no_number(
    paced: Server, forking: subprocess.Popen[str], killed: Path, tmp_path: Path
) -> None:
    """A run killed fifty times asks again what was in flight or just answered, and ends as an undisturbed one does."""
    dialogues = chain.from_iterable(
        [*(attack(number, length) for length in (1, 2, 4)), *([talk(number)] if number < TALKS else [])]
        for number in range(GROUPS)
    )
    models = [f"openai:{model}@http://127.0.0.1:{paced.port}/v1" for model in ("target", "judge")]
    words = ["run", "-b", benchmark_of(tmp_path / "b.jsonl", *dialogues), "-t", models[0], "-j", "rules"]
    words += ["-j", f"safemt:{models[1]}", "--out", "run.sqlite", "--json", "--concurrency", str(CONCURRENCY)]

    chance = random.Random(20_251_122)
    kills: list[Kill] = []
    for number, moment in enumerate(chance.sample(MOMENTS, len(MOMENTS))):
        client, wait_s = f"start{number}", chance.uniform(moment.earliest_s, moment.latest_s)
        times = killed_midway(forking, words, paced, client=client, after=moment.after, wait_s=wait_s)
        kills.append(Kill(client, *times, kept_in(killed / "run.sqlite")))
    paced.free()
    last = turnwise(*words, cwd=killed, OPENAI_API_KEY="last")
    (tmp_path / "calm").mkdir()
    calm = turnwise(*words, cwd=tmp_path / "calm", OPENAI_API_KEY="calm")

    needed = {call.asked for call in paced.calls("calm")}
    assert len(paced.calls("calm")) == len(needed)
    assert sum(call.startswith("target") for call in needed) == 3 * GROUPS + 2 * TALKS - 1
    check_calls([call for call in paced.calls() if call.client != "calm"], kills, needed)
    check_file(killed / "run.sqlite")
    assert (last.code, calm.code) == (0, 0), last.err + calm.err
    assert everything_of(killed, last) == everything_of(tmp_path / "calm", calm)


def check_calls(calls: Sequence[Call], kills: Sequence[Kill], needed: set[str]) -> None:
    """What was on disk is never asked again; what was not, was on its way or answered less than a second before."""
    kept: frozenset[str] = frozenset()
    lost = n_bound = 0
    for kill in kills:
        ours = [call for call in calls if call.client == kill.client]
        asked = {call.asked for call in ours}
        assert len(asked) == len(ours), "a call was made twice in one start"
        assert not asked & kept, "a call was repeated whose answer was on disk"
        assert kept <= kill.kept <= kept | asked, "an answer that was on disk is gone, or one came from nowhere"
        kept = kill.kept
        on_their_way = [call for call in ours if call.answered_s is None or call.answered_s >= kill.gone_s]
        assert len(on_their_way) <= CONCURRENCY
        settled = {call.asked for call in ours if (call.answered_s or kill.gone_s) < kill.sent_s - COMMITTED_WITHIN_S}
        assert settled <= kept, "an answer was not on disk within a second"
        n_bound += bool(settled)
        lost += len(asked - kept)
    assert kept < needed, "nothing was left to do after the kills"
    assert {call.asked for call in calls if call.client == "last"} == needed - kept
    assert len(calls) == len(needed) + lost
    assert n_bound >= 3, "hardly a kill came late enough for the promise of one second to bind"


def check_file(run: Path) -> None:
    """The file is whole and closed, and nothing is in it twice."""
    assert names_in(run.parent) == ["report.html", "run.sqlite"]
    database = sqlite3.connect(run)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    counts = "SELECT (SELECT count(*) FROM dialogues), (SELECT count(*) FROM replies), (SELECT count(*) FROM verdicts)"
    rows = 3 * GROUPS + TALKS
    assert database.execute(counts).fetchone() == (rows, rows + TALKS - 1, 2 * (rows - 1))
    database.close()


def everything_of(folder: Path, done: Done) -> tuple[Any, str, list[Any]]:
    """What the command prints of a finished run: its numbers, its list of dialogues and its export, without times."""
    export_jsonl(folder / "run.sqlite", folder / "export.jsonl")
    lines = [json.loads(line) for line in (folder / "export.jsonl").read_text().splitlines()]
    for row in (row for line in lines for row in (*line["replies"], *line["verdicts"])):
        for name in TIMES:
            del row[name]
    listed = turnwise("show", "run.sqlite", cwd=folder)
    assert len(listed.out.splitlines()) == 1 + 3 * GROUPS + TALKS
    assert [part["asr_overall"]["n"] for part in done.json["slices"]] == [3 * GROUPS] * 2
    return done.json, listed.out, lines
