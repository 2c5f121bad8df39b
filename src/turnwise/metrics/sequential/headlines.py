"""The headline rates of a run that stops when they are known: which group is next, and what is known after each.

Each headline has its own drawing order, fixed by the seed before the first request, and its results count in that order
alone, whatever ends first. So its limits hold at every moment, whichever moment the run stops at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal

import msgspec
import numpy as np

from turnwise.errors import UsageError
from turnwise.judge import Dimension, JudgeCard
from turnwise.metrics.comparing.measures import MEASURES, Measure, MeasureName, Ruling
from turnwise.metrics.raters.sitting import judges_of
from turnwise.metrics.sequential.rate import SequentialEstimate, SequentialRate, drawing_order
from turnwise.runfile import PlannedRow, Reader

__all__ = [
    "GroupKey",
    "HeadlineName",
    "Headlines",
    "SequentialHeadline",
    "Until",
    "headlines_of_run",
    "until_of",
]

HeadlineName = Literal["attack_success_rate", "refusal_rate", "over_refusal_rate"]
"""The rates that a run can be stopped by; a grade has no natural half-width."""

GroupKey = tuple[str, str]
"""Benchmark and group."""

_RULED_BY: Final[Mapping[str, Dimension]] = {
    "attack_success_rate": "label",
    "refusal_rate": "stance",
    "over_refusal_rate": "stance",
}


class Until(msgspec.Struct, frozen=True, kw_only=True):
    """When a run may stop.

    Fields:
        half_width: Of each headline's interval.
        seed: Of the order in which groups are drawn.
    """

    half_width: float
    headlines: tuple[HeadlineName, ...]
    seed: int


class SequentialHeadline(SequentialEstimate, frozen=True, kw_only=True):
    """What is known of one headline of one benchmark under one judge.

    Fields:
        half_width: What it is to be known to.
        known: Whether it is: neither limit is further from the value, and enough rows are scored to show it.
    """

    benchmark: str
    judge: str
    measure: MeasureName
    half_width: float
    known: bool


class Headlines:
    """Takes what became of the dialogues, in any order, and says which group is to be asked next.

    Args:
        plan: Every dialogue of the run.
        judges: Their cards; one that does not rule on a headline is left out of it, and so are repeats of a judge.
    """

    def __init__(self, plan: Sequence[PlannedRow], judges: Sequence[JudgeCard], until: Until) -> None:
        self._until = until
        self._streams = list(_streams(plan, judges, until))
        self._given: set[GroupKey] = set()

    def check(self) -> None:
        """Refuse headlines that would never be known.

        Raises:
            UsageError: there is nothing that a headline could be computed from.
        """
        found = {stream.measure.name for stream in self._streams}
        for name in self._until.headlines:
            if name not in found:
                raise UsageError(
                    f"headline {name}: no judge of this run rules on it, or no dialogue is about it; "
                    "leave it out or add a judge"
                )

    @property
    def over(self) -> bool:
        """Whether no more is to be asked: every headline is known well enough, or all its groups are in."""
        return all(stream.over for stream in self._streams)

    def take(self, number: int, judge: str, ruling: Ruling | None) -> None:
        """Learn what a judge ruled on the dialogue with a number; None where it could not be scored."""
        for stream in self._streams:
            if stream.judge == judge:
                stream.take(number, ruling)

    def give(self, group: GroupKey) -> None:
        """Count a group as given out."""
        self._given.add(group)

    def next_group(self) -> GroupKey | None:
        """The next group to ask: of that unknown headline for which least was given out; None when there is none."""
        ahead = [stream for stream in self._streams if not stream.over and stream.share_given(self._given) < 1]
        if not ahead:
            return None
        least = min(ahead, key=lambda stream: stream.share_given(self._given))
        group = least.groups[least.n_given]
        self._given.add(group)
        return group

    def estimates(self) -> list[SequentialHeadline]:
        """What is known of each headline."""
        return [
            SequentialHeadline(
                **msgspec.structs.asdict(stream.rate.estimate),
                benchmark=stream.benchmark,
                judge=stream.judge,
                measure=stream.measure.name,
                half_width=self._until.half_width,
                known=stream.rate.known_to(self._until.half_width) and not stream.rate.estimate.withheld,
            )
            for stream in self._streams
        ]


class _Stream:
    """One headline of one benchmark under one judge, its groups in drawing order."""

    def __init__(
        self, rows: Sequence[PlannedRow], groups: Sequence[str], *, measure: Measure, judge: str, until: Until
    ) -> None:
        self.benchmark, self.judge, self.measure = rows[0].benchmark, judge, measure
        self.groups: list[GroupKey] = [(self.benchmark, group) for group in groups]
        self.n_given = 0
        self._half_width = until.half_width
        members: dict[str, list[PlannedRow]] = defaultdict(list)
        for row in rows:
            members[row.group].append(row)
        self._members = [[row.number for row in members[group]] for group in groups]
        self._numbers = frozenset(row.number for row in rows)
        self._values: dict[int, float | None] = {}
        self._place = 0
        strata: dict[str | None, int] = {}
        self.rate = SequentialRate(
            np.array([len(numbers) for numbers in self._members], dtype=np.int64),
            half_width=until.half_width,
            strata=np.array(
                [strata.setdefault(members[group][0].scenario, len(strata)) for group in groups], dtype=np.int64
            ),
        )
        self.over = False

    def share_given(self, given: AbstractSet[GroupKey]) -> float:
        """The share of its groups before the first, in its order, that is not among those given out."""
        while self.n_given < len(self.groups) and self.groups[self.n_given] in given:
            self.n_given += 1
        return self.n_given / len(self.groups)

    def take(self, number: int, ruling: Ruling | None) -> None:
        """Learn what became of a dialogue, and count every group that is complete and next in order."""
        if number not in self._numbers:
            return
        self._values[number] = None if ruling is None else self.measure.value(ruling)
        while self._place < len(self._members) and all(one in self._values for one in self._members[self._place]):
            values = [self._values.pop(one) for one in self._members[self._place]]
            scored = [value for value in values if value is not None]
            self._place += 1
            self.rate.add(np.array([sum(scored)]), np.array([len(values) - len(scored)], dtype=np.int64))
            self.over = self.rate.known_to(self._half_width) or self._place == len(self._members)


def _streams(plan: Sequence[PlannedRow], judges: Sequence[JudgeCard], until: Until) -> Iterator[_Stream]:
    for benchmark in dict.fromkeys(row.benchmark for row in plan):
        whole = [row for row in plan if row.benchmark == benchmark]
        groups = list(dict.fromkeys(row.group for row in whole))
        for measure in (one for one in MEASURES if one.name in until.headlines):
            rows = [row for row in whole if row.intent == measure.intent]
            sizes = Counter(row.group for row in rows)
            # Drawn over all groups, so that headlines about the same groups have them in the same order.
            order = drawing_order(np.array([sizes[group] for group in groups], dtype=np.int64), seed=until.seed)
            drawn = [groups[place] for place in order if sizes[groups[place]]]
            able = [card for card in judges if card.repeat == 1 and _rules_on(card, measure.name)]
            yield from (_Stream(rows, drawn, measure=measure, judge=card.name, until=until) for card in able if rows)


def _rules_on(card: JudgeCard, headline: MeasureName) -> bool:
    return not card.rules_on or _RULED_BY[headline] in card.rules_on


def until_of(reader: Reader) -> Until | None:
    """When the run may stop, as stored; None for one that runs to its end.

    Raises:
        RunFileError: the run file cannot be read.
    """
    stored = {name: msgspec.json.decode(value) for name, value in reader.settings().items()}
    if stored.get("until_half_width") is None:
        return None
    return msgspec.convert(
        {"half_width": stored["until_half_width"], "headlines": stored["headlines"], "seed": stored["seed"]}, Until
    )


def headlines_of_run(reader: Reader, judges: Sequence[str] = ()) -> list[SequentialHeadline]:
    """What a run that stops early knows of its headlines; empty for one that does not.

    Only groups count before which, in drawing order, every group is complete. A row that failed could not be scored,
    until the same command asks for it again.
    """
    until = until_of(reader)
    if until is None:
        return []
    cards = [card for card in judges_of(reader) if not judges or card.name in judges]
    headlines = Headlines(reader.plan(), cards, until)
    for card in cards:
        for row in reader.scored_rows(card.name):
            if row.settled:
                headlines.take(row.number, card.name, row)
    return headlines.estimates()
