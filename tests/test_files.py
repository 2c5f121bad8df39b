"""Files that people name: what is refused before it is read, and how long lines and files may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from turnwise.files import MOST_FILE_BYTES, MOST_LINE_BYTES, open_file, read_file, read_lines


def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    """Nobody writes into the pipe, so that opening it would wait for ever; so would nothing end a device."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="it is a pipe or device; save what it gives as a file first"):
            open_file(path)


def test_a_folder_and_a_missing_file_are_refused_in_the_words_of_the_system(tmp_path: Path) -> None:
    """Every reader raises the system's own error."""
    for read in (open_file, read_file, lambda path: list(read_lines(path))):
        with pytest.raises(IsADirectoryError):
            read(tmp_path)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "absent")


def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    """What a link leads to decides."""
    (tmp_path / "file").write_bytes(b"a\nb")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"a\nb"
    assert list(read_lines(tmp_path / "link")) == [b"a\n", b"b"]


def test_a_file_larger_than_is_read_whole_is_refused_by_its_size(tmp_path: Path) -> None:
    """A byte more than half a gibibyte, none of it on the disk, is refused without being read."""
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, MOST_FILE_BYTES + 1)
    with pytest.raises(OSError, match="it has more than 512 MiB"):
        read_file(path)


def test_a_line_without_end_is_refused_where_it_gets_too_long(tmp_path: Path) -> None:
    """The line before it is given; of a file of a hundred gibibytes no more than the longest line is held."""
    path = tmp_path / "endless"
    path.write_bytes(b"first\n")
    os.truncate(path, 100 * 2**30)
    lines = read_lines(path)
    assert next(lines) == b"first\n"
    with pytest.raises(OSError, match="line 2 has more than 64 MiB"):
        next(lines)


def test_the_longest_line_is_read(tmp_path: Path) -> None:
    """A line of exactly the most bytes, its line break among them, is a line like any other."""
    path = tmp_path / "long"
    path.write_bytes(b"x" * (MOST_LINE_BYTES - 1) + b"\nnext")
    assert [len(line) for line in read_lines(path)] == [MOST_LINE_BYTES, 4]
