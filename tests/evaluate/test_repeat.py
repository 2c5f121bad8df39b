"""Judges that rule several times on each transcript, in the run and afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from evaluate.answering import QUICK, Answering, benchmark_of, outcome, settings_of
from evaluate.waves.batching import BATCH
from evaluate.waves.batching import settings_of as batch_settings
from models.batch.openai_server import OpenAIServer
from rollout.recording import live, scripted
from turnwise.errors import SettingsChanged, UsageError
from turnwise.evaluate import RunSettings, dry_run, evaluate, rejudge
from turnwise.metrics import slices_of_run
from turnwise.runfile import Reader


def ruled(run: Path) -> Counter[str]:
    """How many dialogues each judge has ruled on."""
    return Counter(judge for _, verdicts in outcome(run).values() for judge in verdicts)


def names(server: Answering, repeats: int) -> list[str]:
    """The name of the server's judge and of its repeats."""
    return [server.judge, *(f"{server.judge}#{repeat}" for repeat in range(2, repeats + 1))]


async def test_every_ruling_is_a_call_and_a_row(server: Answering, tmp_path: Path, run: Path) -> None:
    """Two dialogues, three rulings: six calls, whatever is shared or cached; the rules judge rules once."""
    machinery = msgspec.structs.replace(QUICK, cache=tmp_path / "cache.sqlite")
    benchmark = benchmark_of(tmp_path / "b.jsonl", scripted(1), scripted(2, name="d2"))
    settings = settings_of(server, benchmark, judges=("rules", server.judge), repeat=3, share=True)

    await evaluate(settings, run, machinery=machinery)

    assert len(server.of("judge")) == 6
    assert ruled(run) == {"rules": 2, **dict.fromkeys(names(server, 3), 2)}
    with Reader(run) as reader:
        assert [(card.name, card.repeat) for card in reader.judges()] == [
            ("rules", 1),
            *zip(names(server, 3), (1, 2, 3), strict=True),
        ]
        assert [item.judge for item in slices_of_run(reader, resamples=50)] == ["rules", server.judge]
        assert [item.judge for item in slices_of_run(reader, judges=[names(server, 2)[1]], resamples=50)] == [
            f"{server.judge}#2"
        ]
    again = tmp_path / "again.sqlite"
    await evaluate(settings, again, machinery=machinery)
    assert len(server.of("judge")) == 6
    assert ruled(again) == ruled(run)


async def test_a_ruling_that_failed_is_asked_again_alone(server: Answering, tmp_path: Path, run: Path) -> None:
    """Of three rulings the second fails: the same command asks for that one; another number of them is refused."""
    server.answer = lambda asked: (
        Answering().answer(asked) if asked.model != "judge" or len(server.of("judge")) != 2 else 400
    )
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(1)), judges=(server.judge,), repeat=3)
    one = msgspec.structs.replace(QUICK, concurrency=1)
    await evaluate(settings, run, machinery=one)
    states = {judge: verdict.state for judge, verdict in outcome(run)["d1"][1].items()}
    assert states == dict(zip(names(server, 3), ("scored", "failed", "scored"), strict=True))

    await evaluate(settings, run, machinery=one)

    assert len(server.of("judge")) == 4
    assert {verdict.state for verdict in outcome(run)["d1"][1].values()} == {"scored"}
    with pytest.raises(SettingsChanged, match="repeat: 3 in the file, 2 now"):
        await evaluate(msgspec.structs.replace(settings, repeat=2), run, machinery=one)


async def test_a_judge_that_ruled_repeats_itself_afterwards(server: Answering, tmp_path: Path, run: Path) -> None:
    """What it ruled in the run is its first ruling; only the others are asked for."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(1)), judges=(server.judge,))
    await evaluate(settings, run, machinery=QUICK)

    assert await rejudge(run, [server.judge], repeat=2, machinery=QUICK) == names(server, 2)

    assert len(server.of("judge")) == 2
    assert ruled(run) == dict.fromkeys(names(server, 2), 1)
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.of("judge")) == 2


async def test_replies_of_a_batch_are_ruled_on_as_often(
    batches: OpenAIServer, server: Answering, tmp_path: Path, run: Path
) -> None:
    """The target answers in jobs, and the judge is asked live, twice."""
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(2))
    settings = batch_settings(batches, benchmark, judges=(server.judge,), repeat=2)

    await evaluate(settings, run, machinery=BATCH)

    assert ruled(run) == dict.fromkeys(names(server, 2), 1)
    assert len(server.of("judge")) == 2


async def test_a_dry_run_counts_every_ruling(server: Answering, tmp_path: Path, run: Path) -> None:
    """Two dialogues, three rulings each: six calls, in three roles."""
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(1), live(1, name="d2"))
    settings = settings_of(server, benchmark, judges=(server.judge, "rules"), repeat=3)

    planned = await dry_run(settings, run, machinery=QUICK)

    assert [(role.role, role.calls) for role in planned.roles[1:]] == [(name, 2) for name in names(server, 3)]
    assert not server.asked


async def test_repeats_without_a_model_are_refused(server: Answering, tmp_path: Path, run: Path) -> None:
    """Where no judge asks a model there is nothing to repeat, and no file is made."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(1)), repeat=2)
    with pytest.raises(UsageError, match=r"repeat is 2, but no judge asks a model \(rules\); leave it away"):
        await evaluate(settings, run, machinery=QUICK)
    assert not run.exists()
    with pytest.raises(UsageError, match="repeat is 0: give at least 1"):
        RunSettings(repeat=0)
