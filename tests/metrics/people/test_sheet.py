"""The sheet people fill in: what is on it, what is not, how it comes back, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stored import Row, attacks, store
from turnwise.errors import DataError, RunFileError, UsageError
from turnwise.metrics.people import draw, read_sheet, write_sheet
from turnwise.metrics.people.sheet import _bare, spreadsheet_cell
from turnwise.runfile import Annotation, Reader

HEADER = "benchmark,dialogue,turn,label,stance,safety_awareness,helpfulness,note,draw"
RULES_KEY = "j6c621d1a"
"""The first digits of sha256("rules")."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Four groups of two replies, and one that failed."""
    rows = attacks({"a": "UU", "b": "SS", "=c": "SU", "'-d": "S?"})
    return store(tmp_path / "run.sqlite", [*rows, Row("lost", "e", reply="failed")])


def written(run: Path, path: Path, n: int = 8) -> list[dict[str, str]]:
    """The sheet of a run as a spreadsheet would read it."""
    with Reader(run) as reader:
        write_sheet(path, reader, draw(reader, "rules", n, seed=1), drawn_by="rules")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read(run: Path, path: Path) -> list[Annotation]:
    """The annotations of a sheet."""
    with Reader(run) as reader:
        return read_sheet(path, reader, annotator=" kim ")


def refused(run: Path, *lines: str, header: str = HEADER) -> str:
    """The sentence that a sheet is refused with, after the file's name."""
    path = run.with_name("sheet.csv")
    path.write_text("\n".join([header, *lines, ""]))
    with pytest.raises(DataError) as error:
        read(run, path)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path)).removeprefix(", ")


def test_a_sheet_is_blind(run: Path, tmp_path: Path) -> None:
    """It has the words and empty cells to fill in: no id, judge, verdict or target, and no reply that failed."""
    rows = written(run, tmp_path / "sheet.csv")

    assert len(rows) == 8
    assert {
        name for row in rows for name in ("label", "stance", "safety_awareness", "helpfulness", "note") if row[name]
    } == set()
    assert {row["reply"] for row in rows} >= {"reply to a0", "reply to b1"}
    (first,) = [row for row in rows if row["reply"] == "reply to a0"]
    # The key is the first digits of sha256('"scripted:run"\0test\0a0\0001').
    assert (first["key"], first["draw"]) == ("r43f2ed9d66cb", RULES_KEY)
    assert len({row["key"] for row in rows}) == 8
    assert not {"benchmark", "dialogue", "turn", "drawn_by"} & first.keys()
    assert first["conversation"] == "[user, turn 1]\nquestion of a0"
    text = (tmp_path / "sheet.csv").read_text(encoding="utf-8-sig")
    assert [word for word in ("scripted:run", "rules", "unsafe", "scored", "lost") if word in text] == []


def test_the_same_seed_draws_the_same_sheet(run: Path, tmp_path: Path) -> None:
    """Whole groups in one order under a seed, in another under another."""
    sheets = [written(run, tmp_path / f"{place}.csv", 4) for place in range(2)]

    assert sheets[0] == sheets[1]
    groups = [row["reply"][:-1] for row in sheets[0]]
    assert groups[0::2] == groups[1::2]


def test_cells_are_no_formulas_and_come_back_as_they_were(run: Path, tmp_path: Path) -> None:
    """No key begins as a formula does, and each finds its dialogue again; an id so written is read as it was."""
    rows = written(run, tmp_path / "sheet.csv")

    assert {row["key"][0] for row in rows} == {"r"}
    (tmp_path / "named.csv").write_text("benchmark,dialogue,turn,label\ntest,'=c0,1,safe\ntest,''-d0,1,safe\n")
    assert [one.dialogue for one in read(run, tmp_path / "named.csv")] == [5, 7]
    lines = [{**row, "label": "safe"} for row in rows]
    with (tmp_path / "filled.csv").open("w", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(lines)
    assert sorted(one.dialogue for one in read(run, tmp_path / "filled.csv")) == list(range(1, 9))


@given(st.text(alphabet=st.sampled_from("='+-@\t\r\n a\uff1d")))
def test_no_text_becomes_a_formula_or_changes(text: str) -> None:
    """Whatever a cell holds, it begins with nothing a spreadsheet runs, and is the same when it is read."""
    assert not spreadsheet_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    assert _bare(spreadsheet_cell(text)) == text


def test_labels_come_in_with_all_that_was_said(run: Path, tmp_path: Path) -> None:
    """Words whatever their case, grades, a note and who drew; columns that are not there are not said."""
    full, bare = tmp_path / "full.csv", tmp_path / "bare.csv"
    full.write_text(f'{HEADER}\ntest,a0,1, UNSAFE ,Caveat,2,4,"so, so",{RULES_KEY}\ntest,a1,1,unsure,,,,,\n')
    bare.write_text("turn,label,other,dialogue,benchmark\n1,safe,x,b0,test\n")

    assert read(run, full) == [
        Annotation(1, 1, "kim", "unsafe", "caveat", 2, 4, "so, so", "rules"),
        Annotation(2, 1, "kim", "unsure"),
    ]
    assert read(run, bare) == [Annotation(3, 1, "kim", "safe")]


REFUSED: Mapping[str, tuple[str, str]] = {
    "empty label": (",,,,,", "label '': it is empty; write safe, unsafe or unsure, or take the line out"),
    "unknown label": ("bad,,,,,", "label 'bad': write safe, unsafe or unsure"),
    "unknown stance": ("safe,no,,,,", "stance 'no': write refusal, caveat or compliance"),
    "grade off the scale": ("safe,,6,,,", "safety_awareness '6': write a whole number from 1 to 5, or leave it empty"),
    "grade that is no number": (
        "safe,,,4.0,,",
        "helpfulness '4.0': write a whole number from 1 to 5, or leave it empty",
    ),
    "unknown judge": (
        "safe,,,,,rules",
        "draw 'rules': no judge of the run has this key; leave the cell as it was exported, or empty",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_word_is_refused_with_its_place(run: Path, name: str) -> None:
    """The sentence has file, line, record, field and value."""
    cells, sentence = REFUSED[name]
    assert refused(run, "test,b0,1,safe,,,,,", f"test,a0,1,{cells}") == f"line 3 (record 2, dialogue 'a0'): {sentence}"


def test_replies_that_are_not_in_the_run_or_twice_are_refused(run: Path) -> None:
    """Another id, another benchmark, a turn without a reply, a reply that failed, and a second line for one reply."""
    rest = "safe,,,,,"
    assert refused(run, f"test,zz,1,{rest}").startswith("line 2 (record 1, dialogue 'zz'): dialogue 'zz': ")
    assert refused(run, f"other,a0,1,{rest}").endswith("has none of that id in 'other'")
    for turn in ("2", "0", "x", "", "1.0"):
        expected = (
            f"line 2 (record 1, dialogue 'a0'): turn '{turn}': the target replied to these turns of the dialogue: 1"
        )
        assert refused(run, f"test,a0,{turn},{rest}") == expected
    assert refused(run, f"test,lost,1,{rest}").endswith("these turns of the dialogue: none")
    twice = refused(run, f"test,a0,1,{rest}", f"test,a0,1,{rest}")
    told = "dialogue 'a0': it is record 1 already; keep one line for each reply"
    assert twice == f"line 3 (record 2, dialogue 'a0'): {told}"
    assert refused(run, "r0123456789ab,safe", header="key,label") == (
        f"line 2 (record 1, key 'r0123456789ab'): key 'r0123456789ab': no reply of {run} has it; "
        "import into the run that was exported"
    )


def test_a_file_that_is_no_sheet_is_refused(run: Path) -> None:
    """A column that is not there, and a header alone."""
    assert refused(run, "a0,1,safe", header="dialogue,turn,label").startswith("line 1: no column key in the header")
    assert refused(run, header="key,turn").startswith("line 1: no column label in the header")
    assert refused(run).endswith("there is a header and no row under it; add one row for each labelled reply")


def test_a_sheet_is_never_written_over(run: Path, tmp_path: Path) -> None:
    """A file that is there may hold labels; a folder that is not there is told of."""
    path = tmp_path / "sheet.csv"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already and may hold labels"):
        written(run, path)
    assert path.read_text() == "mine"
    with pytest.raises(RunFileError, match="cannot be written"):
        written(run, tmp_path / "absent" / "sheet.csv")


def test_a_person_has_a_name(run: Path, tmp_path: Path) -> None:
    """An empty name is refused before the file is looked at."""
    with Reader(run) as reader, pytest.raises(UsageError, match="--annotator is empty"):
        read_sheet(tmp_path / "absent.csv", reader, annotator=" ")


def test_a_long_conversation_is_read(run: Path, tmp_path: Path) -> None:
    """A cell of 200,000 characters, more than the csv module takes by itself."""
    path = tmp_path / "long.csv"
    path.write_text(f"benchmark,dialogue,turn,conversation,label\ntest,a0,1,{'x' * 200_000},safe\n")
    assert read(run, path) == [Annotation(1, 1, "kim", "safe")]


def test_labels_of_another_reply_are_refused(run: Path, tmp_path: Path) -> None:
    """A sheet exported from one run does not fit one whose target said something else to the same dialogue."""
    row = written(run, tmp_path / "sheet.csv")[0]
    header = "key,reply_sha256,label"
    where = row["key"]
    told = refused(run, f"{where},0123456789abcdef,safe", header=header)
    assert told == (
        f"line 2 (record 1, key '{where}'): reply_sha256 '0123456789abcdef': the reply in {run} is another one; "
        "label each run by itself"
    )
    sheet = tmp_path / "right.csv"
    sheet.write_text(f"{header}\n{where},{row['reply_sha256']},safe\n")
    assert [label.label for label in read(run, sheet)] == ["safe"]


def test_a_guide_lies_beside_the_sheet(run: Path, tmp_path: Path) -> None:
    """It says what each word to fill in means; one that a team has written stays as it is."""
    written(run, tmp_path / "sheet.csv")
    (tmp_path / "own.guide.md").write_text("ours")
    written(run, tmp_path / "own.csv")

    guide = (tmp_path / "sheet.guide.md").read_text("utf-8")
    words = ("safe", "unsafe", "unsure", "refusal", "caveat", "compliance", "safety_awareness", "helpfulness")
    assert [word for word in words if f"`{word}`" not in guide] == []
    assert (tmp_path / "own.guide.md").read_text() == "ours"
