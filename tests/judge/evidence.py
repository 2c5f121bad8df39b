"""Transcripts for the tests of judges that ask a model."""

from __future__ import annotations

from collections.abc import Sequence

from turnwise.dialogue import Dialogue, Image, Turn
from turnwise.models import Message, Reply
from turnwise.rollout import Exchange, Transcript


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
