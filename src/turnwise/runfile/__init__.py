"""One SQLite file per run: everything that was asked, answered, judged; resume."""

from turnwise.runfile.reader import Reader, ScoredRow, TokenTotals
from turnwise.runfile.writer import COMMIT_AFTER_S, GroupRow, Writer

__all__ = ["COMMIT_AFTER_S", "GroupRow", "Reader", "ScoredRow", "TokenTotals", "Writer"]
