"""Answers to questions in a run file: kept as replies are, and sought for as long as they are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rollout.recording import blocked, broken, live, ok, scripted
from turnwise.dialogue import Dialogue, Question, QuestionKind
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply, Usage
from turnwise.rollout import Answer, Exchange
from turnwise.runfile import Reader, TokenTotals, Writer

MCQ = Question("m", "mcq", "Which?", "A", ("one", "two"))
TRUE_FALSE = Question("t", "true_false", "Is it so?", "true")
REPLIES = {
    "answered": Reply("ok", "(B)\n\u2028", "stop", Usage(12, 3), 41.5, "served-7b", 2),
    "from the cache": Reply("ok", "B", attempts=0, origin="cache"),
    "blocked": blocked(),
    "failed": broken(),
}


def asked(name: str, *questions: Question) -> Dialogue:
    """A dialogue of one turn with questions."""
    return msgspec.structs.replace(live(1, name=name), questions=questions)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the run file of a test lies."""
    return tmp_path / "run.sqlite"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """A writer of a run with two dialogues and one judge."""
    with Writer(path) as opened:
        opened.begin_run({"n": 1}, [asked("d1", MCQ, TRUE_FALSE), scripted(2, name="d2")], after=dict)
        opened.add_judge(JudgeCard("rules", "00"))
        yield opened


@pytest.mark.parametrize("reply", REPLIES.values(), ids=list(REPLIES))
def test_answer_is_read_as_it_was_written(writer: Writer, path: Path, reply: Reply) -> None:
    """Every state of a reply to a question comes back the same, and is no exchange."""
    writer.add_answer(1, Answer("m", "cd" * 32, reply))
    writer.commit()
    with Reader(path) as reader:
        assert reader.answers(1) == [Answer("m", "cd" * 32, reply)]
        assert (reader.answers(2), reader.exchanges(1)) == ([], [])


def test_failed_answer_is_replaced_and_its_attempts_count_on(writer: Writer, path: Path) -> None:
    """A later answer takes the place of a failure; the calls of both stay in the sum."""
    writer.add_answer(1, Answer("m", "aa" * 32, Reply("failed", attempts=5, failure=broken().failure)))
    writer.add_answer(1, Answer("m", "bb" * 32, Reply("ok", "A", attempts=2)))
    writer.commit()
    with Reader(path) as reader:
        assert reader.answers(1) == [Answer("m", "bb" * 32, Reply("ok", "A", attempts=7))]
        assert reader.failures() == {}


@pytest.mark.parametrize("first", [ok("A"), blocked()])
def test_an_answer_is_never_replaced(writer: Writer, path: Path, first: Reply) -> None:
    """What was answered or blocked outlasts whatever comes for the same question; another question is another row."""
    writer.add_answer(1, Answer("m", "aa" * 32, first))
    for later in (ok("B"), broken()):
        writer.add_answer(1, Answer("m", "bb" * 32, later))
    writer.add_answer(1, Answer("t", "cc" * 32, ok("true")))
    writer.commit()
    with Reader(path) as reader:
        assert reader.answers(1) == [Answer("m", "aa" * 32, first), Answer("t", "cc" * 32, ok("true"))]


def test_answers_are_calls_of_the_target(writer: Writer, path: Path) -> None:
    """One reply and two answers, one of them reused and one failed, add up by hand."""
    writer.add_exchange(1, Exchange(1, "aa" * 32, Reply("ok", "a", usage=Usage(5, 1), latency_ms=0.5)))
    writer.add_answer(1, Answer("m", "bb" * 32, REPLIES["answered"]))
    writer.add_answer(1, Answer("t", "cc" * 32, Reply("ok", "B", usage=Usage(9, 9), attempts=0, origin="cache")))
    writer.add_answer(2, Answer("m", "dd" * 32, broken()))
    writer.commit()
    with Reader(path) as reader:
        assert reader.totals() == [TokenTotals("target", 4, 1, 17, 4, 14.0)]
        assert reader.failures() == {"server_error": 1}
        assert reader.served_models() == ["served-7b"]


BOTH: tuple[QuestionKind, ...] = ("mcq", "true_false")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ((), ["not held", "cut off", "not judged"]),
        (("mcq",), ["not held", "cut off", "not judged", "none answered", "one failed"]),
        (("true_false",), ["not held", "cut off", "not judged", "none answered", "mcq answered", "blocked"]),
        (BOTH, ["not held", "cut off", "not judged", "none answered", "one failed", "mcq answered", "blocked"]),
    ],
    ids=["none", "mcq", "true_false", "both"],
)
def test_pending_has_those_with_a_question_unanswered(
    path: Path, wanted: tuple[QuestionKind, ...], names: list[str]
) -> None:
    """Of the kinds wanted, and only where the dialogue was held and judged and would else be done."""
    both, truth = {"m": ok("A"), "t": ok("true")}, {"t": ok("true")}
    given: list[tuple[str, tuple[Question, ...], Reply | None, dict[str, Reply]]] = [
        ("not held", (MCQ,), None, {}),
        ("cut off", (MCQ,), broken(), {}),
        ("not judged", (MCQ, TRUE_FALSE), ok("a"), both),
        ("none answered", (MCQ, TRUE_FALSE), ok("a"), {}),
        ("one failed", (MCQ, TRUE_FALSE), ok("a"), {"m": broken(), **truth}),
        ("mcq answered", (MCQ, TRUE_FALSE), ok("a"), {"m": blocked()}),
        ("blocked", (TRUE_FALSE,), blocked(), {}),
        ("all answered", (MCQ, TRUE_FALSE), ok("a"), both),
        ("nothing to ask", (), ok("a"), {}),
    ]
    with Writer(path) as writer:
        writer.begin_run({"n": 1}, [asked(name, *questions) for name, questions, _, _ in given], after=dict)
        writer.add_judge(JudgeCard("rules", "00"))
        for number, (name, _, reply, answers) in enumerate(given, 1):
            if reply is not None:
                writer.add_exchange(number, Exchange(1, "aa" * 32, reply))
            if reply is not None and reply.state != "failed" and name != "not judged":
                writer.add_verdict(number, "rules", Verdict(1, "scored", "safe"))
            for question, answer in answers.items():
                writer.add_answer(number, Answer(question, "bb" * 32, answer))
    with Reader(path) as reader:
        assert [reader.dialogue(number).id for number in reader.pending(["rules"], wanted)] == names


def test_dialogue_blocked_midway_has_no_questions_to_answer(path: Path) -> None:
    """What the questions are about was not said."""
    with Writer(path) as writer:
        two_turns = msgspec.structs.replace(live(2), questions=(MCQ,))
        writer.begin_run({"n": 1}, [two_turns], after=dict)
        writer.add_exchange(1, Exchange(1, "aa" * 32, blocked()))
    with Reader(path) as reader:
        assert reader.pending([], BOTH) == []
