"""Questions about a dialogue in a run: asked once it was held, stored, asked again where nobody answered."""

from __future__ import annotations

from pathlib import Path

import msgspec

from evaluate.answering import QUICK, Answer, Answering, Asked, benchmark_of, settings_of
from evaluate.waves.batching import Notes
from rollout.recording import live
from turnwise.dialogue import Dialogue, Question
from turnwise.evaluate import Stop, dry_run, evaluate
from turnwise.runfile import Reader

QUESTIONS = (
    Question("q1", "mcq", "What is the user after?", "B", ("rest", "a walk")),
    Question("q2", "true_false", "The user means well.", "true"),
)


def asked_about(name: str, turns: int = 2) -> Dialogue:
    """A live dialogue with two questions."""
    return msgspec.structs.replace(live(turns, name=name), questions=QUESTIONS)


def letter(asked: Asked) -> Answer:
    """Right answers to the questions, words to all else."""
    if "Reply with the letter" in asked.last:
        return "B"
    return "True" if "Reply with one word" in asked.last else "Of course."


def stored(run: Path) -> list[tuple[str, str, str | None]]:
    """Dialogue, question and reply text (None for a failed one) of every question of a run."""
    with Reader(run) as reader:
        return [
            (row.id, row.question.id, None if row.reply is None or row.reply.state == "failed" else row.reply.text)
            for row in reader.answer_rows()
        ]


async def test_questions_are_asked_over_what_was_said(server: Answering, run: Path, tmp_path: Path) -> None:
    """In a request of their own that holds the conversation, once it is over; each answer is stored."""
    server.answer = letter
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1"), asked_about("d2")))
    await evaluate(settings, run, machinery=QUICK)
    assert stored(run) == [("d1", "q1", "B"), ("d1", "q2", "True"), ("d2", "q1", "B"), ("d2", "q2", "True")]
    assert len(server.asked) == 2 * (2 + 2)
    about = [asked for asked in server.asked if "Reply with" in asked.last]
    assert all(len(asked.messages) == 1 and "Assistant: Of course." in asked.last for asked in about)


async def test_inline_questions_go_on_with_the_conversation(server: Answering, run: Path, tmp_path: Path) -> None:
    """The question is the next user message after the target's own last reply."""
    server.answer = letter
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1")), questions="inline")
    await evaluate(settings, run, machinery=QUICK)
    about = [asked for asked in server.asked if "Reply with" in asked.last]
    assert [[role for role, _ in asked.messages] for asked in about] == [["user", "assistant"] * 2 + ["user"]] * 2


async def test_questions_can_be_left_out(server: Answering, run: Path, tmp_path: Path) -> None:
    """None is asked and none is missed."""
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1")), questions="none")
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 2
    assert stored(run) == []


async def test_failed_answers_are_asked_again(server: Answering, run: Path, tmp_path: Path) -> None:
    """A resume asks what failed and nothing else."""
    server.answer = lambda asked: 400 if "Reply with one word" in asked.last else letter(asked)
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1"), asked_about("d2")))
    await evaluate(settings, run, machinery=QUICK)
    assert [text for _, _, text in stored(run)] == ["B", None, "B", None]
    before = len(server.asked)
    server.answer = letter
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) - before == 2
    assert [text for _, _, text in stored(run)] == ["B", "True", "B", "True"]


async def test_no_question_is_asked_about_what_was_not_said(server: Answering, run: Path, tmp_path: Path) -> None:
    """A dialogue that broke off at its first turn is not asked about; when it is mended, it is."""
    server.answer = lambda asked: 400
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1")))
    await evaluate(settings, run, machinery=QUICK)
    assert len(server.asked) == 1
    assert stored(run) == [("d1", "q1", None), ("d1", "q2", None)]
    server.answer = letter
    await evaluate(settings, run, machinery=QUICK)
    assert [text for _, _, text in stored(run)] == ["B", "True"]


async def test_dry_run_counts_the_questions(server: Answering, run: Path, tmp_path: Path) -> None:
    """As many calls are foretold as the run then makes; a run without questions is foretold without."""
    server.answer = letter
    benchmark = benchmark_of(tmp_path / "b.jsonl", asked_about("d1"), asked_about("d2"))
    settings = settings_of(server, benchmark)
    (target,) = (await dry_run(settings, run, machinery=QUICK)).roles
    await evaluate(settings, run, machinery=QUICK)
    assert target.calls == len(server.asked) == 8
    without = msgspec.structs.replace(settings, questions="none")
    assert (await dry_run(without, tmp_path / "none.sqlite", machinery=QUICK)).roles[0].calls == 4


async def test_dialogue_stopped_among_its_questions_is_not_finished(
    server: Answering, run: Path, tmp_path: Path
) -> None:
    """Who counts finished dialogues counts those with all their answers; the rest of the questions come on resume."""
    stop, notes = Stop(), Notes()

    def answer(asked: Asked) -> Answer:
        if "Reply with the letter" in asked.last:
            stop.ask()
        return letter(asked)

    server.answer = answer
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", asked_about("d1")))
    await evaluate(settings, run, machinery=QUICK, listener=notes, stop=stop)
    assert notes.done == []
    assert [text for _, _, text in stored(run)] == ["B", None]
    await evaluate(settings, run, machinery=QUICK, listener=notes)
    assert notes.done == ["d1"]
    assert len(server.asked) == 4
