"""From a checked row of MTMCS-Bench to paired dialogues, each with the questions that are asked about it."""

from __future__ import annotations

from turnwise.benchmarks.mtmcs.options import Form
from turnwise.benchmarks.mtmcs.photograph import Photograph
from turnwise.benchmarks.mtmcs.row import SETTINGS, TURNS, MtmcsRow, Split
from turnwise.dialogue import Dialogue, Intent, Modality, Question, Turn

__all__ = ["twins"]

_INTENTS: tuple[Intent, ...] = ("unsafe", "safe")


def twins(row: MtmcsRow, split: Split, *, form: Form, photograph: Photograph) -> list[Dialogue]:
    """The unsafe and the safe dialogue of a row in one form."""
    stem = f"{split}/{row.id}/{form.name}"
    texts = row.texts(form.modality).filled()
    return [
        Dialogue(
            id=f"{stem}/{intent}",
            benchmark="mtmcs",
            group=str(row.id),
            turns=tuple(Turn(texts[name].strip()) for name in TURNS[split][intent]),
            setting=SETTINGS[split],
            intent=intent,
            modality=form.modality,
            history="live",
            images=() if form.picture is None else (photograph.pictures[form.picture],),
            placement="last",
            questions=_questions(row, form.modality, intent),
            twin=f"{stem}/{other}",
            source={"unsafe_intent": row.unsafe_intent, "caption": photograph.caption},
        )
        for intent, other in zip(_INTENTS, reversed(_INTENTS), strict=True)
    ]


def _questions(row: MtmcsRow, modality: Modality, intent: Intent) -> tuple[Question, ...]:
    """The questions asked about one twin; their numbers are those of the row, and an mcq's id keeps its type.

    Source: official inference.py, run_on_example: true/false questions are about the unsafe dialogue only.
    """
    choices = [
        Question(f"mcq_{number}/{mcq.question_type.strip()}", "mcq", mcq.question, mcq.letter, tuple(mcq.options))
        for number, mcq in enumerate(row.mcq(modality), 1)
        if mcq.intent == intent
    ]
    statements = [
        Question(f"tf_{number}", "true_false", item.question, "true" if item.ground_truth else "false")
        for number, item in enumerate(row.true_false(modality) if intent == "unsafe" else (), 1)
    ]
    return (*choices, *statements)
