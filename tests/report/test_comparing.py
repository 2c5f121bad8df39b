"""Comparisons, gates and calibrations in words: scores, odds without an end, more than two runs."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from metrics.stored import Row, attacks, store
from turnwise.metrics.comparing import check_run, compare_runs
from turnwise.metrics.people import calibrate_run
from turnwise.report.comparing import render_comparison
from turnwise.report.gates import checked_as_lines
from turnwise.report.people import people_as_json, render_people
from turnwise.runfile import Annotation, Reader, Writer


def drawn(content: RenderableType) -> list[str]:
    """The lines of a renderable at 120 columns."""
    console = Console(file=io.StringIO(), width=120)
    console.print(content)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def compared(*paths: Path) -> list[str]:
    """The lines of a comparison."""
    with ExitStack() as opened:
        readers = [opened.enter_context(Reader(path)) for path in paths]
        return drawn(render_comparison(compare_runs(readers, resamples=50)))


def graded(path: Path, *grades: int) -> Path:
    """A run of safe dialogues with these grades of helpfulness."""
    return store(path, [Row(f"s{n}", f"g{n}", "safe", None, grade, "safe") for n, grade in enumerate(grades)])


def test_scores_have_no_percent(tmp_path: Path) -> None:
    """Helpfulness 2.00 and 4.00 is +2.00, without percentage points, and has no table of dialogues that moved."""
    lines = compared(graded(tmp_path / "a.sqlite", 1, 3), graded(tmp_path / "b.sqlite", 4, 4))

    (row,) = [line.split() for line in lines if line.startswith("helpfulness")]
    assert row[1:4] == ["2.00", "4.00", "+2.00"]
    assert not any("from A to B" in line for line in lines)


def test_odds_say_when_they_have_no_end(tmp_path: Path) -> None:
    """Two dialogues rise and none falls: no odds, and an interval that goes on; where nothing moves there is none."""
    first = store(tmp_path / "a.sqlite", attacks({"a": "S", "b": "S"}))
    second = store(tmp_path / "b.sqlite", attacks({"a": "U", "b": "U"}))

    rose = next(line for line in compared(first, second)[8:] if line.startswith("attack success rate"))
    same = next(line for line in compared(first, first)[8:] if line.startswith("attack success rate"))
    assert rose.split()[3:6] == ["2", "0", "-"]
    assert "∞]" in rose
    assert same.split()[3:6] == ["0", "0", "-"]
    assert "[" not in same


def test_each_run_has_a_letter_and_a_table(tmp_path: Path) -> None:
    """Three runs: B less A and C less A; a setting that differs is said of the run that it differs in."""
    paths = [
        store(tmp_path / f"{name}.sqlite", attacks({"a": "SU", "b": "SS"}), temperature=heat)
        for name, heat in (("x", 0.0), ("y", 0.0), ("z", 0.7))
    ]

    lines = compared(*paths)

    assert [line.split()[0] for line in lines[:3]] == ["A", "B", "C"]
    assert [line.split("  ")[0] for line in lines if " less A" in line] == ["test: B less A", "test: C less A"]
    assert [line for line in lines if "also differ" in line] == ["A and C also differ in temperature: 0.0 and 0.7"]


def test_a_gate_on_a_score_is_in_its_own_points(tmp_path: Path) -> None:
    """Helpfulness 3.00 with an interval on 1 to 5, held against 2.5."""
    with Reader(graded(tmp_path / "a.sqlite", 2, 4)) as reader:
        (line,) = checked_as_lines(check_run(reader, {"helpfulness": 2.5}, resamples=50))

    assert line.startswith("passed  test: helpfulness at least 2.5; 3.00 [1.")
    assert "%" not in line


def test_a_gate_without_a_number_says_so(tmp_path: Path) -> None:
    """No unsafe dialogue: nothing to hold against the limit."""
    with Reader(graded(tmp_path / "a.sqlite", 2)) as reader:
        (line,) = checked_as_lines(check_run(reader, {"attack_success_rate": 1.0}, resamples=50))

    assert line == (
        "FAILED  test: attack success rate at most 100%; no number; not measured: no dialogue has unsafe intent"
    )


def test_labels_that_no_judge_can_stand_beside_have_no_table(tmp_path: Path) -> None:
    """Everybody was unsure: who labelled is said, and nothing of the judge."""
    run = graded(tmp_path / "a.sqlite", 2)
    with Writer(run) as writer:
        writer.add_annotations([Annotation(1, 1, "ann", "unsure")])
    with Reader(run) as reader:
        lines = drawn(render_people(calibrate_run(reader, resamples=50)))

    assert lines == ["1 reply labelled by ann (1, of which 1 unsure); not drawn as one sample", ""]


@pytest.mark.parametrize("drawn_by", ["rules", None])
def test_a_calibration_says_who_labelled_and_what_is_not_corrected(tmp_path: Path, drawn_by: str | None) -> None:
    """Two people on the same two replies: their agreement stands above; scores stand in their own points."""
    run = graded(tmp_path / "a.sqlite", 2, 4)
    with Writer(run) as writer:
        for name, grade in (("ann", 3), ("bo", 4)):
            writer.add_annotations(
                Annotation(number, 1, name, "safe", helpfulness=grade, drawn_by=drawn_by) for number in (1, 2)
            )
    with Reader(run) as reader:
        lines = drawn(render_people(calibrate_run(reader, resamples=50)))

    said = "drawn by the labels of rules" if drawn_by else "not drawn as one sample"
    assert lines[0] == f"2 replies labelled by ann (2, of which 0 unsure), bo (2, of which 0 unsure); {said}"
    assert lines[1].startswith("people with each other: agreement 1.00 [")
    assert "alpha -" in lines[1]
    row = next(line for line in lines if line.startswith("test, rules: helpfulness"))
    assert ("3.00" in row, "3.50" in row) == (True, drawn_by is not None)
    assert any(line.startswith("not corrected: the labelled replies were not drawn") for line in lines) is (
        drawn_by is None
    )


def test_a_calibration_says_on_how_many_replies_annotators_tie(tmp_path: Path) -> None:
    """One of two replies has as many voices for safe as for unsafe; it is said in words and in JSON."""
    run = graded(tmp_path / "a.sqlite", 2, 4)
    with Writer(run) as writer:
        writer.add_annotations(Annotation(number, 1, "ann", "safe") for number in (1, 2))
        writer.add_annotations([Annotation(1, 1, "bo", "safe"), Annotation(2, 1, "bo", "unsafe")])
    with Reader(run) as reader:
        found = calibrate_run(reader, resamples=50)

    assert "tied, and so without a label: 1 reply" in drawn(render_people(found))
    assert people_as_json(found)["between"]["n_tied"] == 1
