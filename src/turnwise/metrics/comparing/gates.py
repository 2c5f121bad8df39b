"""A run and its limits -> which gates it passes, for a release that waits for an exit code.

A gate passes only on a number that is there: what is withheld, not measured or not compared fails it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from turnwise.errors import UsageError
from turnwise.judge import JudgeCard
from turnwise.metrics.comparing.comparable import one_judge
from turnwise.metrics.comparing.measures import MEASURES, Measure, MeasureName, estimate_of, ruled_on
from turnwise.metrics.comparing.versus import Change, compare_runs
from turnwise.metrics.estimate import COMPLETENESS_BAR, Estimate, as_shown
from turnwise.metrics.raters.sitting import rows_under
from turnwise.metrics.sequential.headlines import SequentialHeadline, headlines_of_run
from turnwise.runfile import Reader, ScoredRow

__all__ = ["Bound", "Checked", "Gate", "check_run"]

Bound = Literal["point", "upper"]
"""What a limit is held against: the value, or the end of its interval that is worse."""


class Gate(msgspec.Struct, frozen=True):
    """One limit on one benchmark of a run, and what became of it.

    Fields:
        limit: None for the gate that a run is no worse than its baseline.
        number: The number held against the limit; for a baseline, the change from it. None when there is none. Of a
            headline that the run stops by, what is known of it.
        why: What decided, in words without the number itself.
    """

    benchmark: str
    measure: MeasureName
    better: Literal["lower", "higher"]
    scale: tuple[float, float]
    limit: float | None
    number: Estimate | Change | None
    passed: bool
    why: str


class Checked(msgspec.Struct, frozen=True):
    """A run with its gates."""

    run: str
    target: str
    judge: str
    bound: Bound
    against: str | None
    gates: list[Gate]

    @property
    def passed(self) -> bool:
        """Whether all gates did."""
        return all(gate.passed for gate in self.gates)


def check_run(
    reader: Reader,
    limits: dict[MeasureName, float],
    *,
    baseline: Reader | None = None,
    judge: str | None = None,
    bound: Bound = "point",
    seed: int = 0,
    resamples: int = 2000,
) -> Checked:
    """Hold every benchmark of a run against limits, and against a baseline run.

    A limit is the greatest value where lower is better, the least where higher is. A run is worse than its baseline
    when a measure moved the wrong way with p at most 0.05 over the dialogues of both, adjusted over all measures. A
    benchmark of which nothing was asked yet fails, and so does the value of a headline that is not known well enough;
    its interval holds at every moment.

    Raises:
        UsageError: there is no gate, a limit is off its scale, or the baseline cannot be compared with.
    """
    if not limits and baseline is None:
        raise UsageError("no gate is given; name one, such as --max-asr 0.1 or --against BASELINE")
    measures = {measure.name: measure for measure in MEASURES}
    for name, limit in limits.items():
        _check_limit(measures[name], limit)
    card = one_judge(reader, judge)
    known = {(one.benchmark, one.judge, one.measure): one for one in headlines_of_run(reader)}
    numbers = _Numbers(card, known, bound, seed, resamples)
    gates = [
        numbers.limited(measures[name], limit, benchmark, ours)
        for benchmark, ours in _by_benchmark(reader, card)
        for name, limit in limits.items()
    ]
    if baseline is not None:
        found = compare_runs([baseline, reader], judge=card.name, seed=seed, resamples=resamples)
        gates += map(_compared, found.changes)
    return Checked(
        run=str(reader.path),
        target=msgspec.json.decode(reader.settings().get("target", b'"unknown"'), type=str),
        judge=card.name,
        bound=bound,
        against=None if baseline is None else str(baseline.path),
        gates=gates,
    )


def _check_limit(measure: Measure, limit: float) -> None:
    least, most = measure.scale
    if not least <= limit <= most:
        raise UsageError(f"the limit of {measure.name} is {limit:g}; give one from {least:g} to {most:g}")


def _by_benchmark(reader: Reader, card: JudgeCard) -> Iterator[tuple[str, list[ScoredRow]]]:
    """Every benchmark of the run, also one of which nothing was asked yet."""
    rows = rows_under(reader, card.name)
    for benchmark in dict.fromkeys(row.benchmark for row in reader.plan()):
        yield benchmark, [row for row in rows if row.benchmark == benchmark]


class _Numbers(msgspec.Struct, frozen=True):
    """What the numbers of a run are computed from, and how limits are held against them.

    Fields:
        known: What is known of the headlines that the run stops by, by benchmark, judge and measure; empty for a run
            that goes to its end.
    """

    card: JudgeCard
    known: Mapping[tuple[str, str, MeasureName], SequentialHeadline]
    bound: Bound
    seed: int
    resamples: int

    def limited(self, measure: Measure, limit: float, benchmark: str, rows: Sequence[ScoredRow]) -> Gate:
        """The gate of one limit on one benchmark."""
        number, passed = None, False
        if not rows:
            why = "not measured: none of its dialogues was asked yet"
        elif ruled_on(measure, rows, self.card.rules_on):
            number, about = self._number(measure, benchmark, rows)
            passed, why = _held(number, limit, measure.better, self.bound)
            why += about
        elif any(row.intent == measure.intent for row in rows):
            silent = "the judge does not rule on it"
            why = f"not measured: {silent if self.card.rules_on else 'no verdict of the judge says anything about it'}"
        else:
            why = f"not measured: no dialogue has {measure.intent} intent"
        shown = number and as_shown(number)
        return Gate(benchmark, measure.name, measure.better, measure.scale, limit, shown, passed, why)

    def _number(self, measure: Measure, benchmark: str, rows: Sequence[ScoredRow]) -> tuple[Estimate, str]:
        """The number, and what else is to be said of it.

        Groups are drawn by size, so the mean over those asked is not the rate of the benchmark: a headline's value is.
        """
        headline = self.known.get((benchmark, self.card.name, measure.name))
        if headline is not None:
            return headline, ""
        number = estimate_of(measure, rows, seed=self.seed, resamples=self.resamples)
        return number, "; of the groups asked alone" if self.known else ""


def _held(number: Estimate, limit: float, better: Literal["lower", "higher"], bound: Bound) -> tuple[bool, str]:
    """Whether a number keeps to a limit, and what decided."""
    if number.withheld:
        return False, _too_few(number)
    if bound == "point" and isinstance(number, SequentialHeadline) and _is_open(number):
        return False, f"the value is not known to +-{number.half_width:g} yet; its interval can be held, by bound upper"
    worse_end = number.high if better == "lower" else number.low
    held = number.value if bound == "point" else worse_end
    what = "the value" if bound == "point" else "the worse end of the interval"
    assert held is not None  # there are rows, and nearly all are scored
    passed = held <= limit if better == "lower" else held >= limit
    return passed, f"{what} is {'within' if passed else 'beyond'} the limit"


def _is_open(headline: SequentialHeadline) -> bool:
    """Whether groups that were not asked yet could still move a headline too far."""
    return not headline.known and headline.n_groups < headline.n_groups_all


def _compared(change: Change) -> Gate:
    """The gate that a measure did not get worse."""
    if change.withheld:
        passed, why = False, _too_few(change)
    elif change.value is None:
        passed, why = False, "there is no dialogue to compare"
    elif change.direction == "worse":
        passed, why = False, f"worse than the baseline, adjusted p = {change.holm_p:.4f}"
    else:
        said = "better than the baseline" if change.direction == "better" else "not seen to be worse"
        passed, why = True, f"{said}, adjusted p = {change.holm_p:.4f}"
    return Gate(change.benchmark, change.measure, change.better, change.scale, None, change, passed, why)


def _too_few(number: Estimate) -> str:
    return f"withheld: {number.n:,} of {number.n_expected:,} scored, the bar is {COMPLETENESS_BAR:.0%}"
