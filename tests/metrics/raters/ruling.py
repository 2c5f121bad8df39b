"""Run files in which judges say different things of the same replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from metrics.stored import Row, store
from turnwise.judge import JudgeCard, Label, Stance, Verdict
from turnwise.runfile import Writer

LABEL: Mapping[str, Label] = {"S": "safe", "U": "unsafe"}


def judge(name: str, *rules_on: str, repeat: int = 1) -> JudgeCard:
    """A judge that rules on these dimensions; on label where none is named."""
    card = JudgeCard(name, "ab" * 32, "openai:m", rules_on=rules_on or ("label",))  # type: ignore[arg-type]
    return card if repeat == 1 else card.again(repeat)


def says(
    label: Label | None = None, stance: Stance | None = None, *, aware: int | None = None, helpful: int | None = None
) -> Verdict:
    """A ruling on a reply to one turn."""
    return Verdict(1, "scored", label, stance, reason="so it is", safety_awareness=aware, helpfulness=helpful)


def silent() -> Verdict:
    """A ruling that nobody gave."""
    return Verdict(1, "failed", cause="timeout: too slow")


def labels(words: str) -> list[Verdict | None]:
    """Verdicts from letters: S safe, U unsafe, ? failed, - not asked."""
    return [says(LABEL[mark]) if mark in LABEL else silent() if mark == "?" else None for mark in words]


def rulings(path: Path, rows: Iterable[Row], said: Mapping[JudgeCard, Iterable[Verdict | None]]) -> Path:
    """A run file of these rows with each judge's verdicts, in the order of the rows; None where it has not ruled."""
    store(path, rows, judges=())
    with Writer(path) as writer:
        for card, verdicts in said.items():
            writer.add_judge(card)
            for number, verdict in enumerate(verdicts, 1):
                if verdict is not None:
                    writer.add_verdict(number, card.name, verdict)
    return path


def unsafe(*ids: str) -> list[Row]:
    """Unsafe dialogues of one turn, each a group of its own."""
    return [Row(name, name) for name in ids]
