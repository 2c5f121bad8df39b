"""What a judge model is shown of a dialogue: the quoted transcript, and its images, their caption, or neither."""

from __future__ import annotations

from turnwise.dialogue import Dialogue
from turnwise.judge.quote import quoted
from turnwise.judge.verdict import Sees
from turnwise.models import Message
from turnwise.rollout import Transcript

__all__ = ["evidence", "lacking"]


def lacking(dialogue: Dialogue, sees: Sees) -> str | None:
    """Why a judge cannot be shown this dialogue as it is to see it; None when it can.

    A dialogue without images needs no caption. One with images that has none is not judged: without picture and caption
    it would be judged as something else than the judge's card says.
    """
    if sees == "caption" and dialogue.modality == "multimodal" and _caption(dialogue) is None:
        return "the dialogue has images and no caption, and the judge is to see captions"
    return None


def evidence(transcript: Transcript, sees: Sees) -> Message:
    """The message that shows a judge model a transcript."""
    dialogue = transcript.dialogue
    caption = _caption(dialogue) if sees == "caption" and dialogue.modality == "multimodal" else None
    return Message("user", quoted(transcript, caption=caption), dialogue.all_images() if sees == "image" else ())


def _caption(dialogue: Dialogue) -> str | None:
    """What the source says that the images show."""
    caption = dialogue.source.get("caption")
    return caption if isinstance(caption, str) and caption.strip() else None
