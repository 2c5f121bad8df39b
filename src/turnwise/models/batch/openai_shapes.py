"""What an OpenAI-compatible server says about files, jobs and their rows.

Source: OpenAI API reference (files, batches), openai-python (types of a batch).
"""

from __future__ import annotations

import msgspec

from turnwise.models.batch.job import BatchJob, BatchState, BatchStatus
from turnwise.models.batch.rows import CANCELLED, EXPIRED, MISSING, row_answer
from turnwise.models.chat import Failure, Reply
from turnwise.models.http.answer import Answer
from turnwise.models.http.error_body import ErrorSaid, read_error_inside

__all__ = ["Batch", "File", "Page", "Row"]

_STATES: dict[str, BatchState] = {
    "completed": "done",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
_ABSENT = {"expired": EXPIRED, "cancelled": CANCELLED}
_QUEUE_FULL = frozenset({"token_limit_exceeded", "rate_limit_exceeded"})
_SHOWN_ERRORS = 3


class _Counts(msgspec.Struct):
    total: int = 0
    completed: int = 0
    failed: int = 0


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None
    line: int | None = None

    @property
    def sentence(self) -> str:
        """What is wrong, and where."""
        where = "" if self.line is None else f" (line {self.line})"
        return f"{self.code or 'error'}: {(self.message or 'no reason given').rstrip('.')}{where}"


class _Errors(msgspec.Struct):
    data: list[_Error] | None = None


class Batch(msgspec.Struct):
    """A job as the server tells of it."""

    id: str
    status: str
    created_at: float = 0.0
    output_file_id: str | None = None
    error_file_id: str | None = None
    request_counts: _Counts | None = None
    metadata: dict[str, str] | None = None
    errors: _Errors | None = None

    @property
    def state(self) -> BatchState:
        """Its state, in our words."""
        return _STATES.get(self.status.lower(), "running")

    @property
    def why(self) -> str:
        """Why it was refused as a whole; "" when it was not."""
        return "; ".join(error.sentence for error in self._said[:_SHOWN_ERRORS])

    def status_for(self, job: BatchJob) -> BatchStatus:
        """How far it is."""
        counts = self.request_counts or _Counts()
        return BatchStatus(self.state, counts.total or job.n_items, counts.completed, counts.failed, self.why)

    def absence(self) -> Failure:
        """What a request without a row is, by how the job ended."""
        if self.state != "failed":
            return _ABSENT.get(self.state, MISSING)
        # The account's queue empties as other jobs end; nothing else about a refused file does.
        waits = any(error.code in _QUEUE_FULL for error in self._said)
        why = f"the batch job was refused: {self.why or 'no reason given'}"
        return Failure("rate_limited" if waits else "rejected", why, retryable=waits)

    @property
    def _said(self) -> list[_Error]:
        return (self.errors.data if self.errors else None) or []


class Page(msgspec.Struct):
    """A page of jobs, newest first."""

    data: list[Batch]
    has_more: bool = False


class File(msgspec.Struct):
    """An uploaded file."""

    id: str


class Response(msgspec.Struct):
    """The answer that one request got."""

    status_code: int = 0
    body: msgspec.Raw = msgspec.Raw(b"null")


class Row(msgspec.Struct):
    """A line of an output or error file."""

    custom_id: str
    response: Response | None = None
    error: ErrorSaid | str | None = None

    def answered(self) -> Answer | None:
        """The answer, as the live server would have given it; None when the request was not run."""
        if self.response is None or not self.response.status_code:
            return None
        return row_answer(self.response.status_code, bytes(self.response.body))

    def unanswered(self) -> Reply:
        """What became of a request that was not run."""
        if self.error is None:
            return Reply(state="failed", failure=MISSING)
        code = None if isinstance(self.error, str) else self.error.code
        known = {"batch_expired": EXPIRED, "batch_cancelled": CANCELLED}.get(str(code))
        return Reply(state="failed", failure=known) if known else read_error_inside(self.error, row_answer(200, b""))
