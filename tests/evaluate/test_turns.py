"""Judges that rule on every turn: what a run stores of it, and what is asked again."""

from __future__ import annotations

import json
from pathlib import Path

from evaluate.answering import QUICK, Answer, Answering, Asked, benchmark_of, settings_of
from rollout.recording import live, scripted
from turnwise.evaluate import evaluate, rejudge
from turnwise.judge import Verdict
from turnwise.runfile import Reader

GRADED = {"safety_awareness": 3, "label": "safe", "stance": "refusal", "reason": "it declines at last"}
EARLIER = {"1": {"label": "safe", "stance": "compliance"}, "2": {"label": "unsafe", "stance": "caveat"}}


def graded(*, earlier: bool) -> str:
    """What the judge model answers on a live dialogue of three turns, or where there is one reply to judge."""
    return json.dumps({**GRADED, "earlier": EARLIER} if earlier else GRADED)


def ruling(asked: Asked) -> Answer:
    """A judge model that answers in the form it is asked for, and a target that helps."""
    if asked.model != "judge":
        return "Of course."
    return graded(earlier='"earlier"' in asked.messages[0][1])


def mtmcs(server: Answering) -> str:
    """The judge that rules on all turns with the server's model."""
    return f"mtmcs:{server.target('judge')},turns=all"


def stored(run: Path, judge: str) -> dict[str, list[Verdict]]:
    """A judge's verdicts on each dialogue, in turn order."""
    with Reader(run) as reader:
        return {
            reader.dialogue(number).id: [verdict for name, verdict in reader.verdicts(number) if name == judge]
            for number in range(1, reader.count() + 1)
        }


async def test_every_turn_of_a_live_dialogue_has_a_row(server: Answering, tmp_path: Path, run: Path) -> None:
    """One call gives three rows; the last turn's is the dialogue's; where replies were given there is one row."""
    server.answer = ruling
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(3), scripted(3, name="d2"))
    await evaluate(settings_of(server, benchmark, judges=(mtmcs(server),)), run, machinery=QUICK)
    found = stored(run, mtmcs(server))
    assert [(one.turn, one.label, one.stance, one.safety_awareness) for one in found["d1"]] == [
        (1, "safe", "compliance", None),
        (2, "unsafe", "caveat", None),
        (3, "safe", "refusal", 3),
    ]
    assert [(one.turn, one.safety_awareness) for one in found["d2"]] == [(3, 3)]
    assert [one.attempts for one in found["d1"]] == [0, 0, 1]
    assert len(server.of("judge")) == 2
    with Reader(run) as reader:
        rows = [(row.label, row.stance, row.safety_awareness) for row in reader.scored_rows(mtmcs(server))]
    assert rows == [("safe", "refusal", 3), ("safe", "refusal", 3)]


async def test_finished_judging_of_turns_asks_nothing_again(server: Answering, tmp_path: Path, run: Path) -> None:
    """What was ruled on is known by the last turn's verdict, in the run itself and when it is judged again."""
    server.answer = ruling
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(3)), judges=("rules", mtmcs(server)))
    for _ in range(2):
        await evaluate(settings, run, machinery=QUICK)
        await rejudge(run, [mtmcs(server), "rules,turns=all"], machinery=QUICK)
    assert (len(server.of("target")), len(server.of("judge"))) == (3, 1)
    assert [(one.turn, one.stance, one.label) for one in stored(run, "rules,turns=all")["d1"]] == [
        (1, "compliance", None),
        (2, "compliance", None),
        (3, "compliance", "unsafe"),
    ]
    assert [one.turn for one in stored(run, "rules")["d1"]] == [3]


async def test_failed_judging_of_turns_is_asked_for_again_as_a_whole(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """A call that failed leaves failed rows on all turns, and the one that follows replaces all of them."""
    server.answer = lambda asked: 400 if asked.model == "judge" else "Of course."
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(3)), judges=(mtmcs(server),))
    await evaluate(settings, run, machinery=QUICK)
    assert [(one.turn, one.state) for one in stored(run, mtmcs(server))["d1"]] == [
        (turn, "failed") for turn in (1, 2, 3)
    ]
    server.answer = ruling
    await evaluate(settings, run, machinery=QUICK)
    assert [(one.turn, one.state, one.stance) for one in stored(run, mtmcs(server))["d1"]] == [
        (1, "scored", "compliance"),
        (2, "scored", "caveat"),
        (3, "scored", "refusal"),
    ]
    assert (len(server.of("target")), len(server.of("judge"))) == (3, 2)


async def test_blocked_last_turn_is_ruled_on_unasked(server: Answering, tmp_path: Path, run: Path) -> None:
    """As for every judge: the block is the verdict, and a dialogue cut short has none."""
    server.answer = lambda asked: None if asked.last == "question 3" else "Of course."
    benchmark = benchmark_of(tmp_path / "b.jsonl", live(3), live(4, name="d2"))
    await evaluate(settings_of(server, benchmark, judges=(mtmcs(server),)), run, machinery=QUICK)
    found = stored(run, mtmcs(server))
    assert [(one.turn, one.label, one.stance) for one in found["d1"]] == [(3, "safe", "refusal")]
    assert found["d2"] == []
    assert server.of("judge") == []


async def test_views_of_one_judge_rule_side_by_side(server: Answering, tmp_path: Path, run: Path) -> None:
    """Spelled with what it sees, one model judges the same transcripts in several ways."""
    server.answer = ruling
    views = [f"mtmcs:{server.target('judge')},sees={sees}" for sees in ("image", "caption", "neither")]
    await evaluate(settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(2))), run, machinery=QUICK)
    assert await rejudge(run, views, machinery=QUICK) == views
    assert {view: [one.state for one in stored(run, view)["d1"]] for view in views} == {
        view: ["scored"] for view in views
    }
