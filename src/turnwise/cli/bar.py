"""The live view on a terminal, drawn by Rich: a title, a bar, and the running numbers."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from turnwise.cli.printable import one_line
from turnwise.cli.progress import Watcher, say

__all__ = ["Bar"]


class Bar(Watcher):
    """A watcher that draws; what it drew gives way to one line when the work is over."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        console = Console(stderr=True)
        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("dialogues"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            expand=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._live = Live(get_renderable=self.drawn, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        if self.started_at is not None:
            say(self.summary())

    def started(self, *, total: int, pending: int) -> None:
        """Set the bar's length. What an earlier run did counts as done, but not for the time left."""
        super().started(total=total, pending=pending)
        self._bar.reset(self._task, total=total, completed=total - pending)

    def drawn(self) -> Group:
        """What is on the screen now; every line is cut to the width of the terminal, never wrapped."""
        if self.started_at is not None:
            self._bar.update(self._task, completed=self.total - self.pending + self.done)
        lines = [one_line(self.title), *(self.running() if self.started_at is not None else ["reading the benchmark"])]
        title, *numbers = (Text(line, no_wrap=True, overflow="ellipsis") for line in lines)
        return Group(title, self._bar.get_renderable(), *numbers)
