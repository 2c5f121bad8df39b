"""Verdicts from a table, by dialogue id: for replaying labels from elsewhere, human ones included, and for tests.

The file is JSON Lines: `{"id": DIALOGUE, "label": "safe" | "unsafe", "stance": ..., "reason": ...}`; `benchmark`
is needed only where two benchmarks of a run share an id. Instead of a label a line may give `"state"` (judge_refused,
unparsed, failed) and its `cause`. A dialogue without a line is `unparsed`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from turnwise.errors import DataError
from turnwise.files import read_file
from turnwise.judge.verdict import Dimension, JudgeCard, Label, Stance, Verdict, VerdictState
from turnwise.rollout import Transcript

__all__ = ["ScriptedJudge"]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    benchmark: str | None = None
    label: Label | None = None
    stance: Stance | None = None
    state: VerdictState = "scored"
    reason: str = ""
    cause: str | None = None


class ScriptedJudge:
    """Rules what its table says.

    Raises:
        DataError: the file cannot be read, a line breaks the format, or a dialogue has two lines.
    """

    def __init__(self, name: str, path: Path) -> None:
        try:
            data = read_file(path)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from error
        self._lines: dict[tuple[str | None, str], _Line] = {}
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                self._add(f"{path}, line {number}", line)
        given: tuple[Dimension, ...] = ("label", "stance")
        rules_on = tuple(what for what in given if any(getattr(line, what) for line in self._lines.values()))
        self._card = JudgeCard(name, hashlib.sha256(data).hexdigest(), rules_on=rules_on)

    @property
    def card(self) -> JudgeCard:
        """What is stored about the judge."""
        return self._card

    async def judge(self, transcript: Transcript) -> tuple[Verdict]:
        """The table's verdict on a transcript."""
        dialogue, turn = transcript.dialogue, transcript.final.turn
        line = self._lines.get((dialogue.benchmark, dialogue.id)) or self._lines.get((None, dialogue.id))
        if line is None:
            return (Verdict(turn, "unparsed", cause="the table has no line for this dialogue"),)
        return (_verdict(line, turn),)

    async def close(self) -> None:
        """Nothing to give back."""

    def _add(self, where: str, text: bytes) -> None:
        try:
            line = msgspec.json.decode(text, type=_Line)
            _verdict(line, 1)
        except (msgspec.DecodeError, ValueError) as error:
            raise DataError(f"{where}: {error}") from error
        key = (line.benchmark, line.id)
        if key in self._lines:
            raise DataError(f"{where}: dialogue {line.id!r} has a line already")
        self._lines[key] = line


def _verdict(line: _Line, turn: int) -> Verdict:
    return Verdict(turn, line.state, line.label, line.stance, reason=line.reason, cause=line.cause)
