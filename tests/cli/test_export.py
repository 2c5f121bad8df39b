"""`turnwise export`: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Call

SAID = "Here is the secret word: porridge."


def test_jsonl_is_the_default_and_holds_what_was_said(call: Call, small_run: Path) -> None:
    """A line for each of five dialogues with reply and verdict; the output warns and does not quote."""
    done = call("export", str(small_run), "--out", "out/run.jsonl")

    lines = [json.loads(line) for line in Path("out/run.jsonl").read_text("utf-8").splitlines()]
    assert done.code == 0
    assert [line["dialogue"]["id"] for line in lines] == ["a/1", "a/2", "b/1", "b/2", "kind"]
    assert {line["replies"][-1]["text"] for line in lines} == {SAID}
    assert {verdict["judge"] for line in lines for verdict in line["verdicts"]} == {"rules"}
    assert done.out.splitlines() == ["5 dialogues, 5 replies, 5 verdicts", "written to out/run.jsonl"]
    assert done.err == "turnwise: the export holds what was said in full; it can be harmful or offensive\n"


@pytest.mark.extra("hub")
def test_parquet_tables_read_as_tables(call: Call, small_run: Path) -> None:
    """Rows and replies are five each, labels and replies stand in one row, and no question was asked."""
    parquet = pytest.importorskip("pyarrow.parquet")
    done = call("export", str(small_run), "--format", "parquet", "--out", "tables")

    rows = parquet.read_table("tables/rows.parquet").to_pylist()
    assert done.code == 0
    assert [(row["id"], row["judge"], row["reply"]) for row in rows[:2]] == [
        ("a/1", "rules", SAID),
        ("a/2", "rules", SAID),
    ]
    assert len(parquet.read_table("tables/replies.parquet")) == 5
    assert len(parquet.read_table("tables/answers.parquet")) == 0
    assert done.out.splitlines()[1:] == [
        f"written to tables/{name}.parquet" for name in ("rows", "replies", "answers", "annotations")
    ]


def test_a_report_needs_nothing_from_an_export(call: Call, small_run: Path) -> None:
    """Exporting changes nothing in the run: it is read only."""
    before = small_run.read_bytes()
    call("export", str(small_run), "--out", "run.jsonl")
    assert small_run.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.sqlite", "--out", "x.jsonl"), "there is no such run file"),
        (("small.sqlite", "--out", "small.sqlite"), "is there already; take it away or give another name with --out"),
        (("small.sqlite", "--out", "replies.jsonl"), "is there already"),
        (("small.sqlite", "--out", "."), "a folder"),
        (("small.sqlite", "--format", "parquet", "--out", "rows.parquet"), "makes a folder"),
        (("replies.jsonl", "--out", "x.jsonl"), "not a turnwise run file"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: tuple[str, ...], said: str, call: Call, small_run: Path) -> None:
    """Exit code 2, one line on standard error, nothing on standard output."""
    done = call("export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert said in done.err


def test_an_export_needs_a_place(call: Call, small_run: Path) -> None:
    """Harmful text goes only where somebody said: without --out nothing is written."""
    done = call("export", str(small_run))
    assert done.code == 2
    assert "--out" in done.err
