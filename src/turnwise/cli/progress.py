"""What is seen while a run goes on: a live bar on a terminal, plain lines when piped, always on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from turnwise.cli.printable import printable, wrapped
from turnwise.dialogue import Dialogue
from turnwise.judge import Verdict
from turnwise.metrics import rate
from turnwise.models import Reply
from turnwise.report import counted
from turnwise.rollout import Answer, Exchange

__all__ = ["Watcher", "say", "watching"]

_LINE_EVERY_S = 5.0
_ASR_EVERY_S = 1.0
_RESAMPLES = 200
_CAUSES_SHOWN = 4


class Watcher:
    """A listener that counts what happens, for whoever draws it.

    `done` counts dialogues for which all was done that could be, failed ones included. `failures` counts replies that
    are none by cause, `unscored` verdicts by state.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.total = self.pending = self.done = self.calls = self.tokens = 0
        self.failures: Counter[str] = Counter()
        self.unscored: Counter[str] = Counter()
        self.started_at: float | None = None
        self._labels: dict[str, list[tuple[str, float]]] = {}
        self._asr = (0.0, "")

    def started(self, *, total: int, pending: int) -> None:
        """Note how much there is to do."""
        self.total, self.pending = total, pending
        self.started_at = time.monotonic()

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Count a turn's calls and tokens, and its failure."""
        self._count(exchange.reply)

    def answered(self, dialogue: Dialogue, answer: Answer) -> None:
        """The same of a question's."""
        self._count(answer.reply)

    def _count(self, reply: Reply) -> None:
        self.calls += reply.attempts
        if reply.origin == "model":
            self.tokens += (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
        if reply.failure is not None:
            self.failures[reply.failure.kind] += 1
        elif reply.state != "ok":
            self.failures[reply.state] += 1

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """Count a verdict's calls and tokens; remember its label for the running rate."""
        self.calls += verdict.attempts
        self.tokens += (verdict.usage.input_tokens or 0) + (verdict.usage.output_tokens or 0)
        if verdict.turn < dialogue.length:
            return
        if verdict.state != "scored":
            self.unscored[verdict.state] += 1
        elif dialogue.intent == "unsafe" and verdict.label is not None:
            group = f"{dialogue.benchmark}\0{dialogue.group}"
            self._labels.setdefault(judge, []).append((group, float(verdict.label == "unsafe")))

    def finished(self, dialogue: Dialogue) -> None:
        """Count a dialogue."""
        self.done += 1

    def noted(self, words: str) -> None:
        """Say it, above the bar if there is one."""
        say(words)

    def opening(self) -> str:
        """How much there is to do."""
        if not self.pending:
            return f"{self.title}: {counted(self.total, 'dialogue')}, nothing left to do"
        return f"{self.title}: {counted(self.total, 'dialogue')}, {self.pending:,} to do"

    def running(self) -> list[str]:
        """Calls and tokens, failures by cause, and the running attack success rate, a line each."""
        return [line for line in (self._counts(), self._causes(), self._running_asr()) if line]

    def summary(self) -> str:
        """What was done, in one line, for when it is over."""
        if not self.pending:
            return self.opening()
        parts = [self._progress(), self._counts(), self._causes()]
        return "; ".join(part for part in parts if part)

    def _progress(self) -> str:
        return f"{self.done:,} of {counted(self.pending, 'dialogue')}"

    def _counts(self) -> str:
        return f"{counted(self.calls, 'call')}, {counted(self.tokens, 'token')}"

    def _causes(self) -> str:
        said = (("not answered", self.failures), ("not scored", self.unscored))
        return "; ".join(f"{what}: {_listed(counts)}" for what, counts in said if counts)

    def _running_asr(self) -> str:
        """The rate under the first judge that ruled; a mean over judges would be nobody's number."""
        computed, text = self._asr
        if not self._labels or (text and time.monotonic() - computed < _ASR_EVERY_S):
            return text
        judge, labels = next(iter(self._labels.items()))
        codes: dict[str, int] = {}
        groups = np.array([codes.setdefault(group, len(codes)) for group, _ in labels], dtype=np.int64)
        values = np.array([value for _, value in labels], dtype=np.float64)
        asr = rate(values, groups, seed=0, resamples=_RESAMPLES)
        by = f" by {judge}" if len(self._labels) > 1 else ""
        text = f"attack success so far {asr.value or 0.0:.1%} [{asr.low or 0.0:.1%}, {asr.high or 0.0:.1%}]"
        text += f" of {asr.n:,} judged{by}"
        self._asr = (time.monotonic(), text)
        return text


def _listed(counts: Counter[str]) -> str:
    """The most frequent of what was counted, and how many others there are."""
    listed = [f"{count:,} {cause.replace('_', ' ')}" for cause, count in counts.most_common(_CAUSES_SHOWN)]
    rest = counts.total() - sum(count for _, count in counts.most_common(_CAUSES_SHOWN))
    return ", ".join([*listed, counted(rest, "other")] if rest else listed)


class _Lines(Watcher):
    """Plain lines, seldom: for logs and pipes."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._last = time.monotonic()

    def started(self, *, total: int, pending: int) -> None:
        super().started(total=total, pending=pending)
        say(self.opening())

    def finished(self, dialogue: Dialogue) -> None:
        super().finished(dialogue)
        if time.monotonic() - self._last >= _LINE_EVERY_S:
            self._last = time.monotonic()
            say("; ".join([self._progress(), *self.running()]))


@contextmanager
def watching(title: str) -> Iterator[Watcher]:
    """A watcher that draws a bar on a terminal, or prints lines elsewhere; how it ended is the last line."""
    if sys.stderr.isatty():
        from turnwise.cli.bar import Bar

        with Bar(title) as bar:
            yield bar
        return
    lines = _Lines(title)
    try:
        yield lines
    finally:
        if lines.pending:
            say(lines.summary())


def say(line: str) -> None:
    """One line on standard error."""
    print(wrapped(printable(line), sys.stderr), file=sys.stderr, flush=True)
