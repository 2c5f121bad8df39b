"""What metrics of twins and of single turns read from a run file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rollout.recording import live
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply, failed
from turnwise.rollout import Exchange
from turnwise.runfile import Reader, TurnRow, Writer

BLOCKED = Reply("provider_blocked")
FAILED = failed("timeout", "too slow", retryable=True)


def written(path: Path) -> Path:
    """A dialogue with its twin: of the first all turns are ruled on by one judge, the second broke off."""
    first = msgspec.structs.replace(live(2), twin="d2")
    with Writer(path) as writer:
        writer.begin_run({}, [first, live(2, name="d2")], after=dict)
        writer.add_judge(JudgeCard("all", "ab" * 32, turns="all"))
        for turn, reply in ((1, Reply("ok", "yes")), (2, BLOCKED)):
            writer.add_exchange(1, Exchange(turn, "cd" * 32, reply))
        writer.add_exchange(2, Exchange(1, "cd" * 32, FAILED))
        writer.add_verdict(1, "all", Verdict(1, "scored", "unsafe", "caveat"))
        writer.commit()
    return path


def test_turn_rows_are_the_turns_asked_with_one_judges_ruling(tmp_path: Path) -> None:
    """A turn without a ruling, a blocked and a failed one are there all the same; another judge has ruled on none."""
    with Reader(written(tmp_path / "run.sqlite")) as reader:
        ours, others = list(reader.turn_rows("all")), list(reader.turn_rows("last"))
    assert ours == [
        TurnRow(1, 1, "ok", "unsafe", "caveat"),
        TurnRow(1, 2, "provider_blocked", None, None),
        TurnRow(2, 1, "failed", None, None),
    ]
    assert {(row.label, row.stance) for row in others} == {(None, None)}


def test_scored_rows_name_the_twin(tmp_path: Path) -> None:
    """As the dialogue does; None where it names none."""
    with Reader(written(tmp_path / "run.sqlite")) as reader:
        assert [row.twin for row in reader.scored_rows("all")] == ["d2", None]
