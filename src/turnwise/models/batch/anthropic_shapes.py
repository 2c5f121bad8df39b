"""What the Anthropic API says about message batches and their rows.

Source: Anthropic API reference (message batches: processing status, results; errors: types and their status codes).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from turnwise.models.batch.job import BatchState, BatchStatus
from turnwise.models.batch.rows import CANCELLED, EXPIRED, MISSING, row_answer
from turnwise.models.chat import Reply
from turnwise.models.http.answer import Answer
from turnwise.models.http.error_body import ErrorSaid

__all__ = ["Batch", "Page", "Row"]

_UNANSWERED = {"expired": EXPIRED, "canceled": CANCELLED}
# An error in a row has a type and no status; these are the ones the same error has when it is answered live.
_STATUS_OF_TYPE = {
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_INVALID_REQUEST = 400


class _Counts(msgspec.Struct):
    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0

    @property
    def total(self) -> int:
        """Requests in the job: every one is counted once, at any time."""
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired


class Batch(msgspec.Struct):
    """A job as the server tells of it."""

    id: str
    processing_status: str
    created_at: datetime
    request_counts: _Counts
    results_url: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended; one that is being cancelled runs."""
        return self.processing_status != "ended"

    @property
    def n_items(self) -> int:
        """Requests in it."""
        return self.request_counts.total

    def status(self) -> BatchStatus:
        """How far it is."""
        counts = self.request_counts
        return BatchStatus(self._state(), counts.total, counts.succeeded, counts.errored)

    def _state(self) -> BatchState:
        if self.is_running:
            return "running"
        if self.request_counts.expired:
            return "expired"
        return "cancelled" if self.request_counts.canceled else "done"


class Page(msgspec.Struct):
    """A page of jobs, newest first."""

    data: list[Batch]
    has_more: bool = False


class _Errored(msgspec.Struct):
    error: ErrorSaid | None = None
    type: str | None = None
    message: str | None = None

    def as_answer(self) -> Answer:
        """The answer that the same error is when it is given live."""
        said = self.error or ErrorSaid(message=self.message, type=self.type)
        status = _STATUS_OF_TYPE.get(said.type or "", _INVALID_REQUEST)
        return row_answer(status, msgspec.json.encode({"error": said}))


class _Result(msgspec.Struct):
    type: str
    message: msgspec.Raw = msgspec.Raw(b"null")
    error: _Errored | None = None


class Row(msgspec.Struct):
    """A line of the results."""

    custom_id: str
    result: _Result

    def answered(self) -> Answer | None:
        """The answer, as the live server would have given it; None when the request was not run."""
        if self.result.type == "succeeded":
            return row_answer(200, bytes(self.result.message))
        return None if self.result.error is None else self.result.error.as_answer()

    def unanswered(self) -> Reply:
        """What became of a request that was not run."""
        return Reply(state="failed", failure=_UNANSWERED.get(self.result.type, MISSING))
