"""Reading the files people name. What is no file, or fits no memory, is an error before it is read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from turnwise.errors import UsageError

__all__ = ["MOST_FILE_BYTES", "MOST_LINE_BYTES", "open_file", "read_file", "read_lines", "refuse_database"]

MOST_FILE_BYTES = 512 * 2**20
"""The largest file that is read whole."""

MOST_LINE_BYTES = 64 * 2**20
"""The longest line of a file that is read line by line; the file may have any size."""


def open_file(path: Path) -> BufferedReader:
    """The file at `path`, open for reading.

    Raises:
        OSError: as `open` does, and for a pipe or device, which may never end and cannot be read twice; `strerror`
            says what is wrong.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a pipe or device; save what it gives as a file first")
    return path.open("rb")


def read_file(path: Path) -> bytes:
    """All bytes of the file at `path`.

    Raises:
        OSError: as from `open_file`, and for a file that is too large.
    """
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > MOST_FILE_BYTES:
            raise OSError(errno.EFBIG, f"it has more than {MOST_FILE_BYTES // 2**20} MiB")
        return file.read()


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of the file at `path`, one after the other.

    Raises:
        OSError: as from `open_file`, and for a line that is too long.
    """
    with open_file(path) as file:
        number = 0
        while line := file.readline(MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > MOST_LINE_BYTES:
                raise OSError(errno.EFBIG, f"line {number} has more than {MOST_LINE_BYTES // 2**20} MiB")
            yield line


_DATABASE = b"SQLite format 3\0"


def refuse_database(path: Path) -> None:
    """Refuse to write where a database is: a report takes the place of an older one, but never that of a run.

    Raises:
        UsageError: there is one.
        OSError: what is there cannot be read.
    """
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(_DATABASE)) == _DATABASE:
                raise UsageError(f"{path}: a database, perhaps a run; name another file")
