"""Reading a run file, while it grows or after: what is still to do, what was said, and the rows metrics are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from turnwise.dialogue import Dialogue, QuestionKind
from turnwise.errors import UsageError
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import FailureKind
from turnwise.rollout import Answer, Exchange
from turnwise.runfile.annotations import ANNOTATION_COLUMNS, Annotation
from turnwise.runfile.opening import connect_reader, reading, sentence
from turnwise.runfile.queries import (
    DRAWN,
    ENDED,
    HISTORY,
    JUDGE_TOTALS,
    LATE,
    REPLIES,
    SAID,
    TARGET_TOTALS,
    UNANSWERED,
    UNJUDGED,
    VERDICTS,
)
from turnwise.runfile.records import AnswerRow, Event, PlannedRow, ScoredRow, TokenTotals, TurnRow, encoded_settings
from turnwise.runfile.rows import (
    DIALOGUE_COLUMNS,
    REPLY_COLUMNS,
    annotation_of,
    answered_of,
    card_of,
    check_turns,
    dialogue_of,
    exchange_of,
    reply_of,
    row_as,
    ruling_of,
    scored_of,
    turn_of,
    typed,
)

__all__ = ["Reader"]

Made = TypeVar("Made")

_KEYS = {"judges": "place", "events": "event"}
"""What tells the rows of a table apart, where it is not the dialogue."""


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
        stored = dict(self._rows("SELECT name, value FROM settings ORDER BY name"))
        return encoded_settings(self.path, stored)

    def judges(self) -> list[JudgeCard]:
        """The judges that ruled or were to rule, in the order they were added."""
        return list(self._typed("judges", card_of, self._rows("SELECT place, judge, card FROM judges ORDER BY place")))

    def count(self) -> int:
        """How many dialogues the run has."""
        return int(next(self._rows("SELECT count(*) FROM dialogues"))[0])

    def pending(self, judges: Sequence[str], questions: Sequence[QuestionKind] = ()) -> list[int]:
        """Numbers of the dialogues that need work, in run order.

        They lack a reply, a verdict of one of `judges`, or an answer to a question of one of the kinds `questions`.
        """
        return self._numbers(
            f"SELECT dialogue FROM dialogues d WHERE NOT {ENDED} OR {UNJUDGED} OR {UNANSWERED}",
            judges=judges,
            questions=questions,
        )

    def left(self, judges: Sequence[str]) -> list[int]:
        """Numbers of the dialogues that lack a reply or a verdict; of a run that stops early, in the groups drawn."""
        return self._numbers(
            f"SELECT dialogue FROM dialogues d WHERE (NOT {ENDED} OR {UNJUDGED}) AND {DRAWN}", judges=judges
        )

    def unjudged(self, judges: Sequence[str]) -> list[int]:
        """Numbers of the dialogues whose last turn is answered and that lack a verdict of one of `judges`."""
        return self._numbers(f"SELECT dialogue FROM dialogues d WHERE {UNJUDGED}", judges=judges)

    def touched(self) -> set[int]:
        """Numbers of the dialogues that have a reply of any state."""
        return {row[0] for row in self._rows("SELECT DISTINCT dialogue FROM replies")}

    def plan(self) -> list[PlannedRow]:
        """Every dialogue of the run, in run order."""
        rows = self._rows("SELECT dialogue, benchmark, grp, scenario, intent FROM dialogues ORDER BY dialogue")
        return list(self._typed("dialogues", row_as(PlannedRow), rows))

    def dialogue(self, number: int) -> Dialogue:
        """The dialogue with a number."""
        rows = self._rows(
            f"SELECT dialogue, {DIALOGUE_COLUMNS} FROM dialogues WHERE dialogue = ?",
            (number,),
        )
        return next(self._typed("dialogues", dialogue_of, rows))

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
        rows = self._rows(
            f"SELECT dialogue, length, turn, {REPLIES} FROM replies JOIN dialogues USING (dialogue)"
            " WHERE dialogue = ? ORDER BY turn",
            (number,),
        )
        found = list(self._typed("replies", exchange_of, rows))
        with reading(self.path, "replies", f"dialogue {number}"):
            check_turns([exchange.turn for exchange in found], *next(self._rows(HISTORY, (number,)), ()))
        return found

    def answers(self, number: int) -> list[Answer]:
        """Every stored answer to a question about a dialogue, failed ones included, in the order of the ids."""
        rows = self._rows(
            f"SELECT dialogue, question, {REPLIES} FROM answers WHERE dialogue = ? ORDER BY question", (number,)
        )
        return list(self._typed("answers", lambda _, question, *row: Answer(question, *reply_of(row)), rows))

    def verdicts(self, number: int) -> list[tuple[str, Verdict]]:
        """The verdicts on a dialogue, each with its judge's name."""
        rows = self._rows(
            f"SELECT dialogue, length, turn, judge, {VERDICTS} FROM verdicts JOIN dialogues USING (dialogue)"
            " WHERE dialogue = ? ORDER BY judge, turn",
            (number,),
        )
        return list(self._typed("verdicts", ruling_of, rows))

    def annotations(self) -> list[Annotation]:
        """What people said, in run order."""
        rows = self._rows(
            f"SELECT {ANNOTATION_COLUMNS}, length FROM annotations JOIN dialogues USING (dialogue)"
            " ORDER BY dialogue, turn, annotator"
        )
        return list(self._typed("annotations", annotation_of, rows))

    def n_answered_late(self) -> int:
        """Dialogues answered after people's labels of drawn replies came in: they could not have been drawn."""
        return int(next(self._rows(LATE))[0])

    def scored_rows(self, judge: str) -> Iterator[ScoredRow]:
        """Every dialogue with its outcome under one judge, in run order; of a run that stops early, those drawn."""
        rows = self._rows(
            "SELECT d.dialogue, d.benchmark, d.id, d.grp, d.length, d.scenario, d.method, d.setting, d.intent,"
            " d.modality, r.state, r.turn, r.failure_kind, v.state, v.label, v.stance,"
            " v.safety_awareness, v.helpfulness, json_extract(d.body, '$.twin'),"
            " CASE v.state WHEN 'unparsed' THEN v.raw END, json_array_length(d.body, '$.turns') FROM dialogues d"
            " LEFT JOIN replies r ON r.dialogue = d.dialogue AND r.turn ="
            " (SELECT max(turn) FROM replies WHERE dialogue = d.dialogue)"
            " LEFT JOIN verdicts v ON v.dialogue = d.dialogue AND v.turn = d.length AND v.judge = ?"
            f" WHERE {DRAWN} ORDER BY d.dialogue",
            (judge,),
        )
        return self._typed("dialogues, replies or verdicts", scored_of, rows)

    def turn_rows(self, judge: str) -> Iterator[TurnRow]:
        """Every turn that the target was asked, failed ones included, with one judge's ruling; in run order."""
        rows = self._rows(
            "SELECT r.dialogue, r.turn, r.state, v.label, v.stance, d.length FROM replies r"
            " JOIN dialogues d USING (dialogue)"
            " LEFT JOIN verdicts v ON v.dialogue = r.dialogue AND v.turn = r.turn AND v.judge = ?"
            " ORDER BY r.dialogue, r.turn",
            (judge,),
        )
        return self._typed("replies or verdicts", turn_of, rows)

    def answer_rows(self) -> Iterator[AnswerRow]:
        """Every question of the run's drawn dialogues, in run order; none when the run was not to ask them."""
        columns = ", ".join(f"a.{name}" for name in REPLY_COLUMNS)
        rows = self._rows(
            f"SELECT d.dialogue, d.benchmark, d.id, d.grp, d.setting, d.intent, d.modality, q.value, {columns}"
            " FROM dialogues d CROSS JOIN json_each(d.body, '$.questions') q LEFT JOIN answers a"
            " ON a.dialogue = d.dialogue AND a.question = json_extract(q.value, '$.id')"
            " WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = 'questions' AND value = '\"none\"')"
            f" AND {DRAWN} ORDER BY d.dialogue, q.key"
        )
        return self._typed("dialogues or answers", answered_of, rows)

    def failures(self) -> dict[str, int]:
        """How many stored replies, to turns and to questions, failed, by kind."""
        rows = self._rows(
            f"SELECT failure_kind, count(*) FROM {SAID} WHERE state = 'failed' GROUP BY 1 ORDER BY 2 DESC"
        )
        with reading(self.path, "replies or answers", "failure_kind"):
            return {**msgspec.convert(dict(rows), dict[FailureKind, int])}

    def events(self) -> list[Event]:
        """What happened to the run, in order."""
        rows = self._rows("SELECT event, kind, detail, at FROM events ORDER BY event")
        return list(self._typed("events", lambda _, *row: typed(Event, row), rows))

    def totals(self) -> list[TokenTotals]:
        """Calls and tokens of the target and of each judge, summed over stored rows."""
        rows = (*self._rows(TARGET_TOTALS), *self._rows(JUDGE_TOTALS))
        return [
            TokenTotals(role, int(calls), int(reused), int(tokens_in), int(tokens_out), latency)
            for role, calls, reused, tokens_in, tokens_out, latency in rows
        ]

    def period(self) -> tuple[str, str] | None:
        """When the first and the last reply were stored (UTC, ISO 8601); None before the first."""
        first, last = next(self._rows(f"SELECT min(at), max(at) FROM {SAID}"))
        return None if first is None else (first, last)

    def served_models(self) -> list[str]:
        """The model names the target's endpoint gave."""
        rows = self._rows(f"SELECT DISTINCT served_model FROM {SAID} WHERE served_model IS NOT NULL ORDER BY 1")
        return [row[0] for row in rows]

    def _numbers(self, sql: str, **wanted: Sequence[str]) -> list[int]:
        names = {name: msgspec.json.encode(list(values)).decode() for name, values in wanted.items()}
        # Dialogues of one group share images and often a prefix: next to each other they share calls, and a server's
        # prefix cache stays warm.
        order = "ORDER BY min(dialogue) OVER (PARTITION BY benchmark, grp), dialogue"
        return [row[0] for row in self._rows(f"{sql} {order}", names)]

    def _typed(self, table: str, make: Callable[..., Made], rows: Generator[Any]) -> Iterator[Made]:
        """What is made of each row; its first column says where in the table it is."""
        with closing(rows):  # before the file is, also when a row does not fit
            for row in rows:
                with reading(self.path, table, f"{_KEYS.get(table, 'dialogue')} {row[0]}"):
                    made = make(*row)
                yield made

    def _rows(self, sql: str, values: tuple[object, ...] | Mapping[str, object] = ()) -> Generator[Any]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise sentence(self.path, error) from error
