"""The live bar on a terminal, drawn by Rich."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from turnwise.cli.progress import Watcher
from turnwise.dialogue import Dialogue

__all__ = ["Bar"]


class Bar(Watcher):
    """A watcher that draws a progress bar with the running numbers below it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._title = escape(title)
        self._task = self._progress.add_task(self._title, total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self.done:
            self._progress.console.print(escape(self.status()), highlight=False)

    def started(self, *, total: int, pending: int) -> None:
        """Set the bar's length: what was done by an earlier run counts as done."""
        super().started(total=total, pending=pending)
        self._progress.update(self._task, total=total, completed=total - pending)

    def finished(self, dialogue: Dialogue) -> None:
        """Move the bar and renew the numbers."""
        super().finished(dialogue)
        self._progress.update(self._task, advance=1, description=f"{self._title}\n[dim]{escape(self.status())}[/]")
