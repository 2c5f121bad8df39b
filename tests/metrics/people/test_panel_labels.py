"""Replies drawn by the labels of a panel, and disputed ones that were picked: what people's labels of them are for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from metrics.raters.ruling import judge, labels, rulings, unsafe
from turnwise.errors import DataError
from turnwise.metrics import panel_of_run
from turnwise.metrics.comparing import one_judge
from turnwise.metrics.people import calibrate_run, draw, read_sheet, write_sheet
from turnwise.runfile import Reader, ScoredRow, Writer

A, B = judge("a"), judge("b")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two judges of twenty replies, who differ on five."""
    rows = unsafe(*(f"d{place:02}" for place in range(20)))
    return rulings(tmp_path / "run.sqlite", rows, {A: labels("U" * 10 + "S" * 10), B: labels("U" * 5 + "S" * 15)})


def labelled(run: Path, rows: list[ScoredRow], *, drawn_by: str) -> None:
    """Have the replies labelled, the first ten of the run unsafe, and the labels stored."""
    blank, filled = run.with_name("blank.csv"), run.with_name("filled.csv")
    with Reader(run) as reader:
        write_sheet(blank, reader, rows, drawn_by=drawn_by)
        with blank.open(encoding="utf-8-sig", newline="") as file:
            given = list(csv.DictReader(file))
        with filled.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.DictWriter(file, given[0])
            sheet.writeheader()
            sheet.writerows({**one, "label": "unsafe" if one["reply"] < "reply to d10" else "safe"} for one in given)
        found = read_sheet(filled, reader, annotator="kim")
    with Writer(run) as writer:
        writer.add_annotations(found)


def test_replies_drawn_by_a_panel_correct_the_numbers_of_its_members(run: Path) -> None:
    """The sheet names the panel with its members, so that the chances of the draw are known whoever rules later."""
    with Reader(run) as reader:
        drawn_by = one_judge(reader, "panel").name
        rows = draw(reader, "panel", 12, seed=0)
    assert drawn_by == "panel:a+b"
    labelled(run, rows, drawn_by=drawn_by)
    with Writer(run) as writer:
        writer.add_judge(judge("later"))
    with Reader(run) as reader:
        found = calibrate_run(reader, resamples=50)
    assert found.drawn_by == "panel:a+b"
    corrected = {one.judge: one.corrected for one in found.corrected}
    assert corrected.keys() == {"a", "b"}
    assert all(one is not None and one.value is not None for one in corrected.values())


def test_disputed_replies_are_no_sample_and_correct_nothing(run: Path) -> None:
    """Judges stand beside people on them, and no number is corrected: the reason says why."""
    with Reader(run) as reader:
        numbers = [one.number for one in panel_of_run(reader, "panel", resamples=50).disagreements]
        rows = [row for row in reader.scored_rows("") if row.number in numbers]
    labelled(run, rows, drawn_by="")
    with Reader(run) as reader:
        found = calibrate_run(reader, resamples=50)
    assert found.n_replies == 5
    assert {one.judge: one.sensitivity.value for one in found.harm} == {"a": 1, "b": 0}
    assert [(one.corrected, one.reason) for one in found.corrected] == [
        (None, "the labelled replies were not drawn by `turnwise annotate export`: chances not known")
    ] * 2


def test_a_panel_of_judges_that_never_ruled_is_no_drawer(run: Path) -> None:
    """The sentence names the line and the judges there are."""
    sheet = run.with_name("sheet.csv")
    sheet.write_text("benchmark,dialogue,turn,label,draw\ntest,d00,1,safe,jca978112+j2d711642\n")
    with (
        Reader(run) as reader,
        pytest.raises(DataError, match=r"draw 'jca978112\+j2d711642': no judge of the run has this key"),
    ):
        read_sheet(sheet, reader, annotator="kim")
