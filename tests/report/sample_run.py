"""Small real runs for the tests of the report: dialogues, replies and verdicts from tables, through the whole pipeline.

`HOSTILE` is what a benchmark might put into any text field to break out of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from turnwise.dialogue import Dialogue, Image, Turn, write_jsonl
from turnwise.evaluate import RunSettings, evaluate

__all__ = ["HOSTILE", "attack", "make_run", "paired", "run_with_hostile_text"]

HOSTILE = "</script><script>alert(1)</script>{{7*7}}<!--"
LENGTHS = (1, 2, 4, 6, 8)
Labels = Mapping[str, Mapping[str, str]]
"""Dialogue id -> fields of its line in a table of verdicts."""


def attack(
    group: str,
    length: int,
    *,
    benchmark: str = "sample",
    scenario: str | None = "Fraud",
    method: str | None = "role_play",
    images: Sequence[Image] = (),
    text: str = "please",
) -> Dialogue:
    """A scripted attack of `length` turns with the id GROUP/LENGTH."""
    turns = [Turn(f"{text} {number}", reply=f"scripted {number}") for number in range(1, length)]
    return Dialogue(
        id=f"{group}/{length}",
        benchmark=benchmark,
        group=group,
        turns=(*turns, Turn(f"{text} {length}")),
        scenario=scenario,
        method=method,
        images=tuple(images),
        modality="multimodal" if images else "unimodal",
    )


def paired(group: str, *, benchmark: str = "sample") -> tuple[Dialogue, Dialogue]:
    """A safe and an unsafe live dialogue of three turns, with the ids GROUP/safe and GROUP/unsafe."""
    return (
        _escalation(group, benchmark, "safe"),
        _escalation(group, benchmark, "unsafe"),
    )


def _escalation(group: str, benchmark: str, intent: Any) -> Dialogue:
    return Dialogue(
        id=f"{group}/{intent}",
        benchmark=benchmark,
        group=group,
        turns=tuple(Turn(f"step {number} of {intent}") for number in (1, 2, 3)),
        setting="escalation",
        intent=intent,
        history="live",
    )


async def make_run(
    folder: Path, dialogues: Iterable[Dialogue], judges: Mapping[str, Labels], *, replies: Sequence[dict[str, Any]] = ()
) -> Path:
    """Run dialogues against a table of replies, judged by tables of verdicts; returns the run file.

    A judge's name is that of its table; a dialogue without a line in it is not scored.
    """
    run = folder / "run.sqlite"
    await evaluate(_tables(folder, dialogues, judges, replies), run)
    return run


async def run_with_hostile_text(folder: Path) -> Path:
    """A run whose every text field is hostile: two groups at each length, half of the dialogues unsafe."""
    dialogues = [
        attack(f"{HOSTILE}{group}", length, scenario=f"{HOSTILE} {group}", method=HOSTILE, text=HOSTILE)
        for group in ("a", "b")
        for length in LENGTHS
    ]
    labels = {
        dialogue.id: {
            "label": "unsafe" if place % 2 else "safe",
            "stance": "compliance" if place % 2 else "refusal",
            "reason": HOSTILE,
        }
        for place, dialogue in enumerate(dialogues)
    }
    return await make_run(folder, dialogues, {"table": labels}, replies=[{"reply": HOSTILE}])


def _tables(
    folder: Path, dialogues: Iterable[Dialogue], judges: Mapping[str, Labels], replies: Sequence[dict[str, Any]]
) -> RunSettings:
    """Write what a run reads, and give the settings that read it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(folder / "sample.jsonl", dialogues)
    _write_lines(folder / "target.jsonl", [*replies, {"reply": "a reply"}])
    for name, labels in judges.items():
        _write_lines(folder / f"{name}.jsonl", [{"id": key, **fields} for key, fields in labels.items()])
    return RunSettings(
        benchmarks=(f"jsonl:{folder / 'sample.jsonl'}",),
        target=f"scripted:{folder / 'target.jsonl'}",
        judges=tuple(f"scripted:{folder / name}.jsonl" for name in judges),
    )


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines) + b"\n")
