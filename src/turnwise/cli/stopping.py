"""When a run stops before its end: what is kept, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from turnwise.errors import EndpointDown, RunFileError, TurnwiseError

__all__ = ["INTERRUPTED", "Interrupted", "keeping"]

INTERRUPTED = 130


class Interrupted(TurnwiseError):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """Let an early end of the work on the run file at `path` say what is kept there.

    Raises:
        EndpointDown: as the work raised it, with a note.
        Interrupted: in the place of KeyboardInterrupt.
    """
    try:
        yield
    except EndpointDown as error:
        error.add_note(_kept(path))
        raise
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {_kept(path)}; the same command goes on") from None


def _kept(path: Path) -> str:
    from turnwise.runfile import Reader

    try:
        with Reader(path) as reader:
            total = reader.count()
            done = total - len(reader.pending([card.name for card in reader.judges()]))
    except RunFileError:
        return "nothing was asked yet"
    return f"{done:,} of {total:,} dialogues are done and kept in {path} (`turnwise report {path}` shows them)"
