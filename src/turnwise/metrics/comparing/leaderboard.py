"""Run files -> models by metrics: one table for each benchmark under each judge, over the dialogues all runs have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from turnwise.errors import NotMeasurable, UsageError, one_of
from turnwise.judge import JudgeCard
from turnwise.metrics.comparing.columns import Column, ColumnName, SharedRows, columns_of
from turnwise.metrics.comparing.comparable import check_benchmarks, common_judge, common_judges, compared_run
from turnwise.metrics.estimate import as_shown
from turnwise.metrics.raters.sitting import rows_under
from turnwise.metrics.twins.frontier import UtilityPoint, safety_utility
from turnwise.metrics.twins.places import Drawing
from turnwise.runfile import AnswerRow, Reader, ScoredRow

__all__ = ["Leaderboard", "LeaderboardRun", "LeaderboardTable", "leaderboard"]


class LeaderboardRun(msgspec.Struct, frozen=True):
    """A run of a leaderboard.

    Fields:
        name: Its target, or its path where another run has the same target.
        differs: Settings other than the target in which it differs from the first run, in words.
    """

    name: str
    path: str
    target: str
    differs: tuple[str, ...]


class LeaderboardTable(msgspec.Struct, frozen=True):
    """The runs on one benchmark under one judge; lists are in the order of the runs.

    Fields:
        n_shared: Dialogues that all runs have; every number is about these.
        n_any: Dialogues that at least one run has.
        n_dialogues: Dialogues of each run.
        columns: Empty where the judge rules on nothing here, or no dialogue is in all runs.
        frontier: Safety and utility of each run on twins; empty where there are none, or no refusal is ruled on.
        sorted_by: The column the rows are sorted by; None without columns.
        order: Places of the runs, best first; runs without a number are last.
    """

    benchmark: str
    judge: str
    n_shared: int
    n_any: int
    n_dialogues: list[int]
    columns: list[Column]
    frontier: list[UtilityPoint]
    sorted_by: ColumnName | None
    order: list[int]


class Leaderboard(msgspec.Struct, frozen=True):
    """Runs side by side."""

    runs: list[LeaderboardRun]
    tables: list[LeaderboardTable]
    seed: int
    resamples: int

    @property
    def withheld(self) -> bool:
        """Whether any number has too few of its rows scored."""
        columns = (column for table in self.tables for column in table.columns)
        return any(cell.withheld for column in columns for cell in column.cells)


def leaderboard(
    readers: Sequence[Reader],
    *,
    judges: Sequence[str] = (),
    sort_by: str | None = None,
    lengths: Sequence[int] | None = None,
    show_incomplete: bool = False,
    seed: int = 0,
    resamples: int = 2000,
) -> Leaderboard:
    """Rank runs under each judge that all of them have, benchmark by benchmark.

    Args:
        readers: One or more runs of the same benchmark files.
        judges: Only these, of which each may be a panel; empty for all.
        sort_by: Name of a column; None for the attack success rate, or the first column where that is not there.
        lengths: What the Safety Index is declared over; None for the published ones.
        show_incomplete: Whether numbers below the completeness bar are shown, and ranked.
        seed: Of the resampling and the ranks.
        resamples: How many.

    Raises:
        UsageError: a run is given twice, the runs are of different benchmarks or judges or share no dialogue, or no
            table has the column to sort by.
        NotMeasurable: no judge rules on anything that the shared dialogues are measured by.
    """
    _check_runs(readers)
    first, drawing = readers[0], Drawing(seed, resamples)
    cards = [common_judge(readers, name) for name in dict.fromkeys(judges)] or common_judges(readers)
    if not cards:
        raise UsageError(f"{first.path}: no judge ruled on it; `turnwise judge` asks one")
    answers = [list(reader.answer_rows()) for reader in readers]
    runs: list[LeaderboardRun] = []
    tables: list[LeaderboardTable] = []
    for card in cards:
        rows = [rows_under(reader, card.name) for reader in readers]
        runs = runs or _named(readers, rows)
        tables += (
            _table(runs, shared, card, drawing=drawing, lengths=lengths, show_incomplete=show_incomplete)
            for shared in _by_benchmark(rows, answers)
        )
    if not any(table.columns for table in tables):
        raise NotMeasurable(f"{first.path}: its judges give nothing to rank on the dialogues that all runs have")
    return Leaderboard(runs, _sorted(tables, sort_by), seed, resamples)


def _check_runs(readers: Sequence[Reader]) -> None:
    first, *others = readers
    for path, count in Counter(reader.path.resolve() for reader in readers).items():
        if count > 1:
            raise UsageError(f"{path} is given {count} times; name each run once")
    for other in others:
        check_benchmarks(first, other)


def _named(readers: Sequence[Reader], rows: Sequence[Sequence[ScoredRow]]) -> list[LeaderboardRun]:
    compared = [compared_run(readers[0], reader, rows[0], theirs) for reader, theirs in zip(readers, rows, strict=True)]
    known = Counter(run.target for run in compared)
    return [
        LeaderboardRun(run.target if known[run.target] == 1 else run.path, run.path, run.target, run.differs)
        for run in compared
    ]


class _Shared(msgspec.Struct, frozen=True):
    """One benchmark: what all runs have of it, and how much each has."""

    benchmark: str
    runs: list[SharedRows]
    n_any: int
    n_dialogues: list[int]


def _by_benchmark(rows: Sequence[Sequence[ScoredRow]], answers: Sequence[Sequence[AnswerRow]]) -> Iterator[_Shared]:
    for benchmark in dict.fromkeys(row.benchmark for ours in rows for row in ours):
        known = [{row.id: row for row in ours if row.benchmark == benchmark} for ours in rows]
        shared = sorted(set.intersection(*(set(ours) for ours in known)))
        inside = set(shared)
        asked = [
            tuple(answer for answer in theirs if answer.benchmark == benchmark and answer.id in inside)
            for theirs in answers
        ]
        yield _Shared(
            benchmark,
            [
                SharedRows(tuple(ours[name] for name in shared), theirs)
                for ours, theirs in zip(known, asked, strict=True)
            ],
            n_any=len(set().union(*known)),
            n_dialogues=[len(ours) for ours in known],
        )


def _table(
    runs: Sequence[LeaderboardRun],
    shared: _Shared,
    card: JudgeCard,
    *,
    drawing: Drawing,
    lengths: Sequence[int] | None,
    show_incomplete: bool,
) -> LeaderboardTable:
    columns = columns_of(shared.runs, card, drawing=drawing, lengths=lengths, show_incomplete=show_incomplete)
    points: list[UtilityPoint] = []
    if any(column.name == "pair_accuracy" for column in columns):
        rows = {run.name: ours.dialogues for run, ours in zip(runs, shared.runs, strict=True)}
        points = safety_utility(rows, seed=drawing.seed, resamples=drawing.resamples)
        if len(points) == 1:  # a run alone is ahead of nobody
            points = [msgspec.structs.replace(point, on_frontier=None) for point in points]
    return LeaderboardTable(
        benchmark=shared.benchmark,
        judge=card.name,
        n_shared=len(shared.runs[0].dialogues),
        n_any=shared.n_any,
        n_dialogues=shared.n_dialogues,
        columns=columns,
        frontier=points if show_incomplete else [_point_as_shown(point) for point in points],
        sorted_by=None,
        order=list(range(len(runs))),
    )


def _point_as_shown(point: UtilityPoint) -> UtilityPoint:
    return msgspec.structs.replace(point, safety=as_shown(point.safety), utility=as_shown(point.utility))


def _sorted(tables: Sequence[LeaderboardTable], sort_by: str | None) -> list[LeaderboardTable]:
    """Each table with its rows in order; one that lacks the column goes by its first.

    Raises:
        UsageError: no table has the column.
    """
    known: list[str] = list(dict.fromkeys(column.name for table in tables for column in table.columns))
    if sort_by is not None and sort_by not in known:
        raise one_of("measure", sort_by, known)
    return [_in_order(table, sort_by or "attack_success_rate") for table in tables]


def _in_order(table: LeaderboardTable, name: str) -> LeaderboardTable:
    if not table.columns:
        return table
    column = next((column for column in table.columns if column.name == name), table.columns[0])
    sign = 1 if column.better == "lower" else -1

    def place(run: int) -> tuple[bool, float]:
        value = column.cells[run].value
        return value is None, sign * (value or 0.0)

    return msgspec.structs.replace(table, sorted_by=column.name, order=sorted(table.order, key=place))
