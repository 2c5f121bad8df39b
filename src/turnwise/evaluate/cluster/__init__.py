"""The same engine in workers on many machines: the driver gives out dialogues and is the only one who writes."""

from __future__ import annotations

from collections.abc import Sequence

from turnwise.evaluate.cluster.carrier import connected
from turnwise.evaluate.cluster.driver import drive
from turnwise.evaluate.cluster.order import Order
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.ledger import Ledger

__all__ = ["Order", "run_on_cluster"]


async def run_on_cluster(ledger: Ledger, engine: Engine, numbers: Sequence[int], order: Order) -> None:
    """Have the dialogues with these numbers done on the Ray cluster of the order.

    Raises:
        UsageError: the extra is absent, the cluster cannot be reached, or a worker cannot open the engine.
        EndpointDown, BudgetSpent: no more can be asked, or there are no workers. All answers are stored.
        RunFileError: the run file cannot be written any more.
    """
    if numbers:
        async with connected(order) as cluster:
            await drive(ledger, engine, numbers, order, cluster)
