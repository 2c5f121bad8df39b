"""Reading `--headline asr,over_refusal_rate`, and saying what a run stops by."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec

from turnwise.errors import UsageError, one_of
from turnwise.metrics import HeadlineName
from turnwise.report import plain

if TYPE_CHECKING:
    from turnwise.evaluate import RunSettings

__all__ = ["measure_named", "parse_headlines", "until_words"]

_SHORT = {"asr": "attack_success_rate"}


def measure_named(name: str) -> str:
    """The measure that a name stands for: `asr` is short for one, all others are whole."""
    return _SHORT.get(name, name)


def parse_headlines(text: str | None, half_width: float | None) -> tuple[HeadlineName, ...]:
    """Headlines from comma-separated names, `asr` for short; None is that one.

    Raises:
        UsageError: a name is no headline, or some are named and nothing stops by them.
    """
    if text is None:
        return ("attack_success_rate",)
    given = tuple(measure_named(part.strip()) for part in text.split(","))
    for name in given:
        if name not in get_args(HeadlineName):
            raise one_of("headline", name, ["asr", *get_args(HeadlineName)])
    if half_width is None:
        raise UsageError(f"--headline {text} says what a run stops by: give --until-half-width as well, such as 0.05")
    return msgspec.convert(given, tuple[HeadlineName, ...])


def until_words(settings: RunSettings) -> str:
    """When a run may stop, in words after its title; empty for one that goes to its end."""
    if settings.until_half_width is None:
        return ""
    names = " and ".join(map(plain, settings.headlines))
    are = "is" if len(settings.headlines) == 1 else "are"
    return f", until {names} {are} known to ±{settings.until_half_width * 100:g} points"
