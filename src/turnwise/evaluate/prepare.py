"""From settings to a run file that holds every dialogue: all checks happen here, before the first request."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from turnwise import __version__
from turnwise.benchmarks import Benchmark, LoadNotes, files_sha256, open_benchmark, stream
from turnwise.dialogue import Dialogue, encode_dialogue
from turnwise.errors import DataError, RunFileError, UsageError
from turnwise.evaluate.settings import RunSettings, refuse_changes
from turnwise.judge import Judge, lacking
from turnwise.metrics import Headlines
from turnwise.rollout import check_conduct
from turnwise.runfile import BENCHMARK_LEFT_OUT, GroupRow, PlannedRow, Reader, Writer

__all__ = ["open_benchmarks", "prepare"]

_GroupKey = tuple[str, str]
"""A benchmark and a group of it."""


def prepare(writer: Writer, settings: RunSettings, *, benchmarks: Sequence[Benchmark], judges: Sequence[Judge]) -> None:
    """Fill a new run file with settings and dialogues, or check that an existing one was made under the same.

    A file that exists is not read again from its benchmark: it holds the dialogues. Only the benchmark's files are
    hashed, so that changed data is noticed.

    Raises:
        UsageError: a setting, record or image is wrong, or the settings differ from the file's.
        RunFileError: the file cannot be written.
    """
    stored = writer.settings()
    wanted = _wanted(settings, benchmarks, judges)
    kept = msgspec.json.decode(stored.get("benchmark_files_sha256", b"{}"))
    absent = {name: kept[name] for name in settings.benchmarks if name in kept}
    wanted["benchmark_files_sha256"] = absent | wanted["benchmark_files_sha256"]
    if stored:
        if settings.until_half_width is None and msgspec.json.decode(stored.get("until_half_width", b"null")):
            stored = writer.complete()
            wanted["headlines"] = msgspec.json.decode(stored["headlines"])
        refuse_changes(writer.path, stored, wanted)
    else:
        _fill(writer, settings, benchmarks, judges, wanted)
    for judge in judges:
        writer.add_judge(judge.card)
    writer.commit()


def open_benchmarks(spellings: Sequence[str], run: Path) -> tuple[list[Benchmark], list[str]]:
    """The benchmarks with these spellings, and the spellings of those that are not there any more.

    A run file that was filled from one holds its dialogues, and the project their images: it goes on without it.

    Raises:
        UsageError: a benchmark cannot be opened, and there is no such run file.
    """
    found, absent = [], []
    for spelling in spellings:
        try:
            found.append(open_benchmark(spelling))
        except UsageError:
            if not _is_filled(run):
                raise
            absent.append(spelling)
    return found, absent


def _is_filled(run: Path) -> bool:
    try:
        Reader(run).close()
    except RunFileError:
        return False
    return True


def _wanted(settings: RunSettings, benchmarks: Sequence[Benchmark], judges: Sequence[Judge]) -> dict[str, Any]:
    """The settings as stored, with the fingerprints of what they name."""
    fields: dict[str, Any] = msgspec.to_builtins(settings)
    fields["turnwise_version"] = __version__
    fields["benchmark_files_sha256"] = {item.spelling: files_sha256(item.files) for item in benchmarks}
    fields["rubric_sha256"] = {judge.card.name: judge.card.rubric_sha256 for judge in judges}
    return fields


def _fill(
    writer: Writer,
    settings: RunSettings,
    benchmarks: Sequence[Benchmark],
    judges: Sequence[Judge],
    wanted: dict[str, Any],
) -> None:
    notes = {benchmark.spelling: LoadNotes() for benchmark in benchmarks}
    digest = hashlib.sha256()
    plan: list[PlannedRow] = []

    def checked() -> Iterator[Dialogue]:
        conduct = settings.conduct()
        for benchmark in benchmarks:
            for dialogue in stream(benchmark, notes[benchmark.spelling], skip_bad=settings.skip_bad):
                check_conduct(dialogue, conduct)
                _check_visible(dialogue, judges)
                digest.update(encode_dialogue(dialogue) + b"\n")
                plan.append(_planned(len(plan), dialogue))
                yield dialogue
        if digest.digest() == hashlib.sha256().digest():
            raise DataError(f"{', '.join(settings.benchmarks)}: no dialogues to run")
        if (until := settings.until()) is not None:
            Headlines(plan, [judge.card for judge in judges], until).check()

    writer.begin_run(
        wanted,
        checked(),
        # Known only when all dialogues have passed by.
        after=lambda: {
            "dataset_sha256": digest.hexdigest(),
            "load_notes": {spelling: msgspec.to_builtins(note) for spelling, note in notes.items()},
        },
        keep=(lambda rows: _drawn(writer, rows, settings)) if settings.limit is not None else None,
    )


def _planned(number: int, dialogue: Dialogue) -> PlannedRow:
    return PlannedRow(number, dialogue.benchmark, dialogue.group, dialogue.scenario, dialogue.intent)


def _check_visible(dialogue: Dialogue, judges: Sequence[Judge]) -> None:
    """Refuse a dialogue that a judge could not be shown as it is to see it.

    Raises:
        UsageError: that is so; nothing was sent.
    """
    for judge in judges:
        why = lacking(dialogue, judge.card.sees)
        if why is not None:
            raise UsageError(f"dialogue {dialogue.id!r} of {dialogue.benchmark}, {judge.card.name}: {why}")


def _drawn(writer: Writer, rows: Sequence[GroupRow], settings: RunSettings) -> set[int]:
    """The dialogues that the limit leaves; a benchmark of which it leaves none is noted in the run file."""
    limit = settings.limit or 0
    kept = _limited(rows, limit=limit, seed=settings.seed)
    benchmarks = {number: benchmark for number, benchmark, _, _ in rows}
    drawn_from = {benchmarks[number] for number in kept}
    for benchmark in dict.fromkeys(benchmarks.values()):
        if benchmark not in drawn_from:
            why = f"a limit of {limit} leaves no room for a whole group of it"
            writer.add_event(BENCHMARK_LEFT_OUT, f"nothing of {benchmark} is in this run: {why}")
    return kept


def _limited(rows: Sequence[GroupRow], *, limit: int, seed: int) -> set[int]:
    """Numbers of at most `limit` dialogues: whole groups, one scenario after the other, in seeded order.

    Each benchmark has a group before any has its second, as far as that is possible. When not even the smallest group
    fits, the first dialogues of one are taken: a look at a few is wanted then, not a number.
    """
    members: dict[_GroupKey, list[int]] = defaultdict(list)
    strata: dict[tuple[str, str | None], list[_GroupKey]] = defaultdict(list)
    for number, benchmark, group, scenario in rows:
        if (benchmark, group) not in members:
            strata[benchmark, scenario].append((benchmark, group))
        members[benchmark, group].append(number)
    chance = random.Random(seed)  # noqa: S311 - a sampling order, no secret
    for groups in strata.values():
        chance.shuffle(groups)
    queue = [groups[rank] for rank in range(len(members)) for groups in strata.values() if rank < len(groups)]
    sizes = {key: len(members[key]) for key in queue}
    kept: set[int] = set()
    for key in dict.fromkeys((*_one_of_each(sizes, limit), *queue)):
        if len(kept) + sizes[key] <= limit:
            kept.update(members[key])
    return kept or set(members[queue[0]][:limit])


def _one_of_each(sizes: Mapping[_GroupKey, int], limit: int) -> list[_GroupKey]:
    """A first group of each benchmark, chosen so that as many benchmarks as can have one under the limit do.

    `sizes` holds how many dialogues each group has, in the order of the draw.
    """
    smallest: dict[str, int] = {}
    for (benchmark, _), size in sizes.items():
        smallest[benchmark] = min(size, smallest.get(benchmark, size))
    room, chosen = limit, []
    for benchmark in sorted(smallest, key=lambda name: smallest[name]):
        if smallest[benchmark] <= room:
            room -= smallest[benchmark]
            chosen.append(benchmark)
    first: list[_GroupKey] = []
    for benchmark in chosen:
        room += smallest[benchmark]
        first.append(next(key for key, size in sizes.items() if key[0] == benchmark and size <= room))
        room -= sizes[first[-1]]
    return first
