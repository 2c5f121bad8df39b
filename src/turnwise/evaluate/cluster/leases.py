"""What is still to be leased: shards of whole groups, and again what a lost worker had."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from turnwise.evaluate.agenda import Agenda
from turnwise.evaluate.engine import Finished, Work
from turnwise.evaluate.ledger import Ledger

__all__ = ["MOST_LOSSES", "Leases"]

_MOST_DIALOGUES = 64
_LEASES_A_WORKER = 8
MOST_LOSSES = 5


class Leases:
    """Cuts the work into shards and gives them out until every one has come back.

    A shard holds whole groups, because twins and variants share calls, unless a group is larger than any shard. What
    lost its worker is leased singly. A dialogue whose worker is lost again and again is left: it may be what kills
    them.

    Args:
        agenda: Dialogues to do, those of a group next to each other.
    """

    def __init__(self, ledger: Ledger, agenda: Agenda, *, n_workers: int) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._lost: deque[int] = deque()
        self._size = max(1, min(_MOST_DIALOGUES, agenda.most // (n_workers * _LEASES_A_WORKER)))
        self._out = 0
        self._losses: Counter[int] = Counter()
        self._ahead: Work | None = None
        self._changed = asyncio.Condition()
        self._over = False
        self.left: list[int] = []

    async def take(self) -> list[Work]:
        """The next shard; empty when there is no more to do. Waits where others still have some that may come back."""
        async with self._changed:
            # Also at the end: calls of other workers are let finish, and this one's may not be cut off before.
            await self._changed.wait_for(lambda: not self._out or (not self._over and self._more()))
            shard = [] if self._over else self._cut()
            self._out += bool(shard)
            return shard

    async def done(self) -> None:
        """A shard was worked through, as far as it goes."""
        async with self._changed:
            self._out -= 1
            self._changed.notify_all()

    async def lost(self, shard: Sequence[Work]) -> None:
        """A shard's worker is gone: what it had not finished is given out again."""
        async with self._changed:
            self._out -= 1
            for number in self._ledger.take_back(work.number for work in shard):
                self._losses[number] += 1
                if self._losses[number] < MOST_LOSSES:
                    self._lost.append(number)
                else:
                    self.left.append(number)
                    self._agenda.learn(Finished(number))
            self._changed.notify_all()

    async def end(self) -> None:
        """Give out no more."""
        async with self._changed:
            self._over = True
            self._changed.notify_all()

    def _cut(self) -> list[Work]:
        """The next dialogues, up to the end of a group. The first one of the next group has been read by then."""
        shard: list[Work] = []
        while (work := self._next()) is not None:
            if shard and self._ends_before(work, shard):
                self._ahead = work
                break
            shard.append(work)
        return shard

    def _ends_before(self, work: Work, shard: Sequence[Work]) -> bool:
        """Whether a shard is full; one that lost its worker is alone, so that it takes no others with it again."""
        if self._losses[work.number] or self._losses[shard[-1].number]:
            return True
        return len(shard) >= self._size and (_group(work) != _group(shard[-1]) or len(shard) >= _MOST_DIALOGUES)

    def _more(self) -> bool:
        """Whether there is something to give out now."""
        self._ahead = self._next()
        return self._ahead is not None

    def _next(self) -> Work | None:
        work, self._ahead = self._ahead, None
        if work is not None:
            return work
        number = None if self._lost and self._agenda.waits else self._agenda.next()
        if number is None and self._lost:
            number = self._lost.popleft()
        return None if number is None else self._ledger.work(number)


def _group(work: Work) -> tuple[str, str]:
    return work.dialogue.benchmark, work.dialogue.group
