"""One SQLite file per run: everything that was asked, answered, judged; resume."""

from turnwise.runfile.annotations import Annotation, HumanLabel
from turnwise.runfile.export import (
    Exported,
    HeldDialogue,
    StoredAnnotation,
    StoredAnswer,
    StoredReply,
    StoredVerdict,
    export_jsonl,
    export_parquet,
)
from turnwise.runfile.jobs import StoredJob
from turnwise.runfile.reader import Reader
from turnwise.runfile.records import AnswerRow, Event, PlannedRow, ScoredRow, TokenTotals, TurnRow
from turnwise.runfile.writer import BENCHMARK_LEFT_OUT, COMMIT_AFTER_S, GroupRow, Writer

__all__ = [
    "BENCHMARK_LEFT_OUT",
    "COMMIT_AFTER_S",
    "Annotation",
    "AnswerRow",
    "Event",
    "Exported",
    "GroupRow",
    "HeldDialogue",
    "HumanLabel",
    "PlannedRow",
    "Reader",
    "ScoredRow",
    "StoredAnnotation",
    "StoredAnswer",
    "StoredJob",
    "StoredReply",
    "StoredVerdict",
    "TokenTotals",
    "TurnRow",
    "Writer",
    "export_jsonl",
    "export_parquet",
]
