"""Opening by spelling, streaming with and without bad records, and the fingerprint of files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.samples import (
    load_skipping,
    messages,
    picture,
    refusal,
    safemt_row,
    save,
    save_json,
    save_lines,
)
from turnwise.benchmarks import SPELLINGS, LoadNotes, files_sha256, open_benchmark, stream
from turnwise.errors import DataError


def mixed(folder: Path) -> Path:
    """A SafeMT folder whose 2nd and 4th of five records are bad."""
    rows = [safemt_row(1, number) for number in range(1, 6)]
    rows[1]["scenario"] = "Finance"
    rows[3]["dialogue"] = []
    save_json(folder / "1_turn.json", rows)
    return folder


def test_bad_records_are_listed_and_the_good_ones_kept(tmp_path: Path) -> None:
    """Skipping keeps every good record in order and one sentence for each bad one."""
    held, notes = load_skipping(f"safemt:{mixed(tmp_path)}")
    assert [dialogue.group[-1] for dialogue in held] == ["1", "3", "5"]
    assert [sentence.split(" (id")[0] for sentence in notes.bad] == [
        f"{tmp_path}/1_turn.json, record 2",
        f"{tmp_path}/1_turn.json, record 4",
    ]
    assert notes.bad[1].endswith("dialogue is empty")


def test_without_skipping_the_first_bad_record_raises_after_the_good_ones(tmp_path: Path) -> None:
    """The dialogues before the bad record are given; the record then stops the stream."""
    notes = LoadNotes()
    dialogues = stream(open_benchmark(f"safemt:{mixed(tmp_path)}"), notes)
    assert next(dialogues).group.endswith("_1")
    with pytest.raises(DataError, match=r"1_turn\.json, record 2 .*scenario 'Finance'"):
        next(dialogues)
    assert notes.bad == []


def test_a_record_of_the_wrong_shape_in_the_one_turn_file_can_be_skipped(tmp_path: Path) -> None:
    """The 1-turn file is read for questions as well; a bad record in it does not stop the opening."""
    rows = [safemt_row(1, 1, question=None), {"id": 5}]
    save_json(tmp_path / "1_turn.json", rows)
    held, notes = load_skipping(f"safemt:{tmp_path}")
    assert [dialogue.seed_question for dialogue in held] == ["user 1"]
    assert notes.bad == [f"{tmp_path}/1_turn.json, record 2: Expected `str`, got `int` - at `$.id`; the value is 5"]


def test_a_bad_record_leaves_no_counts_behind(tmp_path: Path) -> None:
    """Quirks and missing images are counted for the dialogues that are kept only."""
    told = messages(1)
    told[0]["content"] += "\n"
    rows = [safemt_row(1, dialogue=told), safemt_row(1, 2, dialogue=told, image_path="../out.png")]
    save_json(tmp_path / "1_turn.json", rows)
    held, notes = load_skipping(f"safemt:{tmp_path}")
    assert (len(held), len(notes.bad), notes.missing_images) == (1, 1, 1)
    assert dict(notes.quirks) == {"white space around messages removed": 1}


def test_a_file_that_cannot_be_read_raises_even_when_skipping(tmp_path: Path) -> None:
    """A whole file is never skipped: the numbers would be of another benchmark."""
    save(tmp_path / "1_turn.json", b'[{"id": "a"')
    with pytest.raises(DataError, match="is the file cut off"):
        load_skipping(f"safemt:{tmp_path}")


def test_a_benchmark_can_be_streamed_again(tmp_path: Path) -> None:
    """Each pass starts at the first record."""
    benchmark = open_benchmark(f"cosafe:{save_lines(tmp_path / 'bias.json', [messages(1), messages(2)])}")
    first, second = list(stream(benchmark, LoadNotes())), list(stream(benchmark, LoadNotes()))
    assert first == second
    assert len(first) == 2


def test_a_file_that_vanished_after_opening_is_an_error_with_its_name(tmp_path: Path) -> None:
    """Files are opened as the stream reaches them."""
    path = save_lines(tmp_path / "bias.json", [messages(1)])
    benchmark = open_benchmark(f"cosafe:{path}")
    path.unlink()
    with pytest.raises(DataError, match=r"bias\.json: cannot be read \(No such file or directory\)"):
        list(stream(benchmark, LoadNotes()))
    with pytest.raises(DataError, match=r"bias\.json: cannot be read \(No such file or directory\)"):
        files_sha256(benchmark.files)


def test_the_fingerprint_covers_names_bytes_and_order(tmp_path: Path) -> None:
    """The same files give the same digest; a byte, a name or another order gives another."""
    one, two = save(tmp_path / "1.json", b"a"), save(tmp_path / "2.json", b"b")
    copied = (save(tmp_path / "copy/1.json", b"a"), save(tmp_path / "copy/2.json", b"b"))
    digests = {
        files_sha256((one, two)),
        files_sha256((two, one)),
        files_sha256((one,)),
        files_sha256((one, save(tmp_path / "3.json", b"b"))),
        files_sha256((one, save(tmp_path / "other/2.json", b"c"))),
    }
    assert len(digests) == 5
    assert files_sha256(copied) == files_sha256((one, two))


def test_an_unknown_benchmark_is_refused_with_the_known_ones() -> None:
    """Every spelling there is stands in the sentence."""
    sentence = refusal("mmsafety:data")
    assert sentence.startswith("benchmark 'mmsafety:data' is not known; known: ")
    assert all(spelling in sentence for spelling in SPELLINGS)


@pytest.mark.parametrize(
    ("spelling", "sentence"),
    [
        ("safemt", "benchmark 'safemt' needs a path: safemt:PATH"),
        ("cosafe:", "benchmark 'cosafe:' needs a path: cosafe:PATH"),
        ("mtmcs", "benchmark 'mtmcs' needs a path: mtmcs:PATH"),
        ("mtmcs:./none,split=type_a", "benchmark 'mtmcs:./none,split=type_a': ./none does not exist"),
        ("starter:here", "benchmark 'starter:here': starter takes no path"),
        ("jsonl:./no/such/file.jsonl", "benchmark 'jsonl:./no/such/file.jsonl': ./no/such/file.jsonl does not exist"),
    ],
)
def test_a_spelling_without_its_path_is_refused_with_the_fix(spelling: str, sentence: str) -> None:
    """A path is needed by all benchmarks but our own, and has to exist."""
    assert refusal(spelling) == sentence


@pytest.mark.parametrize("where", ["x" * 5000, "~nobody_of_that_name/data"])
def test_a_path_that_cannot_exist_is_refused(where: str) -> None:
    """A name too long for the file system and an unknown home folder are wrong paths, not crashes."""
    assert "cannot be opened (" in refusal(f"safemt:{where}")


def test_a_hub_id_without_the_extra_gives_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is not there and reads as owner/name needs the hub, whose packages are optional."""
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert refusal("safemt:owner/name") == (
        "'owner/name' is no local path, and loading it from the Hugging Face hub needs the extra 'hub': "
        "pip install 'turnwise[hub]'"
    )


def test_parquet_without_the_extra_gives_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for a local parquet file."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = save(tmp_path / "train.parquet", picture())
    assert refusal(f"jsonl:{path}") == f"reading {path} needs the extra 'hub': pip install 'turnwise[hub]'"
