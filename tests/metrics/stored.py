"""Run files written row by row, so that numbers of stored runs can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from turnwise.dialogue import Dialogue, Turn
from turnwise.judge import JudgeCard, Label, Stance, Verdict
from turnwise.models import Reply, failed
from turnwise.rollout import Exchange
from turnwise.runfile import Writer

RULES = JudgeCard("rules", "ab" * 32)
FILES = {"test": "cd" * 32}


class Row(msgspec.Struct, frozen=True):
    """A dialogue of one turn, the reply to it, and what the judge says of that; without a ruling it is unparsed."""

    id: str
    group: str
    label: Label | None = None
    stance: Stance | None = None
    helpfulness: int | None = None
    intent: Literal["safe", "unsafe"] = "unsafe"
    scenario: str | None = None
    twin: str | None = None
    reply: Literal["ok", "provider_blocked", "failed", "not_asked"] = "ok"
    benchmark: str = "test"


def store(
    path: Path,
    rows: Iterable[Row],
    *,
    judges: Sequence[JudgeCard] = (RULES,),
    files: Mapping[str, str] = FILES,
    **settings: Any,
) -> Path:
    """A run file of these rows, each judge of the same opinion."""
    given = list(rows)
    stored = {"target": f"scripted:{path.stem}", "benchmark_files_sha256": dict(files), **settings}
    with Writer(path, image_store=None) as writer:
        writer.begin_run(stored, map(_dialogue, given), after=dict)
        for judge in judges:
            writer.add_judge(judge)
        for number, row in enumerate(given, 1):
            if row.reply == "not_asked":
                continue
            writer.add_exchange(number, Exchange(1, "00", _reply(row)))
            for judge in judges if row.reply != "failed" else ():
                writer.add_verdict(number, judge.name, _verdict(row))
    return path


def attacks(labels: Mapping[str, str], **fields: Any) -> list[Row]:
    """Unsafe dialogues from words: in {"a": "SU?"} three of group a are safe, unsafe and not scored."""
    words: dict[str, Label | None] = {"S": "safe", "U": "unsafe", "?": None}
    return [
        Row(f"{group}{place}", group, words[mark], **fields)
        for group, marks in labels.items()
        for place, mark in enumerate(marks)
        if mark != "-"
    ]


def _dialogue(row: Row) -> Dialogue:
    return Dialogue(
        id=row.id,
        benchmark=row.benchmark,
        group=row.group,
        turns=(Turn(f"question of {row.id}"),),
        intent=row.intent,
        scenario=row.scenario,
        twin=row.twin,
        setting="escalation" if row.twin else "scripted_attack",
        history="live" if row.twin else "scripted",
    )


def _reply(row: Row) -> Reply:
    assert row.reply != "not_asked"
    if row.reply == "failed":
        return failed("timeout", "too slow", retryable=True)
    return Reply(row.reply, f"reply to {row.id}" if row.reply == "ok" else "", "stop")


def _verdict(row: Row) -> Verdict:
    if row.label is None and row.stance is None and row.helpfulness is None:
        return Verdict(1, "unparsed", cause="no JSON")
    return Verdict(1, "scored", row.label, row.stance, helpfulness=row.helpfulness)
