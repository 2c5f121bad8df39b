"""One run from settings to rows: blocks, several benchmarks and judges, limits, and what is refused beforehand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from evaluate.answering import (
    QUICK,
    RULING,
    Answer,
    Answering,
    Asked,
    benchmark_of,
    names_in,
    outcome,
    settings_of,
    states,
)
from rollout.recording import live, scripted
from turnwise.errors import DataError, EndpointDown, UsageError
from turnwise.evaluate import Machinery, RunSettings, evaluate
from turnwise.runfile import Reader


async def test_blocked_last_turn_is_safe_and_a_refusal_without_a_judge(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """Nothing reached the user, so no judge is paid; the verdict says who refused."""
    server.answer = lambda asked: None
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", scripted(2)), judges=("rules", server.judge))
    await evaluate(settings, run, machinery=QUICK)
    (replies, verdicts) = outcome(run)["d1"]
    assert [reply.state for reply in replies] == ["provider_blocked"]
    for verdict in verdicts.values():
        assert (verdict.state, verdict.label, verdict.stance, verdict.attempts) == ("scored", "safe", "refusal", 0)
        assert verdict.reason == "provider_blocked: no reply was given"
    assert server.of("judge") == []


async def test_dialogue_blocked_midway_is_censored(server: Answering, tmp_path: Path, run: Path) -> None:
    """A block on turn 2 of 3 ends the dialogue: no verdict, and nothing more is asked, now or on resume."""
    server.answer = lambda asked: None if asked.last == "question 2" else "Of course."
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(3)), judges=("rules", server.judge))
    for _ in range(2):
        await evaluate(settings, run, machinery=QUICK)
    assert states(run) == {"d1": (["ok", "provider_blocked"], {})}
    assert [asked.last for asked in server.asked] == ["question 1", "question 2"]


async def test_two_benchmarks_and_two_judges_share_one_run(server: Answering, tmp_path: Path, run: Path) -> None:
    """Ids may repeat between benchmarks; every dialogue gets a verdict of each judge."""
    other = [msgspec.structs.replace(dialogue, benchmark="other") for dialogue in (scripted(1), live(2, name="d9"))]
    settings = settings_of(
        server,
        benchmark_of(tmp_path / "a.jsonl", scripted(2), live(2, name="d2")),
        benchmark_of(tmp_path / "b.jsonl", *other),
        judges=("rules", server.judge),
    )
    await evaluate(settings, run, machinery=QUICK)
    with Reader(run) as reader:
        assert [card.name for card in reader.judges()] == ["rules", server.judge]
        for judge, stance in (("rules", "compliance"), (server.judge, None)):
            rows = list(reader.scored_rows(judge))
            assert [(row.benchmark, row.id) for row in rows] == [
                ("test", "d1"),
                ("test", "d2"),
                ("other", "d1"),
                ("other", "d9"),
            ]
            assert {(row.verdict_state, row.label, row.stance) for row in rows} == {("scored", "unsafe", stance)}
    assert (len(server.of("target")), len(server.of("judge"))) == (6, 4)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["dead judge first", "dead judge last"])
async def test_judge_that_is_down_does_not_silence_the_other(
    server: Answering, tmp_path: Path, run: Path, order: slice
) -> None:
    """Every answered dialogue has the living judge's verdict, and the run goes on when the dead one is back."""
    dead = Answering()
    await dead.start()
    await dead.stop()
    dialogues = [scripted(1, name=f"d{number}") for number in range(30)]
    judges = (dead.judge, server.judge)[order]
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues), judges=judges)
    with pytest.raises(EndpointDown, match=str(dead.port)):
        await evaluate(settings, run, machinery=QUICK)
    answered = {name: verdicts for name, (replies, verdicts) in outcome(run).items() if replies}
    assert 5 <= len(answered) < 30
    assert all(verdicts[server.judge].state == "scored" for verdicts in answered.values())
    assert {verdicts[dead.judge].state for verdicts in answered.values() if dead.judge in verdicts} == {"failed"}
    await dead.start()
    await evaluate(settings, run, machinery=QUICK)
    await dead.stop()
    assert {verdict.state for _, verdicts in outcome(run).values() for verdict in verdicts.values()} == {"scored"}
    assert (len(server.of("judge")), len(server.of("target"))) == (30, 30)


async def test_judge_sees_the_conversation_only_as_evidence(server: Answering, tmp_path: Path, run: Path) -> None:
    """The judge's request has two messages; what the target said is in the second alone."""
    server.answer = lambda asked: RULING if asked.model == "judge" else "the target's words"
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(2)), judges=(server.judge,))
    await evaluate(settings, run, machinery=QUICK)
    (asked,) = server.of("judge")
    assert [role for role, _ in asked.messages] == ["system", "user"]
    assert "the target's words" not in asked.messages[0][1]
    assert asked.messages[1][1].count("the target's words") == 2  # the reply to turn 1, and the final reply


async def test_missing_images_are_counted(server: Answering, tmp_path: Path, run: Path) -> None:
    """Dialogues whose image is not there run as text, and the run file says how many images that were."""
    lines = [{"id": name, "turns": [{"user": "look"}], "images": [f"{name}.png", "gone.png"]} for name in ("d1", "d2")]
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines))
    settings = settings_of(server, f"jsonl:{tmp_path / 'b.jsonl'}")
    await evaluate(settings, run, machinery=QUICK)
    with Reader(run) as reader:
        notes = msgspec.json.decode(reader.settings()["load_notes"])
        assert reader.dialogue(1).missing_images == ("d1.png", "gone.png")
    assert notes == {settings.benchmarks[0]: {"missing_images": 4, "quirks": {}, "bad": []}}
    assert states(run) == {name: (["ok"], {"rules": "scored"}) for name in ("d1", "d2")}


async def test_bad_record_ends_the_run_before_the_first_request(server: Answering, tmp_path: Path, run: Path) -> None:
    """A broken line is named and nothing is sent; mended, the same command fills the file left behind."""
    spelling = benchmark_of(tmp_path / "b.jsonl", scripted(1))
    good = (tmp_path / "b.jsonl").read_bytes()
    (tmp_path / "b.jsonl").write_bytes(good + b'{"id": "d2", "turns": []}\n')
    with pytest.raises(DataError, match=r"line 2.*turns is empty"):
        await evaluate(settings_of(server, spelling), run, machinery=QUICK)
    assert server.asked == []
    (tmp_path / "b.jsonl").write_bytes(good)
    await evaluate(settings_of(server, spelling), run, machinery=QUICK)
    assert list(states(run)) == ["d1"]


async def test_bad_records_are_listed_when_they_are_to_be_left_out(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """With `skip_bad` the rest runs, and the file says what was left out and why; all bad is still an error."""
    spelling = benchmark_of(tmp_path / "b.jsonl", scripted(1))
    with (tmp_path / "b.jsonl").open("ab") as file:
        file.write(b'{"id": "d2", "turns": []}\n')
    await evaluate(settings_of(server, spelling, skip_bad=True), run, machinery=QUICK)
    with Reader(run) as reader:
        (bad,) = msgspec.json.decode(reader.settings()["load_notes"])[spelling]["bad"]
    assert "line 2" in bad
    (tmp_path / "c.jsonl").write_bytes(b'{"id": "d2", "turns": []}\n')
    settings = settings_of(server, f"jsonl:{tmp_path / 'c.jsonl'}", skip_bad=True)
    with pytest.raises(DataError, match="no dialogues to run"):
        await evaluate(settings, tmp_path / "other.sqlite", machinery=QUICK)


async def test_history_a_dialogue_cannot_have_is_refused_before_the_first_request(
    server: Answering, tmp_path: Path, run: Path
) -> None:
    """A live dialogue under `history=scripted` is named, wherever it stands in the file."""
    settings = settings_of(
        server, benchmark_of(tmp_path / "b.jsonl", scripted(2), live(2, name="d2")), history="scripted"
    )
    with pytest.raises(UsageError, match="'d2' of test has no scripted replies"):
        await evaluate(settings, run, machinery=QUICK)
    assert server.asked == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"benchmarks": ("nope",)}, "benchmark 'nope' is not known"),
        ({"benchmarks": ("jsonl:/nowhere/at-all.jsonl",)}, "does not exist"),
        ({"target": "nope:model"}, "model 'nope:model' is not known"),
        ({"judges": ("nope",)}, "judge 'nope' is not known"),
        ({"judges": ("safemt:nope:model",)}, "model 'nope:model' is not known"),
        ({"judges": ("safemt:simulated:steady", "safemt:simulated:steady,seed=0")}, "a judge is given twice"),
    ],
)
async def test_wrong_spelling_leaves_no_file(
    tmp_path: Path, run: Path, fields: dict[str, tuple[str, ...]], words: str
) -> None:
    """What cannot be opened is one sentence, before a run file is made."""
    fields = {"benchmarks": (benchmark_of(tmp_path / "b.jsonl", scripted(1)),), **fields}
    with pytest.raises(UsageError, match=words):
        await evaluate(msgspec.convert(fields, RunSettings), run)
    assert names_in(tmp_path) == ["b.jsonl"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RunSettings(benchmarks=()), "no benchmark is given"),
        (lambda: RunSettings(limit=0), "limit is 0: give at least 1"),
        (lambda: RunSettings(limit=-1), "limit is -1"),
        (lambda: RunSettings(judges=("rules", "rules")), "a judge is given twice: rules, rules"),
        (lambda: RunSettings(benchmarks=("starter", "starter")), "a benchmark is given twice"),
        (lambda: Machinery(concurrency=0), "concurrency is 0: give at least 1"),
    ],
)
def test_settings_that_run_nothing_or_the_same_twice_are_refused(make: Callable[[], object], words: str) -> None:
    """A run of nothing would look finished."""
    with pytest.raises(UsageError, match=words):
        make()


async def test_served_model_and_usage_are_kept(server: Answering, tmp_path: Path, run: Path) -> None:
    """The endpoint's own name of the model and the tokens of target and judge are in the file."""
    server.answer = _ruling_after_prose
    settings = settings_of(server, benchmark_of(tmp_path / "b.jsonl", live(2)), judges=(server.judge,))
    await evaluate(settings, run, machinery=QUICK)
    with Reader(run) as reader:
        assert reader.served_models() == ["served-7b"]
        totals = [(row.role, row.calls, row.input_tokens, row.output_tokens) for row in reader.totals()]
    assert totals == [("target", 2, 20, 4), (server.judge, 2, 20, 4)]


def _ruling_after_prose(asked: Asked) -> Answer:
    """A judge that needs its repair call."""
    if asked.model == "target":
        return "Of course."
    return RULING if len(asked.messages) > 2 else "It is unsafe, I think."
