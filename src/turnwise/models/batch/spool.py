"""A temporary file between the disk and the wire, so that a job of 200 MB needs no such memory in either direction."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Self

import msgspec

from turnwise.errors import RunFileError

__all__ = ["CHUNK_BYTES", "Spool"]

CHUNK_BYTES = 256 * 1024


class Spool:
    """A temporary file without a name, written and then read; gone when closed.

    Raises:
        RunFileError: there is no room for it.
    """

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(prefix="turnwise-batch-")  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise _no_room(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def size_bytes(self) -> int:
        """Bytes written."""
        return self._file.seek(0, os.SEEK_END)

    def write(self, *pieces: bytes) -> None:
        """Add to its end.

        Raises:
            RunFileError: the disk is full.
        """
        try:
            self._file.seek(0, os.SEEK_END)
            self._file.writelines(pieces)
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error

    def cut(self, size_bytes: int) -> None:
        """Drop what was written after so many bytes."""
        self._file.truncate(size_bytes)

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of it from the start, in pieces of bounded size."""
        position = 0
        while chunk := self._read_at(position):
            yield chunk
            position += len(chunk)

    def lines(self, start: int = 0) -> Iterator[bytes]:
        """The lines that are not blank, from a position on."""
        self._file.seek(start)
        return (line for line in self._file if line.strip())

    def ends_whole(self, start: int) -> bool:
        """Whether what was written from a position on ends with a whole line of JSON, or is nothing."""
        last = b"{}"
        for last in self.lines(start):  # noqa: B007 - the last one is wanted
            pass
        try:
            msgspec.json.decode(last, type=dict)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return True

    def _read_at(self, position: int) -> bytes:
        self._file.seek(position)
        return self._file.read(CHUNK_BYTES)


def _no_room(error: OSError) -> RunFileError:
    return RunFileError(
        f"cannot write a temporary file for a batch job ({error.strerror}): free space, or set TMPDIR to another folder"
    )
