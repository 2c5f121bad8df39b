"""Wave mode that ends at any moment: the same command goes on, nothing is paid twice, nothing is stored twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from dialogue.whole_png import whole_png
from evaluate.answering import benchmark_of
from evaluate.waves.batching import BATCH, Notes, asked, job_states, origins, said, settings_of
from models.batch.anthropic_server import AnthropicServer
from models.batch.faulty import Fault, Handler, loses_the_answer, says_status, serving
from models.batch.making import patience
from models.batch.openai_server import WAY, OpenAIServer
from rollout.recording import live, scripted
from turnwise.benchmarks import open_benchmark
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError, EndpointDown
from turnwise.evaluate import RunSettings, Stop, evaluate
from turnwise.evaluate.batching.purse import Purse
from turnwise.evaluate.batching.target import BatchTarget
from turnwise.evaluate.batching.waves import Waves
from turnwise.evaluate.ledger import Ledger
from turnwise.evaluate.prepare import prepare
from turnwise.models.batch.openai import OpenAIBatch
from turnwise.models.batch.openai_calls import OpenAICalls
from turnwise.models.batch.split import BatchLimits
from turnwise.models.openai.endpoint import parse_endpoint
from turnwise.rollout import Budget, BudgetSpent, Caps, Conduct, Price
from turnwise.runfile import Reader, Writer

KEY_REFUSED = says_status(401)
WHOLE = {
    "d1": [("ok", "reply to question 1"), ("ok", "reply to question 2")],
    "d2": [("ok", "reply to question 3")],
}


def two() -> tuple[Dialogue, Dialogue]:
    """A live dialogue of two turns and a scripted one of three: two waves, of two requests and of one."""
    return live(2), scripted(3, name="d2")


def telling(event: asyncio.Event) -> Fault:
    """No fault: the call is done, and the event is set."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        event.set()
        return answer

    return fault


@pytest.mark.parametrize(
    ("faults", "made", "states"),
    [
        # Nothing was uploaded, or no job was made of the upload: it is looked for, not found, and made then.
        ([("POST /v1/files", KEY_REFUSED)], 2, [("lost", 2), ("read", 2), ("read", 1)]),
        ([("POST /v1/batches", KEY_REFUSED)], 2, [("lost", 2), ("read", 2), ("read", 1)]),
        # The job was made, and the run ended before it knew: it is looked for and found.
        ([("POST /v1/batches", loses_the_answer), ("GET /v1/batches", KEY_REFUSED)], 2, [("read", 2), ("read", 1)]),
        # The job was polled, or its results were on their way: it is polled again.
        ([("GET /v1/batches/batch_000", KEY_REFUSED)], 2, [("read", 2), ("read", 1)]),
        ([("GET /v1/files/", KEY_REFUSED)], 2, [("read", 2), ("read", 1)]),
        ([("GET /v1/batches/batch_001", KEY_REFUSED)], 2, [("read", 2), ("read", 1)]),
    ],
    ids=["upload", "making", "made unseen", "first poll", "results", "second wave"],
)
async def test_run_that_ended_early_goes_on_where_it_was(
    faults: list[tuple[str, Fault]],
    made: int,
    states: list[tuple[str, int]],
    batches: OpenAIServer,
    tmp_path: Path,
    run: Path,
) -> None:
    """Whatever the call at which it ended, two jobs are made in all, and every reply is stored once."""
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *two()))
    for call, fault in faults:
        batches.fail(call, fault)
    with pytest.raises(EndpointDown, match="auth"):
        await evaluate(settings, run, machinery=BATCH)
    assert batches.faults == []
    await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == made
    assert job_states(run) == states
    assert {name: replies for name, (replies, _) in said(run).items()} == WHOLE
    assert origins(run) == {"d1": [("model", 1)] * 2, "d2": [("model", 1)]}


async def test_run_that_ended_in_the_middle_of_reading_stores_nothing_twice(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """A crash between two rows of a job: the job is read again, and the row that was stored stays as it was."""

    class Crashing(Notes):
        def exchanged(self, dialogue: Dialogue, exchange: object) -> None:
            if self.turns:
                raise RuntimeError("a crash")
            self.turns.append((dialogue.id, 1, "ok"))

    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *two()))
    with pytest.raises(RuntimeError, match="a crash"):
        await evaluate(settings, run, machinery=BATCH, listener=Crashing())
    await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == 2
    assert {name: replies for name, (replies, _) in said(run).items()} == WHOLE
    assert origins(run) == {"d1": [("model", 1)] * 2, "d2": [("model", 1)]}


async def test_run_that_was_aborted_goes_on_with_its_job(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """A second Ctrl-C cancels the run at once; the job is not cancelled with it."""
    batches.way = ("in_progress",)
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *two()))
    polled = asyncio.Event()
    notes = Notes(lambda words: polled.set() if ": running" in words else None)
    task = asyncio.create_task(evaluate(settings, run, machinery=BATCH, listener=notes))
    await polled.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert notes.notes[-1] == "batch job batch_000 goes on; the same command picks it up"
    batches.way = ("in_progress", "completed")
    await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == 2
    assert {name: replies for name, (replies, _) in said(run).items()} == WHOLE


async def test_killed_command_goes_on_with_its_job(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """Killed (-9) while polling; the same command reads the job that was made, and ends well."""
    batches.way = ("validating",)
    polled = asyncio.Event()
    batches.fail("GET /v1/batches/batch_000", telling(polled))
    benchmark = benchmark_of(tmp_path / "b.jsonl", *two())
    command = [sys.executable, "-m", "turnwise", "run", "-b", benchmark, "-t", f"openai:small@{batches.base_url}"]
    command += ["--batch", "--poll-s", "0.1", "--out", str(run), "--no-cache", "--show-incomplete"]
    killed = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    await asyncio.wait_for(polled.wait(), 60)
    killed.kill()
    await killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    batches.way = WAY
    again = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(again.communicate(), 120)
    assert again.returncode == 0, err.decode()
    assert b"attack success rate" in out
    assert b"batch job batch_000: done, 2 of 2 answered, 0 failed" in err
    assert asked(batches) == [["question 1", "question 3"], ["question 2"]]
    assert {name: replies for name, (replies, _) in said(run).items()} == WHOLE


async def test_interrupted_command_says_that_the_job_goes_on(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """Ctrl-C ends the command with 130 between two polls, and says how to pick the job up."""
    batches.way = ("validating",)
    polled = asyncio.Event()
    batches.fail("GET /v1/batches/batch_000", telling(polled))
    benchmark = benchmark_of(tmp_path / "b.jsonl", *two())
    command = [sys.executable, "-m", "turnwise", "run", "-b", benchmark, "-t", f"openai:small@{batches.base_url}"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = await asyncio.create_subprocess_exec(
        *command, "--batch", "--out", str(run), stderr=asyncio.subprocess.PIPE, env=environment
    )
    await asyncio.wait_for(polled.wait(), 60)
    running.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(running.communicate(), 60)
    lines = err.decode().splitlines()
    assert running.returncode == 130
    assert "batch job batch_000 goes on; the same command picks it up" in lines
    assert lines[-1].startswith("0 of 2 dialogues are done and kept")
    assert batches.batches["batch_000"]["status"] == "validating"


async def test_wave_of_several_jobs_goes_on_with_those_that_were_not_made(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """Of five requests at two a job, those of the one job made are read first, also when a cap allows no more."""
    dialogues = [
        msgspec.structs.replace(live(1, name=f"d{number}"), turns=(live(number).turns[-1],)) for number in range(1, 6)
    ]
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=())
    with Writer(run) as writer:
        prepare(writer, settings, benchmarks=[open_benchmark(settings.benchmarks[0])], judges=[])
        with Reader(run) as reader:
            batches.fail("POST /v1/batches", telling(asyncio.Event()), KEY_REFUSED)
            with pytest.raises(EndpointDown):
                await two_a_job(batches, reader, writer, Purse(Budget(Caps()), None))
            assert (len(batches.batches), len(reader.pending([]))) == (1, 5)
            broke = Purse(Budget(Caps(max_cost_usd=1e-9)), Price(1.0, 1.0, "now"))
            with pytest.raises(BudgetSpent):
                await two_a_job(batches, reader, writer, broke)
            assert (len(batches.batches), reader.pending([])) == (1, [3, 4, 5])
            await two_a_job(batches, reader, writer, Purse(Budget(Caps()), None))
            assert reader.pending([]) == []
    assert asked(batches) == [["question 1", "question 2"], ["question 3", "question 4"], ["question 5"]]


async def two_a_job(server: OpenAIServer, reader: Reader, writer: Writer, purse: Purse) -> None:
    """Wave mode at a provider that takes two requests a job."""
    calls = OpenAICalls(parse_endpoint(f"small@{server.base_url}"), key=None, timeout_s=10.0, proxy=None)
    model = OpenAIBatch(calls, patience=patience(), limits=BatchLimits(2, 1_000_000))
    target = BatchTarget(model, purse, None, 0.01, 2)
    ledger = Ledger(reader=reader, writer=writer, judges=[], listener=Notes())
    waves = Waves(target, ledger=ledger, conduct=Conduct(), asking=None, stop=Stop())
    try:
        await waves.run()
    finally:
        await target.close()


async def test_image_that_changed_ends_the_run_before_the_job(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """The job that was about to be made is not looked for afterwards."""
    (tmp_path / "a.png").write_bytes(whole_png(b"first"))
    line = b'{"id": "d1", "turns": [{"user": "look"}], "images": ["a.png"]}'
    (tmp_path / "b.jsonl").write_bytes(line)
    settings = settings_of(batches, f"jsonl:{tmp_path / 'b.jsonl'}")

    class Changing(Notes):
        def started(self, *, total: int, pending: int) -> None:
            (tmp_path / "a.png").write_bytes(whole_png(b"other"))

    with pytest.raises(DataError, match="changed"):
        await evaluate(settings, run, machinery=BATCH, listener=Changing())
    assert batches.calls == []
    assert job_states(run) == [("lost", 1)]


async def test_run_file_of_a_live_run_goes_on_in_batch_jobs(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """A run that was begun live is gone on with in jobs: they shape no number, so no setting differs."""
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *two()))
    live_machinery = msgspec.structs.replace(BATCH, batch_poll_s=None, max_attempts=1)
    await evaluate(settings, run, machinery=live_machinery)  # the batch server knows no chat completions
    await evaluate(settings, run, machinery=BATCH)
    assert {name: replies for name, (replies, _) in said(run).items()} == WHOLE


@pytest.mark.extra("anthropic")
async def test_message_batches_of_anthropic_are_waves_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Path
) -> None:
    """Two waves over message batches; a job that was made unseen is found by its results."""
    pytest.importorskip("anthropic", reason="needs the extra 'anthropic'")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    async with serving(AnthropicServer()) as server:
        settings = RunSettings(
            benchmarks=(benchmark_of(tmp_path / "b.jsonl", *two()),), target=f"anthropic:claude@{server.base_url}"
        )
        path = "/v1/messages/batches"
        server.fail(f"POST {path}", loses_the_answer)
        server.fail(f"GET {path}", KEY_REFUSED)
        with pytest.raises(EndpointDown, match="auth"):
            await evaluate(settings, run, machinery=BATCH)
        server.polls_to_end = 1
        await evaluate(settings, run, machinery=BATCH)
        assert len(server.batches) == 2
    assert said(run)["d1"][0] == [("ok", "You said question 1."), ("ok", "You said question 2.")]
