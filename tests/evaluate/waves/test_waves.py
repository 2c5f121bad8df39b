"""Wave mode: a turn of all dialogues in a batch job, and the same run file as asking live."""

from __future__ import annotations

import base64
from pathlib import Path

import msgspec
import pytest

from dialogue.whole_png import whole_png
from evaluate.answering import QUICK, Answering, benchmark_of, names_in
from evaluate.answering import settings_of as live_settings
from evaluate.waves.batching import BATCH, Notes, answers_or, asked, job_states, origins, replies_to, said, settings_of
from models.batch.openai_server import OpenAIServer, not_run
from rollout.recording import live, scripted
from turnwise.dialogue import Dialogue, Image
from turnwise.errors import EndpointDown, UsageError
from turnwise.evaluate import Machinery, Stop, dry_run, evaluate
from turnwise.rollout import BudgetSpent, Caps


def singles(count: int) -> list[Dialogue]:
    """Dialogues d1, d2, ... of one turn, each with its own words."""
    return [
        msgspec.structs.replace(live(1, name=f"d{number}"), turns=(live(number).turns[-1],))
        for number in range(1, count + 1)
    ]


async def test_three_turns_are_three_jobs_and_the_run_file_is_as_if_asked_live(
    batches: OpenAIServer, server: Answering, tmp_path: Path, run: Path
) -> None:
    """A job for each turn holds the turn of every dialogue; replies and verdicts are those of the live engine."""
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(3), live(2, name="d2"), scripted(3, name="d3"))
    notes = Notes()
    await evaluate(settings_of(batches, benchmark, share=False), run, machinery=BATCH, listener=notes)
    assert asked(batches) == [["question 1", "question 1", "question 3"], ["question 2", "question 2"], ["question 3"]]
    last = batches.lines("batch_002")[0]["body"]["messages"]
    assert [message["content"] for message in last] == [
        *("question 1", "reply to question 1", "question 2", "reply to question 2", "question 3"),
    ]
    assert job_states(run) == [("read", 3), ("read", 2), ("read", 1)]
    assert notes.counts == [(3, 3)]
    assert sorted(notes.turns) == sorted(
        [*(("d1", turn, "ok") for turn in (1, 2, 3)), *(("d2", turn, "ok") for turn in (1, 2)), ("d3", 3, "ok")]
    )
    assert sorted(notes.verdicts) == sorted(notes.done) == ["d1", "d2", "d3"]
    assert notes.notes[0] == "batch job batch_000: submitted, 3 requests"
    assert "batch job batch_000: done, 3 of 3 answered, 0 failed" in notes.notes

    server.answer = lambda asked: replies_to(asked.last)
    await evaluate(live_settings(server, benchmark), tmp_path / "live.sqlite", machinery=QUICK)
    assert said(run) == said(tmp_path / "live.sqlite")
    assert origins(run) == origins(tmp_path / "live.sqlite")


async def test_finished_run_sends_nothing_again(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """The same command after the end makes no call at all."""
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(2)))
    await evaluate(settings, run, machinery=BATCH)
    calls = len(batches.calls)
    await evaluate(settings, run, machinery=BATCH)
    assert len(batches.calls) == calls


async def test_rows_that_failed_in_passing_are_in_the_next_wave(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """The others go on with their second turn meanwhile, and what failed has two attempts at the end."""
    others = [msgspec.structs.replace(live(2, name=name), turns=live(2).turns) for name in ("d2", "d3")]
    first = msgspec.structs.replace(live(1), turns=(live(3).turns[2],))
    batches.answer = answers_or({"question 3": 500})
    notes = Notes(lambda words: setattr(batches, "answer", answers_or({})) if "batch_001: submitted" in words else None)
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", first, *others), share=False)
    await evaluate(settings, run, machinery=BATCH, listener=notes)
    assert asked(batches) == [["question 1", "question 1", "question 3"], ["question 2", "question 2", "question 3"]]
    assert said(run)["d1"][0] == [("ok", "reply to question 3")]
    assert origins(run)["d1"] == [("model", 2)]
    assert ("d1", 1, "failed") in notes.turns


async def test_expired_rows_are_asked_again_and_blocked_ones_are_not(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """A request that the window closed on is in the next job; a block by the filter ends its dialogue."""
    blocked = {"error": {"code": "content_filter", "message": "filtered"}}
    batches.answer = lambda text, line: (
        [not_run(line, "batch_expired")]
        if text == "question 1"
        else [{**answers_or({"question 2": 400})(text, line)[0], "response": {"status_code": 400, "body": blocked}}]
    )
    notes = Notes(lambda words: setattr(batches, "answer", answers_or({})) if "batch_001: submitted" in words else None)
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *singles(2)))
    await evaluate(settings, run, machinery=BATCH, listener=notes)
    assert asked(batches) == [["question 1", "question 2"], ["question 1"]]
    assert said(run)["d2"][0] == [("provider_blocked", "")]
    assert sorted(notes.done) == ["d1", "d2"]


async def test_rejected_row_fails_once_a_run_and_does_not_hold_up_the_others(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """A request that is wrong itself is not in the next wave; the same command later asks it again."""
    batches.answer = answers_or({"question 2": 400})
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *singles(2), live(3, name="d3")))
    notes = Notes()
    await evaluate(settings, run, machinery=msgspec.structs.replace(BATCH, max_attempts=1), listener=notes)
    assert asked(batches) == [["question 1", "question 2"], ["question 2"]]
    assert [state for state, _ in said(run)["d2"][0]] == ["failed"]
    assert [state for state, _ in said(run)["d3"][0]] == ["ok", "failed"]
    assert sorted(notes.done) == ["d1", "d2", "d3"]
    batches.answer = answers_or({})
    await evaluate(settings, run, machinery=BATCH)
    assert said(run)["d2"][0] == [("ok", "reply to question 2")]


async def test_waves_that_bring_nothing_end_the_run_with_the_cause(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """Two waves of failures under two attempts: one sentence, noted in the file; the same command tries again."""
    batches.answer = answers_or({"question 1": 500})
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(1)))
    with pytest.raises(EndpointDown, match=r"2 waves .* server_error, HTTP 500.*run the same command again"):
        await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == 2
    batches.answer = answers_or({})
    await evaluate(settings, run, machinery=BATCH)
    assert origins(run) == {"d1": [("model", 3)]}


async def test_wave_that_brings_something_starts_the_count_again(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """Every turn fails once and is answered by the next wave: two attempts are enough for any number of turns."""

    def hearing(words: str) -> None:
        if "submitted" in words:
            broken = len(batches.batches) % 2
            batches.answer = answers_or({f"question {turn}": 500 for turn in (1, 2, 3)} if broken else {})

    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(3)))
    await evaluate(settings, run, machinery=BATCH, listener=Notes(hearing))
    assert origins(run) == {"d1": [("model", 2)] * 3}


async def test_request_that_always_fails_is_given_up_where_others_are_answered(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """After as many waves as attempts it stays failed, and the answered dialogues are judged."""
    batches.answer = answers_or({"question 2": 500})
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *singles(2)))
    await evaluate(settings, run, machinery=BATCH)
    assert asked(batches) == [["question 1", "question 2"], ["question 2"]]
    assert said(run)["d1"][1]["rules"][0] == "scored"
    assert said(run)["d2"] == ([("failed", "")], {})


async def test_job_that_is_refused_as_a_whole_ends_the_run(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """The server's reason is in the sentence, and no other job is made."""
    batches.way = ("validating", "failed")
    batches.errors = [{"code": "model_not_found", "message": "There is no such model.", "line": 1}]
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(1)))
    with pytest.raises(EndpointDown, match=r"refused a batch job \(model_not_found: There is no such model"):
        await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == 1


@pytest.mark.parametrize(("share", "rows", "second"), [(True, 1, ("shared", 0)), (False, 2, ("model", 1))])
async def test_twins_share_a_request_unless_told_otherwise(
    share: bool,  # noqa: FBT001 - the setting itself
    rows: int,
    second: tuple[str, int],
    batches: OpenAIServer,
    tmp_path: Path,
    run: Path,
) -> None:
    """Two dialogues that come to the same request are one row, and the second reply says that it is shared."""
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(1), live(1, name="d2")), share=share)
    await evaluate(settings, run, machinery=BATCH)
    assert asked(batches) == [["question 1"] * rows]
    assert origins(run) == {"d1": [("model", 1)], "d2": [second]}


async def test_images_are_in_the_rows(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """The file's bytes arrive in the first user message of every turn."""
    (tmp_path / "a.png").write_bytes(whole_png(b"pixels"))
    image = Image.from_file(tmp_path / "a.png")
    await evaluate(
        settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(2, images=[image]))), run, machinery=BATCH
    )
    for job in batches.batches:
        part = batches.lines(job)[0]["body"]["messages"][0]["content"][0]
        assert base64.b64decode(part["image_url"]["url"].partition(",")[2]) == whole_png(b"pixels")
    assert len(batches.batches) == 2


async def test_cached_replies_are_not_sent(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """Another run with the same cache makes no job, whatever the turn."""
    cached = msgspec.structs.replace(BATCH, cache=tmp_path / "cache.sqlite")
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(2), live(1, name="d2")))
    await evaluate(settings, tmp_path / "first.sqlite", machinery=cached)
    assert len(batches.batches) == 2
    await evaluate(settings, run, machinery=cached)
    assert len(batches.batches) == 2
    assert origins(run) == {"d1": [("cache", 0)] * 2, "d2": [("shared", 0)]}
    assert said(run) == said(tmp_path / "first.sqlite")


async def test_request_cap_counts_rows(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """Of five requests three are sent and kept under a cap of three; without it the same command sends two."""
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *singles(5)))
    capped = msgspec.structs.replace(BATCH, caps=Caps(max_requests=3))
    with pytest.raises(BudgetSpent, match="--max-requests 3"):
        await evaluate(settings, run, machinery=capped)
    assert [len(job) for job in asked(batches)] == [3]
    await evaluate(settings, run, machinery=BATCH)
    assert [len(job) for job in asked(batches)] == [3, 2]
    assert all(replies[0][0] == "ok" for replies, _ in said(run).values())


async def test_cost_cap_holds_jobs_to_what_they_may_cost_at_half_price(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """1,024 tokens at half of 1,000 USD a million are 0.512 USD: two requests a job fit under 1.1 USD, never three."""
    (tmp_path / "prices.toml").write_text('[small]\ninput = 0.0\noutput = 1000.0\nseen = "2025-01"\n')
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", *singles(5)))
    capped = msgspec.structs.replace(BATCH, caps=Caps(max_cost_usd=1.1), prices=tmp_path / "prices.toml")
    await evaluate(settings, run, machinery=capped)
    assert [len(job) for job in asked(batches)] == [2, 2, 1]
    planned = [
        await dry_run(settings, tmp_path / "plan.sqlite", machinery=each)
        for each in (capped, msgspec.structs.replace(capped, batch_poll_s=None))
    ]
    half, full = (plan.roles[0].cost_usd or 0.0 for plan in planned)
    assert full == pytest.approx(5 * 250 * 1000.0 / 1e6)
    assert half == pytest.approx(full / 2)
    assert [plan.rounds for plan in planned] == [0.0, 5 / 4]


async def test_time_cap_leaves_the_job_and_the_same_command_reads_it(
    batches: OpenAIServer, tmp_path: Path, run: Path
) -> None:
    """The cap ends the polling; the job is named as going on, and is not made again."""
    batches.way = ("in_progress",)
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(1)))
    notes = Notes()
    with pytest.raises(BudgetSpent, match="--max-minutes"):
        await evaluate(
            settings, run, machinery=msgspec.structs.replace(BATCH, caps=Caps(max_minutes=0.02)), listener=notes
        )
    assert notes.notes[-1] == "batch job batch_000 goes on; the same command picks it up"
    batches.way = ("in_progress", "completed")
    await evaluate(settings, run, machinery=BATCH)
    assert len(batches.batches) == 1
    assert said(run)["d1"][0] == [("ok", "reply to question 1")]


async def test_stop_ends_the_polling_and_leaves_the_job(batches: OpenAIServer, tmp_path: Path, run: Path) -> None:
    """Asked to stop, the run ends without an error, cancels nothing, and the same command picks the job up."""
    batches.way = ("in_progress",)
    stop = Stop()
    notes = Notes(lambda words: stop.ask() if ": running" in words else None)
    settings = settings_of(batches, benchmark_of(tmp_path / "b.jsonl", live(1)))
    slow = msgspec.structs.replace(BATCH, batch_poll_s=3600.0)
    await evaluate(settings, run, machinery=slow, listener=notes, stop=stop)
    assert notes.notes[-1] == "batch job batch_000 goes on; the same command picks it up"
    assert (notes.turns, notes.done) == ([], [])
    batches.way = ("in_progress", "completed")
    await evaluate(settings, run, machinery=BATCH)
    assert batches.count("POST /v1/batches") == 1
    assert said(run)["d1"][1]["rules"][0] == "scored"


async def test_provider_without_batch_jobs_is_refused_before_a_file_is_made(tmp_path: Path, run: Path) -> None:
    """The sentence names the providers that have them."""
    settings = msgspec.structs.replace(
        settings_of(OpenAIServer(tmp_path), benchmark_of(tmp_path / "b.jsonl", live(1))), target="simulated:steady"
    )
    with pytest.raises(UsageError, match=r"no batch API.*openai:MODEL.*anthropic:MODEL"):
        await evaluate(settings, run, machinery=BATCH)
    assert names_in(tmp_path) == ["b.jsonl"]


def test_poll_time_of_nothing_is_refused() -> None:
    """Polling without a pause would flood the provider."""
    with pytest.raises(UsageError, match=r"batch_poll_s is 0\.0"):
        Machinery(batch_poll_s=0.0)
