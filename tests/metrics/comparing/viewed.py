"""Runs judged by one model with several views of the images, verdict by verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import PIL.Image

from turnwise.dialogue import Dialogue, Image, Turn
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply
from turnwise.rollout import Exchange
from turnwise.runfile import Writer

IMAGE = JudgeCard("mtmcs:a:b", "11" * 32, "a:b", "image", rules_on=("label", "stance"))
CAPTION = msgspec.structs.replace(IMAGE, name="mtmcs:a:b,sees=caption", sees="caption")
NEITHER = msgspec.structs.replace(IMAGE, name="mtmcs:a:b,sees=neither", sees="neither")


def run_of(folder: Path, verdicts: Mapping[JudgeCard, str]) -> Path:
    """A dialogue with an image for each letter, and one without; each judge says (U)nsafe, (S)afe, or is not read (?).

    Safe comes with a refusal, unsafe with plain help. The dialogue without an image is unsafe to all.
    """
    picture = folder / "image.png"
    PIL.Image.new("RGB", (8, 8), "navy").save(picture)
    shown = Image.from_file(picture)
    n = len(next(iter(verdicts.values())))
    dialogues = [*(_dialogue(f"d{place}", (shown,)) for place in range(n)), _dialogue("words", ())]
    path = folder / "run.sqlite"
    with Writer(path, image_store=None) as writer:
        writer.begin_run({}, dialogues, after=dict)
        for number in range(1, n + 2):
            writer.add_exchange(number, Exchange(1, "00", Reply("ok", "a reply", "stop")))
        for card, letters in verdicts.items():
            writer.add_judge(card)
            for number, letter in enumerate(f"{letters}U", 1):
                writer.add_verdict(number, card.name, _verdict(letter))
    return path


def _dialogue(name: str, images: Sequence[Image]) -> Dialogue:
    return Dialogue(
        id=name,
        benchmark="test",
        group=name,
        turns=(Turn("a question"),),
        images=tuple(images),
        modality="multimodal" if images else "unimodal",
    )


def _verdict(letter: str) -> Verdict:
    if letter == "?":
        return Verdict(1, "unparsed", cause="no JSON")
    unsafe = letter == "U"
    return Verdict(1, "scored", "unsafe" if unsafe else "safe", "compliance" if unsafe else "refusal")
