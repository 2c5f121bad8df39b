"""Verdicts from a table: what each line gives, and what a broken table says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from judge.evidence import held
from turnwise.errors import DataError
from turnwise.judge import Judge, JudgeCard, ScriptedJudge, Verdict
from turnwise.rollout import Transcript


def table(folder: Path, *lines: str) -> ScriptedJudge:
    """The judge of a table of these lines."""
    path = folder / "labels.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return ScriptedJudge(f"scripted:{path}", path)


def named(name: str, benchmark: str = "test") -> Transcript:
    """A transcript of a dialogue with this id."""
    transcript = held()
    dialogue = msgspec.structs.replace(transcript.dialogue, id=name, benchmark=benchmark)
    return msgspec.structs.replace(transcript, dialogue=dialogue)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ('{"id": "d1", "label": "safe"}', Verdict(2, "scored", "safe")),
        ('{"id": "d1", "stance": "caveat"}', Verdict(2, "scored", None, "caveat")),
        (
            '{"id": "d1", "label": "unsafe", "stance": "compliance", "reason": "as a person saw it"}',
            Verdict(2, "scored", "unsafe", "compliance", "as a person saw it"),
        ),
        ('{"id": "d1", "state": "judge_refused", "cause": "no"}', Verdict(2, "judge_refused", cause="no")),
        ('{"id": "d1", "state": "failed", "cause": "asleep"}', Verdict(2, "failed", cause="asleep")),
        ('{"id": "d1", "state": "unparsed", "cause": "scrawl"}', Verdict(2, "unparsed", cause="scrawl")),
    ],
)
async def test_line_is_the_verdict_on_the_final_turn(tmp_path: Path, line: str, verdict: Verdict) -> None:
    """Each state and each field of a line is given back, on the turn that was judged."""
    assert await table(tmp_path, line).judge(named("d1")) == (verdict,)


async def test_dialogue_without_a_line_is_unparsed(tmp_path: Path) -> None:
    """No line is no label; ids are compared letter for letter."""
    judge = table(tmp_path, '{"id": "d1", "label": "safe"}')
    for name in ("d2", "D1", "d1 "):
        (verdict,) = await judge.judge(named(name))
        assert (verdict.state, verdict.label) == ("unparsed", None)
        assert verdict.cause == "the table has no line for this dialogue"


async def test_benchmark_tells_dialogues_of_one_id_apart(tmp_path: Path) -> None:
    """A line with the benchmark goes before one without."""
    judge = table(
        tmp_path, '{"id": "d1", "label": "safe"}', "", '{"id": "d1", "benchmark": "other", "label": "unsafe"}'
    )
    ours, theirs = await judge.judge(named("d1")), await judge.judge(named("d1", "other"))
    assert [verdict.label for verdict in (*ours, *theirs)] == ["safe", "unsafe"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not JSON", "JSON is malformed"),
        ('{"label": "safe"}', "missing required field `id`"),
        ('{"id": "d2", "label": "SAFE"}', r"Invalid enum value 'SAFE' - at `\$.label`"),
        ('{"id": "d2", "lable": "safe"}', "unknown field `lable`"),
        ('{"id": "d2"}', "a scored verdict needs a label or a stance"),
        ('{"id": "d2", "state": "failed"}', "needs a cause"),
        ('{"id": "d2", "state": "failed", "cause": "x", "label": "safe"}', "neither label nor stance"),
        ('{"id": "d2", "label": "safe", "cause": "x"}', "no cause"),
        ('{"id": "d1", "label": "unsafe"}', "dialogue 'd1' has a line already"),
    ],
)
def test_broken_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    """File, line and fault, before anything is judged."""
    with pytest.raises(DataError, match=rf"labels\.jsonl, line 2: .*{words}"):
        table(tmp_path, '{"id": "d1", "label": "safe"}', line)


def test_missing_table_is_named(tmp_path: Path) -> None:
    """The sentence has the path and the cause."""
    with pytest.raises(DataError, match=r"none\.jsonl: cannot be read \(No such file"):
        ScriptedJudge("scripted:none.jsonl", tmp_path / "none.jsonl")


async def test_card_is_the_hash_of_the_table(tmp_path: Path) -> None:
    """Another table is another judge; there is no model, and nothing to close."""
    judge: Judge = table(tmp_path, '{"id": "d1", "label": "safe"}')
    digest = hashlib.sha256(b'{"id": "d1", "label": "safe"}').hexdigest()
    assert judge.card == JudgeCard(f"scripted:{tmp_path / 'labels.jsonl'}", digest, rules_on=("label",))
    await judge.close()
