"""`turnwise show`: one dialogue of a run, or the list of them. What was said stays hidden until asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from turnwise.runfile import Reader

__all__ = ["show"]


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
        str | None, typer.Option("--judge", "-j", help="Whose verdicts are listed. [default: the first]")
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show what was said. It can be harmful or offensive.")
    ] = False,
) -> None:
    """Show a dialogue with its replies and verdicts, or list all dialogues of a run."""
    from turnwise.errors import one_of
    from turnwise.runfile import Reader

    with Reader(run) as reader:
        if dialogue is not None:
            lines = _dialogue(reader, reader.number_of(dialogue), reveal=reveal)
        else:
            names = [card.name for card in reader.judges()]
            if judge is not None and judge not in names:
                raise one_of("judge", judge, names)
            lines = _listed(reader, judge or names[0], label)
        for line in lines:
            print(line)


def _listed(reader: Reader, judge: str, label: str | None) -> Iterator[str]:
    yield f"{'dialogue':<44} {'turns':>5} {'scenario':<24} {'reply':<17} {'verdict':<13} stance"
    for row in reader.scored_rows(judge):
        if label is None or (row.label or "unscored") == label:
            verdict = row.label or row.verdict_state or "-"
            yield (
                f"{row.id:<44} {row.length:>5} {row.scenario or '-':<24} {row.reply_state or '-':<17}"
                f" {verdict:<13} {row.stance or '-'}"
            )


def _dialogue(reader: Reader, number: int, *, reveal: bool) -> Iterator[str]:
    dialogue = reader.dialogue(number)
    yield f"{dialogue.benchmark} {dialogue.id}"
    yield (
        f"  group {dialogue.group}, scenario {dialogue.scenario or '-'}, method {dialogue.method or '-'},"
        f" {dialogue.setting}, {dialogue.intent}, {dialogue.modality}"
    )
    yield from (f"  image {image.path} ({image.mime}, {image.size_bytes:,} bytes)" for image in dialogue.all_images())
    yield from (f"  image {name} is missing" for name in dialogue.missing_images)
    answered = {exchange.turn: exchange.reply for exchange in reader.exchanges(number)}
    for turn, words in enumerate(dialogue.turns, 1):
        yield f"  turn {turn} user      {_said(words.user, reveal=reveal)}"
        reply = answered.get(turn)
        if reply is not None and reply.state == "ok":
            yield f"  turn {turn} target    {_said(reply.text, reveal=reveal)}"
        elif reply is not None:
            yield f"  turn {turn} target    [{reply.state}] {reply.failure.message if reply.failure else ''}".rstrip()
        elif words.reply is not None:
            yield f"  turn {turn} scripted  {_said(words.reply, reveal=reveal)}"
    for judge, verdict in reader.verdicts(number):
        ruling = " ".join(filter(None, (verdict.label, verdict.stance))) or verdict.state
        reason = verdict.reason or verdict.cause or ""
        yield f"  verdict {judge} on turn {verdict.turn}: {ruling}{f' ({reason})' if reason else ''}"
    if not reveal:
        yield "  what was said is hidden; --reveal shows it"


def _said(text: str, *, reveal: bool) -> str:
    if not reveal:
        return f"[{len(text):,} characters]"
    return _printable(text).replace("\n", "\n" + " " * 19)


def _printable(text: str) -> str:
    """The text without control characters: a reply must not drive the reader's terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
