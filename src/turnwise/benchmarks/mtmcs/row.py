"""One row of MTMCS-Bench as published, and what has to hold for it: which texts are filled, and how questions look."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from turnwise.dialogue import Intent, Modality, Setting
from turnwise.errors import DataError

__all__ = ["SETTINGS", "TURNS", "Mcq", "MtmcsRow", "Split", "Texts", "TrueFalse", "check_questions", "split_of"]

Split = Literal["type_a", "type_b"]

SETTINGS: dict[Split, Setting] = {"type_a": "escalation", "type_b": "context_switch"}

TURNS: dict[Split, dict[Intent, tuple[str, str, str]]] = {
    "type_a": {"unsafe": ("r1", "r2", "unsafe_r3"), "safe": ("r1", "r2", "safe_r3")},
    "type_b": {"unsafe": ("unsafe_r1", "r2", "r3"), "safe": ("safe_r1", "r2", "r3")},
}
"""The fields that the three user turns of a dialogue stand in. In a row of the split no other field is filled."""

_FILLED = {split: tuple(dict.fromkeys((*turns["unsafe"], *turns["safe"]))) for split, turns in TURNS.items()}
_MODALITIES: tuple[Modality, ...] = ("multimodal", "unimodal")
_N_MCQ = 4
_N_TRUE_FALSE = 2
_LETTERS = ("A", "B", "C", "D")


class Texts(msgspec.Struct, frozen=True):
    """The user messages of one modality; those that a split does not use are empty."""

    r1: str | None = None
    unsafe_r1: str | None = None
    safe_r1: str | None = None
    r2: str | None = None
    r3: str | None = None
    unsafe_r3: str | None = None
    safe_r3: str | None = None

    def filled(self) -> dict[str, str]:
        """The messages that say something, as given, by field."""
        given: dict[str, str | None] = msgspec.structs.asdict(self)
        return {name: text for name, text in given.items() if text and text.strip()}


class Mcq(msgspec.Struct, frozen=True):
    """A multiple-choice question."""

    question: str
    question_type: str
    options: list[str]
    ground_truth: str

    @property
    def intent(self) -> Intent | None:
        """Which of the twins it is asked about, by the beginning of its type; None when that says neither."""
        kind = self.question_type.strip().lower()
        return "unsafe" if kind.startswith("unsafe") else "safe" if kind.startswith("safe") else None

    @property
    def letter(self) -> str:
        """The right option, read as the official code reads it."""
        return self.ground_truth.strip().upper()

    def faults(self) -> Iterator[str]:
        """What breaks the published form: field, value, and what it should be."""
        if not self.question.strip():
            yield "question is empty"
        if self.intent is None:
            yield f"question_type is {self.question_type!r}; it begins with safe or unsafe"
        if len(self.options) != len(_LETTERS):
            yield f"options has {len(self.options)} entries; a question has {len(_LETTERS)}"
        if not all(option.strip() for option in self.options):
            yield f"options has an empty entry: {reprlib.repr(self.options)}"
        if self.letter not in _LETTERS:
            yield f"ground_truth is {self.ground_truth!r}; it is one of {', '.join(_LETTERS)}"


class TrueFalse(msgspec.Struct, frozen=True):
    """A statement about the unsafe dialogue, and whether it is true."""

    question: str
    ground_truth: bool

    def faults(self) -> Iterator[str]:
        """As for `Mcq`; msgspec has checked the types."""
        if not self.question.strip():
            yield "question is empty"


class MtmcsRow(msgspec.Struct, frozen=True):
    """A row; fields beyond these are passed over. Extracts of the data have neither images nor questions."""

    id: int
    unsafe_intent: str
    multimodal_dialogue: Texts
    unimodal_dialogue: Texts
    image: str | None = None
    variant_images: list[str] = []
    multimodal_mcq: list[Mcq] | None = None
    multimodal_tf: list[TrueFalse] | None = None
    unimodal_mcq: list[Mcq] | None = None
    unimodal_tf: list[TrueFalse] | None = None

    def texts(self, modality: Modality) -> Texts:
        """The user messages of one modality."""
        return self.multimodal_dialogue if modality == "multimodal" else self.unimodal_dialogue

    def mcq(self, modality: Modality) -> list[Mcq]:
        """The multiple-choice questions about the twins of one modality."""
        return (self.multimodal_mcq if modality == "multimodal" else self.unimodal_mcq) or []

    def true_false(self, modality: Modality) -> list[TrueFalse]:
        """The true/false questions about the unsafe twin of one modality."""
        return (self.multimodal_tf if modality == "multimodal" else self.unimodal_tf) or []


def split_of(row: MtmcsRow, named: Split | None, where: str) -> Split:
    """The split of a row: the one that its file is named for, else the one whose fields are filled.

    Raises:
        DataError: in one of the modalities other fields are filled than the split fills.
    """
    split = named or _told_by_fields(row.multimodal_dialogue, where)
    for modality in _MODALITIES:
        _check_filled(row.texts(modality).filled(), split, f"{where}: {modality}_dialogue")
    return split


def _told_by_fields(texts: Texts, where: str) -> Split:
    said = texts.filled().keys()
    split = next((split for split, names in _FILLED.items() if said == set(names)), None)
    if split is None:
        known = " nor ".join(f"{split} ({', '.join(names)})" for split, names in _FILLED.items())
        filled = ", ".join(said) or "nothing"
        raise DataError(f"{where}: multimodal_dialogue fills {filled}, and the file's name says neither {known}")
    return split


def _check_filled(said: dict[str, str], split: Split, place: str) -> None:
    wanted = _FILLED[split]
    for name in wanted:
        if name not in said:
            raise DataError(f"{place}.{name} is empty; a {split} row fills {', '.join(wanted)}")
    for name, text in said.items():
        if name not in wanted:
            raise DataError(f"{place}.{name} is {reprlib.repr(text)}; in a {split} row it is empty")


def check_questions(row: MtmcsRow, where: str) -> None:
    """Check the questions of a row, unless it has none at all.

    Raises:
        DataError: a modality has other than four mcq and two true/false questions, or one breaks the published form.
    """
    if all(asked is None for asked in (row.multimodal_mcq, row.multimodal_tf, row.unimodal_mcq, row.unimodal_tf)):
        return
    for modality in _MODALITIES:
        _check_asked(row.mcq(modality), _N_MCQ, f"{where}: {modality}_mcq")
        _check_asked(row.true_false(modality), _N_TRUE_FALSE, f"{where}: {modality}_tf")


def _check_asked(asked: Sequence[Mcq | TrueFalse], count: int, place: str) -> None:
    if len(asked) != count:
        raise DataError(f"{place} has {len(asked)} questions; a row has {count}")
    for number, question in enumerate(asked):
        fault = next(question.faults(), None)
        if fault is not None:
            raise DataError(f"{place}[{number}].{fault}")
