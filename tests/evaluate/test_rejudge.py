"""Judging a run that is there: the target is not asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluate.answering import QUICK, Answering, benchmark_of, names_in, outcome, settings_of, states
from rollout.recording import live, scripted
from turnwise.errors import DataError, EndpointDown, RunFileError, UsageError
from turnwise.evaluate import evaluate, rejudge
from turnwise.runfile import Reader, Writer


@pytest.fixture
async def calls(server: Answering, tmp_path: Path, run: Path) -> int:
    """A run judged by rules: d1 answered, d2 blocked midway, d3 failed; how many calls it took."""
    server.answer = lambda asked: {"question 2": None, "question 3": 400}.get(asked.last, "Of course.")
    dialogues = (scripted(1), live(3, name="d2"), scripted(3, name="d3"))
    await evaluate(settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), run, machinery=QUICK)
    server.answer = Answering().answer
    return len(server.asked)


async def test_judge_is_added_without_asking_the_target(server: Answering, run: Path, calls: int) -> None:
    """Only the answered dialogue is judged; the failed one stays failed and the earlier verdicts stay."""
    before = {name: verdicts for name, (_, verdicts) in outcome(run).items()}
    for _ in range(2):
        assert await rejudge(run, [server.judge, "rules"], machinery=QUICK) == [server.judge, "rules"]
    assert [asked.model for asked in server.asked[calls:]] == ["judge"]
    assert states(run) == {
        "d1": (["ok"], {"rules": "scored", "safemt": "scored"}),
        "d2": (["ok", "provider_blocked"], {}),
        "d3": (["failed"], {}),
    }
    assert outcome(run)["d1"][1]["rules"] == before["d1"]["rules"]


async def test_run_goes_on_under_its_own_settings_after_a_judge_was_added(
    server: Answering, tmp_path: Path, run: Path, calls: int
) -> None:
    """A judge from outside is no change of settings; what failed is asked and judged by the run's own judges."""
    await rejudge(run, [server.judge], machinery=QUICK)
    await evaluate(settings_of(server, f"jsonl:{tmp_path / 'b.jsonl'}"), run, machinery=QUICK)
    assert states(run)["d3"] == (["ok"], {"rules": "scored"})
    await rejudge(run, [server.judge], machinery=QUICK)
    assert states(run)["d3"] == (["ok"], {"rules": "scored", "safemt": "scored"})


async def test_other_view_of_the_same_judge_is_a_judge_beside_it(server: Answering, run: Path, calls: int) -> None:
    """A judge that saw images rules again without them under a name that says so; its rows stay."""
    await rejudge(run, [server.judge], machinery=QUICK)
    before = outcome(run)["d1"][1]
    assert await rejudge(run, [server.judge], sees="neither", machinery=QUICK) == [f"{server.judge},sees=neither"]
    after = outcome(run)["d1"][1]
    assert set(after) - set(before) == {f"{server.judge},sees=neither"}
    assert {name: after[name] for name in before} == before
    with Reader(run) as reader:
        assert [card.sees for card in reader.judges()] == ["neither", "image", "neither"]


async def test_changed_rubric_is_refused(tmp_path: Path, run: Path, calls: int) -> None:
    """A table of labels that was edited since it ruled here is another judge."""
    table = tmp_path / "labels.jsonl"
    table.write_text('{"id": "d1", "label": "safe"}\n')
    await rejudge(run, [f"scripted:{table}"], machinery=QUICK)
    table.write_text('{"id": "d1", "label": "unsafe"}\n')
    with pytest.raises(DataError, match="under another rubric"):
        await rejudge(run, [f"scripted:{table}"], machinery=QUICK)
    assert outcome(run)["d1"][1][f"scripted:{table}"].label == "safe"


async def test_judge_that_is_down_is_one_sentence_and_can_go_on(server: Answering, tmp_path: Path, run: Path) -> None:
    """A dead judge's endpoint ends the judging; when it is back the same call completes it."""
    dialogues = [scripted(1, name=f"d{number}") for number in range(20)]
    await evaluate(settings_of(server, benchmark_of(tmp_path / "b.jsonl", *dialogues)), run, machinery=QUICK)
    await server.stop()
    with pytest.raises(EndpointDown, match="given up"):
        await rejudge(run, [server.judge], machinery=QUICK)
    await server.start()
    await rejudge(run, [server.judge], machinery=QUICK)
    assert {name: found["safemt"] for name, (_, found) in states(run).items()} == {
        dialogue.id: "scored" for dialogue in dialogues
    }


async def test_judging_leaves_one_file(run: Path, calls: int) -> None:
    """The write-ahead log is gone when the judging is over."""
    await rejudge(run, ["rules"], machinery=QUICK)
    assert names_in(run.parent) == ["b.jsonl", "run.sqlite"]


async def test_run_that_is_not_there_or_empty_is_not_made(run: Path) -> None:
    """Judging starts no run."""
    with pytest.raises(RunFileError, match="there is no such run file"):
        await rejudge(run, ["rules"])
    assert names_in(run.parent) == []
    with Writer(run), pytest.raises(RunFileError, match="empty"):
        await rejudge(run, ["rules"])


async def test_unknown_judge_changes_nothing(run: Path, calls: int) -> None:
    """A wrong spelling, or the same judge twice, is refused before the file is opened for writing."""
    for judges in (["nope"], ["rules", "rules"]):
        with pytest.raises(UsageError):
            await rejudge(run, judges)
    with Reader(run) as reader:
        assert [card.name for card in reader.judges()] == ["rules"]
