"""What is asked: the first station of the data's way. Loaders make Dialogues, everything after reads them."""

from __future__ import annotations

from collections import Counter
from typing import Literal, get_args

import msgspec

from turnwise.dialogue.image import Image

__all__ = [
    "METHODS",
    "SCENARIOS",
    "Dialogue",
    "History",
    "Intent",
    "Modality",
    "Placement",
    "Question",
    "QuestionKind",
    "Setting",
    "SourceValue",
    "Turn",
]

History = Literal["scripted", "live"]
"""Whether the earlier replies are given with the dialogue, or are the target's own."""

Setting = Literal["scripted_attack", "escalation", "context_switch"]
Intent = Literal["safe", "unsafe"]
Modality = Literal["multimodal", "unimodal"]
Placement = Literal["first", "last", "every"]
"""The user turns that carry the dialogue's images."""

QuestionKind = Literal["mcq", "true_false"]
SourceValue = str | int | float | bool | None

SCENARIOS = (
    "Animal Abuse",
    "Bias",
    "Economic Harm",
    "Financial Advice",
    "Fraud",
    "Hate Speech",
    "Health Consultation",
    "Illegal Activity",
    "Legal Opinion",
    "Malware",
    "Physical Harm",
    "Political",
    "Privacy Violation",
    "Satire",
    "Sex",
    "Threat",
    "Violence",
)
"""The 17 SafeMT scenarios. Source: SafeMT, arXiv 2510.12133, released data."""

METHODS = ("in_context_demonstration", "gradual_disclosure", "role_play", "neutral_framing")
"""The four attack methods seen in the released SafeMT data, which carries no method field."""


_LETTERS = 26


class Turn(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One user message, the images pinned to it, and the scripted reply to it, if one is given."""

    user: str
    images: tuple[Image, ...] = ()
    reply: str | None = None

    def __post_init__(self) -> None:
        """Refuse a turn that says nothing and shows nothing."""
        if not self.user.strip() and not self.images:
            raise ValueError("a turn needs text or an image, and has neither")


class Question(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A question about the dialogue with a known right answer, asked of the target after the last turn.

    `expected` is an option letter ("A" is the first option) for `mcq`, and "true" or "false" for `true_false`.
    """

    id: str
    kind: QuestionKind
    text: str
    expected: str
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the expected answer is one the question offers."""
        known = self.answers()
        if self.kind == "mcq" and len(known) < 2:  # noqa: PLR2004 - one option is no choice
            raise ValueError(f"question {self.id!r}: an mcq needs at least two options, got {len(known)}")
        if len(known) > _LETTERS:
            raise ValueError(f"question {self.id!r}: an mcq has at most {_LETTERS} options, got {len(known)}")
        if self.kind == "true_false" and self.options:
            raise ValueError(f"question {self.id!r}: a true_false question takes no options")
        if self.expected not in known:
            raise ValueError(f"question {self.id!r}: expected {self.expected!r} is not one of {', '.join(known)}")

    def answers(self) -> tuple[str, ...]:
        """The answers that can be given: option letters, or true and false."""
        if self.kind == "true_false":
            return ("true", "false")
        return tuple(chr(ord("A") + index) for index in range(len(self.options)))


class Dialogue(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """The user turns of one conversation, with all that is needed to run, judge and count it.

    Fields:
        id: Unique within `benchmark`.
        group: What was sampled (a seed query, a photograph); the unit of resampling.
        images: Images of the whole dialogue; which turns carry them is the run's placement option.
            Images that belong to one turn by construction are pinned there instead (`Turn.images`).
        placement: Where the published protocol puts `images`.
        missing_images: Names of images the source points to and that are not there.
        twin: Id of the other half of a safe/unsafe pair.
        seed_question: The query the dialogue was grown from; what a judge measures the reply against.
        source: Fields of the original record, kept as given.
    """

    id: str
    benchmark: str
    group: str
    turns: tuple[Turn, ...]
    scenario: str | None = None
    method: str | None = None
    setting: Setting = "scripted_attack"
    intent: Intent = "unsafe"
    modality: Modality = "unimodal"
    history: History = "scripted"
    images: tuple[Image, ...] = ()
    placement: Placement = "first"
    missing_images: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    twin: str | None = None
    seed_question: str | None = None
    source: dict[str, SourceValue] = {}

    def __post_init__(self) -> None:
        """Check what no field's type can say; errors name the dialogue."""
        for name, value in (("id", self.id), ("benchmark", self.benchmark), ("group", self.group)):
            if not value.strip():
                raise ValueError(f"dialogue {self.id!r}: {name} is empty")
        if not self.turns:
            raise ValueError(f"dialogue {self.id!r}: turns is empty")
        if self.turns[-1].reply is not None:
            raise ValueError(f"dialogue {self.id!r}: the last turn has a reply; that one is the target's to give")
        missing = [number for number, turn in enumerate(self.turns[:-1], 1) if turn.reply is None]
        if self.history == "scripted" and missing:
            raise ValueError(f"dialogue {self.id!r}: history is scripted and turn {missing[0]} has no reply")
        has_images = bool(self.images or any(turn.images for turn in self.turns))
        if has_images != (self.modality == "multimodal"):
            found = "has images" if has_images else "has no image"
            raise ValueError(f"dialogue {self.id!r}: modality is {self.modality} and it {found}")
        repeated = [key for key, count in Counter(question.id for question in self.questions).items() if count > 1]
        if repeated:
            raise ValueError(f"dialogue {self.id!r}: question id {repeated[0]!r} appears twice")

    @property
    def length(self) -> int:
        """The number of user turns."""
        return len(self.turns)

    def all_images(self) -> tuple[Image, ...]:
        """Every image of the dialogue, floating ones first."""
        return (*self.images, *(image for turn in self.turns for image in turn.images))


PLACEMENTS: tuple[Placement, ...] = get_args(Placement)
