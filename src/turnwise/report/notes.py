"""What changes how the numbers read, in sentences for every kind of report: what answered and judged, what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from turnwise.evaluate import calls_spared
from turnwise.metrics import headlines_of_run, judges_of
from turnwise.models import PARAMETER_DROPPED
from turnwise.report.words import counted, known_words
from turnwise.runfile import BENCHMARK_LEFT_OUT, Reader

__all__ = ["control_note", "run_notes", "stopping_notes"]

_NOTED = {PARAMETER_DROPPED, BENCHMARK_LEFT_OUT}
_NO_MODELS = {"simulated": "documented behaviour", "scripted": "replies from a table"}


def run_notes(reader: Reader) -> Iterator[str]:
    """A sentence for each matter: no real model, a control as judge, what was refused or left out, what loading met."""
    yield from _made_up_notes(reader)
    yield from (event.detail for event in reader.events() if event.kind in _NOTED)
    yield from stopping_notes(reader)
    yield from _load_notes(reader)


def control_note(judge: str) -> str | None:
    """That a judge is no more than a control; None of others."""
    return "judge rules is a control, not the last word on harm" if judge == "rules" else None


def _made_up_notes(reader: Reader) -> Iterator[str]:
    """What was asked or ruled here without being a model, or more than a control."""
    target = msgspec.json.decode(reader.settings().get("target", b'""'))
    yield from (f"the target is {word}" for word in _made_up(target))
    for card in judges_of(reader):
        control = control_note(card.name)
        if control is not None:
            yield control
        yield from (f"the model of judge {card.name} is {word}" for word in _made_up(card.model or ""))


def _made_up(spelling: str) -> Iterator[str]:
    """What a simulated or scripted model is; nothing for others."""
    word = spelling.partition(":")[0]
    if word in _NO_MODELS:
        yield f"{word}: {_NO_MODELS[word]}, not a model"


def stopping_notes(reader: Reader) -> Iterator[str]:
    """How much of a run was asked that stops when its headlines are known."""
    headlines = headlines_of_run(reader)
    if not headlines:
        return
    yield from (f"{known_words(one)} ({one.benchmark}, {one.judge})" for one in headlines)
    spared = calls_spared(reader)
    if not spared.n_spared:
        return
    yield (
        f"{spared.n_spared:,} of {spared.n_planned:,} planned calls ({spared.n_spared / spared.n_planned:.0%}) "
        "were spared by not asking the others"
    )
    yield "all numbers but those headlines are of the groups asked, among which large groups are more frequent"


def _load_notes(reader: Reader) -> Iterator[str]:
    """Missing images, oddities of the data, records left out."""
    stored = reader.settings().get("load_notes")
    by_benchmark: dict[str, dict[str, Any]] = msgspec.json.decode(stored) if stored else {}
    for spelling, notes in by_benchmark.items():
        if notes["missing_images"]:
            yield f"{spelling}: {counted(notes['missing_images'], 'image')} missing; what lacks one went as text only"
        yield from (f"{spelling}: {notes['quirks'][quirk]:,} x {quirk}" for quirk in _by_noun(notes["quirks"]))
        yield from (f"left out: {reason}" for reason in notes["bad"])


def _by_noun(quirks: Iterable[str]) -> list[str]:
    """As they were met, but rows with rows and dialogues with dialogues: a second split is met after the first's."""
    nouns = list(dict.fromkeys(quirk.partition(" ")[0] for quirk in quirks))
    return sorted(quirks, key=lambda quirk: nouns.index(quirk.partition(" ")[0]))
