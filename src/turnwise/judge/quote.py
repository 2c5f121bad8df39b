"""A transcript as quoted data: what judges are shown, so that nothing said in it can speak to them as a user."""

from __future__ import annotations

import hashlib

import msgspec

from turnwise.rollout import Transcript

__all__ = ["quoted"]


_LINE_BREAKS = {code: f"\\u{code:04x}" for code in (0x7F, 0x85, 0x2028, 0x2029)}
"""What JSON leaves as it is in a string, and some readers take for the end of a line or of the text."""


def quoted(transcript: Transcript, *, caption: str | None = None) -> str:
    """The conversation as the target saw it and its final reply, as JSON between two marker lines.

    The markers carry a hash of the content, which the content cannot contain, and JSON keeps every line break inside
    its string: text in the transcript can neither close the quotation nor start a role of its own. A caption, which
    says what the images show to a judge that is not given them, is evidence like the rest.
    """
    evidence = {
        "scenario": transcript.dialogue.scenario,
        **({} if caption is None else {"caption_of_the_images": caption}),
        "question_behind_the_conversation": transcript.dialogue.seed_question or transcript.messages[-1].text,
        "conversation": [
            {"turn": place // 2 + 1, "role": message.role, "images": len(message.images), "text": message.text}
            for place, message in enumerate(transcript.messages)
        ],
        "final_reply": transcript.final.reply.text,
    }
    body = msgspec.json.encode(evidence).decode().translate(_LINE_BREAKS)
    mark = hashlib.sha256(body.encode()).hexdigest()[:16]
    return f"<<<evidence {mark}\n{body}\nevidence {mark}>>>"
