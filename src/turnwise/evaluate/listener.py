"""How a run and the world hear of each other while it goes on: what happened, and the wish to end it early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from turnwise.dialogue import Dialogue
from turnwise.judge import Verdict
from turnwise.rollout import Answer, Exchange

__all__ = ["Listener", "Silent", "Stop"]


class Listener(Protocol):
    """Hears what happens while a run goes on; the command line draws it."""

    def started(self, *, total: int, pending: int) -> None:
        """The run begins: `pending` of `total` dialogues need work."""
        ...

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """A turn was asked."""
        ...

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """A judge ruled."""
        ...

    def answered(self, dialogue: Dialogue, answer: Answer) -> None:
        """A question about a dialogue was asked."""
        ...

    def finished(self, dialogue: Dialogue) -> None:
        """All that could be done for a dialogue was done."""
        ...

    def noted(self, words: str) -> None:
        """Something else that people should know: how a batch job goes on, that a worker was lost."""
        ...


class Silent:
    """A listener that does nothing."""

    def started(self, *, total: int, pending: int) -> None:
        """Do nothing."""

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Do nothing."""

    def judged(self, dialogue: Dialogue, judge: str, verdict: Verdict) -> None:
        """Do nothing."""

    def answered(self, dialogue: Dialogue, answer: Answer) -> None:
        """Do nothing."""

    def finished(self, dialogue: Dialogue) -> None:
        """Do nothing."""

    def noted(self, words: str) -> None:
        """Do nothing."""


class Stop:
    """A wish to end the run early, that whoever drives it may utter from outside at any time."""

    def __init__(self) -> None:
        self.asked = False
        self._then: list[Callable[[], None]] = []

    def ask(self) -> None:
        """Let calls in flight finish and make no new ones."""
        self.asked = True
        for act in self._then:
            act()

    def then(self, act: Callable[[], None]) -> None:
        """Do this when the wish is uttered, at once if it was."""
        self._then.append(act)
        if self.asked:
            act()
