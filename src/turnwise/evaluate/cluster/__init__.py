"""The same engine in workers on many machines: the driver gives out dialogues and is the only one who writes."""

from __future__ import annotations

from turnwise.evaluate.agenda import Agenda
from turnwise.evaluate.cluster.carrier import connected
from turnwise.evaluate.cluster.driver import drive
from turnwise.evaluate.cluster.order import Order
from turnwise.evaluate.engine import Engine
from turnwise.evaluate.ledger import Ledger

__all__ = ["Order", "run_on_cluster"]


async def run_on_cluster(ledger: Ledger, engine: Engine, agenda: Agenda, order: Order) -> None:
    """Have what the agenda asks for done on the Ray cluster of the order.

    Raises:
        UsageError: the extra is absent, the cluster cannot be reached, or a worker cannot open the engine.
        EndpointDown, BudgetSpent: no more can be asked, or there are no workers. All answers are stored.
        RunFileError: the run file cannot be written any more.
    """
    if agenda.most:
        async with connected(order) as cluster:
            await drive(ledger, engine, agenda, order, cluster)
