"""What requests in batch jobs may cost: taken out of the run's budget before they are submitted, settled when read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from turnwise.evaluate.batching.waiting import Waiting
from turnwise.models import Reply
from turnwise.rollout import Budget, BudgetSpent, Price, most_cost_usd, reply_cost_usd

__all__ = ["Purse", "batch_price"]

_BATCH_SHARE = 0.5


def batch_price(price: Price | None) -> Price | None:
    """What a model's tokens cost in a batch job.

    Source: OpenAI batch guide and Anthropic message batches guide: both take 50 % of the standard price.
    """
    if price is None:
        return None
    return msgspec.structs.replace(price, input=price.input * _BATCH_SHARE, output=price.output * _BATCH_SHARE)


class Purse:
    """Pays for requests out of a budget.

    Args:
        price: What a token costs in a batch job; None where it is not known.
    """

    def __init__(self, budget: Budget, price: Price | None) -> None:
        self._budget = budget
        self._price = price
        self._reserved_usd: dict[str, float] = {}

    def take(self, wanted: Iterable[Waiting]) -> list[Waiting]:
        """As many of the requests, from the first on, as the caps allow now; the others may fit when those are read.

        Raises:
            BudgetSpent: a cap allows not even the first.
        """
        taken: list[Waiting] = []
        for one in wanted:
            reserved_usd = most_cost_usd(one.request, self._price)
            try:
                if not self._budget.take(reserved_usd):
                    return taken
            except BudgetSpent:
                if not taken:
                    raise
                return taken
            self._reserved_usd[one.sha256] = reserved_usd
            taken.append(one)
        return taken

    def settle(self, sha256: str, reply: Reply) -> None:
        """Put what a request cost in the place of what it might have; those of an earlier start are paid for."""
        reserved_usd = self._reserved_usd.pop(sha256, None)
        if reserved_usd is not None:
            cost_usd = reply_cost_usd(reply, self._price, reserved_usd=reserved_usd)
            self._budget.settle(reserved_usd, cost_usd)

    def check_time(self) -> None:
        """See whether there is time left.

        Raises:
            BudgetSpent: the minutes are over.
        """
        self._budget.check_time()
