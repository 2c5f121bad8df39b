"""Transcripts for the tests of judges that ask a model."""

from __future__ import annotations

from collections.abc import Sequence

from turnwise.dialogue import Dialogue, Image, Intent, Setting, Turn
from turnwise.models import Message, Reply
from turnwise.rollout import Conduct, Exchange, Transcript, transcript_of


def held(
    reply: str = "Here you are.",
    *,
    question: str = "A question.",
    scenario: str | None = None,
    images: Sequence[Image] = (),
    seed_question: str | None = "What is behind it?",
) -> Transcript:
    """A scripted dialogue of two turns with a final reply; images stand on the first turn."""
    dialogue = Dialogue(
        id="d1",
        benchmark="test",
        group="g1",
        turns=(Turn("Hello.", reply="Hello, how can I help?"), Turn(question)),
        scenario=scenario,
        images=tuple(images),
        modality="multimodal" if images else "unimodal",
        seed_question=seed_question,
    )
    messages = (
        Message("user", "Hello.", tuple(images)),
        Message("assistant", "Hello, how can I help?"),
        Message("user", question),
    )
    return Transcript(dialogue, messages, (Exchange(2, "0" * 64, Reply("ok", reply, "stop")),))


def conversed(
    *replies: str,
    intent: Intent = "unsafe",
    setting: Setting = "escalation",
    images: Sequence[Image] = (),
    caption: str | None = None,
) -> Transcript:
    """A live dialogue with these replies; images stand on the last turn, as MTMCS-Bench has them."""
    dialogue = Dialogue(
        id="d1",
        benchmark="test",
        group="g1",
        history="live",
        turns=tuple(Turn(f"Request {number}.") for number in range(1, len(replies) + 1)),
        intent=intent,
        setting=setting,
        images=tuple(images),
        placement="last",
        modality="multimodal" if images else "unimodal",
        source={"caption": caption},
    )
    exchanges = [Exchange(number, "0" * 64, Reply("ok", reply, "stop")) for number, reply in enumerate(replies, 1)]
    return transcript_of(dialogue, Conduct(placement="published"), exchanges)
