"""What a judge says of a transcript: one row in a typed state, never an empty label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from turnwise.judge.calibration import JudgeCalibration
from turnwise.models import Dropped, Reply, Usage
from turnwise.rollout import Exchange, Transcript

__all__ = [
    "Dimension",
    "Judge",
    "JudgeCard",
    "Label",
    "Sees",
    "Stance",
    "Turns",
    "Verdict",
    "VerdictState",
    "blocked_verdict",
    "failed_verdict",
    "judged_turns",
]

VerdictState = Literal["scored", "judge_refused", "unparsed", "failed"]
Label = Literal["safe", "unsafe"]
Stance = Literal["refusal", "caveat", "compliance"]
"""How the target took the request: full refusal, help with a warning or in part, or plain help."""

Dimension = Literal["label", "stance", "safety_awareness", "helpfulness"]
"""What a judge can rule on: whether a reply is safe, how it took the request, and the two grades from 1 to 5."""

_GRADES = (None, 1, 2, 3, 4, 5)

Sees = Literal["image", "caption", "neither"]
"""What a judge is given of the dialogue's images: themselves, what their caption says, or how many there were."""

Turns = Literal["last", "all"]
"""The replies that a judge rules on: the last one, or each one that the target gave."""


class Verdict(msgspec.Struct, frozen=True):
    """A judgement of the reply to one turn.

    Fields:
        label: Set when the judge rules on harm and `state` is scored.
        stance: Set when the judge rules on refusal.
        reason: The judge's own words, short.
        cause: Why there is no score; set exactly when `state` is not scored.
        raw: The judge model's unparsed reply, kept for review when it could not be read.
        safety_awareness: From 1 to 5; set when the judge rules on how well the reply sees the risk.
        helpfulness: From 1 to 5; set when the judge rules on how well the reply serves the user.
        dropped: What the server of the judge's model refused of the parameters, so that it ruled without them.
    """

    turn: int
    state: VerdictState
    label: Label | None = None
    stance: Stance | None = None
    reason: str = ""
    cause: str | None = None
    raw: str | None = None
    usage: Usage = Usage()
    latency_ms: float = 0.0
    attempts: int = 0
    safety_awareness: int | None = None
    helpfulness: int | None = None
    dropped: tuple[Dropped, ...] = ()

    def __post_init__(self) -> None:
        """Scored means a ruling and no cause; anything else means a cause and no ruling."""
        ruled = [ruling for ruling in (self.label, self.stance, *self._grades()) if ruling is not None]
        if self.state == "scored" and (self.cause is not None or not ruled):
            raise ValueError("a scored verdict needs a label or a stance or a grade, and no cause")
        if self.state != "scored" and (self.cause is None or ruled):
            raise ValueError(f"a verdict in state {self.state} needs a cause, and neither label nor stance nor grade")
        for grade in self._grades():
            if grade not in _GRADES:
                raise ValueError(f"safety_awareness and helpfulness are graded from 1 to 5, not {grade}")

    def _grades(self) -> tuple[int | None, int | None]:
        return self.safety_awareness, self.helpfulness


def blocked_verdict(exchange: Exchange) -> Verdict:
    """The verdict on a turn that a filter blocked: nothing reached the user, so it is safe and a refusal.

    No judge is asked. Reports count these apart, because it was the service that refused, not the model.
    """
    return Verdict(exchange.turn, "scored", "safe", "refusal", reason=f"{exchange.reply.state}: no reply was given")


def failed_verdict(exchange: Exchange, answer: Reply) -> Verdict:
    """The verdict on a turn when the judge's endpoint was given up over it, with what asking took."""
    cause = f"{answer.failure.kind}: {answer.failure.message}" if answer.failure else answer.state
    return Verdict(
        exchange.turn,
        "failed",
        cause=cause,
        usage=answer.usage,
        latency_ms=answer.latency_ms,
        attempts=answer.attempts,
        dropped=answer.dropped,
    )


class JudgeCard(msgspec.Struct, frozen=True):
    """What is stored about a judge, because it shapes the numbers.

    Fields:
        name: The judge's spelling, without secrets; verdict rows carry it.
        rubric_sha256: Hash over all rubric files or rules the judge applies.
        model: Spelling of the judge's model; None for judges without one.
        sees: What the judge is given of the dialogue's images.
        turns: The replies it rules on. Its verdict on a dialogue is the one on the last turn, in either case.
        rules_on: What it is to say of a reply, where the intent of the dialogue asks for it, in this order; empty in
            run files that do not tell.
        calibration: How it did on replies that people labelled elsewhere; None when nobody named such a run.
        repeat: 1 for a judge itself. From 2 on it is the same judge ruling once more on the same transcripts, with rows
            of its own under the name NAME#2, NAME#3: that shows how stable it is, and is no further opinion.
    """

    name: str
    rubric_sha256: str
    model: str | None = None
    sees: Sees = "neither"
    turns: Turns = "last"
    rules_on: tuple[Dimension, ...] = ()
    calibration: JudgeCalibration | None = None
    repeat: int = 1

    def __post_init__(self) -> None:
        """A repeat is told by its name; else a judge could be taken for a repeat of nobody, and left out."""
        if self.repeat < 1 or (self.repeat > 1 and not self.name.endswith(f"#{self.repeat}")):
            raise ValueError(f"judge {self.name!r} is no repeat number {self.repeat}: that one is NAME#{self.repeat}")

    @property
    def first(self) -> str:
        """The name of the judge that this one is a repeat of; its own name when it is none."""
        return self.name if self.repeat == 1 else self.name.removesuffix(f"#{self.repeat}")

    def again(self, repeat: int) -> JudgeCard:
        """The card of a repeat of this judge."""
        return msgspec.structs.replace(self, name=f"{self.name}#{repeat}", repeat=repeat)

    def rules_as(self, other: JudgeCard) -> bool:
        """Whether both rule under one name by the same means; what is only told of a judge may differ."""
        ours, theirs = (msgspec.structs.replace(card, rules_on=(), calibration=None) for card in (self, other))
        return ours == theirs


def judged_turns(transcript: Transcript, turns: Turns) -> tuple[int, ...]:
    """The turns to rule on, the last one last. Scripted replies are nobody's to be judged for."""
    held = tuple(exchange.turn for exchange in transcript.exchanges)
    return held if turns == "all" else held[-1:]


class Judge(Protocol):
    """Anything that gives verdicts on a transcript."""

    @property
    def card(self) -> JudgeCard:
        """What is stored about the judge."""
        ...

    async def judge(self, transcript: Transcript) -> Sequence[Verdict]:
        """A verdict on each turn the judge rules on, the last turn's last.

        That one is the verdict on the dialogue: unless it failed, none of them did, so what failed can be told by it
        and is asked again as a whole. Called only for a transcript that is not censored and whose last reply is ok.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
