"""The same engine in Ray actors on many machines: the driver gives out dialogues and is the only one who writes."""

from turnwise.evaluate.cluster.driver import run_on_cluster
from turnwise.evaluate.cluster.order import Order

__all__ = ["Order", "run_on_cluster"]
