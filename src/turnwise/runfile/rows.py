"""Replies and verdicts as rows: which columns they fill, how they are written, and what is read out of them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from turnwise.dialogue import Dialogue, Question, decode_dialogue
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply
from turnwise.rollout import Exchange
from turnwise.runfile.annotations import Annotation
from turnwise.runfile.records import AnswerRow, ScoredRow, TurnRow

__all__ = [
    "DIALOGUE_COLUMNS",
    "REPLY_COLUMNS",
    "VERDICT_COLUMNS",
    "Row",
    "annotation_of",
    "answered_of",
    "card_of",
    "check_turns",
    "dialogue_of",
    "exchange_of",
    "reply_of",
    "reply_row",
    "row_as",
    "ruling_of",
    "scored_of",
    "turn_of",
    "typed",
    "upsert",
    "verdict_of",
    "verdict_row",
    "within",
]

Row = TypeVar("Row", bound=msgspec.Struct)

_INTEGER_LIMIT = 2**63

DIALOGUE_COLUMNS: Final = "body, benchmark, id, grp, length, scenario, method, setting, intent, modality"
"""What is stored of a dialogue: all of it, and beside it what is looked for."""

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
    """The hash of the request, and the reply to it, of a row of `REPLY_COLUMNS`.

    Raises:
        msgspec.ValidationError: they are none.
    """
    request, state, text, finish, tokens_in, tokens_out, latency, served, attempts, kind, message, origin = row
    # Whether a stored failure was worth a retry at the time no longer matters: resuming asks again in any case.
    failure = None if kind is None else {"kind": kind, "message": message, "retryable": True}
    usage = {"input_tokens": tokens_in, "output_tokens": tokens_out}
    return request, typed(Reply, (state, text, finish, usage, latency, served, attempts, failure, origin))


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
    """The verdict on a turn of a row of `VERDICT_COLUMNS`.

    Raises:
        msgspec.ValidationError: it is none.
    """
    state, label, stance, reason, cause, raw, tokens_in, tokens_out, latency, attempts, *grades = row
    usage = {"input_tokens": tokens_in, "output_tokens": tokens_out}
    return typed(Verdict, (turn, state, label, stance, reason, cause, raw, usage, latency, attempts, *grades))


def typed(kind: type[Row], values: Iterable[Any]) -> Row:
    """A row as a type of ours: its columns are the first fields of that, in their order.

    Raises:
        msgspec.ValidationError: a value is not what its field holds.
    """
    return msgspec.convert(dict(zip(kind.__struct_fields__, values, strict=False)), kind)


def row_as(kind: type[Row]) -> Callable[..., Row]:
    """What makes a type of ours of a row of its fields."""
    return lambda *row: typed(kind, row)


# What follows makes values of what the reader selects, and raises msgspec.ValidationError where they do not fit.


def card_of(_place: int, name: str, card: str) -> JudgeCard:
    """The card of a judge."""
    read = msgspec.json.decode(card, type=JudgeCard)
    if read.name != name:
        raise msgspec.ValidationError(f"the card of {name!r} is one of {read.name!r}")
    return read


def dialogue_of(_number: int, body: str, *columns: object) -> Dialogue:
    """A dialogue, which says the same as the columns beside it."""
    read = decode_dialogue(body.encode())
    told = (read.benchmark, read.id, read.group, read.length, read.scenario, read.method)
    if (*told, read.setting, read.intent, read.modality) != columns:
        raise msgspec.ValidationError(f"body is of another dialogue ({read.id!r}) than the columns beside it")
    return read


def exchange_of(_number: int, length: int, turn: int, *row: Any) -> Exchange:
    """An exchange of a dialogue of some length."""
    return Exchange(within(turn, length), *reply_of(row))


def check_turns(turns: Sequence[int], history: str = "live") -> None:
    """Refuse turns that were asked without those before them, unless it is one turn after a scripted history."""
    alone = history == "scripted" and len(turns) == 1
    if not alone and list(turns) != list(range(1, len(turns) + 1)):
        raise msgspec.ValidationError(f"turns {', '.join(map(str, turns))} are there, and others before them are not")


def ruling_of(_number: int, length: int, turn: int, judge: str, *row: Any) -> tuple[str, Verdict]:
    """A judge and its verdict on a dialogue of some length."""
    return judge, verdict_of(within(turn, length), row)


def annotation_of(*row: Any) -> Annotation:
    """An annotation; the length of its dialogue comes last."""
    read = typed(Annotation, row)
    within(read.turn, row[-1])
    return read


def scored_of(*row: Any) -> ScoredRow:
    """A dialogue with its outcome; the length of its body comes last."""
    read = typed(ScoredRow, row)
    if row[-1] != read.length:
        raise msgspec.ValidationError(f"length is {read.length}, and that of the body {row[-1]}")
    within(read.reply_turn or 1, read.length)
    return read


def turn_of(*row: Any) -> TurnRow:
    """A turn that was asked; the length of its dialogue comes last."""
    read = typed(TurnRow, row)
    within(read.turn, row[-1])
    return read


def answered_of(*row: Any) -> AnswerRow:
    """A question with the reply to it."""
    *place, question = row[: -len(REPLY_COLUMNS)]
    reply = row[-len(REPLY_COLUMNS) :]
    told = None if reply[0] is None else reply_of(reply)[1]
    return typed(AnswerRow, (*place, msgspec.json.decode(question, type=Question), told))


def within(turn: int, length: int) -> int:
    """A turn, if it is one of a dialogue of this length."""
    if not 1 <= turn <= length:
        raise msgspec.ValidationError(f"turn {turn} of a dialogue of length {length}")
    return turn


def _storable(count: int | None) -> int | None:
    """A token count as reported; None for one that no machine integer holds, which is a server's nonsense."""
    return count if count is None or abs(count) < _INTEGER_LIMIT else None
