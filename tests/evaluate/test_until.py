"""Runs that stop when their headlines are known: what they ask and find, and that they go on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from evaluate.answering import benchmark_of
from rollout.recording import scripted
from turnwise.dialogue import Dialogue, Intent, Turn
from turnwise.errors import RunFileError, SettingsChanged, UsageError
from turnwise.evaluate import Machinery, RunSettings, Silent, Stop, calls_spared, evaluate
from turnwise.judge import JudgeCard
from turnwise.metrics import Headlines, SequentialHeadline, Until, slices_of_run
from turnwise.metrics.comparing import MEASURES, estimate_of
from turnwise.rollout import Exchange
from turnwise.runfile import PlannedRow, Reader, Writer

N_GROUPS = 752
LOCAL = Machinery(cache=None)


def steady(folder: Path, *, n_groups: int = N_GROUPS, asr: float = 0.3, refused: float = 0.1) -> RunSettings:
    """Groups of four unsafe and four safe dialogues, and a table of verdicts with these rates, alike inside groups."""
    chance = np.random.default_rng(3)
    dialogues, lines = [], []
    for group in range(n_groups):
        own = chance.beta(asr * 7 / 3, (1 - asr) * 7 / 3), chance.beta(refused * 7 / 3, (1 - refused) * 7 / 3)
        for place in range(8):
            intent: Intent = "unsafe" if place < 4 else "safe"
            name, yes = f"g{group}-{place}", chance.random() < own[place // 4]
            dialogues.append(replace(scripted(1, name=name), group=f"g{group}", intent=intent, turns=(Turn(name),)))
            label = "unsafe" if yes and intent == "unsafe" else "safe"
            stance = "refusal" if label == "safe" and (yes or intent == "unsafe") else "compliance"
            lines.append(json.dumps({"id": name, "label": label, "stance": stance}))
    table = folder / "verdicts.jsonl"
    table.write_text("\n".join(lines))
    return RunSettings(
        benchmarks=(benchmark_of(folder / "steady.jsonl", *dialogues),),
        target="simulated:steady",
        judges=(f"scripted:{table}",),
    )


def headlines(run: Path) -> list[SequentialHeadline]:
    """What the run knows of its headlines."""
    with Reader(run) as reader:
        (item,) = slices_of_run(reader, resamples=200)
        return item.headlines


def rates(run: Path, settings: RunSettings) -> dict[str, float]:
    """The rates of a run by measure."""
    with Reader(run) as reader:
        rows = list(reader.scored_rows(settings.judges[0]))
    return {one.name: estimate_of(one, rows, resamples=50).value or 0.0 for one in MEASURES[:3]}


class Counting(Silent):
    """A listener that counts turns asked, and asks to stop after some."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.n_asked, self.stop, self._stop_after = 0, Stop(), stop_after

    def exchanged(self, dialogue: Dialogue, exchange: Exchange) -> None:
        """Count."""
        self.n_asked += 1
        if self.n_asked == self._stop_after:
            self.stop.ask()


async def test_a_steady_target_is_known_with_two_fifths_of_the_calls(tmp_path: Path) -> None:
    """6,016 dialogues, ASR 0.3, half-width 0.05: at most 40 % of the calls, and the full run's rate in the interval."""
    settings, counting = steady(tmp_path), Counting()
    run, whole = tmp_path / "early.sqlite", tmp_path / "whole.sqlite"
    early = replace(settings, until_half_width=0.05)
    await evaluate(early, run, machinery=LOCAL, listener=counting)
    await evaluate(settings, whole, machinery=LOCAL)
    (asr,) = headlines(run)
    truth = rates(whole, settings)["attack_success_rate"]
    assert truth == pytest.approx(0.3, abs=0.03)
    assert counting.n_asked <= 0.4 * 6016
    assert asr.known
    low, high = asr.low or 0.0, asr.high or 1.0
    assert max(high - (asr.value or 0.0), (asr.value or 0.0) - low) <= 0.05 + 1e-9
    assert low <= truth <= high
    with Reader(run) as reader:
        spared = calls_spared(reader)
    assert (spared.n_planned, spared.n_drawn) == (6016, counting.n_asked)


async def test_every_headline_named_is_known(tmp_path: Path) -> None:
    """ASR and over-refusal: both are known, and both intervals hold the rates of the full run."""
    settings = steady(tmp_path, n_groups=200)
    both = replace(settings, until_half_width=0.08, headlines=("attack_success_rate", "over_refusal_rate"))
    run, whole = tmp_path / "early.sqlite", tmp_path / "whole.sqlite"
    await evaluate(both, run, machinery=LOCAL)
    await evaluate(settings, whole, machinery=LOCAL)
    truth, found = rates(whole, settings), headlines(run)
    assert [one.measure for one in found] == ["attack_success_rate", "over_refusal_rate"]
    for one in found:
        assert one.known
        assert one.n_groups < 200
        assert (one.low or 0) <= truth[one.measure] <= (one.high or 1)


async def test_only_whole_groups_are_asked_and_counted(tmp_path: Path) -> None:
    """Whatever the concurrency, every dialogue of a group that was begun is scored, and the others are no rows."""
    early = replace(steady(tmp_path, n_groups=60), until_half_width=0.15)
    run = tmp_path / "run.sqlite"
    await evaluate(early, run, machinery=replace(LOCAL, concurrency=64))
    with Reader(run) as reader:
        (item,) = slices_of_run(reader, resamples=50)
        rows = list(reader.scored_rows(early.judges[0]))
        assert reader.count() == 480
    assert len(rows) % 8 == 0
    assert len(rows) < 480
    assert item.completeness.fraction == 1.0
    assert item.harm.asr_overall.n == len(rows) // 2


async def test_the_same_command_asks_nothing_more(tmp_path: Path) -> None:
    """A run that knows its headlines is finished."""
    early = replace(steady(tmp_path, n_groups=60), until_half_width=0.15)
    run, again = tmp_path / "run.sqlite", Counting()
    await evaluate(early, run, machinery=LOCAL)
    before = headlines(run)
    await evaluate(early, run, machinery=LOCAL, listener=again)
    assert again.n_asked == 0
    assert headlines(run) == before


@pytest.mark.parametrize("after", [1, 9, 40])
async def test_a_run_that_was_interrupted_goes_on_and_finds_the_same(tmp_path: Path, after: int) -> None:
    """Stopped after some calls and continued: one dialogue at a time, nothing is asked twice."""
    early = replace(steady(tmp_path, n_groups=60), until_half_width=0.15)
    alone = replace(LOCAL, concurrency=1)
    whole, run = tmp_path / "whole.sqlite", tmp_path / "run.sqlite"
    undisturbed = Counting()
    await evaluate(early, whole, machinery=alone, listener=undisturbed)
    first, last = Counting(stop_after=after), Counting()
    await evaluate(early, run, machinery=alone, listener=first, stop=first.stop)
    assert not headlines(run)[0].known
    await evaluate(early, run, machinery=alone, listener=last)
    assert headlines(run) == headlines(whole)
    assert first.n_asked + last.n_asked == undisturbed.n_asked


async def test_what_failed_is_asked_again_before_more_is_drawn(tmp_path: Path) -> None:
    """A reply that failed counts against both limits, and is all that the same command asks for again."""
    early = replace(steady(tmp_path, n_groups=60), until_half_width=0.15)
    run, again = tmp_path / "run.sqlite", Counting()
    await evaluate(early, run, machinery=LOCAL)
    (before,) = headlines(run)
    with Reader(run) as reader:
        drawn = next(row.number for row in reader.scored_rows(early.judges[0]) if row.intent == "unsafe")
    with Writer(run) as writer:
        writer._execute("DELETE FROM verdicts WHERE dialogue = ?", (drawn,))
        failure = "state = 'failed', text = '', failure_kind = 'timeout', failure = 'no answer'"
        writer._execute(f"UPDATE replies SET {failure} WHERE dialogue = ?", (drawn,))
        writer.commit()
    (failed,) = headlines(run)
    assert (failed.n_failed, failed.n) == (1, before.n - 1)
    assert (failed.low or 0.0) <= (before.low or 0.0)
    assert (failed.high or 1.0) >= (before.high or 1.0)
    await evaluate(early, run, machinery=replace(LOCAL, concurrency=1), listener=again)
    assert again.n_asked == 1
    assert headlines(run) == [before]


async def test_what_is_known_with_failed_rows_is_not_drawn_further(tmp_path: Path) -> None:
    """One dialogue failed, and the rate is known all the same: only it is asked again, whatever is in flight."""
    early = replace(steady(tmp_path, n_groups=120), until_half_width=0.15)
    run, again, many = tmp_path / "run.sqlite", Counting(), replace(LOCAL, concurrency=64)
    await evaluate(early, run, machinery=many)
    with Reader(run) as reader:
        unsafe = {row.number: row.group for row in reader.scored_rows(early.judges[0]) if row.intent == "unsafe"}
        order = Headlines(reader.plan(), reader.judges(), Until(half_width=0.15, headlines=early.headlines, seed=0))
        first = order.next_group()
    assert first is not None
    with Writer(run) as writer:
        drawn = next(number for number, group in unsafe.items() if group == first[1])
        writer._execute("DELETE FROM verdicts WHERE dialogue = ?", (drawn,))
        failure = "state = 'failed', text = '', failure_kind = 'timeout', failure = 'no answer'"
        writer._execute(f"UPDATE replies SET {failure} WHERE dialogue = ?", (drawn,))
        writer.commit()
    assert headlines(run)[0].known
    await evaluate(early, run, machinery=many, listener=again)
    assert again.n_asked == 1


async def test_questions_of_groups_never_drawn_are_no_failures(tmp_path: Path) -> None:
    """The starter's questions: those of the dialogues asked have answers, and no others are counted."""
    run = tmp_path / "run.sqlite"
    await evaluate(RunSettings(until_half_width=0.15), run, machinery=LOCAL)
    with Reader(run) as reader:
        (item,) = slices_of_run(reader, resamples=50)
        assert len(list(reader.scored_rows("rules"))) < reader.count()
    assert item.intent_accuracy
    assert not any(rate.n_failed for rate in item.intent_accuracy)


def test_a_repeat_of_a_judge_has_no_headline() -> None:
    """A run stops by what its judges say, not by how stable they are."""
    judge, plan = JudgeCard("a", "00"), [PlannedRow(1, "test", "g", None, "unsafe")]
    until = Until(half_width=0.05, headlines=("attack_success_rate",), seed=0)
    assert [one.judge for one in Headlines(plan, [judge, judge.again(2)], until).estimates()] == ["a"]


async def test_a_file_from_before_the_setting_goes_on(tmp_path: Path) -> None:
    """A setting that a file does not have is as it is when nobody sets it; another value is still refused."""
    settings, run = steady(tmp_path, n_groups=2), tmp_path / "run.sqlite"
    await evaluate(settings, run, machinery=LOCAL)
    with Writer(run) as writer:
        writer._execute("DELETE FROM settings WHERE name IN ('until_half_width', 'headlines')")
        writer.commit()
    await evaluate(settings, run, machinery=LOCAL)
    with pytest.raises(SettingsChanged, match=r"until_half_width: absent in the file, 0\.1 now"):
        await evaluate(replace(settings, until_half_width=0.1), run, machinery=LOCAL)


async def test_a_rate_that_no_half_width_fits_is_asked_to_the_end(tmp_path: Path) -> None:
    """Few groups and a small half-width: all are asked, and the rate is exact."""
    early = replace(steady(tmp_path, n_groups=6), until_half_width=0.01)
    run = tmp_path / "run.sqlite"
    await evaluate(early, run, machinery=LOCAL)
    (asr,) = headlines(run)
    assert (asr.known, asr.n_groups) == (True, 6)
    assert [asr.low, asr.high] == pytest.approx([asr.value, asr.value])


async def test_all_groups_asked_is_not_known_where_rows_failed(tmp_path: Path) -> None:
    """One dialogue in twelve has no verdict: all are asked, and the rate is not known to a hundredth for all that."""
    settings = steady(tmp_path, n_groups=6)
    table = Path(settings.judges[0].removeprefix("scripted:"))
    table.write_text("\n".join(line for line in table.read_text().splitlines() if "-1" not in line))
    run = tmp_path / "run.sqlite"
    await evaluate(replace(settings, until_half_width=0.01), run, machinery=LOCAL)
    (asr,) = headlines(run)
    assert (asr.known, asr.n_groups, asr.n_failed) == (False, 6, 6)
    wide = tmp_path / "wide.sqlite"
    await evaluate(replace(settings, until_half_width=0.45), wide, machinery=LOCAL)
    (withheld,) = headlines(wide)
    assert withheld.withheld
    assert max((withheld.high or 0.0) - (withheld.value or 0.0), (withheld.value or 0.0) - (withheld.low or 0.0)) < 0.45
    assert not withheld.known


async def test_a_run_that_stopped_can_go_to_its_end(tmp_path: Path) -> None:
    """Without the half-width the same file is completed, and its numbers are those of a run that never stopped."""
    settings = steady(tmp_path, n_groups=60)
    both = replace(settings, until_half_width=0.15, headlines=("attack_success_rate", "over_refusal_rate"))
    run, whole, rest = tmp_path / "run.sqlite", tmp_path / "whole.sqlite", Counting()
    await evaluate(both, run, machinery=LOCAL)
    with Reader(run) as reader:
        n_asked = len(reader.touched())
    await evaluate(settings, run, machinery=LOCAL, listener=rest)
    await evaluate(settings, whole, machinery=LOCAL)
    assert n_asked + rest.n_asked == 480
    with Reader(run) as one, Reader(whole) as other:
        assert slices_of_run(one, resamples=50) == slices_of_run(other, resamples=50)
        assert "completed" in {event.kind for event in one.events()}


async def test_a_headline_without_a_judge_or_dialogues_is_refused(tmp_path: Path) -> None:
    """Before anything is asked, and no run is left behind: nobody rules on refusal, or no dialogue is safe."""
    settings = steady(tmp_path, n_groups=2)
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"id": "g0-0", "label": "safe"}')
    unsafe = benchmark_of(tmp_path / "unsafe.jsonl", scripted(1, name="g0-0"))
    refusals = replace(settings, until_half_width=0.05, headlines=("over_refusal_rate",))
    for wrong in (replace(refusals, judges=(f"scripted:{labels}",)), replace(refusals, benchmarks=(unsafe,))):
        with pytest.raises(UsageError, match="headline over_refusal_rate: no judge of this run rules on it, or no"):
            await evaluate(wrong, tmp_path / "run.sqlite", machinery=LOCAL)
        with pytest.raises(RunFileError):
            Reader(tmp_path / "run.sqlite")


async def test_batch_jobs_are_refused(tmp_path: Path) -> None:
    """A job asks for everything at once."""
    early = replace(steady(tmp_path, n_groups=2), until_half_width=0.05)
    with pytest.raises(UsageError, match="a batch job asks for all dialogues"):
        await evaluate(early, tmp_path / "run.sqlite", machinery=replace(LOCAL, batch_poll_s=1.0))


@pytest.mark.parametrize("half_width", [0.0, -0.1, 0.5, float("nan")])
def test_a_half_width_that_means_nothing_is_refused(half_width: float) -> None:
    """It is above 0 and below a half."""
    with pytest.raises(UsageError, match=r"above 0 and below 0\.5"):
        RunSettings(until_half_width=half_width)
