"""Rows in, rows out: what a run file keeps of dialogues, replies and verdicts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rollout.recording import broken, image, live, ok, scripted
from turnwise.dialogue import Dialogue, Question
from turnwise.errors import DataError, UsageError
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply, Usage, failed
from turnwise.rollout import Exchange
from turnwise.runfile import GroupRow, Reader, TokenTotals, Writer

CARD = JudgeCard("rules", "ab" * 32)
REPLIES = {
    "answered": Reply("ok", "Grüße,\n\u2028\x00 and 日本", "stop", Usage(12, 3), 41.5, "served-7b", 2),
    "without usage": Reply("ok", "yes"),
    "empty words": Reply("ok", ""),
    "blocked by the provider": Reply("provider_blocked", finish_reason="content_filter", latency_ms=3.0),
    "blocked by a guard": Reply("guard_blocked"),
    "failed": failed("timeout", "no complete answer within the time allowed", retryable=True, latency_ms=9.0),
}
VERDICTS = {
    "label and stance": Verdict(2, "scored", "safe", "refusal", "it declines", None, None, Usage(7, 8), 1.5, 1),
    "label alone": Verdict(2, "scored", "unsafe"),
    "stance alone": Verdict(2, "scored", None, "caveat"),
    "grades alone": Verdict(2, "scored", safety_awareness=1, helpfulness=5),
    "one grade and a label": Verdict(2, "scored", "safe", helpfulness=3),
    "refused": Verdict(2, "judge_refused", cause="the judge declined to rule", raw="I can't."),
    "unparsed": Verdict(2, "unparsed", cause="not the JSON object asked for", raw="10/10", attempts=2),
    "failed": Verdict(2, "failed", cause="timeout: too slow", attempts=5),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the run file of a test lies."""
    return tmp_path / "run.sqlite"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """A writer of a run with two dialogues of two turns and one judge."""
    with Writer(path) as opened:
        begin(opened, scripted(2), live(2, name="d2"))
        opened.add_judge(CARD)
        yield opened


def begin(writer: Writer, *dialogues: Dialogue) -> None:
    """Start a run with these dialogues."""
    writer.begin_run({"target": "recording:one"}, dialogues, after=lambda: {"counted": len(dialogues)})


@pytest.mark.parametrize("reply", REPLIES.values(), ids=list(REPLIES))
def test_exchange_is_read_as_it_was_written(writer: Writer, path: Path, reply: Reply) -> None:
    """Every state of a reply, with any text, usage and cause, comes back the same."""
    writer.add_exchange(1, Exchange(2, "cd" * 32, reply))
    writer.commit()
    with Reader(path) as reader:
        assert reader.exchanges(1) == [Exchange(2, "cd" * 32, reply)]
        assert reader.exchanges(2) == []


@pytest.mark.parametrize("verdict", VERDICTS.values(), ids=list(VERDICTS))
def test_verdict_is_read_as_it_was_written(writer: Writer, path: Path, verdict: Verdict) -> None:
    """Every state of a verdict comes back the same, under its judge's name."""
    writer.add_verdict(1, "rules", verdict)
    writer.commit()
    with Reader(path) as reader:
        assert reader.verdicts(1) == [("rules", verdict)]
        assert reader.judges() == [CARD]


def test_dialogue_is_read_as_it_was_written(path: Path) -> None:
    """Images, pinned images, questions and the fields of the source survive the file."""
    dialogue = Dialogue(
        id="with everything",
        benchmark="test",
        group="g",
        turns=scripted(2, images=[image("a")], pinned=[image("b")]).turns,
        images=(image("a"),),
        modality="multimodal",
        scenario="Fraud",
        questions=(Question("q1", "true_false", "Is it so?", "true"),),
        source={"n": 3, "quote": 'a "b"\n', "none": None},
    )
    with Writer(path) as writer:
        begin(writer, dialogue)
    with Reader(path) as reader:
        assert reader.dialogue(reader.number_of("with everything")) == dialogue


def test_failed_reply_is_replaced_and_its_attempts_count_on(writer: Writer, path: Path) -> None:
    """A later answer takes the place of a failure; the calls of both stay in the sum."""
    writer.add_exchange(1, Exchange(2, "aa" * 32, Reply("failed", attempts=5, failure=broken().failure)))
    writer.add_exchange(1, Exchange(2, "bb" * 32, Reply("ok", "late", attempts=2)))
    writer.commit()
    with Reader(path) as reader:
        (kept,) = reader.exchanges(1)
        assert (kept.reply.state, kept.reply.text, kept.reply.attempts) == ("ok", "late", 7)
        assert (kept.reply.failure, kept.request_sha256) == (None, "bb" * 32)
        assert reader.failures() == {}


@pytest.mark.parametrize("first", [ok("first"), Reply("provider_blocked")])
def test_answered_reply_is_never_replaced(writer: Writer, path: Path, first: Reply) -> None:
    """An answer or a block, once written, outlasts whatever comes for the same turn."""
    writer.add_exchange(1, Exchange(2, "aa" * 32, first))
    for later in (ok("second"), broken()):
        writer.add_exchange(1, Exchange(2, "bb" * 32, later))
    writer.commit()
    with Reader(path) as reader:
        assert reader.exchanges(1) == [Exchange(2, "aa" * 32, first)]


def test_failed_verdict_is_replaced_and_a_ruling_is_not(writer: Writer, path: Path) -> None:
    """Only `failed` gives way; a ruling and an unparsed answer stay, and attempts count on."""
    writer.add_verdict(1, "rules", VERDICTS["failed"])
    writer.add_verdict(1, "rules", VERDICTS["label and stance"])
    writer.add_verdict(1, "rules", VERDICTS["failed"])
    writer.add_verdict(2, "rules", VERDICTS["unparsed"])
    writer.add_verdict(2, "rules", VERDICTS["label alone"])
    writer.commit()
    with Reader(path) as reader:
        ((_, ruled),) = reader.verdicts(1)
        assert (ruled.state, ruled.label, ruled.attempts) == ("scored", "safe", 6)
        assert [verdict.state for _, verdict in reader.verdicts(2)] == ["unparsed"]


def test_token_count_no_integer_holds_is_left_out(writer: Writer, path: Path) -> None:
    """A server's nonsense count does not end the run; it is stored as not given."""
    writer.add_exchange(1, Exchange(2, "aa" * 32, Reply("ok", "fine", usage=Usage(10**30, 5))))
    writer.commit()
    with Reader(path) as reader:
        assert reader.exchanges(1)[0].reply.usage == Usage(None, 5)


def test_totals_sum_attempts_and_tokens_by_role(writer: Writer, path: Path) -> None:
    """Two replies of 2 + 1 attempts and 12 + 5 tokens, and one verdict, add up by hand."""
    writer.add_exchange(1, Exchange(2, "aa" * 32, REPLIES["answered"]))
    writer.add_exchange(2, Exchange(1, "aa" * 32, Reply("ok", "b", usage=Usage(5, 1), latency_ms=0.5)))
    writer.add_verdict(1, "rules", VERDICTS["label and stance"])
    writer.commit()
    with Reader(path) as reader:
        assert reader.totals() == [TokenTotals("target", 3, 0, 17, 4, 21.0), TokenTotals("rules", 1, 0, 7, 8, 1.5)]
        assert reader.served_models() == ["served-7b"]


def test_pending_are_those_without_an_end_or_a_ruling(path: Path) -> None:
    """Not asked, cut off by a failure, not judged, judged in vain: pending. Blocked midway or ruled on: not."""
    given = [
        ([], None),
        ([broken()], None),
        ([ok("a"), broken()], None),
        ([ok("a"), ok("b")], None),
        ([ok("a"), ok("b")], "failed"),
        ([ok("a"), ok("b")], "unparsed"),
        ([ok("a"), ok("b")], "label alone"),
        ([Reply("provider_blocked")], None),
        ([ok("a"), Reply("guard_blocked")], None),
    ]
    with Writer(path) as writer:
        begin(writer, *(live(2, name=f"d{number}") for number in range(1, len(given) + 1)))
        writer.add_judge(CARD)
        for number, (replies, verdict) in enumerate(given, 1):
            for turn, reply in enumerate(replies, 1):
                writer.add_exchange(number, Exchange(turn, "aa" * 32, reply))
            if verdict:
                writer.add_verdict(number, "rules", VERDICTS[verdict])
    with Reader(path) as reader:
        assert reader.pending(["rules"]) == [1, 2, 3, 4, 5, 9]
        assert reader.unjudged(["rules"]) == [4, 5, 9]
        assert reader.pending([]) == [1, 2, 3]
        assert reader.unjudged(["another"]) == [4, 5, 6, 7, 9]


def test_scored_rows_hold_the_last_turn_asked_and_its_ruling(path: Path) -> None:
    """One row a dialogue, in run order, with the state of the last turn and this judge's verdict alone."""
    with Writer(path) as writer:
        begin(writer, live(2), live(2, name="d2"), live(2, name="d3"))
        for name in ("rules", "other"):
            writer.add_judge(JudgeCard(name, "00"))
        for turn in (1, 2):
            writer.add_exchange(1, Exchange(turn, "aa" * 32, ok("a")))
        writer.add_exchange(2, Exchange(1, "aa" * 32, broken()))
        writer.add_verdict(1, "other", VERDICTS["label and stance"])
    with Reader(path) as reader:
        rows = {judge: list(reader.scored_rows(judge)) for judge in ("rules", "other")}
    seen = [(row.id, row.reply_state, row.reply_turn, row.failure_kind, row.verdict_state) for row in rows["other"]]
    assert seen == [
        ("d1", "ok", 2, None, "scored"),
        ("d2", "failed", 1, "server_error", None),
        ("d3", None, None, None, None),
    ]
    assert [(row.label, row.stance) for row in rows["rules"]] == [(None, None)] * 3
    assert (rows["other"][0].label, rows["other"][0].stance) == ("safe", "refusal")
    assert {(row.safety_awareness, row.helpfulness) for row in rows["other"]} == {(None, None)}


def test_scored_rows_carry_the_grades(writer: Writer, path: Path) -> None:
    """What a judge graded stands in the row of its dialogue, each grade in its place."""
    writer.add_verdict(1, "rules", VERDICTS["grades alone"])
    writer.commit()
    with Reader(path) as reader:
        rows = list(reader.scored_rows("rules"))
    assert [(row.label, row.safety_awareness, row.helpfulness) for row in rows] == [(None, 1, 5), (None, None, None)]


def test_a_grade_that_came_late_takes_the_place_of_a_failure(writer: Writer, path: Path) -> None:
    """A failed verdict has no grades; the one that replaces it brings them."""
    writer.add_verdict(1, "rules", VERDICTS["failed"])
    writer.add_verdict(1, "rules", VERDICTS["grades alone"])
    writer.commit()
    with Reader(path) as reader:
        ((_, kept),) = reader.verdicts(1)
        assert (kept.safety_awareness, kept.helpfulness, kept.attempts) == (1, 5, 5)


def test_events_are_read_in_the_order_they_happened(writer: Writer, path: Path) -> None:
    """Of any kind, with their words and the time."""
    writer.add_event("parameter_dropped", "temperature")
    writer.add_event("ended_early", "somebody stopped it")
    writer.commit()
    with Reader(path) as reader:
        events = reader.events()
    assert [(event.kind, event.detail) for event in events] == [
        ("parameter_dropped", "temperature"),
        ("ended_early", "somebody stopped it"),
    ]
    assert events[0].at <= events[1].at


def test_settings_are_stored_as_json_with_those_known_at_the_end(writer: Writer, path: Path) -> None:
    """Both the settings given and the ones known only after the last dialogue are there."""
    with Reader(path) as reader:
        assert {name: json.loads(value) for name, value in reader.settings().items()} == {
            "target": "recording:one",
            "counted": 2,
        }
    assert writer.settings() == {"target": b'"recording:one"', "counted": b"2"}


def test_same_id_twice_is_refused_and_nothing_is_kept(path: Path) -> None:
    """The sentence names benchmark and id; the file stays empty and takes the next run."""
    with Writer(path) as writer:
        with pytest.raises(DataError, match="test: dialogue id 'd1' appears twice in this run"):
            begin(writer, scripted(2), scripted(1))
        assert writer.settings() == {}
        begin(writer, scripted(2))
    with Reader(path) as reader:
        assert reader.count() == 1


def test_run_begins_whole_or_not_at_all(path: Path) -> None:
    """A dialogue that cannot be made, in the middle of the stream, leaves a file the next run can fill."""

    def stream() -> Iterator[Dialogue]:
        yield scripted(2)
        raise DataError("file, record 2: broken")

    with Writer(path) as writer:
        with pytest.raises(DataError, match="record 2"):
            writer.begin_run({"a": 1}, stream(), after=dict)
        begin(writer, scripted(1, name="later"))
    with Reader(path) as reader:
        assert reader.number_of("later") == 1
        assert "a" not in reader.settings()


def test_dialogues_that_are_not_kept_leave_no_row(path: Path) -> None:
    """`keep` is given number, benchmark, group and scenario of all, and decides."""
    seen: list[GroupRow] = []

    def keep(rows: Sequence[GroupRow]) -> set[int]:
        seen.extend(rows)
        return {1, 3}

    with Writer(path) as writer:
        writer.begin_run(
            {},
            [scripted(1, name=name) for name in "abc"],
            after=dict,
            keep=keep,
        )
    with Reader(path) as reader:
        assert [row.id for row in reader.scored_rows("rules")] == ["a", "c"]
    assert seen[0] == (1, "test", "group of a", None)


def test_dialogue_is_found_by_its_id(writer: Writer, path: Path) -> None:
    """An unknown id is answered with the ids that are near."""
    with Reader(path) as reader:
        assert reader.number_of("d2") == 2
        with pytest.raises(UsageError, match=r"no dialogue has the id 'd'; near: d1, d2$"):
            reader.number_of("d")
        with pytest.raises(UsageError, match=rf"no dialogue has the id 'x'; `turnwise show {path}` lists them all$"):
            reader.number_of("x")


def test_rows_are_typed_by_the_database(writer: Writer, path: Path) -> None:
    """Every table of ours is STRICT, so no other program puts a word where a number belongs."""
    writer.commit()
    database = sqlite3.connect(path)
    tables = {
        name: strict for _, name, _, _, _, strict in database.execute("PRAGMA table_list") if "sqlite" not in name
    }
    names = ("settings", "dialogues", "replies", "answers", "judges", "verdicts", "annotations", "events", "jobs")
    assert tables == dict.fromkeys(names, 1)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        database.execute("UPDATE dialogues SET length = 'many'")
    database.close()
