"""What is read out of a run file besides dialogues, replies and verdicts: rows that join them, events, totals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from turnwise.dialogue import History, Intent, Modality, Placement, Question, Setting
from turnwise.judge import Label, Sees, Stance, VerdictState
from turnwise.models import FailureKind, Reply, ReplyState
from turnwise.rollout import QuestionMode
from turnwise.runfile.opening import reading

__all__ = ["AnswerRow", "Event", "PlannedRow", "ScoredRow", "TokenTotals", "TurnRow", "encoded_settings"]


class _Met(msgspec.Struct):
    """What loading a benchmark met, as stored."""

    missing_images: int
    quirks: dict[str, int]
    bad: list[str]


class _ReadSettings(msgspec.Struct):
    """The settings that are read again, by whoever it is; all may be absent."""

    benchmarks: tuple[str, ...] = ()
    target: str = ""
    judges: tuple[str, ...] = ()
    judge_sees: Sees = "image"
    history: History | None = None
    placement: Placement | Literal["published"] = "first"
    questions: QuestionMode | Literal["none"] = "fresh"
    limit: int | None = None
    seed: int = 0
    temperature: float | None = None
    max_tokens: int | None = None
    skip_bad: bool = False
    share: bool = True
    until_half_width: float | None = None
    headlines: tuple[str, ...] = ()
    repeat: int = 1
    turnwise_version: str = ""
    dataset_sha256: str = ""
    benchmark_files_sha256: dict[str, str] = {}
    rubric_sha256: dict[str, str] = {}
    load_notes: dict[str, _Met] = {}


def encoded_settings(path: Path, stored: Mapping[str, str]) -> dict[str, bytes]:
    """The stored settings as JSON by name, those that are read again with values that can be.

    Raises:
        RunFileError: one has another value, or none that is JSON.
    """
    decoded = {}
    for name, value in stored.items():
        with reading(path, "settings", f"name {name}"):
            decoded[name] = msgspec.json.decode(value)
    with reading(path, "settings", "value"):
        msgspec.convert(decoded, _ReadSettings)
    return {name: value.encode() for name, value in stored.items()}


class PlannedRow(msgspec.Struct, frozen=True):
    """One dialogue of a run, whether it was asked or not."""

    number: int
    benchmark: str
    group: str
    scenario: str | None
    intent: Intent


class ScoredRow(msgspec.Struct, frozen=True):
    """One dialogue of a run with what became of it, under one judge.

    Fields:
        number: Its place in the run.
        reply_state: State of the last turn asked; None when nothing was asked yet.
        reply_turn: That turn.
        verdict_state: None when the judge has not ruled on the last turn.
        safety_awareness, helpfulness: A judge's are whole numbers; those of a panel are means.
        twin: Id of the other half of a safe/unsafe pair.
        unread: The words of a judge model in which no ruling could be read.
    """

    number: int
    benchmark: str
    id: str
    group: str
    length: int
    scenario: str | None
    method: str | None
    setting: Setting
    intent: Intent
    modality: Modality
    reply_state: ReplyState | None
    reply_turn: int | None
    failure_kind: FailureKind | None
    verdict_state: VerdictState | None
    label: Label | None
    stance: Stance | None
    safety_awareness: float | None = None
    helpfulness: float | None = None
    twin: str | None = None
    unread: str | None = None

    @property
    def settled(self) -> bool:
        """Whether all that could be done for the dialogue was done, as far as this judge goes, when the run ended."""
        if self.verdict_state is not None or self.reply_state == "failed":
            return True
        blocked = self.reply_state in ("provider_blocked", "guard_blocked")
        return blocked and self.reply_turn is not None and self.reply_turn < self.length


class TurnRow(msgspec.Struct, frozen=True):
    """One turn of a dialogue that the target was asked, and what a judge ruled on it; None where it did not."""

    number: int
    turn: int
    reply_state: ReplyState
    label: Label | None
    stance: Stance | None


class AnswerRow(msgspec.Struct, frozen=True):
    """One question of a run with the reply to it; None when there is none, because it was not asked."""

    number: int
    benchmark: str
    id: str
    group: str
    setting: Setting
    intent: Intent
    modality: Modality
    question: Question
    reply: Reply | None


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a run, in words, and when (UTC, ISO 8601)."""

    kind: str
    detail: str
    at: str


class TokenTotals(msgspec.Struct, frozen=True):
    """What a role used, summed over stored rows.

    Fields:
        calls: Requests sent, every attempt counted.
        reused: Replies that came from the cache or from another dialogue of the run. Their tokens are not counted.
    """

    role: str
    calls: int
    reused: int
    input_tokens: int
    output_tokens: int
    latency_ms_mean: float | None
