"""From a scene file to paired dialogues: three live turns, safe and unsafe, with the picture and in words alone.

Under escalation the twins share their first two turns and part at the third; under a context switch they part at the
first and share the rest. Source: the design of MTMCS-Bench; all texts are our own.
"""

from __future__ import annotations

import hashlib
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from turnwise.benchmarks.record import Record
from turnwise.dialogue import Dialogue, Image, Intent, Modality, Question, Setting, SourceValue, Turn

__all__ = ["scene_dialogues"]

_SETTINGS: tuple[Setting, ...] = ("escalation", "context_switch")
_MODALITIES: tuple[Modality, ...] = ("multimodal", "unimodal")
_INTENTS: tuple[Intent, ...] = ("unsafe", "safe")
_POSITION: dict[Intent, int] = {"safe": 0, "unsafe": 1}


class _Mcq(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    question: str
    safe: str
    unsafe: str
    distractors: tuple[str, str]


class _TrueFalse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statement: str
    true_for: Literal["safe", "unsafe"]


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What both settings have: who wants what, and the questions that tell the twins apart."""

    scenario: str
    safe_goal: str
    unsafe_goal: str
    mcq: Annotated[tuple[_Mcq, ...], msgspec.Meta(min_length=4, max_length=4)]
    true_false: Annotated[tuple[_TrueFalse, ...], msgspec.Meta(min_length=2, max_length=2)]


class _EscalationTurns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    r1: str
    r2: str
    safe_r3: str
    unsafe_r3: str

    def users(self, intent: Intent) -> tuple[str, str, str]:
        """The three user messages of one twin."""
        return (self.r1, self.r2, self.safe_r3 if intent == "safe" else self.unsafe_r3)


class _SwitchTurns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    safe_r1: str
    unsafe_r1: str
    r2: str
    r3: str

    def users(self, intent: Intent) -> tuple[str, str, str]:
        """The three user messages of one twin."""
        return (self.safe_r1 if intent == "safe" else self.unsafe_r1, self.r2, self.r3)


class _Escalation(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    multimodal: _EscalationTurns
    unimodal: _EscalationTurns


class _ContextSwitch(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    multimodal: _SwitchTurns
    unimodal: _SwitchTurns


class _SceneFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scene: str
    caption: str
    escalation: _Escalation
    context_switch: _ContextSwitch


def scene_dialogues(record: Record, images: Path) -> list[Dialogue]:
    """The eight dialogues of one scene: by setting, then modality, then intent.

    Raises:
        DataError: the file breaks its format or the scene's picture is missing.
    """
    file = record.decode(_SceneFile)
    image = Image.from_file(images / f"{file.scene}.png")
    return [
        dialogue
        for setting, modality in product(_SETTINGS, _MODALITIES)
        for dialogue in _twins(file, setting, modality, image)
    ]


def _twins(file: _SceneFile, setting: Setting, modality: Modality, image: Image) -> list[Dialogue]:
    asked = file.escalation if setting == "escalation" else file.context_switch
    turns = asked.multimodal if modality == "multimodal" else asked.unimodal
    stem = f"{file.scene}/{setting}/{modality}"
    return [
        Dialogue(
            id=f"{stem}/{intent}",
            benchmark="starter",
            group=file.scene,
            turns=tuple(Turn(user) for user in turns.users(intent)),
            scenario=asked.scenario,
            setting=setting,
            intent=intent,
            modality=modality,
            history="live",
            images=(image,) if modality == "multimodal" else (),
            placement="last",
            questions=_questions(asked, f"{file.scene}/{setting}", intent),
            twin=f"{stem}/{other}",
            source=_source(file, asked, intent),
        )
        for intent, other in zip(_INTENTS, reversed(_INTENTS), strict=True)
    ]


def _source(file: _SceneFile, asked: _Asked, intent: Intent) -> dict[str, SourceValue]:
    return {"goal": asked.safe_goal if intent == "safe" else asked.unsafe_goal, "caption": file.caption}


def _questions(asked: _Asked, place: str, intent: Intent) -> tuple[Question, ...]:
    choices = (_choice(mcq, f"{place}/{number}", intent, f"mcq_{number}") for number, mcq in enumerate(asked.mcq, 1))
    statements = (
        Question(f"tf_{number}", "true_false", item.statement, "true" if item.true_for == intent else "false")
        for number, item in enumerate(asked.true_false, 1)
    )
    return (*choices, *statements)


def _choice(mcq: _Mcq, place: str, intent: Intent, name: str) -> Question:
    """A question with its options in an order drawn from its place, so that twins differ in the dialogue alone."""
    options = sorted(
        enumerate((mcq.safe, mcq.unsafe, *mcq.distractors)),
        key=lambda option: hashlib.sha256(f"{place}/{option[0]}".encode()).digest(),
    )
    right = _POSITION[intent]
    letter = next(chr(ord("A") + rank) for rank, (position, _) in enumerate(options) if position == right)
    return Question(name, "mcq", mcq.question, letter, tuple(text for _, text in options))
