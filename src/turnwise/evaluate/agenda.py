"""What is to be done next: all that needs work, in order, or group by group until the headlines of a run are known."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from turnwise.evaluate.engine import Finished, Judged, Row
from turnwise.judge import JudgeCard
from turnwise.metrics import GroupKey, Headlines, Until
from turnwise.metrics.comparing import Ruling
from turnwise.runfile import Reader

__all__ = ["Agenda", "Drawn", "Listed", "draw"]


class Agenda(Protocol):
    """The dialogues of a run that need work, in the order to do them.

    Attributes:
        most: How many there are at most.
        waits: Whether what is wanted next depends on what was begun: what was lost of that is done first, not last.
    """

    most: int
    waits: bool

    def next(self) -> int | None:
        """The number of the next dialogue; None when no more are wanted, from then on."""
        ...

    def learn(self, row: Row) -> None:
        """Hear what was done."""
        ...


class Listed:
    """All of a list."""

    waits = False

    def __init__(self, numbers: Sequence[int]) -> None:
        self.most = len(numbers)
        self._queue = deque(numbers)

    def next(self) -> int | None:
        """The next one."""
        return self._queue.popleft() if self._queue else None

    def learn(self, row: Row) -> None:
        """Nothing depends on it."""


class Drawn:
    """Whole groups in drawing order, until every headline is known; first what is left of groups begun earlier.

    Args:
        members: The dialogues that need work, by group.
        begun: The groups that were drawn already.
        heard: What judges ruled on those dialogues earlier, by number and judge.
    """

    waits = True

    def __init__(
        self,
        headlines: Headlines,
        members: Mapping[GroupKey, Sequence[int]],
        *,
        judges: Sequence[str],
        begun: Sequence[GroupKey],
        heard: Mapping[int, Mapping[str, Ruling]],
    ) -> None:
        self._headlines = headlines
        self._judges = judges
        self._members = dict(members)
        self._heard: defaultdict[int, dict[str, Ruling]] = defaultdict(dict)
        for number, rulings in heard.items():
            self._heard[number].update(rulings)
        self._queue: deque[int] = deque()
        for group in begun:
            headlines.give(group)
            self._queue.extend(self._members.pop(group, ()))
        self.most = len(self._queue) if headlines.over else sum(map(len, members.values()))

    def next(self) -> int | None:
        """The next one of a group that was begun, or the first of the next group that a headline needs."""
        while not self._queue and (group := self._headlines.next_group()) is not None:
            self._queue.extend(self._members.pop(group, ()))
        return self._queue.popleft() if self._queue else None

    def learn(self, row: Row) -> None:
        """Remember what judges rule; when a dialogue is finished, it counts."""
        if isinstance(row, Judged):
            self._heard[row.number][row.judge] = row.verdict  # the one on the last turn comes last
        elif isinstance(row, Finished):
            rulings = self._heard.pop(row.number, {})
            for judge in self._judges:
                self._headlines.take(row.number, judge, rulings.get(judge))


def draw(reader: Reader, judges: Sequence[JudgeCard], until: Until, pending: Sequence[int]) -> Drawn:
    """The agenda of a run that stops when its headlines are known, from what its file holds.

    `pending` are the dialogues that need work, failed ones among them. When enough is known with these counted as
    failed, only they are asked again; else they count when they were.

    Raises:
        UsageError: there is nothing that a headline could be computed from.
    """
    plan, wanted, touched = reader.plan(), set(pending), reader.touched()
    members: dict[GroupKey, list[int]] = defaultdict(list)
    begun: dict[GroupKey, None] = {}
    for row in plan:
        group = (row.benchmark, row.group)
        if row.number in wanted:
            members[group].append(row.number)
        if row.number in touched:
            begun[group] = None
    counting_failed, waiting = Headlines(plan, judges, until), Headlines(plan, judges, until)
    waiting.check()
    heard: dict[int, dict[str, Ruling]] = defaultdict(dict)
    for card in judges:
        for scored in reader.scored_rows(card.name):
            if scored.settled:
                counting_failed.take(scored.number, card.name, scored)
            if scored.number not in wanted:
                waiting.take(scored.number, card.name, scored)
            elif scored.verdict_state == "scored":
                heard[scored.number][card.name] = scored
    headlines = counting_failed if counting_failed.over else waiting
    return Drawn(headlines, members, judges=[card.name for card in judges], begun=list(begun), heard=heard)
