"""What the tests of wave mode share: a batch server's words, a quick machinery, and a listener that writes down."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evaluate.answering import outcome
from models.batch.openai_server import OpenAIServer, answered
from models.misbehaving import completion
from turnwise.dialogue import Dialogue
from turnwise.evaluate import Machinery, RunSettings, Silent
from turnwise.judge import Verdict
from turnwise.models import ReplyOrigin
from turnwise.rollout import Exchange

BATCH = Machinery(concurrency=4, timeout_s=10.0, max_attempts=2, batch_poll_s=0.01)


def settings_of(server: OpenAIServer, *benchmarks: str, **fields: Any) -> RunSettings:
    """The settings of a run against the server's model, judged by rules."""
    return RunSettings(**{"benchmarks": benchmarks, "target": f"openai:small@{server.base_url}", **fields})


def replies_to(text: str) -> str:
    """What the model says to a user's words."""
    return f"reply to {text}"


def answers_or(rows: dict[str, int]) -> Callable[[str, dict[str, Any]], list[dict[str, Any]]]:
    """Rows that answer, but for these words, which get an error of this status."""

    def answer(text: str, line: dict[str, Any]) -> list[dict[str, Any]]:
        if text in rows:
            return [answered(line, {"error": {"message": "it broke"}}, rows[text])]
        return [answered(line, completion(replies_to(text)))]

    return answer


def asked(server: OpenAIServer) -> list[list[str]]:
    """The last words of every request, job by job, sorted."""
    return [sorted(line["body"]["messages"][-1]["content"] for line in server.lines(job)) for job in server.batches]


def said(run: Path) -> dict[str, tuple[list[tuple[str, str]], dict[str, tuple[str, object, object]]]]:
    """State and words of every reply, and state, label and stance of every verdict, by dialogue."""
    return {
        name: (
            [(reply.state, reply.text) for reply in replies],
            {judge: (verdict.state, verdict.label, verdict.stance) for judge, verdict in verdicts.items()},
        )
        for name, (replies, verdicts) in outcome(run).items()
    }


def origins(run: Path) -> dict[str, list[tuple[ReplyOrigin, int]]]:
    """Origin and attempts of every reply, by dialogue."""
    return {name: [(reply.origin, reply.attempts) for reply in replies] for name, (replies, _) in outcome(run).items()}


def job_states(run: Path) -> list[tuple[str, int]]:
    """State and number of requests of the jobs that a run file knows."""
    database = sqlite3.connect(run)
    rows = database.execute("SELECT state, n_items FROM jobs ORDER BY rowid").fetchall()
    database.close()
    return rows


class Notes(Silent):
    """A listener that writes down what it hears; `hearing` is called with each note."""

    def __init__(self, hearing: Callable[[str], None] = lambda words: None) -> None:
        self.counts: list[tuple[int, int]] = []
        self.turns: list[tuple[str, int, str]] = []
        self.verdicts: list[str] = []
        self.done: list[str] = []
        self.notes: list[str] = []
        self._hearing = hearing

    def started(self, *, total: int, pending: int) -> None:
        """Note how much there is."""
        self.counts.append((total, pending))

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Note a turn."""
        self.turns.append((dialogue.id, exchange.turn, exchange.reply.state))

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """Note a verdict."""
        self.verdicts.append(dialogue.id)

    def finished(self, dialogue: Dialogue) -> None:
        """Note a dialogue's end."""
        self.done.append(dialogue.id)

    def noted(self, words: str) -> None:
        """Note the words."""
        self.notes.append(words)
        self._hearing(words)
