"""All that a report says of a run besides its numbers, read from the run file once: the last stop before formatting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from turnwise.evaluate import stored_settings
from turnwise.metrics import JudgesOfRun, Slice, slice_as_shown, withheld_in_slice
from turnwise.metrics.people import Corrected
from turnwise.report.notes import run_notes
from turnwise.report.page.examples import Example, examples_of
from turnwise.report.twins import once_asked
from turnwise.runfile import Reader, TokenTotals

__all__ = ["Part", "ReportData", "gather"]

_APART = ("load_notes", "target", "turnwise_version")


class Part(msgspec.Struct, frozen=True):
    """One slice with the dialogues shown for it.

    Fields:
        slice: With its values as they are shown.
        withheld: Names the headline numbers below the completeness bar; None when all are above.
        corrected: Its numbers beside what people make of them; empty where nobody labelled a reply of it.
    """

    slice: Slice
    examples: tuple[Example, ...]
    withheld: str | None
    corrected: tuple[Corrected, ...]


class ReportData(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made of.

    Fields:
        run: Name of the run, from where its file lies.
        written: When the run file was last written, in words.
        settings: Name and value, as text, in the order of the run file.
        notes: What changes how the numbers read, one sentence each.
        show_incomplete: Whether numbers below the completeness bar are shown all the same.
    """

    run: str
    written: str
    target: str
    turnwise_version: str
    n_dialogues: int
    served_models: tuple[str, ...]
    judges: JudgesOfRun
    settings: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    totals: tuple[TokenTotals, ...]
    failures: dict[str, int]
    parts: tuple[Part, ...]
    show_incomplete: bool = False


def gather(
    reader: Reader, slices: Sequence[Slice], *, judges: JudgesOfRun, show_incomplete: bool = False
) -> ReportData:
    """Read what a report needs from a run file.

    Raises:
        RunFileError: the run file cannot be read.
    """
    stored = {name: msgspec.json.decode(value) for name, value in reader.settings().items()}
    conduct = stored_settings(reader).conduct()
    return ReportData(
        run=reader.name,
        written=_written(reader),
        target=str(stored.get("target", "unknown target")),
        turnwise_version=str(stored.get("turnwise_version", "unknown")),
        n_dialogues=reader.count(),
        served_models=tuple(reader.served_models()),
        judges=judges,
        settings=tuple(_flat({name: value for name, value in stored.items() if name not in _APART})),
        notes=tuple(run_notes(reader)),
        totals=tuple(reader.totals()),
        failures=reader.failures(),
        parts=tuple(
            Part(
                item if show_incomplete else slice_as_shown(item),
                examples_of(reader, item, conduct),
                withheld_in_slice(item),
                tuple(judges.corrected(item.benchmark, item.judge)),
            )
            for item in once_asked(slices)
        ),
        show_incomplete=show_incomplete,
    )


def _written(reader: Reader) -> str:
    """When the last reply was stored, to the minute."""
    period = reader.period()
    return "not asked yet" if period is None else f"{period[1][:16].replace('T', ' ')} UTC"


def _flat(stored: dict[str, Any]) -> list[tuple[str, str]]:
    """Settings as text; a mapping becomes one row an entry."""
    rows = []
    for name, value in stored.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {key}", _text(entry)) for key, entry in value.items()]
        else:
            rows.append((name, _text(value)))
    return rows


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return ", ".join(_text(entry) for entry in value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
