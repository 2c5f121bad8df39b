"""kill -9 at random moments of a real command, again and again: nothing is lost but what was on its way."""

from __future__ import annotations

import http.client
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from evaluate.answering import benchmark_of, names_in
from rollout.recording import scripted
from turnwise.runfile import Reader

DIALOGUES = 500
CONCURRENCY = 16
COMMITTED_WITHIN_S = 1.0
# Most kills come early, where little is on disk; the others late enough for the promise of one second to bind.
MOMENTS_S = (*[(0.0, 0.5)] * 16, *[(1.05, 1.3)] * 4)


class Call(msgspec.Struct, frozen=True, array_like=True):
    """One call as the server saw it; `answered` is empty when the client was gone by then."""

    asked: str
    came: float
    answered: list[float]

    def may_be_lost(self, killed: float) -> bool:
        """Whether a kill at that moment may undo it: on its way, or answered too shortly before for its commit."""
        return not self.answered or killed - self.answered[0] < COMMITTED_WITHIN_S


class Server:
    """The paced server, seen from here."""

    def __init__(self, port: int) -> None:
        self.port = port

    def calls(self, first: int = 0) -> list[Call]:
        """The calls from number `first` on."""
        return msgspec.json.decode(self._ask("GET", f"/log?from={first}"), type=list[Call])

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


def killed_midway(command: list[str], server: Server, *, after_s: float) -> float:
    """Start the command, kill it `after_s` after its first call; when it was killed."""
    before = len(server.calls())
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while not server.calls(before):
            assert process.poll() is None, f"ended before its first call: {process.stderr and process.stderr.read()}"
            time.sleep(0.01)
        time.sleep(after_s)
    finally:
        process.kill()
        killed = time.monotonic()
        process.communicate()
    assert process.returncode == -signal.SIGKILL, "the command was done before it was killed"
    return killed


def answered_in(run: Path) -> set[str]:
    """The dialogues with an answer in the run file."""
    with Reader(run) as reader:
        assert reader.count() == DIALOGUES
        return {row.id for row in reader.scored_rows("rules") if row.reply_state == "ok"}


def test_killed_run_loses_only_what_was_on_its_way(paced: Server, tmp_path: Path) -> None:
    """Twenty kills and one undisturbed run give every dialogue one answer and one verdict.

    The server is asked at most 500 times, plus, for each kill, the calls in flight (at most the concurrency) and those
    answered less than a second before it: a row is promised to be on disk within a second, so no call answered earlier
    may be repeated.
    """
    dialogues = [scripted(2, name=f"d{number}") for number in range(DIALOGUES)]
    named = [
        msgspec.structs.replace(each, turns=(each.turns[0], msgspec.structs.replace(each.turns[1], user=each.id)))
        for each in dialogues
    ]
    run = tmp_path / "run.sqlite"
    command = [sys.executable, "-m", "turnwise", "run", "-b", benchmark_of(tmp_path / "b.jsonl", *named)]
    command += ["-t", f"openai:model@http://127.0.0.1:{paced.port}/v1", "--out", str(run)]
    command += ["--concurrency", str(CONCURRENCY)]
    chance = random.Random(20_251_122)

    kills: list[float] = []
    kept: set[str] = set()
    for earliest_s, latest_s in chance.sample(MOMENTS_S, len(MOMENTS_S)):
        kills.append(killed_midway(command, paced, after_s=chance.uniform(earliest_s, latest_s)))
        now_kept = answered_in(run)
        assert kept <= now_kept, "an answer that was on disk is gone"
        kept = now_kept
    assert 0 < len(kept) < DIALOGUES

    paced.free()
    last = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert last.returncode == 0, last.stderr
    check_calls(paced.calls(), kills)
    check_file(run)


def check_calls(calls: list[Call], kills: list[float]) -> None:
    """No call is repeated that was answered a second or more before the kill it met, and there were such calls."""
    lost = settled_early = 0
    settled: set[str] = set()
    for start, end in zip([0.0, *kills], [*kills, float("inf")], strict=True):
        ours = [call for call in calls if start <= call.came < end]
        assert not settled & {call.asked for call in ours}, "a call that was on disk was repeated"
        settled_early = len(settled)
        may_be_lost = [call for call in ours if call.may_be_lost(end)]
        # An answer on its way counts as not given yet, while the worker that has it may already ask the next.
        assert sum(not call.answered for call in ours) <= 2 * CONCURRENCY
        settled |= {call.asked for call in ours} - {call.asked for call in may_be_lost}
        lost += len(may_be_lost)
        assert len({call.asked for call in ours}) == len(ours), "a call was made twice in one start"
    assert len({call.asked for call in calls}) == DIALOGUES
    assert len(calls) <= DIALOGUES + lost
    assert settled_early > 0


def check_file(run: Path) -> None:
    """The file is whole, closed, and has one answer and one verdict for every dialogue."""
    assert names_in(run.parent) == ["b.jsonl", "report.html", "run.sqlite"]
    database = sqlite3.connect(run)
    ask = "SELECT count(*), count(DISTINCT dialogue), sum(state = ?) FROM {}"
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute(ask.format("replies"), ("ok",)).fetchone() == (DIALOGUES,) * 3
    assert database.execute(ask.format("verdicts"), ("scored",)).fetchone() == (DIALOGUES,) * 3
    assert database.execute("SELECT count(*) FROM replies WHERE turn = 2 AND text = 'Of course.'").fetchone()[0] == 500
    assert json.loads(database.execute("SELECT value FROM settings WHERE name = 'seed'").fetchone()[0]) == 0
    database.close()
