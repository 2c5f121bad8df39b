"""Reading a run file, while it grows or after: what is still to do, what was said, and the rows metrics are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from turnwise.dialogue import Dialogue, Question, QuestionKind, decode_dialogue
from turnwise.errors import UsageError
from turnwise.judge import JudgeCard, Verdict
from turnwise.rollout import Answer, Exchange
from turnwise.runfile.annotations import ANNOTATION_COLUMNS, Annotation
from turnwise.runfile.opening import connect_reader, sentence
from turnwise.runfile.records import AnswerRow, Event, PlannedRow, ScoredRow, TokenTotals, TurnRow
from turnwise.runfile.rows import REPLY_COLUMNS, VERDICT_COLUMNS, reply_of, verdict_of

__all__ = ["Reader"]

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
# Questions are about what was said to the end. No body is looked into when no kind of question is wanted.
_UNANSWERED = (
    "EXISTS (SELECT 1 FROM json_each(:questions) k CROSS JOIN replies r CROSS JOIN json_each(d.body, '$.questions') q"
    " WHERE r.dialogue = d.dialogue AND r.turn = d.length AND r.state <> 'failed'"
    " AND json_extract(q.value, '$.kind') = k.value AND NOT EXISTS (SELECT 1 FROM answers a"
    " WHERE a.dialogue = d.dialogue AND a.question = json_extract(q.value, '$.id') AND a.state <> 'failed'))"
)
# A run that stops when its headlines are known leaves groups untouched that nobody was to ask: they are no rows of it.
_DRAWN = (
    "(NOT EXISTS (SELECT 1 FROM settings WHERE name = 'until_half_width' AND value <> 'null')"
    " OR (d.benchmark, d.grp) IN (SELECT e.benchmark, e.grp FROM dialogues e WHERE e.dialogue IN"
    " (SELECT dialogue FROM replies)))"
)
_REPLIES = ", ".join(REPLY_COLUMNS)
_VERDICTS = ", ".join(VERDICT_COLUMNS)
_OF_CALLS = "state, failure_kind, attempts, origin, input_tokens, output_tokens, latency_ms, served_model, at"
_SAID = f"(SELECT {_OF_CALLS} FROM replies UNION ALL SELECT {_OF_CALLS} FROM answers)"
"""Whatever the target was asked, turns and questions, but for its words."""

_TARGET_TOTALS = (
    "SELECT 'target', total(attempts), total(origin <> 'model'),"
    " total(input_tokens) FILTER (WHERE origin = 'model'), total(output_tokens) FILTER (WHERE origin = 'model'),"
    f" avg(latency_ms) FILTER (WHERE origin = 'model') FROM {_SAID}"
)
# A verdict carries what its calls used: one made of cached replies has no calls and no tokens. Where one call rules on
# every turn, the verdict on the last one carries it.
_JUDGE_TOTALS = (
    'SELECT v.judge, total(v.attempts), total(v.attempts = 0 AND v.turn = d.length AND j.card LIKE \'%"model":"%\'),'
    " total(v.input_tokens), total(v.output_tokens), avg(v.latency_ms) FILTER (WHERE v.attempts > 0)"
    " FROM verdicts v JOIN judges j USING (judge) JOIN dialogues d USING (dialogue) GROUP BY judge ORDER BY j.place"
)


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

    @property
    def name(self) -> str:
        """Name of the run, from where its file lies."""
        return self.path.resolve().parent.name if self.path.name == "run.sqlite" else self.path.stem

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

    def pending(self, judges: Sequence[str], questions: Sequence[QuestionKind] = ()) -> list[int]:
        """Numbers of the dialogues that need work, in run order.

        They lack a reply, a verdict of one of `judges`, or an answer to a question of one of the kinds `questions`.
        """
        return self._numbers(
            f"SELECT dialogue FROM dialogues d WHERE NOT {_ENDED} OR {_UNJUDGED} OR {_UNANSWERED}",
            judges=judges,
            questions=questions,
        )

    def unjudged(self, judges: Sequence[str]) -> list[int]:
        """Numbers of the dialogues whose last turn is answered and that lack a verdict of one of `judges`."""
        return self._numbers(f"SELECT dialogue FROM dialogues d WHERE {_UNJUDGED}", judges=judges)

    def touched(self) -> set[int]:
        """Numbers of the dialogues that have a reply of any state."""
        return {row[0] for row in self._rows("SELECT DISTINCT dialogue FROM replies")}

    def plan(self) -> list[PlannedRow]:
        """Every dialogue of the run, in run order."""
        rows = self._rows("SELECT dialogue, benchmark, grp, scenario, intent FROM dialogues ORDER BY dialogue")
        return [PlannedRow(*row) for row in rows]

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
        listed = ", ".join(row[0] for row in near)
        hint = f"near: {listed}" if listed else f"`turnwise show {self.path}` lists them all"
        raise UsageError(f"{self.path}: no dialogue has the id {dialogue_id!r}; {hint}")

    def exchanges(self, number: int) -> list[Exchange]:
        """Every stored exchange of a dialogue, failed ones included, in turn order."""
        rows = self._rows(f"SELECT turn, {_REPLIES} FROM replies WHERE dialogue = ? ORDER BY turn", (number,))
        return [Exchange(turn, *reply_of(row)) for turn, *row in rows]

    def answers(self, number: int) -> list[Answer]:
        """Every stored answer to a question about a dialogue, failed ones included, in the order of the ids."""
        rows = self._rows(f"SELECT question, {_REPLIES} FROM answers WHERE dialogue = ? ORDER BY question", (number,))
        return [Answer(question, *reply_of(row)) for question, *row in rows]

    def verdicts(self, number: int) -> list[tuple[str, Verdict]]:
        """The verdicts on a dialogue, each with its judge's name."""
        rows = self._rows(
            f"SELECT judge, turn, {_VERDICTS} FROM verdicts WHERE dialogue = ? ORDER BY judge, turn", (number,)
        )
        return [(judge, verdict_of(turn, row)) for judge, turn, *row in rows]

    def annotations(self) -> list[Annotation]:
        """What people said, in run order."""
        rows = self._rows(f"SELECT {ANNOTATION_COLUMNS} FROM annotations ORDER BY dialogue, turn, annotator")
        return [Annotation(*row) for row in rows]

    def scored_rows(self, judge: str) -> Iterator[ScoredRow]:
        """Every dialogue with its outcome under one judge, in run order; of a run that stops early, those drawn."""
        rows = self._rows(
            "SELECT d.dialogue, d.benchmark, d.id, d.grp, d.length, d.scenario, d.method, d.setting, d.intent,"
            " d.modality, r.state, r.turn, r.failure_kind, v.state, v.label, v.stance,"
            " v.safety_awareness, v.helpfulness, json_extract(d.body, '$.twin'),"
            " CASE v.state WHEN 'unparsed' THEN v.raw END FROM dialogues d"
            " LEFT JOIN replies r ON r.dialogue = d.dialogue AND r.turn ="
            " (SELECT max(turn) FROM replies WHERE dialogue = d.dialogue)"
            " LEFT JOIN verdicts v ON v.dialogue = d.dialogue AND v.turn = d.length AND v.judge = ?"
            f" WHERE {_DRAWN} ORDER BY d.dialogue",
            (judge,),
        )
        return (ScoredRow(*row) for row in rows)

    def turn_rows(self, judge: str) -> Iterator[TurnRow]:
        """Every turn that the target was asked, failed ones included, with one judge's ruling; in run order."""
        rows = self._rows(
            "SELECT r.dialogue, r.turn, r.state, v.label, v.stance FROM replies r"
            " LEFT JOIN verdicts v ON v.dialogue = r.dialogue AND v.turn = r.turn AND v.judge = ?"
            " ORDER BY r.dialogue, r.turn",
            (judge,),
        )
        return (TurnRow(*row) for row in rows)

    def answer_rows(self) -> Iterator[AnswerRow]:
        """Every question of the run's drawn dialogues, in run order; none when the run was not to ask them."""
        columns = ", ".join(f"a.{name}" for name in REPLY_COLUMNS)
        rows = self._rows(
            f"SELECT q.value, d.dialogue, d.benchmark, d.id, d.grp, d.setting, d.intent, d.modality, {columns}"
            " FROM dialogues d CROSS JOIN json_each(d.body, '$.questions') q LEFT JOIN answers a"
            " ON a.dialogue = d.dialogue AND a.question = json_extract(q.value, '$.id')"
            " WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = 'questions' AND value = '\"none\"')"
            f" AND {_DRAWN} ORDER BY d.dialogue, q.key"
        )
        for question, *row in rows:
            place, reply = row[: -len(REPLY_COLUMNS)], row[-len(REPLY_COLUMNS) :]
            told = None if reply[0] is None else reply_of(reply)[1]
            yield AnswerRow(*(*place, msgspec.json.decode(question, type=Question), told))

    def failures(self) -> dict[str, int]:
        """How many stored replies, to turns and to questions, failed, by kind."""
        rows = self._rows(
            f"SELECT failure_kind, count(*) FROM {_SAID} WHERE state = 'failed' GROUP BY 1 ORDER BY 2 DESC"
        )
        return dict(rows)

    def events(self) -> list[Event]:
        """What happened to the run, in order."""
        return [Event(*row) for row in self._rows("SELECT kind, detail, at FROM events ORDER BY event")]

    def totals(self) -> list[TokenTotals]:
        """Calls and tokens of the target and of each judge, summed over stored rows."""
        rows = (*self._rows(_TARGET_TOTALS), *self._rows(_JUDGE_TOTALS))
        return [
            TokenTotals(role, int(calls), int(reused), int(tokens_in), int(tokens_out), latency)
            for role, calls, reused, tokens_in, tokens_out, latency in rows
        ]

    def period(self) -> tuple[str, str] | None:
        """When the first and the last reply were stored (UTC, ISO 8601); None before the first."""
        first, last = next(self._rows(f"SELECT min(at), max(at) FROM {_SAID}"))
        return None if first is None else (first, last)

    def served_models(self) -> list[str]:
        """The model names the target's endpoint gave."""
        rows = self._rows(f"SELECT DISTINCT served_model FROM {_SAID} WHERE served_model IS NOT NULL ORDER BY 1")
        return [row[0] for row in rows]

    def _numbers(self, sql: str, **wanted: Sequence[str]) -> list[int]:
        names = {name: msgspec.json.encode(list(values)).decode() for name, values in wanted.items()}
        # Dialogues of one group share images and often a prefix: next to each other they share calls, and a server's
        # prefix cache stays warm.
        order = "ORDER BY min(dialogue) OVER (PARTITION BY benchmark, grp), dialogue"
        return [row[0] for row in self._rows(f"{sql} {order}", names)]

    def _rows(self, sql: str, values: tuple[object, ...] | Mapping[str, object] = ()) -> Iterator[Any]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise sentence(self.path, error) from error
