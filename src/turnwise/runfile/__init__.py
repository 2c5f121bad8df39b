"""One SQLite file per run: everything that was asked, answered, judged; resume."""

from turnwise.runfile.export import (
    Exported,
    HeldDialogue,
    StoredAnswer,
    StoredReply,
    StoredVerdict,
    export_jsonl,
    export_parquet,
)
from turnwise.runfile.jobs import StoredJob
from turnwise.runfile.reader import AnswerRow, Event, Reader, ScoredRow, TokenTotals
from turnwise.runfile.writer import COMMIT_AFTER_S, GroupRow, Writer

__all__ = [
    "COMMIT_AFTER_S",
    "AnswerRow",
    "Event",
    "Exported",
    "GroupRow",
    "HeldDialogue",
    "Reader",
    "ScoredRow",
    "StoredAnswer",
    "StoredJob",
    "StoredReply",
    "StoredVerdict",
    "TokenTotals",
    "Writer",
    "export_jsonl",
    "export_parquet",
]
