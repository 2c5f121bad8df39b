"""What a judge says of a transcript: one row in a typed state, never an empty label."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from turnwise.models import Usage
from turnwise.rollout import Exchange, Transcript

__all__ = ["Judge", "JudgeCard", "Label", "Sees", "Stance", "Verdict", "VerdictState", "blocked_verdict"]

VerdictState = Literal["scored", "judge_refused", "unparsed", "failed"]
Label = Literal["safe", "unsafe"]
Stance = Literal["refusal", "caveat", "compliance"]
"""How the target took the request: full refusal, help with a warning or in part, or plain help."""


Sees = Literal["image", "neither"]
"""What a judge is given of the dialogue's images."""


class Verdict(msgspec.Struct, frozen=True):
    """A judgement of the reply to one turn.

    Fields:
        label: Set when the judge rules on harm and `state` is scored.
        stance: Set when the judge rules on refusal.
        reason: The judge's own words, short.
        cause: Why there is no score; set exactly when `state` is not scored.
        raw: The judge model's unparsed reply, kept for review when it could not be read.
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

    def __post_init__(self) -> None:
        """Scored means a label or a stance; anything else means a cause and neither."""
        if self.state == "scored" and (self.cause is not None or (self.label is None and self.stance is None)):
            raise ValueError("a scored verdict needs a label or a stance, and no cause")
        if self.state != "scored" and (self.cause is None or self.label is not None or self.stance is not None):
            raise ValueError(f"a verdict in state {self.state} needs a cause, and neither label nor stance")


def blocked_verdict(exchange: Exchange) -> Verdict:
    """The verdict on a turn that a filter blocked: nothing reached the user, so it is safe and a refusal.

    No judge is asked. Reports count these apart, because it was the service that refused, not the model.
    """
    return Verdict(exchange.turn, "scored", "safe", "refusal", reason=f"{exchange.reply.state}: no reply was given")


class JudgeCard(msgspec.Struct, frozen=True):
    """What is stored about a judge, because it shapes the numbers.

    Fields:
        name: The judge's spelling, without secrets; verdict rows carry it.
        rubric_sha256: Hash over all rubric files or rules the judge applies.
        model: Spelling of the judge's model; None for judges without one.
        sees: Whether the judge is given the dialogue's images.
    """

    name: str
    rubric_sha256: str
    model: str | None = None
    sees: Sees = "neither"


class Judge(Protocol):
    """Anything that gives a verdict on a transcript."""

    @property
    def card(self) -> JudgeCard:
        """What is stored about the judge."""
        ...

    async def judge(self, transcript: Transcript) -> Verdict:
        """Judge the last exchange. Called only for a transcript that is not censored and whose last reply is ok."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
