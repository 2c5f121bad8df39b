"""An endpoint that is given up: what it was asked to the last is in the run file, so that nothing paid for is lost."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from evaluate.answering import QUICK, RULING, Answering, Asked, benchmark_of, settings_of
from rollout.recording import scripted
from turnwise.dialogue import Question
from turnwise.errors import EndpointDown
from turnwise.evaluate import evaluate
from turnwise.runfile import Reader

TWICE = msgspec.structs.replace(QUICK, max_attempts=2)


def calls(path: Path) -> dict[str, int]:
    """Requests sent, by the first word of who sent them, as the run file knows them."""
    with Reader(path) as reader:
        return {total.role.split(":")[0]: total.calls for total in reader.totals()}


@pytest.mark.parametrize("share", [True, False])
async def test_every_request_to_a_dead_target_is_counted(
    server: Answering, tmp_path: Path, run: Path, *, share: bool
) -> None:
    """All that was sent is stored as failed, the request over which it was given up and those in flight included.

    Dialogues that share a request that failed have a failed reply each, and its attempts are counted once.
    """
    server.answer = lambda _: 500
    dialogues = [msgspec.structs.replace(scripted(1, name=f"d{n}"), group=f"g{n}") for n in range(9)]
    alike = [msgspec.structs.replace(scripted(1, name=f"e{n}"), turns=scripted(1, name="e").turns) for n in range(9)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues, *alike), share=share)

    with pytest.raises(EndpointDown, match="failed 5 times"):
        await evaluate(settings, run, machinery=TWICE)

    assert len(server.asked) >= 10
    assert calls(run)["target"] == len(server.asked)
    with Reader(run) as reader:
        assert reader.failures() == {"server_error": len(reader.touched())}


async def test_every_question_to_a_dead_target_is_counted(server: Answering, tmp_path: Path, run: Path) -> None:
    """Replies came, and then no answer to a question any more."""
    server.answer = lambda asked: 500 if "Question:" in asked.last else "Of course."
    question = Question("q", "true_false", "Was it?", expected="true")
    dialogues = [msgspec.structs.replace(scripted(1, name=f"d{n}"), questions=(question,)) for n in range(9)]

    # Side by side, so that no reply comes between the failures.
    machinery = msgspec.structs.replace(TWICE, concurrency=9)
    with pytest.raises(EndpointDown):
        await evaluate(settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), run, machinery=machinery)

    assert calls(run)["target"] == len(server.asked)


async def test_every_request_to_a_dead_judge_is_counted(server: Answering, tmp_path: Path, run: Path) -> None:
    """The dialogues keep their replies and have failed verdicts, and a judge that comes back rules on all."""

    def answer(asked: Asked) -> str | int:
        return 500 if asked.model == "judge" else "Of course."

    server.answer = answer
    dialogues = [scripted(1, name=f"d{n}") for n in range(9)]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=(server.judge,))

    with pytest.raises(EndpointDown):
        await evaluate(settings, run, machinery=TWICE)

    assert calls(run)["safemt"] == len(server.of("judge")) >= 10

    server.answer = lambda asked: RULING if asked.model == "judge" else "Of course."
    await evaluate(settings, run, machinery=TWICE)

    assert calls(run)["safemt"] == len(server.of("judge"))
    with Reader(run) as reader:
        assert [row.label for row in reader.scored_rows(reader.judges()[0].name)] == ["unsafe"] * 9
