"""Somebody looks at a run while it goes on, from another process: the run does not notice, and every look is true."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import msgspec

from evaluate.answering import QUICK, Answering, benchmark_of, names_in, settings_of
from evaluate.failing.polling_reader import Look, digest
from rollout.recording import live
from turnwise.dialogue import Dialogue, Turn
from turnwise.evaluate import evaluate

DIALOGUES = 200
PAGES = "x" * 10_000
"""Makes a reply longer than two pages of the file, so that half of it could be there without the other."""

# SQLite waits five seconds for a lock before it gives up.
BLOCKED_S = 3.0


def talk(number: int) -> Dialogue:
    """Two live turns in words of their own."""
    turns = (Turn(f"d{number} 1"), Turn(f"d{number} 2"))
    return msgspec.structs.replace(live(2, name=f"d{number}"), turns=turns)


@asynccontextmanager
async def looked_at(run: Path) -> AsyncIterator[list[Look | int]]:
    """All that a viewer of the run sees meanwhile; it is complete when the block is left."""
    script = Path(__file__).with_name("polling_reader.py")
    pipe = asyncio.subprocess.PIPE
    seen: list[Look | int] = []
    # As much of what it says as this is taken in while nobody reads: it never waits to be heard.
    viewer = await asyncio.create_subprocess_exec(
        sys.executable, script, run, stdin=pipe, stdout=pipe, stderr=pipe, limit=1 << 26
    )
    assert viewer.stdout is not None
    assert await viewer.stdout.readline() == b"waiting\n"
    try:
        yield seen
    finally:
        async with asyncio.timeout(60):
            said, complaints = await viewer.communicate(b"")
    assert (viewer.returncode, complaints.decode()) == (0, "")
    seen.extend(msgspec.json.decode(line, type=Look | int) for line in said.splitlines())


@asynccontextmanager
async def never_blocked() -> AsyncIterator[None]:
    """Check that the event loop, in which the run writes, stood still for no longer than a lock would hold it up."""
    worst_s = 0.0

    async def tick() -> None:
        nonlocal worst_s
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            worst_s = max(worst_s, time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticking.cancel()
    assert worst_s < BLOCKED_S


async def test_viewer_sees_a_run_grow_and_the_run_does_not_notice(server: Answering, tmp_path: Path, run: Path) -> None:
    """From before the file is there, over a run with failures and a second one, until it is one file again."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *map(talk, range(DIALOGUES))))
    async with looked_at(run) as seen, never_blocked():
        server.answer = lambda asked: 400 if asked.last.endswith("7 2") else f"{asked.last} {PAGES}"
        await evaluate(settings, run, machinery=QUICK)
        server.answer = lambda asked: f"{asked.last} {PAGES}"
        await evaluate(settings, run, machinery=QUICK)
    assert names_in(tmp_path) == ["b.jsonl", "run.sqlite"]
    assert len(server.asked) == 2 * DIALOGUES + DIALOGUES // 10

    looks = [each for each in seen if isinstance(each, Look)]
    assert looks[-1].n_scored == DIALOGUES
    assert looks[-1].calls == len(server.asked)
    assert set(looks[-1].rows.values()) == {(2, "ok")}
    assert len({look.calls for look in looks if 0 < look.n_scored < DIALOGUES}) >= 3, "nobody looked while it went on"
    for look in looks:
        check_whole(look)
    for before, after in pairwise(looks):
        check_growth(before, after)
    assert seen[-1] in range(sum(row == (2, "ok") for row in looks[0].rows.values()) + 1)


def check_whole(look: Look) -> None:
    """Every reply is there in full, after the one before it, and nothing was judged that is not there."""
    assert look.dialogues == len(look.rows) == DIALOGUES
    for name, reply in look.replies.items():
        assert reply in {("ok", digest(f"{name} {PAGES}")), ("failed", digest(""))}
    for name, row in look.rows.items():
        assert row in {(None, None), (1, "ok"), (2, "ok"), (2, "failed")}
        assert row[0] is None or look.replies[f"{name} 1"][0] == "ok"
    for name in look.verdicts:
        assert look.replies[f"{name} 2"][0] == "ok"


def check_growth(before: Look, after: Look) -> None:
    """What a look saw answered, judged and counted, the next one sees too."""
    assert {each for each in before.replies.items() if each[1][0] == "ok"} <= set(after.replies.items())
    assert before.replies.keys() <= after.replies.keys()
    assert before.verdicts.items() <= after.verdicts.items()
    assert before.calls <= after.calls
    assert before.n_scored <= after.n_scored
