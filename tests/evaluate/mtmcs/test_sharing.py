"""What twins share: an escalation and its twin part at their third turn, so their first two replies can be one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.mtmcs_rows import save_as_lines
from evaluate.answering import QUICK, Answering
from evaluate.mtmcs.holding import hold, measured
from turnwise.metrics import Scoring

ROWS = 10
FORMS = 2
"""With the photograph, and as text alone."""


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_escalation_twins_cost_four_calls_instead_of_six_and_no_number_changes(
    server: Answering, tmp_path: Path, concurrency: int
) -> None:
    """Context switches part at once and cost six either way; every number of the run is the same in both scorings."""
    spelling = f"mtmcs:{save_as_lines(tmp_path / 'rows', ROWS)}"
    machinery = msgspec.structs.replace(QUICK, concurrency=concurrency)
    runs = {share: tmp_path / f"share-{share}.sqlite" for share in (False, True)}
    turns = {}
    for share, run in runs.items():
        server.asked.clear()
        await hold(server, spelling, run, machinery=machinery, share=share)
        turns[share] = sum("Reply with" not in asked.last for asked in server.of("target"))

    assert turns == {False: ROWS * FORMS * (6 + 6), True: ROWS * FORMS * (4 + 6)}
    scorings: tuple[Scoring, ...] = ("strict", "as_published")
    for scoring in scorings:
        assert measured(runs[False], scoring) == measured(runs[True], scoring)
