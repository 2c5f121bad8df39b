"""What people say of replies, as rows of a run file: beside the verdicts of judges, never among them."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from turnwise.judge import Stance

__all__ = ["ADD_ANNOTATION", "ANNOTATION_COLUMNS", "Annotation", "HumanLabel"]

HumanLabel = Literal["safe", "unsafe", "unsure"]
"""A person who cannot tell says so; that is no label."""


class Annotation(msgspec.Struct, frozen=True):
    """What one person says of the reply to one turn.

    Fields:
        stance, safety_awareness, helpfulness: As of a verdict; None when the person did not say.
        drawn_by: The judge by whose labels the reply was drawn to be labelled, so that its chance is known; None when
            it was picked in another way.
    """

    dialogue: int
    turn: int
    annotator: str
    label: HumanLabel
    stance: Stance | None = None
    safety_awareness: int | None = None
    helpfulness: int | None = None
    note: str = ""
    drawn_by: str | None = None


ANNOTATION_COLUMNS: Final = ", ".join(Annotation.__struct_fields__)

ADD_ANNOTATION: Final = (
    f"INSERT INTO annotations ({ANNOTATION_COLUMNS}) VALUES ({', '.join('?' * len(Annotation.__struct_fields__))})"
    " ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*Annotation.__struct_fields__[3:], "at"))
)
"""The statement that stores one; it replaces what the same person said of the same reply before."""
