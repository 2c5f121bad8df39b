"""Who may write a run file: one writer at a time, on this machine, for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from turnwise.errors import RunFileError

__all__ = ["WriteLock"]

_FileKey = tuple[int, int]

_held: set[_FileKey] = set()
"""Device and inode of the files this process writes.

Closing any descriptor of a file drops all byte-range locks the process has on it, SQLite's own included, so a file
that is being written here must not even be opened a second time.
"""


class WriteLock:
    """The right to write one file, from making it until `release`; the file is made if there is none.

    It is a flock: apart from the byte-range locks SQLite takes on the same file, and gone with the process.

    Raises:
        RunFileError: another writer has it, or the file cannot be made or opened for writing.
    """

    def __init__(self, path: Path) -> None:
        taken = RunFileError(f"{path}: another turnwise is writing this run; wait for it or choose --out")
        try:
            self._made_folder = not path.parent.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and _key(path.stat()) in _held:
                raise taken
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise RunFileError(f"{path}: cannot be written ({error.strerror}); choose another --out") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise taken from error
        self._path, self._key = path, _key(os.fstat(self._descriptor))
        if not path.exists() or _key(path.stat()) != self._key:  # its last writer has just removed it
            os.close(self._descriptor)
            raise taken
        _held.add(self._key)

    def remove(self) -> None:
        """Take the file away, and the folder that was made for it; both are free again after `release`."""
        self._path.unlink(missing_ok=True)
        if self._made_folder:
            with suppress(OSError):  # something else was put there
                self._path.parent.rmdir()

    def release(self) -> None:
        """Let others write; SQLite's connection must be closed before."""
        _held.discard(self._key)
        os.close(self._descriptor)


def _key(status: os.stat_result) -> _FileKey:
    return (status.st_dev, status.st_ino)
