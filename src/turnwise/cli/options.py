"""Options that several commands have, described once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import msgspec
import typer

if TYPE_CHECKING:
    from turnwise.evaluate import Machinery

__all__ = [
    "AsJson",
    "JudgeSees",
    "Judges",
    "Repeat",
    "Run",
    "Scoring",
    "ShowIncomplete",
    "cautious",
    "limits",
    "taking",
]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The run file.")]
Judges = Annotated[
    list[str],
    typer.Option(
        "--judge", "-j", metavar="JUDGE", help="rules, safemt:TARGET, mtmcs:TARGET or scripted:FILE; may be repeated."
    ),
]
JudgeSees = Annotated[
    Literal["image", "caption", "neither"], typer.Option(help="What LLM judges are given of the dialogue's images.")
]
Repeat = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Times each LLM judge rules on a transcript, to see how stable it is."),
]
Scoring = Annotated[Literal["strict", "as_published"], typer.Option(help="How the numbers are computed.")]
ShowIncomplete = Annotated[
    bool, typer.Option("--show-incomplete", help="Show numbers of which fewer than 98 % are scored, marked.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")]


def limits(  # one parameter for each option
    *,
    concurrency: Annotated[
        int,
        typer.Option(min=1, max=4096, metavar="N", help="Dialogues in flight; fewer when the endpoint asks for it."),
    ] = 16,
    timeout_s: Annotated[float, typer.Option(min=0.1, metavar="S", help="Time for one request, in seconds.")] = 120.0,
    max_attempts: Annotated[
        int, typer.Option(min=1, metavar="N", help="Times a request is sent before its reply counts as failed.")
    ] = 5,
    proxy: Annotated[
        str | None, typer.Option(metavar="URL", help="HTTP proxy; the environment's proxies are not used.")
    ] = None,
    rpm: Annotated[
        float | None, typer.Option(min=0.001, metavar="N", help="Most requests a minute at one endpoint.")
    ] = None,
    tpm: Annotated[float | None, typer.Option(min=1, metavar="N", help="Most tokens a minute at one endpoint.")] = None,
    max_requests: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop before more requests than this.")
    ] = None,
    max_cost_usd: Annotated[
        float | None,
        typer.Option("--max-cost-usd", min=0.0, metavar="USD", help="Stop before this command costs more than this."),
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(min=0.0, metavar="MIN", help="Stop after this time.")] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Own price table (TOML), before the shipped one.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor write the response cache, runs/cache.sqlite.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Ask from workers on a Ray cluster: HOST:PORT of its head, or auto; without ADDRESS, on this machine.",
        ),
    ] = None,
    ray_workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="With --ray: how many. [default: one a node]")
    ] = None,
    calibrated_by: Annotated[
        Path | None,
        typer.Option(metavar="RUN2", help="A run with people's labels: put on the cards of judges that are the same."),
    ] = None,
) -> Machinery:
    """The options that shape no number, as one value."""
    from turnwise.evaluate import Machinery
    from turnwise.rollout import CACHE_PATH, Caps

    return Machinery(
        concurrency=concurrency,
        timeout_s=timeout_s,
        max_attempts=max_attempts,
        proxy=proxy,
        rpm=rpm,
        tpm=tpm,
        caps=Caps(max_requests, max_cost_usd, max_minutes),
        cache=None if no_cache else CACHE_PATH,
        prices=prices,
        ray=ray,
        ray_workers=ray_workers,
        calibrated_by=calibrated_by,
    )


def taking(**makers: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes commands whose parameters of these names are given as all the options of the functions that make them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def whole(**given: Any) -> None:
            made = {name: make(**{part: given.pop(part) for part in _parts(make)}) for name, make in makers.items()}
            command(**made, **given)

        parameters = [
            part
            for name, one in _parts(command).items()
            for part in (_parts(makers[name]).values() if name in makers else [one])
        ]
        vars(whole)["__signature__"] = inspect.Signature(parameters)
        whole.__annotations__ = {part.name: part.annotation for part in parameters}
        return whole

    return decorate


def _parts(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a function by name, their annotations read."""
    hints = get_type_hints(function, None, _LATER, include_extras=True)
    parameters = inspect.signature(function).parameters
    return {name: part.replace(annotation=hints[name]) for name, part in parameters.items()}


_LATER = {"Machinery": Any, "MeasureName": Any, "RunSettings": Any}
"""Types that are not imported for a glance at the options."""


def cautious(machinery: Machinery, *models: str) -> Machinery:
    """Without a response cache, where a spelling can stand for another model tomorrow: replies are then not kept."""
    return msgspec.structs.replace(machinery, cache=None) if any(map(_may_be_another_model, models)) else machinery


def _may_be_another_model(spelling: str) -> bool:
    """A server of one's own, or weights at a path."""
    return "@http://" in spelling or "transformers" in spelling.split(":")
