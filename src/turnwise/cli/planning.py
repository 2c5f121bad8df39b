"""What `--dry-run` prints: what a run would take."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import msgspec

from turnwise.cli.finish import print_json
from turnwise.cli.headlines import until_words
from turnwise.cli.printable import one_line, wrapped
from turnwise.cli.stopping import ending_at_once
from turnwise.report import counted

if TYPE_CHECKING:
    from turnwise.evaluate import RunEstimate, RunSettings

__all__ = ["show_estimate"]


def show_estimate(work: Coroutine[Any, Any, RunEstimate], settings: RunSettings, *, as_json: bool) -> None:
    """Compute an estimate and print it, as lines or as JSON."""
    with ending_at_once():
        estimate = asyncio.run(work)
    if as_json:
        print_json(msgspec.to_builtins(estimate))
        return
    print(f"{estimate.pending:,} of {counted(estimate.total, 'dialogue')} to do; nothing was sent")
    for role in estimate.roles:
        cost = "price not known" if role.cost_usd is None else f"about {role.cost_usd:,.2f} USD"
        tokens = f"about {role.input_tokens:,} tokens in and {role.output_tokens:,} out"
        asked = f"{counted(role.calls, 'call')}, {tokens}, {cost}"
        print(wrapped(f"{one_line(role.role)}  {one_line(role.model)}: {asked}", sys.stdout))
    if settings.until_half_width is not None:
        print(f"at most: it goes on{until_words(settings).removeprefix(',')}")
    print(f"time  about {estimate.rounds:,.1f} times the latency of one call")
