"""The benchmark that ships in the wheel: our own dialogues and pictures, so that a first run needs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from turnwise.benchmarks.record import Benchmark, LoadNotes, Record, stream
from turnwise.benchmarks.starter.scenes import scene_dialogues
from turnwise.benchmarks.starter.seeds import seed_dialogues
from turnwise.dialogue import SCENARIOS, Dialogue

__all__ = ["dialogues", "open_starter"]

_DATA = Path(__file__).parent / "data"


def open_starter() -> Benchmark:
    """The shipped benchmark, ready to stream: one file per scenario, then one file per scene."""
    seeds = tuple(_DATA / "seeds" / f"{scenario.lower().replace(' ', '_')}.json" for scenario in SCENARIOS)
    files = (*seeds, *sorted((_DATA / "scenes").glob("*.json")))

    def records() -> Iterator[Record]:
        return (Record(str(file), file, file.read_bytes()) for file in files)

    return Benchmark("starter", "starter", files, records, _convert)


def dialogues() -> Iterator[Dialogue]:
    """Every dialogue of the shipped benchmark, always in the same order.

    Seeds come first (in the order of `SCENARIOS`, then by seed, then by length), scenes after them, by name.
    """
    return stream(open_starter(), LoadNotes())


def _convert(record: Record, notes: LoadNotes) -> Sequence[Dialogue]:  # noqa: ARG001 - shipped files have no quirks
    images = _DATA / "images"
    if record.file.parent.name == "seeds":
        return seed_dialogues(record, images)
    return scene_dialogues(record, images)
