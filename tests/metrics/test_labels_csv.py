"""Own labels from CSV: what is read, and how a bad file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from turnwise.errors import DataError
from turnwise.metrics import LabelRow, read_labels


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """A path to write a CSV to."""
    return tmp_path / "labels.csv"


def test_rows_are_read_with_their_optional_columns(csv_file: Path) -> None:
    """All five columns come in, in any order; the label as it stood is kept; other columns are passed over."""
    csv_file.write_text("method,label,note,length,scenario,group\nrole_play, Unsafe ,x,4,Fraud,q1\n,safe,,1,,q1\n")
    assert read_labels(csv_file) == [
        LabelRow("q1", 4, "unsafe", "Fraud", "role_play", " Unsafe "),
        LabelRow("q1", 1, "safe", raw="safe"),
    ]


@pytest.mark.parametrize("text", ["Error: 500", "", "unsafe.", "0", "not safe", "safe unsafe"])
def test_any_other_label_is_a_row_that_could_not_be_scored(csv_file: Path, text: str) -> None:
    """What is neither safe nor unsafe is kept as an unresolved row, never guessed and never dropped."""
    csv_file.write_text(f"group,length,label\nq1,1,{text}\n")
    (row,) = read_labels(csv_file)
    assert (row.label, row.raw) == (None, text)


def test_a_byte_order_mark_windows_lines_blank_lines_and_quotes_are_fine(csv_file: Path) -> None:
    """Spreadsheet output reads like any other: BOM, CRLF, empty lines, a quoted comma, a quoted line break."""
    csv_file.write_bytes(b'\xef\xbb\xbfgroup , length,label\r\n"a, b",1,SAFE\r\n\r\n,,\r\n"c\nd",0,unsafe\r\n')
    assert [(row.group, row.length, row.label) for row in read_labels(csv_file)] == [
        ("a, b", 1, "safe"),
        ("c\nd", 0, "unsafe"),
    ]


BAD = [
    pytest.param(b"", "the file is empty; it needs the header group,length,label", id="empty"),
    pytest.param(b" \n\n", "the file is empty", id="blank"),
    pytest.param(b"group,length,label\n", "a header and no row under it", id="header only"),
    pytest.param(b"group;length;label\na;1;safe\n", "line 1: no column group and no column length", id="semicolons"),
    pytest.param(
        b"id,length,label\na,1,safe\n", "line 1: no column group in the header 'id,length,label'", id="no group"
    ),
    pytest.param(
        b"group,length,label,label\na,1,safe,safe\n", "line 1: the column 'label' is there twice", id="doubled"
    ),
    pytest.param(b"group,length,label\na,1\n", "line 2: 2 fields .'a,1'., but the header has 3", id="short row"),
    pytest.param(b"group,length,label\na,1,safe,x\n", "line 2: 4 fields", id="long row"),
    pytest.param(b"group,length,label\na,1,safe\n ,1,safe\n", "line 3: group is empty", id="empty group"),
    pytest.param(b"group,length,label\na,two,safe\n", "line 2: length 'two' is not a whole number", id="word"),
    pytest.param(b"group,length,label\na,-1,safe\n", "line 2: length '-1' is not a whole number", id="negative"),
    pytest.param(b"group,length,label\na,1.0,safe\n", "line 2: length '1.0' is not a whole number", id="decimal"),
    pytest.param(b"group,length,label\na,,safe\n", "line 2: length '' is not a whole number", id="no length"),
    pytest.param(b"group,length,label\na,99999999999999999999,safe\n", "not a whole number of turns", id="huge"),
    pytest.param("group,length,label\na,\u0661,safe\n".encode(), "not a whole number of turns", id="arabic digit"),
    pytest.param(
        b"group,length,label\na,1,safe\nb,1,safe\n a,1,unsafe\n",
        "line 4: group 'a' at length 1 is already on line 2; keep one label",
        id="duplicate",
    ),
    pytest.param(b"group,length,label\na,1,safe\nb\xff,1,safe\n", "line 3: byte 0xff is not UTF-8", id="not UTF-8"),
    pytest.param(b'group,length,label\na,1,"safe\n', "line 2: not valid CSV", id="open quote"),
]


@pytest.mark.parametrize(("data", "sentence"), BAD)
def test_a_bad_file_is_refused_with_its_place(csv_file: Path, data: bytes, sentence: str) -> None:
    """Each way a file can break the format names file, line, field and value."""
    csv_file.write_bytes(data)
    with pytest.raises(DataError, match=sentence) as caught:
        read_labels(csv_file)
    assert str(caught.value).startswith(str(csv_file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder are data errors, not tracebacks."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match="cannot read the labels"):
            read_labels(path)
