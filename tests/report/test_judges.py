"""What is said of judges beside their numbers: their cards, what people say of them, and what their views change."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from metrics.comparing.viewed import CAPTION, IMAGE, run_of
from metrics.stored import Row, store
from turnwise.judge import AgainstPeople, JudgeCalibration, JudgeCard, Measured
from turnwise.metrics import JudgesOfRun, judges_of_run, slices_of_run
from turnwise.metrics.people import CalibratedCard, CalibratedOn
from turnwise.report import card_lines, render_slices, run_as_json
from turnwise.report.page.gather import gather
from turnwise.report.page.html import render_report
from turnwise.runfile import Reader

FOUND = JudgeCalibration(
    run="monday",
    benchmarks=("starter",),
    dataset_sha256=None,
    n_labelled=40,
    n_annotators=2,
    harm=AgainstPeople(
        sensitivity=Measured(0.75, 8, 1, 0.5, 0.9),
        specificity=Measured(0.9, 31, 0, 0.8, 0.95),
        kappa=Measured(None, 39, 1),
    ),
    refusal=None,
)


def judges_of(run: Path) -> JudgesOfRun:
    """What is said of the judges of a run."""
    with Reader(run) as reader:
        return judges_of_run(reader, resamples=100)


def told(run: Path, *, show_incomplete: bool = False) -> list[str]:
    """The lines of a report in a terminal of 80 columns."""
    with Reader(run) as reader:
        slices = slices_of_run(reader, resamples=100)
    console = Console(file=io.StringIO(), width=80)
    console.print(render_slices(slices, judges=judges_of(run), show_incomplete=show_incomplete))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def page_of(run: Path) -> str:
    """The report as HTML."""
    with Reader(run) as reader:
        return render_report(gather(reader, slices_of_run(reader, resamples=100), judges=judges_of(run)))


def test_a_card_is_a_line_with_all_that_shapes_its_numbers() -> None:
    """Model, view, rubric and what it rules on; without labels it says that nobody calibrated it."""
    card = JudgeCard("mtmcs:a:b", "12345678" * 8, "a:b", "caption", rules_on=("label", "safety_awareness"))
    assert list(card_lines([CalibratedCard(card, None)])) == [
        "mtmcs:a:b: asks a:b, sees caption; rubric 12345678; rules on label, safety awareness; not calibrated here"
    ]


@pytest.mark.parametrize(
    ("on", "where"),
    [
        ("this_run", "of this run"),
        ("these_dialogues", "of run monday, to the same dialogues"),
        ("this_benchmark", "of run monday, to other dialogues of starter"),
        ("another_benchmark", "of run monday, on another benchmark (starter)"),
    ],
)
def test_a_calibration_is_told_with_its_numbers_and_where_it_is_from(on: CalibratedOn, where: str) -> None:
    """Each number with its interval, its n and what was not scored; one that could not be had is a dash."""
    card = JudgeCard("rules", "ab" * 32, rules_on=("label",), calibration=FOUND)
    first, harm = card_lines([CalibratedCard(card, on)])
    assert first.endswith(f"; rules on label; calibrated by 2 annotators on 40 replies {where}")
    assert harm == (
        "rules, harm: sensitivity 75.0% [50.0%, 90.0%] (n = 8, 1 not scored), "
        "specificity 90.0% [80.0%, 95.0%] (n = 31), kappa -"
    )


def test_what_a_view_changes_is_a_table_of_paired_differences(tmp_path: Path) -> None:
    """4 of 8 by image and 3 by caption: both rates, the difference in points and the 3 verdicts that flip."""
    run = run_of(tmp_path, {IMAGE: "UUUUSSSS", CAPTION: "UUSSUSSS"})

    lines, page = told(run), page_of(run)

    title = "test, mtmcs:a:b: caption instead of image, on dialogues with images"
    table = lines[lines.index(title) + 1 :]
    assert table[0].split() == ["image", "caption", "change", "95", "%", "interval", "n", "flips"]
    assert table[2].split()[:7] == ["attack", "success", "rate", "50.0%", "37.5%", "-12.5", "pp"]
    assert table[2].split()[-2:] == ["8", "3"]
    assert max(map(len, table)) <= 80
    assert f"{title}. What the judge changes" in page
    assert '<td class="number">-12.5 pp</td>' in page
    with Reader(run) as reader:
        (asr, refusal) = run_as_json(slices_of_run(reader, resamples=100), judges=judges_of(run))["views"]
    assert (asr["sees"], asr["value"], asr["n_flipped"], asr["incomplete"]) == (("image", "caption"), -0.125, 3, False)
    assert refusal["measure"] == "refusal_rate"


def test_a_withheld_difference_says_so_and_is_marked_when_asked_for(tmp_path: Path) -> None:
    """One of four was not read by caption."""
    run = run_of(tmp_path, {IMAGE: "UUSS", CAPTION: "?UUS"})

    withheld, shown = told(run), told(run, show_incomplete=True)

    title = "test, mtmcs:a:b: caption instead of image, on dialogues with images"
    row = next(line for line in withheld[withheld.index(title) :] if line.startswith("refusal rate"))
    assert row.split() == ["refusal", "rate", "withheld", "withheld", "withheld", "3", "1", "1"]
    assert "withheld: what fewer than 98% of the dialogues are scored for under both views" in withheld
    assert "+33.3 pp*" in shown[shown.index(title) + 3]
    assert "* marks what fewer than 98% of the dialogues are scored for under both views" in shown


def test_headlines_say_what_a_judge_does_not_rule_on_and_withhold_what_it_left_unread(tmp_path: Path) -> None:
    """Refusal is withheld under a judge of it that nothing was read of, and not ruled on under one of harm alone."""
    rows = [Row("u", "u"), Row("s", "s", intent="safe")]
    silent = JudgeCard("grader", "ab" * 32, rules_on=("label", "stance"))
    harm = msgspec.structs.replace(silent, name="labeller", rules_on=("label",))
    unsafe_alone = store(tmp_path / "c.sqlite", [Row("u", "u", "safe", "refusal")], judges=[silent])

    unread = page_of(store(tmp_path / "a.sqlite", rows, judges=[silent]))
    unruled = page_of(store(tmp_path / "b.sqlite", rows, judges=[harm]))

    assert unread.count("withheld (0 of 1 scored)") >= 3
    assert "this judge does not rule on it" not in unread
    assert unruled.count("<dd>this judge does not rule on it</dd>") == 2
    assert "<dd>no dialogues with safe intent</dd>" in page_of(unsafe_alone)
