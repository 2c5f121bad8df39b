"""A viewer in a process of its own: looks at a run file again and again while the run goes on.

`python polling_reader.py RUN` says when it waits for the run to begin, then prints one look a line, as JSON, until its
standard input is closed. A reader that is half through its rows is held all the while; how many answers it knows of in
the end is the last line.
"""

from __future__ import annotations

import hashlib
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from turnwise.errors import RunFileError
from turnwise.metrics import slices_of_run
from turnwise.runfile import Reader


class Look(msgspec.Struct, frozen=True):
    """What one look saw, in the order of the fields: the run may have gone on between two of them.

    Fields:
        calls: Requests to the target, by the totals.
        n_scored: Dialogues that the attack success rate rests on.
        verdicts: Label by dialogue.
        rows: Turn and state of the last reply by dialogue.
        replies: State and digest of the words by "dialogue turn".
    """

    dialogues: int
    calls: int
    n_scored: int
    verdicts: dict[str, str | None]
    rows: dict[str, tuple[int | None, str | None]]
    replies: dict[str, tuple[str, str]]


def digest(text: str) -> str:
    """What stands for a reply's words here."""
    return hashlib.sha256(text.encode()).hexdigest()


def look_at(run: Path) -> Look:
    """Open the run as a viewer's request does, read all that it shows, and close it."""
    with Reader(run) as reader:
        calls = reader.totals()[0].calls
        (part,) = slices_of_run(reader, resamples=50)
        rows = list(reader.scored_rows("rules"))
        return Look(
            dialogues=reader.count(),
            calls=calls,
            n_scored=part.harm.asr_overall.n,
            verdicts={row.id: row.label for row in rows if row.verdict_state == "scored"},
            rows={row.id: (row.reply_turn, row.reply_state) for row in rows},
            replies={
                f"{row.id} {exchange.turn}": (exchange.reply.state, digest(exchange.reply.text))
                for row in rows
                for exchange in reader.exchanges(row.number)
            },
        )


def opened(run: Path) -> Reader:
    """A reader of the run, as soon as it has begun."""
    while True:
        try:
            return Reader(run)
        except RunFileError:
            time.sleep(0.001)


def watch(run: Path) -> Iterator[Look | int]:
    """Looks until standard input is closed, one more after that, and what the held reader knows."""
    with opened(run) as held:
        rows = held.scored_rows("rules")
        n_answered = int(next(rows).reply_state == "ok")
        while not select.select([sys.stdin], [], [], 0.0)[0]:
            yield look_at(run)
        n_answered += sum(row.reply_state == "ok" for row in rows)
    yield look_at(run)
    yield n_answered


if __name__ == "__main__":
    print("waiting", flush=True)
    for seen in watch(Path(sys.argv[1])):
        print(msgspec.json.encode(seen).decode(), flush=True)
