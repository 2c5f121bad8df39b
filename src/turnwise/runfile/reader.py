"""Reading a run file, while it grows or after: what is still to do, what was said, and the rows metrics are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from turnwise.dialogue import Dialogue, Intent, Modality, Setting, decode_dialogue
from turnwise.errors import UsageError
from turnwise.judge import JudgeCard, Label, Stance, Verdict, VerdictState
from turnwise.models import Failure, FailureKind, Reply, ReplyState, Usage
from turnwise.rollout import Exchange
from turnwise.runfile.schema import connect_reader, sentence

__all__ = ["Reader", "ScoredRow", "TokenTotals"]

# A blocked turn ends a dialogue for good; a failed one does not.
_ENDED = (
    "EXISTS (SELECT 1 FROM replies r WHERE r.dialogue = d.dialogue AND"
    " (r.state IN ('provider_blocked', 'guard_blocked') OR (r.state = 'ok' AND r.turn = d.length)))"
)
_UNJUDGED = (
    "EXISTS (SELECT 1 FROM replies r, json_each(:judges) j WHERE r.dialogue = d.dialogue AND r.turn = d.length"
    " AND r.state <> 'failed' AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.dialogue = d.dialogue"
    " AND v.turn = d.length AND v.judge = j.value AND v.state <> 'failed'))"
)
_REPLY_COLUMNS = (
    "turn, request_sha256, state, text, finish_reason, input_tokens, output_tokens, latency_ms, served_model,"
    " attempts, failure_kind, failure, origin"
)


class ScoredRow(msgspec.Struct, frozen=True):
    """One dialogue of a run with what became of it, under one judge.

    Fields:
        number: Its place in the run.
        reply_state: State of the last turn asked; None when nothing was asked yet.
        reply_turn: That turn.
        verdict_state: None when the judge has not ruled on the last turn.
    """

    number: int
    benchmark: str
    id: str
    group: str
    length: int
    scenario: str | None
    method: str | None
    setting: Setting
    intent: Intent
    modality: Modality
    reply_state: ReplyState | None
    reply_turn: int | None
    failure_kind: FailureKind | None
    verdict_state: VerdictState | None
    label: Label | None
    stance: Stance | None


class TokenTotals(msgspec.Struct, frozen=True):
    """What a role used, summed over stored rows.

    Fields:
        calls: Requests sent, every attempt counted.
        reused: Replies that came from the cache or from another dialogue of the run. Their tokens are not counted.
    """

    role: str
    calls: int
    reused: int
    input_tokens: int
    output_tokens: int
    latency_ms_mean: float | None


class Reader:
    """Reads one run file; never blocks its writer.

    Raises:
        RunFileError: there is no such file, it is no run file, or it was made by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = connect_reader(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def settings(self) -> dict[str, bytes]:
        """The stored settings as JSON by name."""
        return {name: value.encode() for name, value in self._rows("SELECT name, value FROM settings ORDER BY name")}

    def judges(self) -> list[JudgeCard]:
        """The judges that ruled or were to rule, in the order they were added."""
        cards = self._rows("SELECT card FROM judges ORDER BY place")
        return [msgspec.json.decode(card, type=JudgeCard) for (card,) in cards]

    def count(self) -> int:
        """How many dialogues the run has."""
        return int(next(self._rows("SELECT count(*) FROM dialogues"))[0])

    def pending(self, judges: Sequence[str]) -> list[int]:
        """Numbers of the dialogues that need a reply or a verdict of one of `judges`, in run order."""
        return self._numbers(f"SELECT dialogue FROM dialogues d WHERE NOT {_ENDED} OR {_UNJUDGED}", judges)

    def unjudged(self, judges: Sequence[str]) -> list[int]:
        """Numbers of the dialogues whose last turn is answered and that lack a verdict of one of `judges`."""
        return self._numbers(f"SELECT dialogue FROM dialogues d WHERE {_UNJUDGED}", judges)

    def touched(self) -> set[int]:
        """Numbers of the dialogues that have a reply of any state."""
        return {row[0] for row in self._rows("SELECT DISTINCT dialogue FROM replies")}

    def dialogue(self, number: int) -> Dialogue:
        """The dialogue with a number."""
        (body,) = next(self._rows("SELECT body FROM dialogues WHERE dialogue = ?", (number,)))
        return decode_dialogue(body.encode())

    def number_of(self, dialogue_id: str) -> int:
        """The number of the dialogue with an id.

        Raises:
            UsageError: no dialogue, or one in several benchmarks, has it.
        """
        found = list(self._rows("SELECT dialogue, benchmark FROM dialogues WHERE id = ?", (dialogue_id,)))
        if len(found) == 1:
            return int(found[0][0])
        if found:
            raise UsageError(f"{self.path}: {dialogue_id!r} is in {', '.join(row[1] for row in found)}")
        near = self._rows("SELECT id FROM dialogues WHERE instr(id, ?) LIMIT 5", (dialogue_id,))
        hint = ", ".join(row[0] for row in near) or "`turnwise show RUN` lists them"
        raise UsageError(f"{self.path}: no dialogue has the id {dialogue_id!r}; near: {hint}")

    def exchanges(self, number: int) -> list[Exchange]:
        """Every stored exchange of a dialogue, failed ones included, in turn order."""
        rows = self._rows(f"SELECT {_REPLY_COLUMNS} FROM replies WHERE dialogue = ? ORDER BY turn", (number,))
        return [_exchange(row) for row in rows]

    def verdicts(self, number: int) -> list[tuple[str, Verdict]]:
        """The verdicts on a dialogue, each with its judge's name."""
        rows = self._rows(
            "SELECT judge, turn, state, label, stance, reason, cause, raw, input_tokens, output_tokens, latency_ms,"
            " attempts FROM verdicts WHERE dialogue = ? ORDER BY judge, turn",
            (number,),
        )
        return [(judge, _verdict(row)) for judge, *row in rows]

    def scored_rows(self, judge: str) -> Iterator[ScoredRow]:
        """Every dialogue with its outcome under one judge, in run order."""
        rows = self._rows(
            "SELECT d.dialogue, d.benchmark, d.id, d.grp, d.length, d.scenario, d.method, d.setting, d.intent,"
            " d.modality, r.state, r.turn, r.failure_kind, v.state, v.label, v.stance FROM dialogues d"
            " LEFT JOIN replies r ON r.dialogue = d.dialogue AND r.turn ="
            " (SELECT max(turn) FROM replies WHERE dialogue = d.dialogue)"
            " LEFT JOIN verdicts v ON v.dialogue = d.dialogue AND v.turn = d.length AND v.judge = ?"
            " ORDER BY d.dialogue",
            (judge,),
        )
        return (ScoredRow(*row) for row in rows)

    def failures(self) -> dict[str, int]:
        """How many stored replies failed, by kind."""
        rows = self._rows(
            "SELECT failure_kind, count(*) FROM replies WHERE state = 'failed' GROUP BY 1 ORDER BY 2 DESC"
        )
        return dict(rows)

    def totals(self) -> list[TokenTotals]:
        """Calls and tokens of the target and of each judge, summed over stored rows."""
        target = self._rows(
            "SELECT 'target', total(attempts), total(origin <> 'model'),"
            " total(input_tokens) FILTER (WHERE origin = 'model'),"
            " total(output_tokens) FILTER (WHERE origin = 'model'),"
            " avg(latency_ms) FILTER (WHERE origin = 'model') FROM replies"
        )
        # A verdict carries what its calls used: one made of cached replies has no calls and no tokens.
        judges = self._rows(
            'SELECT v.judge, total(v.attempts), total(v.attempts = 0 AND j.card LIKE \'%"model":"%\'),'
            " total(v.input_tokens), total(v.output_tokens), avg(v.latency_ms) FILTER (WHERE v.attempts > 0)"
            " FROM verdicts v JOIN judges j USING (judge) GROUP BY judge ORDER BY j.place"
        )
        return [
            TokenTotals(role, int(calls), int(reused), int(tokens_in), int(tokens_out), latency)
            for role, calls, reused, tokens_in, tokens_out, latency in (*target, *judges)
        ]

    def period(self) -> tuple[str, str] | None:
        """When the first and the last reply were stored (UTC, ISO 8601); None before the first."""
        first, last = next(self._rows("SELECT min(at), max(at) FROM replies"))
        return None if first is None else (first, last)

    def served_models(self) -> list[str]:
        """The model names the target's endpoint gave."""
        rows = self._rows("SELECT DISTINCT served_model FROM replies WHERE served_model IS NOT NULL ORDER BY 1")
        return [row[0] for row in rows]

    def _numbers(self, sql: str, judges: Sequence[str]) -> list[int]:
        names = msgspec.json.encode(list(judges)).decode()
        # Dialogues of one group share images and often a prefix: next to each other they share calls, and a server's
        # prefix cache stays warm.
        order = "ORDER BY min(dialogue) OVER (PARTITION BY benchmark, grp), dialogue"
        return [row[0] for row in self._rows(f"{sql} {order}", {"judges": names})]

    def _rows(self, sql: str, values: tuple[object, ...] | dict[str, object] = ()) -> Iterator[Any]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise sentence(self.path, error) from error


def _verdict(row: list[Any]) -> Verdict:
    turn, state, label, stance, reason, cause, raw, tokens_in, tokens_out, latency, attempts = row
    usage = Usage(tokens_in, tokens_out)
    return Verdict(turn, state, label, stance, reason, cause, raw, usage, latency, attempts)


def _exchange(row: tuple[Any, ...]) -> Exchange:
    turn, request, state, text, finish, tokens_in, tokens_out, latency, served, attempts, kind, message, origin = row
    # Whether a stored failure was worth a retry at the time no longer matters: resuming asks again in any case.
    failure = None if kind is None else Failure(kind, message, retryable=True)
    reply = Reply(state, text, finish, Usage(tokens_in, tokens_out), latency, served, attempts, failure, origin)
    return Exchange(turn, request, reply)
