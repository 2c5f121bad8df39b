"""The same command again: what is asked once, what is asked again, and what a crash of a server leaves."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import msgspec
import pytest

from dialogue.whole_png import whole_png
from evaluate.answering import (
    QUICK,
    RULING,
    Answer,
    Answering,
    Asked,
    benchmark_of,
    names_in,
    outcome,
    settings_of,
    states,
)
from evaluate.waves.batching import Notes
from rollout.recording import live, scripted
from turnwise.dialogue import Dialogue, Image
from turnwise.errors import DataError, EndpointDown, RunFileError, UsageError
from turnwise.evaluate import Machinery, evaluate
from turnwise.runfile import Reader


def many(count: int) -> list[Dialogue]:
    """Dialogues d1, d2, ... of one turn."""
    return [live(1, name=f"d{number}") for number in range(1, count + 1)]


async def test_finished_run_asks_nothing_again(server: Answering, tmp_path: Path, run: Path) -> None:
    """Three live turns and one scripted one are four calls, judged once each, however often the command is given."""
    settings = settings_of(
        server, benchmark_of(tmp_path / "b.jsonl", live(3), scripted(3, name="d2")), judges=("rules", server.judge)
    )
    for _ in range(3):
        await evaluate(settings, run, machinery=QUICK)
    assert (len(server.of("target")), len(server.of("judge"))) == (4, 2)
    assert states(run) == {
        "d1": (["ok"] * 3, {"rules": "scored", "safemt": "scored"}),
        "d2": (["ok"], {"rules": "scored", "safemt": "scored"}),
    }


async def test_failed_turn_is_asked_again_and_the_answered_ones_are_not(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """A live dialogue that failed on turn 2 goes on there, with the stored reply to turn 1 before it."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(3)))
    server.answer = lambda asked: 400 if asked.last == "question 2" else f"reply to {asked.last}"
    await evaluate(settings, run, machinery=QUICK)
    assert states(run) == {"d1": (["ok", "failed"], {})}
    server.answer = lambda asked: f"reply to {asked.last}"
    await evaluate(settings, run, machinery=QUICK)
    assert [asked.last for asked in server.asked] == ["question 1", "question 2", "question 2", "question 3"]
    assert server.asked[2].messages[1] == ("assistant", "reply to question 1")
    (replies, verdicts) = outcome(run)["d1"]
    assert [(reply.state, reply.attempts) for reply in replies] == [("ok", 1), ("ok", 2), ("ok", 1)]
    assert verdicts["rules"].state == "scored"


async def test_failed_verdict_is_asked_for_again_and_other_states_stay(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """Of four rulings only the one that failed is sought again; unparsed and refused ones are results."""
    answers: dict[str, Answer] = {"d1": 400, "d2": "10/10", "d3": "I can't help with that.", "d4": RULING}
    dialogues = [msgspec.structs.replace(scripted(1, name=name), seed_question=name) for name in answers]

    def answer(asked: Asked) -> Answer:
        named = [name for name in answers if f'"{name}"' in str(asked.messages)]
        return answers[named[0]] if named else "Of course."

    server.answer = answer
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=(server.judge,))
    await evaluate(settings, run, machinery=QUICK)
    first = {name: verdicts["safemt"] for name, (_, verdicts) in states(run).items()}
    assert first == {"d1": "failed", "d2": "unparsed", "d3": "judge_refused", "d4": "scored"}
    calls = len(server.of("judge"))
    assert calls == 5  # the unparsed answer had its one repair call
    answers.update(dict.fromkeys(answers, RULING))
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.of("judge")) == calls + 1
    second = {name: verdicts["safemt"] for name, (_, verdicts) in states(run).items()}
    assert second == {**first, "d1": "scored"}
    assert len(server.of("target")) == 4


async def test_server_that_dies_midway_ends_the_run_and_its_return_completes_it(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """What was answered is kept, the sentence says what to do, and nothing answered is asked again."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(60)))

    async def die() -> None:
        await server.until_asked(20)
        await server.stop()

    with pytest.raises(EndpointDown, match=r"given up.*connection.*run the same command again"):
        await asyncio.gather(evaluate(settings, run, machinery=QUICK), die())
    kept = [name for name, (replies, _) in states(run).items() if replies == ["ok"]]
    assert 16 <= len(kept) < 60
    asked = len(server.asked)
    await server.start()
    await evaluate(settings, run, machinery=QUICK)
    assert all(found == (["ok"], {"rules": "scored"}) for found in states(run).values())
    assert len(server.asked) - asked == 60 - len(kept)
    assert asked - len(kept) <= QUICK.concurrency


async def test_endpoint_going_down_is_noted_in_the_file(server: Answering, tmp_path: Path, run: Path) -> None:
    """The run file tells later readers why the run stopped."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(20)))
    server.answer = lambda asked: 401
    with pytest.raises(EndpointDown, match=r"auth, HTTP 401.*check address, key and server"):
        await evaluate(settings, run, machinery=QUICK)
    with Reader(run) as reader:
        (kind, detail), *_ = reader._rows("SELECT kind, detail FROM events")
        assert reader.failures().keys() <= {"auth"}
    assert (kind, "HTTP 401" in detail) == ("ended_early", True)
    assert len(server.asked) <= 2 + QUICK.concurrency


async def test_port_nobody_listens_on_ends_the_run_at_once(tmp_path: Path, run: Path) -> None:
    """A wrong address is one sentence after a handful of tries, not a file of failures."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = Answering()
    nobody.port = port
    settings = settings_of(nobody, benchmark_of(tmp_path / "b.jsonl", *many(200)))
    with pytest.raises(EndpointDown, match=f"127.0.0.1:{port}.*connection"):
        await evaluate(settings, run, machinery=QUICK)
    tried = [name for name, (replies, _) in states(run).items() if replies]
    assert len(tried) < 20
    await nobody.start()
    await evaluate(settings, run, machinery=QUICK)
    await nobody.stop()
    assert all(found == (["ok"], {"rules": "scored"}) for found in states(run).values())


async def test_cancelled_run_keeps_what_was_answered(server: Answering, tmp_path: Path, run: Path) -> None:
    """Interrupting a run, as Ctrl-C does, closes the file with every answer in it."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)))
    task = asyncio.create_task(evaluate(settings, run, machinery=QUICK))
    await server.until_asked(15)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = [name for name, (replies, _) in states(run).items() if replies == ["ok"]]
    assert len(kept) >= 15 - QUICK.concurrency
    assert names_in(tmp_path) == ["b.jsonl", "run.sqlite"]
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) <= 40 + QUICK.concurrency


async def test_answers_are_on_disk_while_the_run_goes_on(server: Answering, tmp_path: Path, run: Path) -> None:
    """Another reader sees the answered turns although the run is far from its end and writes nothing more."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(30)))
    task = asyncio.create_task(evaluate(settings, run, machinery=QUICK))
    await server.until_asked(10)
    server.hold.clear()
    async with asyncio.timeout(10):
        while not task.done():
            with Reader(run) as reader:
                seen = sum(row.reply_state == "ok" for row in reader.scored_rows("rules"))
            if seen == len(server.asked) - server.in_flight:
                break
            await asyncio.sleep(0.02)
    assert not task.done()
    assert seen >= 10 - QUICK.concurrency
    server.hold.set()
    await task


async def test_image_that_changed_since_the_start_is_named(server: Answering, tmp_path: Path, run: Path) -> None:
    """A resumed run would send another picture than the one it was begun with: it stops instead."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(whole_png(b"first"))
    dialogue = scripted(1, images=[Image.from_file(picture)])
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", dialogue))
    server.answer = lambda asked: 400
    await evaluate(settings, run, machinery=QUICK)
    picture.write_bytes(whole_png(b"second"))
    with pytest.raises(DataError, match=r"picture\.png: the image changed since the benchmark was loaded"):
        await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 1


async def test_run_goes_on_without_the_benchmark_it_was_filled_from(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """The file holds the dialogues and the project their images: a folder that is gone is noted and not missed."""
    folder = tmp_path / "benchmark"
    folder.mkdir()
    (folder / "picture.png").write_bytes(whole_png(b"a picture"))
    dialogue = live(2, images=[Image.from_file(folder / "picture.png")])
    settings = settings_of(server, benchmark_of(folder / "b.jsonl", dialogue))
    server.answer = lambda asked: 400
    await evaluate(settings, run, machinery=QUICK)
    shutil.rmtree(folder)
    server.answer = lambda asked: "Of course."
    notes = Notes()
    await evaluate(settings, run, machinery=QUICK, listener=notes)
    assert states(run) == {"d1": (["ok", "ok"], {"rules": "scored"})}
    assert len(notes.notes) == 1
    assert "b.jsonl is not there any more; the run goes on with the dialogues in its file" in notes.notes[0]
    with pytest.raises(UsageError, match="does not exist"):
        await evaluate(settings, tmp_path / "new.sqlite", machinery=QUICK)


async def test_run_that_is_being_written_is_left_alone(server: Answering, tmp_path: Path, run: Path) -> None:
    """A second start of the same command meanwhile is refused, and the first one ends as if alone."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(20)))
    task = asyncio.create_task(evaluate(settings, run, machinery=QUICK))
    await server.until_asked(5)
    with pytest.raises(RunFileError, match="another turnwise is writing this run"):
        await evaluate(settings, run, machinery=QUICK)
    await task
    assert len(server.asked) == 20


@pytest.mark.parametrize("concurrency", [1, 3, 8])
async def test_no_more_dialogues_are_in_flight_than_allowed(
    server: Answering, tmp_path: Path, run: Path, concurrency: int
) -> None:
    """The server never sees more requests at once than `concurrency`, judges' included, and sees that many."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *many(40)), judges=("rules", server.judge))
    await evaluate(settings, run, machinery=Machinery(concurrency=concurrency, max_attempts=1))
    assert server.most_in_flight == concurrency
