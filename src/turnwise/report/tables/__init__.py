"""Tables for a terminal of any width."""

from turnwise.report.tables.narrow import NarrowTable

__all__ = ["NarrowTable"]
