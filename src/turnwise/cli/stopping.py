"""Driving the event loop of a command, and what is said when the work stops before its end."""

from __future__ import annotations

import asyncio
import gc
import shlex
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from turnwise.cli.printable import printable
from turnwise.errors import EndpointDown, RunFileError, TurnwiseError

if TYPE_CHECKING:
    from turnwise.cli.progress import Watcher
    from turnwise.evaluate import Stop

__all__ = ["INTERRUPTED", "Going", "Interrupted", "ending_at_once", "keeping", "quieten_collector"]

INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(TurnwiseError):
    """Somebody pressed Ctrl-C, or asked the process to end."""

    exit_code = INTERRUPTED


class Going:
    """Work under way: who draws it, and how it is asked to stop."""

    def __init__(self, listener: Watcher, stop: Stop) -> None:
        self.listener = listener
        self.stop = stop

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Do the work in an event loop: the one place where one is started.

        Before the listener is told that the run begins, nothing was sent: Ctrl-C or SIGTERM then ends the work where it
        stands. From there on the first one lets the calls in flight finish, the second ends them.

        Raises:
            Interrupted: the work was asked to stop.
        """
        try:
            import uvloop
        except ImportError:
            start = asyncio.run
        else:
            start = uvloop.run
        quieten_collector()
        try:
            start(self._until_asked(work))
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise Interrupted("interrupted") from None
        if self.stop.asked:
            raise Interrupted("interrupted")

    async def _until_asked(self, work: Coroutine[Any, Any, object]) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def asked() -> None:
            if self.stop.asked and task is not None:
                task.cancel()
                return
            self.stop.ask()
            print("stopping: calls in flight are let finish; once more ends them", file=sys.stderr, flush=True)

        def heard(_number: int, _frame: FrameType | None) -> None:
            if self.listener.started_at is None:
                raise KeyboardInterrupt
            loop.call_soon_threadsafe(asked)

        with _handled_by(heard):
            await work


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is done here where it stands, an event loop or not: it sends nothing."""

    def heard(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled_by(heard):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Hear the signals through Python, not through the loop: while a benchmark is read, the loop hears nothing."""
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def quieten_collector() -> None:
    """Let the garbage collector look at what is new, and seldom: calls leave no cycles, and each look costs a pause.

    Measured on text dialogues at zero latency: an eighth of the processor time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@contextmanager
def keeping(path: Path, title: str) -> Iterator[Going]:
    """Work on the run file at `path`; when it ends early, what is raised says what is kept there.

    Raises:
        EndpointDown, BudgetSpent: as the work raised it, with a note.
        Interrupted: likewise, also in the place of KeyboardInterrupt.
    """
    from turnwise.cli.progress import watching
    from turnwise.evaluate import Stop
    from turnwise.rollout import BudgetSpent

    try:
        with watching(title) as listener:
            yield Going(listener, Stop())
    except (EndpointDown, BudgetSpent, Interrupted) as error:
        error.add_note(_kept(path))
        raise
    except KeyboardInterrupt:
        interrupted = Interrupted("interrupted")
        interrupted.add_note(_kept(path))
        raise interrupted from None


def _kept(path: Path) -> str:
    from turnwise.report import counted
    from turnwise.runfile import Reader

    try:
        with Reader(path) as reader:
            total = reader.count()
            done = total - len(reader.pending([card.name for card in reader.judges()]))
    except RunFileError:
        return "nothing was asked yet"
    shown = printable(str(path))
    of_all = f"{counted(total, 'dialogue')} {'is' if total == 1 else 'are'}"
    kept = f"{done:,} of {of_all} done and kept in {shown}; the same command goes on"
    return f"{kept}, and `turnwise report {shlex.quote(shown)}` prints the numbers there are" if done else kept
