"""Reading `--headline asr,over_refusal_rate`."""

from __future__ import annotations

from typing import get_args

import msgspec

from turnwise.errors import UsageError, one_of
from turnwise.metrics import HeadlineName

__all__ = ["parse_headlines"]

_SHORT = {"asr": "attack_success_rate"}


def parse_headlines(text: str, half_width: float | None) -> tuple[HeadlineName, ...]:
    """Headlines from comma-separated names, `asr` for short.

    Raises:
        UsageError: a name is no headline, or one other than the default is named and nothing stops by it.
    """
    given = tuple(_SHORT.get(name, name) for name in (part.strip() for part in text.split(",")))
    for name in given:
        if name not in get_args(HeadlineName):
            raise one_of("headline", name, ["asr", *get_args(HeadlineName)])
    if half_width is None and given != ("attack_success_rate",):
        raise UsageError(f"--headline {text} says what a run stops by: give --until-half-width as well, such as 0.05")
    return msgspec.convert(given, tuple[HeadlineName, ...])
