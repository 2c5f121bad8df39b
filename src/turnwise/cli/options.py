"""Options that several commands have, described once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from turnwise.evaluate import Machinery

__all__ = [
    "AsJson",
    "Concurrency",
    "JudgeSees",
    "Judges",
    "MaxAttempts",
    "MaxCost",
    "MaxMinutes",
    "MaxRequests",
    "NoCache",
    "Prices",
    "Proxy",
    "Rpm",
    "Run",
    "Scoring",
    "ShowIncomplete",
    "Timeout",
    "Tpm",
    "machinery",
    "may_be_another_model",
]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")]
Judges = Annotated[
    list[str],
    typer.Option("--judge", "-j", metavar="JUDGE", help="rules, safemt:TARGET or scripted:FILE; may be repeated."),
]
JudgeSees = Annotated[
    Literal["image", "neither"], typer.Option(help="Whether LLM judges are given the dialogue's images.")
]
Concurrency = Annotated[
    int, typer.Option(min=1, max=4096, metavar="N", help="Dialogues in flight; fewer when the endpoint asks for it.")
]
Timeout = Annotated[float, typer.Option(min=0.1, metavar="S", help="Time for one request, in seconds.")]
MaxAttempts = Annotated[
    int, typer.Option(min=1, metavar="N", help="Times a request is sent before its reply counts as failed.")
]
Proxy = Annotated[str | None, typer.Option(metavar="URL", help="HTTP proxy; the environment's proxies are not used.")]
Rpm = Annotated[float | None, typer.Option(min=0.001, metavar="N", help="Most requests a minute at one endpoint.")]
Tpm = Annotated[float | None, typer.Option(min=1, metavar="N", help="Most tokens a minute at one endpoint.")]
MaxRequests = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop before more requests than this.")]
MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost-usd", min=0.0, metavar="USD", help="Stop before this command costs more than this."),
]
MaxMinutes = Annotated[float | None, typer.Option(min=0.0, metavar="MIN", help="Stop after this time.")]
Prices = Annotated[Path | None, typer.Option(metavar="FILE", help="Own price table (TOML), before the shipped one.")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither read nor write the response cache, runs/cache.sqlite.")
]
Scoring = Annotated[Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")]
ShowIncomplete = Annotated[
    bool, typer.Option("--show-incomplete", help="Show headline numbers below 98 % completeness.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")]


def may_be_another_model(spelling: str) -> bool:
    """Whether a spelling can stand for another model tomorrow: a server of one's own, or weights at a path.

    Replies of such a model are not kept for other runs.
    """
    return "@http://" in spelling or spelling.rpartition("safemt:")[2].startswith("transformers:")


def machinery(
    *,
    concurrency: int,
    timeout_s: float,
    max_attempts: int,
    proxy: str | None,
    rates: tuple[float | None, float | None],
    caps: tuple[int | None, float | None, float | None],
    prices: Path | None,
    no_cache: bool,
    batch_poll_s: float | None = None,
) -> Machinery:
    """The options that shape no number, as one value."""
    from turnwise.evaluate import Machinery
    from turnwise.rollout import CACHE_PATH, Caps

    return Machinery(
        concurrency=concurrency,
        timeout_s=timeout_s,
        max_attempts=max_attempts,
        proxy=proxy,
        rpm=rates[0],
        tpm=rates[1],
        caps=Caps(*caps),
        cache=None if no_cache else CACHE_PATH,
        prices=prices,
        batch_poll_s=batch_poll_s,
    )
