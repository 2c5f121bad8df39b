"""Run files -> what changed from the first of them to each other one, over the dialogues both have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from turnwise.errors import NotMeasurable
from turnwise.judge import JudgeCard
from turnwise.metrics.comparing.comparable import ComparedRun, check_benchmarks, common_judge, compared_run
from turnwise.metrics.comparing.measures import MEASURES, Measure, MeasureName, ruled_on
from turnwise.metrics.estimate import as_shown
from turnwise.metrics.paired.comparison import Comparison, compare, holm
from turnwise.metrics.paired.pairs import Pairs
from turnwise.metrics.raters.sitting import rows_under
from turnwise.runfile import Reader, ScoredRow

__all__ = ["Change", "Part", "RunComparison", "change_as_shown", "compare_runs"]

Part = Literal["scenario", "setting", "modality", "method", "length"]
"""What the dialogues of a comparison can be parted by."""

ALPHA = 0.05


class Change(Comparison, frozen=True, kw_only=True):
    """One measure in one run, less the same measure in the first run.

    Fields:
        run: Place of the run among those compared, from 1; 0 is the first.
        part: The scenario (or whatever was asked for) it is about; None when it is about all dialogues.
        holm_p: `p_value` adjusted over all comparisons made at once.
        better: Which way is good.
        scale: The least and the greatest value a dialogue can have.
    """

    run: int
    benchmark: str
    measure: MeasureName
    part: str | None
    holm_p: float | None
    better: Literal["lower", "higher"]
    scale: tuple[float, float]

    @property
    def direction(self) -> Literal["better", "worse"] | None:
        """Which way the run is different, where that is no chance: adjusted p at most 0.05 and 0 outside the interval.

        The p-value alone is deceived where one run fails in whole groups and the other row by row, at the same rate.
        """
        if self.holm_p is None or self.holm_p > ALPHA or not self.value:
            return None
        if self.low is not None and self.high is not None and self.low <= 0 <= self.high:
            return None
        return "better" if (self.value < 0) == (self.better == "lower") else "worse"


class RunComparison(msgspec.Struct, frozen=True):
    """Several runs beside the first of them, under one judge.

    Fields:
        n_tests: Comparisons that `holm_p` is adjusted over.
    """

    runs: list[ComparedRun]
    judge: str
    by: Part | None
    changes: list[Change]
    n_tests: int
    seed: int
    resamples: int


def compare_runs(
    readers: Sequence[Reader],
    *,
    judge: str | None = None,
    by: Part | None = None,
    show_incomplete: bool = False,
    seed: int = 0,
    resamples: int = 2000,
) -> RunComparison:
    """Compare every run with the first, measure by measure and, if asked for, part by part.

    Numbers below the completeness bar are withheld unless `show_incomplete`; they are no tests then, and count as none.

    Raises:
        UsageError: the runs are of different benchmarks or judges, or share no dialogue.
        NotMeasurable: the judge rules on nothing that these dialogues are measured by.
    """
    first, *others = readers
    card = common_judge(readers, judge)
    for other in others:
        check_benchmarks(first, other)
    rows = [rows_under(reader, card.name) for reader in readers]
    runs = [compared_run(first, reader, rows[0], theirs) for reader, theirs in zip(readers, rows, strict=True)]
    changes = [
        change if show_incomplete else change_as_shown(change)
        for place, theirs in enumerate(rows[1:], 1)
        for change in _changes(rows[0], theirs, place, card=card, by=by, seed=seed, resamples=resamples)
    ]
    if not changes:
        raise NotMeasurable(f"{first.path}: judge {card.name} gives nothing to compare on these dialogues")
    adjusted = holm([change.p_value for change in changes])
    return RunComparison(
        runs=runs,
        judge=card.name,
        by=by,
        changes=[msgspec.structs.replace(one, holm_p=p) for one, p in zip(changes, adjusted, strict=True)],
        n_tests=sum(p is not None for p in adjusted),
        seed=seed,
        resamples=resamples,
    )


def change_as_shown(change: Change) -> Change:
    """The same change, without any number that it says where it is withheld; its counts stay."""
    shown = as_shown(change)
    if not change.withheld:
        return shown
    first, second = as_shown(change.first), as_shown(change.second)
    return msgspec.structs.replace(
        shown, first=first, second=second, p_value=None, holm_p=None, cohens_h=None, discordance=None
    )


def _changes(
    first: Sequence[ScoredRow],
    second: Sequence[ScoredRow],
    run: int,
    *,
    card: JudgeCard,
    by: Part | None,
    seed: int,
    resamples: int,
) -> Iterator[Change]:
    """Each benchmark's measures over all its dialogues, then part by part."""
    for benchmark in dict.fromkeys(row.benchmark for row in (*first, *second)):
        ours, theirs = ([row for row in rows if row.benchmark == benchmark] for rows in (first, second))
        measures = [one for one in MEASURES if any(ruled_on(one, rows, card.rules_on) for rows in (ours, theirs))]
        for part in (None, *_parts(ours, by)):
            for measure in measures:
                pairs = Pairs.of(*(measure.over(_within(rows, by, part)) for rows in (ours, theirs)))
                # A benchmark without a shared dialogue is said to have none; a part without one is left out.
                if len(pairs.group) or part is None:
                    yield _change(
                        measure, pairs, run=run, benchmark=benchmark, part=part, seed=seed, resamples=resamples
                    )


def _change(
    measure: Measure, pairs: Pairs, *, run: int, benchmark: str, part: str | None, seed: int, resamples: int
) -> Change:
    found = compare(pairs, scale=measure.scale, seed=seed, resamples=resamples)
    return Change(
        **msgspec.structs.asdict(found),
        run=run,
        benchmark=benchmark,
        measure=measure.name,
        part=part,
        holm_p=None,
        better=measure.better,
        scale=measure.scale,
    )


def _parts(rows: Iterable[ScoredRow], by: Part | None) -> list[str]:
    if by is None:
        return []
    given = {value for row in rows if (value := getattr(row, by)) is not None}
    return [str(value) for value in sorted(given)]


def _within(rows: Sequence[ScoredRow], by: Part | None, part: str | None) -> list[ScoredRow]:
    if by is None or part is None:
        return list(rows)
    return [row for row in rows if str(getattr(row, by)) == part]
