"""`turnwise show`: one dialogue of a run, or the list of them. What was said stays hidden until asked for."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from turnwise.cli.printable import one_line, printable, wrapped

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from turnwise.judge import Verdict
    from turnwise.models import Reply
    from turnwise.runfile import Reader

__all__ = ["show"]

_WIDEST = 60
_INDENT = "\n" + " " * 20


def show(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")],
    dialogue: Annotated[
        str | None, typer.Argument(metavar="ID", help="A dialogue's id; without it all are listed.")
    ] = None,
    *,
    label: Annotated[
        Literal["safe", "unsafe", "unscored"] | None, typer.Option(help="List only dialogues with this label.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", "-j", metavar="JUDGE", help="Whose verdicts are listed. [default: the first]"),
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show what was said. It can be harmful or offensive.")
    ] = False,
) -> None:
    """Show a dialogue with its replies and verdicts, or list all dialogues of a run."""
    from turnwise.errors import one_of
    from turnwise.models import PARAMETER_DROPPED
    from turnwise.runfile import Reader

    with Reader(run) as reader:
        names = [card.name for card in reader.judges()]
        if judge is not None and judge not in names:
            raise one_of("judge", judge, names)
        if dialogue is not None:
            lines = _dialogue(reader, reader.number_of(dialogue), reveal=reveal)
        else:
            lines = _listed(reader, judge or names[0], label)
        # Closed before the file is, also when nobody reads to the end.
        with closing(lines):
            for line in lines:
                print(line)
        for event in reader.events():
            if event.kind == PARAMETER_DROPPED:
                print(wrapped(one_line(f"note      {event.detail}"), sys.stdout))


def _listed(reader: Reader, judge: str, label: str | None) -> Generator[str]:
    rows: list[tuple[str, ...]] = [("dialogue", "turns", "scenario", "reply", "verdict", "stance")]
    for row in reader.scored_rows(judge):
        if label is None or (row.label or "unscored") == label:
            verdict = row.label or row.verdict_state or "-"
            cells = (row.id, str(row.length), row.scenario or "-", row.reply_state or "not asked", verdict)
            rows.append((*map(one_line, cells), row.stance or "-"))
    yield from _aligned(rows)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Cells below each other, as wide as they need up to a limit; numbers stand to the right."""
    from rich.cells import cell_len

    widths = [min(max(map(cell_len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = []
        for cell, width in zip(row, widths, strict=True):
            blanks = " " * (width - cell_len(cell))
            padded.append(blanks + cell if cell.isdecimal() else cell + blanks)
        yield "  ".join(padded).rstrip()


def _dialogue(reader: Reader, number: int, *, reveal: bool) -> Generator[str]:
    dialogue = reader.dialogue(number)
    yield one_line(f"{dialogue.benchmark} {dialogue.id}")
    yield one_line(
        f"  group {dialogue.group}, scenario {dialogue.scenario or '-'}, method {dialogue.method or '-'},"
        f" {dialogue.setting}, {dialogue.intent}, {dialogue.modality}"
    )
    for image in dialogue.all_images():
        yield one_line(f"  image {image.path} ({image.mime}, {image.size_bytes:,} bytes)")
    yield from (one_line(f"  image {name} is missing") for name in dialogue.missing_images)
    answered = {exchange.turn: exchange.reply for exchange in reader.exchanges(number)}
    for turn, words in enumerate(dialogue.turns, 1):
        yield f"  turn {turn:>2} user      {_said(words.user, reveal=reveal)}"
        if turn in answered:
            yield f"  turn {turn:>2} target    {_answer(answered[turn], reveal=reveal)}"
        elif words.reply is not None:
            yield f"  turn {turn:>2} scripted  {_said(words.reply, reveal=reveal)}"
    yield from (_ruling(judge, verdict, reveal=reveal) for judge, verdict in reader.verdicts(number))
    if not reveal:
        yield "  what was said is hidden; --reveal shows it"


def _answer(reply: Reply, *, reveal: bool) -> str:
    if reply.state == "ok":
        return _said(reply.text, reveal=reveal)
    return one_line(f"[{reply.state}] {reply.failure.message if reply.failure else ''}").rstrip()


def _ruling(judge: str, verdict: Verdict, *, reveal: bool) -> str:
    ruling = " ".join(filter(None, (verdict.label, verdict.stance))) or verdict.state
    reason = verdict.reason or verdict.cause or ""
    # The rules judge never quotes a reply; another one may.
    if verdict.reason and not reveal and judge != "rules":
        reason = f"reason of {len(verdict.reason):,} characters"
    return one_line(f"  verdict {judge} on turn {verdict.turn}: {ruling}{f' ({reason})' if reason else ''}")


def _said(text: str, *, reveal: bool) -> str:
    if not reveal:
        return f"[{len(text):,} characters]"
    return printable(text).replace("\n", _INDENT)
