"""All that a report says of a run besides its numbers, read from the run file once: the last stop before formatting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from turnwise.evaluate import stored_settings
from turnwise.judge import JudgeCard
from turnwise.metrics import Slice
from turnwise.report.examples import Example, examples_of
from turnwise.runfile import Reader, TokenTotals

__all__ = ["Part", "ReportData", "gather"]

_APART = ("load_notes", "target", "turnwise_version")


class Part(msgspec.Struct, frozen=True):
    """One slice with the dialogues shown for it."""

    slice: Slice
    examples: tuple[Example, ...]


class ReportData(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made of.

    Fields:
        run: Name of the run, from where its file lies.
        written: When the run file was last written, in words.
        settings: Name and value, as text, in the order of the run file.
        notes: What loading met, one sentence each.
        show_incomplete: Whether headlines below the completeness bar are shown all the same.
    """

    run: str
    written: str
    target: str
    turnwise_version: str
    n_dialogues: int
    served_models: tuple[str, ...]
    judges: tuple[JudgeCard, ...]
    settings: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    totals: tuple[TokenTotals, ...]
    failures: dict[str, int]
    parts: tuple[Part, ...]
    show_incomplete: bool = False


def gather(reader: Reader, slices: Sequence[Slice], *, show_incomplete: bool = False) -> ReportData:
    """Read what a report needs from a run file.

    Raises:
        RunFileError: the run file cannot be read.
    """
    stored = {name: msgspec.json.decode(value) for name, value in reader.settings().items()}
    conduct = stored_settings(reader).conduct()
    return ReportData(
        run=_run_name(reader.path),
        written=_written(reader.path),
        target=str(stored.get("target", "unknown target")),
        turnwise_version=str(stored.get("turnwise_version", "unknown")),
        n_dialogues=reader.count(),
        served_models=tuple(reader.served_models()),
        judges=tuple(reader.judges()),
        settings=tuple(_flat({name: value for name, value in stored.items() if name not in _APART})),
        notes=tuple(_notes(stored.get("load_notes", {}))),
        totals=tuple(reader.totals()),
        failures=reader.failures(),
        parts=tuple(Part(item, examples_of(reader, item, conduct)) for item in slices),
        show_incomplete=show_incomplete,
    )


def _run_name(path: Path) -> str:
    return path.resolve().parent.name if path.name == "run.sqlite" else path.stem


def _written(path: Path) -> str:
    # While a run goes on, its newest rows are in the write-ahead log beside it; reading alone makes an empty one.
    files = [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists() and file.stat().st_size]
    newest = max(file.stat().st_mtime for file in files)
    return f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M} UTC"


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


def _notes(load_notes: dict[str, Any]) -> list[str]:
    sentences = []
    for spelling, notes in load_notes.items():
        if notes["missing_images"]:
            count = notes["missing_images"]
            sentences.append(f"{spelling}: images that are missing: {count:,}; those went as text only")
        sentences += [f"{spelling}: {count:,} x {quirk}" for quirk, count in notes["quirks"].items()]
        sentences += [f"{spelling}: left out: {reason}" for reason in notes["bad"]]
    return sentences
