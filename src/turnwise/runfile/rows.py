"""Replies and verdicts as rows: which columns they fill, how they are written, and what is read out of them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from turnwise.judge import Verdict
from turnwise.models import Failure, Reply, Usage

__all__ = ["REPLY_COLUMNS", "VERDICT_COLUMNS", "reply_of", "reply_row", "upsert", "verdict_of", "verdict_row"]

_INTEGER_LIMIT = 2**63

REPLY_COLUMNS: Final = (
    "request_sha256",
    "state",
    "text",
    "finish_reason",
    "input_tokens",
    "output_tokens",
    "latency_ms",
    "served_model",
    "attempts",
    "failure_kind",
    "failure",
    "origin",
)
"""What is stored of a reply of the target, to a turn or to a question."""

VERDICT_COLUMNS: Final = (
    "state",
    "label",
    "stance",
    "reason",
    "cause",
    "raw",
    "input_tokens",
    "output_tokens",
    "latency_ms",
    "attempts",
    "safety_awareness",
    "helpfulness",
)
"""What is stored of a verdict."""


def upsert(table: str, key: Sequence[str], columns: Sequence[str]) -> str:
    """The statement that stores a row: it replaces a failed one of the same key, never another; attempts add up."""
    given = (*key, *columns)
    renewed = (f"{name} = excluded.{name}" for name in (*columns, "at") if name != "attempts")
    return (
        f"INSERT INTO {table} ({', '.join(given)}) VALUES ({', '.join('?' * len(given))})"
        f" ON CONFLICT DO UPDATE SET {', '.join(renewed)}, attempts = {table}.attempts + excluded.attempts"
        f" WHERE {table}.state = 'failed'"
    )


def reply_row(request_sha256: str, reply: Reply) -> tuple[object, ...]:
    """A reply, and the hash of the request it answers, as `REPLY_COLUMNS`."""
    failure = reply.failure
    return (
        request_sha256,
        reply.state,
        reply.text,
        reply.finish_reason,
        _storable(reply.usage.input_tokens),
        _storable(reply.usage.output_tokens),
        reply.latency_ms,
        reply.served_model,
        reply.attempts,
        failure.kind if failure else None,
        failure.message if failure else None,
        reply.origin,
    )


def reply_of(row: Sequence[Any]) -> tuple[str, Reply]:
    """The hash of the request, and the reply to it, of a row of `REPLY_COLUMNS`."""
    request, state, text, finish, tokens_in, tokens_out, latency, served, attempts, kind, message, origin = row
    # Whether a stored failure was worth a retry at the time no longer matters: resuming asks again in any case.
    failure = None if kind is None else Failure(kind, message, retryable=True)
    usage = Usage(tokens_in, tokens_out)
    return request, Reply(state, text, finish, usage, latency, served, attempts, failure, origin)


def verdict_row(verdict: Verdict) -> tuple[object, ...]:
    """A verdict as `VERDICT_COLUMNS`."""
    return (
        verdict.state,
        verdict.label,
        verdict.stance,
        verdict.reason,
        verdict.cause,
        verdict.raw,
        _storable(verdict.usage.input_tokens),
        _storable(verdict.usage.output_tokens),
        verdict.latency_ms,
        verdict.attempts,
        verdict.safety_awareness,
        verdict.helpfulness,
    )


def verdict_of(turn: int, row: Sequence[Any]) -> Verdict:
    """The verdict on a turn of a row of `VERDICT_COLUMNS`."""
    state, label, stance, reason, cause, raw, tokens_in, tokens_out, latency, attempts, *grades = row
    usage = Usage(tokens_in, tokens_out)
    return Verdict(turn, state, label, stance, reason, cause, raw, usage, latency, attempts, *grades)


def _storable(count: int | None) -> int | None:
    """A token count as reported; None for one that no machine integer holds, which is a server's nonsense."""
    return count if count is None or abs(count) < _INTEGER_LIMIT else None
