"""What is seen while a run goes on: a live bar on a terminal, plain lines when piped, always on standard error."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from turnwise.dialogue import Dialogue
from turnwise.judge import Verdict
from turnwise.metrics import rate
from turnwise.rollout import Exchange

__all__ = ["Watcher", "watching"]

_LINE_EVERY_S = 5.0
_ASR_EVERY_S = 1.0
_RESAMPLES = 200


class Watcher:
    """A listener that counts what happens, for whoever draws it."""

    def __init__(self) -> None:
        self.total = self.pending = self.done = self.calls = self.tokens = 0
        self.failures: Counter[str] = Counter()
        self._labels: list[tuple[str, float]] = []
        self._asr = (0.0, "")

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Do the work in an event loop: the one place where one is started."""
        try:
            import uvloop
        except ImportError:
            asyncio.run(work)
        else:
            uvloop.run(work)

    def started(self, *, total: int, pending: int) -> None:
        """Note how much there is to do."""
        self.total, self.pending = total, pending

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Count a turn's calls and tokens, and its failure."""
        reply = exchange.reply
        self.calls += reply.attempts
        self.tokens += (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
        if reply.failure is not None:
            self.failures[reply.failure.kind] += 1
        elif reply.state != "ok":
            self.failures[reply.state] += 1

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """Count a verdict's calls and tokens; remember its label for the running rate."""
        self.calls += verdict.attempts
        self.tokens += (verdict.usage.input_tokens or 0) + (verdict.usage.output_tokens or 0)
        if verdict.state != "scored":
            self.failures[f"verdict {verdict.state}"] += 1
        elif dialogue.intent == "unsafe" and verdict.label is not None:
            self._labels.append((dialogue.group, float(verdict.label == "unsafe")))

    def finished(self, dialogue: Dialogue) -> None:
        """Count a dialogue."""
        self.done += 1

    def status(self) -> str:
        """Calls, tokens, failures by cause and the running attack success rate with its interval."""
        parts = [f"{self.calls:,} calls", f"{self.tokens:,} tokens"]
        parts += [f"{count:,} {cause}" for cause, count in self.failures.most_common(3)]
        return ", ".join(part for part in (*parts, self._running_asr()) if part)

    def _running_asr(self) -> str:
        computed, text = self._asr
        if not self._labels or time.monotonic() - computed < _ASR_EVERY_S:
            return text
        codes: dict[str, int] = {}
        groups = np.array([codes.setdefault(group, len(codes)) for group, _ in self._labels], dtype=np.int64)
        values = np.array([value for _, value in self._labels], dtype=np.float64)
        asr = rate(values, groups, seed=0, resamples=_RESAMPLES)
        text = f"ASR so far {asr.value or 0.0:.1%} [{asr.low or 0.0:.1%}, {asr.high or 0.0:.1%}] of {asr.n:,}"
        self._asr = (time.monotonic(), text)
        return text


class _Lines(Watcher):
    """Plain lines, seldom: for logs and pipes."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._last = time.monotonic()

    def started(self, *, total: int, pending: int) -> None:
        super().started(total=total, pending=pending)
        say(f"{self._title}: {total:,} dialogues, {pending:,} to do")

    def finished(self, dialogue: Dialogue) -> None:
        super().finished(dialogue)
        if time.monotonic() - self._last >= _LINE_EVERY_S:
            self._last = time.monotonic()
            say(f"{self.done:,} of {self.pending:,} dialogues, {self.status()}")


@contextmanager
def watching(title: str) -> Iterator[Watcher]:
    """A watcher that draws a bar on a terminal, or prints lines elsewhere."""
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    from turnwise.cli.bar import Bar

    with Bar(title) as bar:
        yield bar


def say(line: str) -> None:
    """One line on standard error."""
    print(line, file=sys.stderr, flush=True)
