"""Disks that are full, may not grow or cannot be written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rollout.recording import ok
from runfile.files import fill, one_sentence, pragma, run_apart
from turnwise.errors import RunFileError
from turnwise.rollout import Exchange
from turnwise.runfile import Reader, Writer


def test_run_on_a_disk_that_cannot_be_written_is_readable(small_disk: Path) -> None:
    """A finished run on a read-only share can be read, although no log can be made beside it; writing is refused."""
    path = small_disk / "run.sqlite"
    fill(path)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with Reader(path) as reader:
        assert reader.count() == 3
    with pytest.raises(RunFileError, match="cannot be written"):
        Writer(path)


def write_on(path: Path) -> int:
    """Write replies, committing each, until the disk says no; how many were committed."""
    committed = 0
    with Writer(path) as writer:
        for number in range(1, 1001):
            writer.add_exchange(number, Exchange(1, "aa" * 32, ok("x" * 8000)))
            writer.commit()
            committed += 1
    return committed


def test_full_disk_is_one_sentence_and_the_rows_stay_readable(small_disk: Path) -> None:
    """When a disk runs full, the run ends with what to do, and every committed row can be read."""
    path = small_disk / "run.sqlite"
    fill(path, 1000)
    with pytest.raises(RunFileError, match="the disk is full; free some space and run the same command") as error:
        write_on(path)
    assert one_sentence(error, path)
    with Reader(path) as reader:
        kept = sum(row.reply_state == "ok" for row in reader.scored_rows("rules"))
    assert kept > 10
    subprocess.run(["mount", "-o", "remount,size=32m", small_disk], check=True)
    assert write_on(path) == 1000
    assert pragma(path, "PRAGMA integrity_check") == "ok"


def test_full_disk_while_a_run_begins_leaves_a_file_to_fill(small_disk: Path) -> None:
    """Dialogues that do not fit are one sentence, and with more room the same run begins."""
    path = small_disk / "run.sqlite"
    with pytest.raises(RunFileError, match="the disk is full"):
        fill(path, 20_000)
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    fill(path, 20_000)
    with Reader(path) as reader:
        assert reader.count() == 20_000


def test_file_that_may_not_grow_is_one_sentence(tmp_path: Path) -> None:
    """A quota, unlike a full disk, reads as an input/output error: the sentence says where to look."""
    path = tmp_path / "run.sqlite"
    fill(path, 1000)
    code = (
        "import pathlib, resource, signal, sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from runfile.test_disk import write_on\n"
        "from turnwise.errors import RunFileError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try: write_on(pathlib.Path(sys.argv[1]))\n"
        "except RunFileError as error: print(error)\n"
    )
    apart = run_apart(code, path, Path(__file__).parents[1])
    assert apart.stderr == ""
    sentence = "the disk fails (disk I/O error); look at its space, quota and health, then run the same command again"
    assert apart.stdout == f"{path}: {sentence}\n"
    with Reader(path) as reader:
        assert sum(row.reply_state == "ok" for row in reader.scored_rows("rules")) > 10
    assert pragma(path, "PRAGMA integrity_check") == "ok"
