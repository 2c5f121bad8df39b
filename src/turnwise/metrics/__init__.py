"""Pure functions of stored rows -> Estimate(value, n, n_failed, low, high)."""

from turnwise.metrics.estimate import Estimate

__all__ = ["Estimate"]
