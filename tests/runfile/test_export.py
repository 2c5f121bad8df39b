"""Exports of a run file: all of it, as one moment saw it, in a file that is there complete or not at all."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rollout.recording import blocked, broken, image, live, ok, scripted
from runfile.files import run_apart
from turnwise.dialogue import Question
from turnwise.errors import RunFileError, TurnwiseError, UsageError
from turnwise.judge import JudgeCard, Verdict
from turnwise.models import Reply, Usage
from turnwise.rollout import Answer, Exchange
from turnwise.runfile import HeldDialogue, Writer, export_jsonl, export_parquet

HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None
needs_pyarrow = pytest.mark.skipif(not HAS_PYARROW, reason="pyarrow is not installed (the extra 'hub')")

FULL = Reply("ok", "line one\nüñ \u2028 \x00", "stop", Usage(11, 7), 12.5, "model-1", 2, origin="model")
QUESTIONS = (
    Question("how", "mcq", "How is it?", "B", ("good", "bad")),
    Question("why", "true_false", "Is it so?", "true"),
)
DIALOGUES = [
    msgspec.structs.replace(live(2, name="talk"), questions=QUESTIONS),
    scripted(2, name="shown", images=[image("a")]),
    live(1, name="shut"),
    live(1, name="new"),
]


def exchange(turn: int, reply: Reply) -> Exchange:
    """A reply at a turn."""
    return Exchange(turn, f"{turn:064x}", reply)


def fill(path: Path) -> Path:
    """A run of four dialogues: answered, failed, blocked, not asked; two judges, of which one ruled on all."""
    with Writer(path) as writer:
        writer.begin_run({"target": "simulated:x", "seed": 0}, DIALOGUES, after=dict)
        writer.add_judge(JudgeCard("zeal", "0" * 64))
        writer.add_judge(JudgeCard("rules", "1" * 64))
        for number, turn, reply in ((1, 1, ok("first")), (1, 2, FULL), (2, 2, broken()), (3, 1, blocked())):
            writer.add_exchange(number, exchange(turn, reply))
        writer.add_verdict(1, "zeal", Verdict(2, "unparsed", cause="no JSON", raw="{", usage=Usage(1, 2)))
        writer.add_verdict(1, "rules", Verdict(2, "scored", "unsafe", "compliance", reason="helps"))
        writer.add_verdict(3, "rules", Verdict(1, "scored", "safe", "refusal", safety_awareness=4, helpfulness=2))
        writer.add_answer(1, Answer("why", "ab" * 32, broken()))
        writer.add_answer(1, Answer("how", "cd" * 32, FULL))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The run file."""
    return fill(tmp_path / "run.sqlite")


def lines(path: Path) -> list[HeldDialogue]:
    """An export read back."""
    return [msgspec.json.decode(line, type=HeldDialogue) for line in path.read_bytes().splitlines()]


def test_jsonl_holds_all_of_a_run(run: Path, tmp_path: Path) -> None:
    """A line a dialogue in run order, with every reply and verdict, exactly as they were."""
    done = export_jsonl(run, tmp_path / "new" / "out.jsonl")
    held = lines(done.files[0])
    assert [item.dialogue for item in held] == DIALOGUES
    assert (done.dialogues, done.replies, done.verdicts, done.answers) == (4, 4, 3, 2)
    assert [[reply.state for reply in item.replies] for item in held] == [
        ["ok", "ok"],
        ["failed"],
        ["provider_blocked"],
        [],
    ]
    last = held[0].replies[1]
    assert (last.text, last.input_tokens, last.output_tokens, last.latency_ms) == (FULL.text, 11, 7, 12.5)
    assert (last.served_model, last.attempts, last.origin, last.turn) == ("model-1", 2, "model", 2)
    assert (held[1].replies[0].failure_kind, held[1].replies[0].text) == ("server_error", "")
    assert [(v.judge, v.state, v.label, v.raw) for v in held[0].verdicts] == [
        ("rules", "scored", "unsafe", None),
        ("zeal", "unparsed", None, "{"),
    ]
    assert [(v.safety_awareness, v.helpfulness) for v in held[2].verdicts] == [(4, 2)]
    how, why = held[0].answers
    assert (how.question, how.text, how.output_tokens, how.origin) == ("how", FULL.text, 7, "model")
    assert (why.question, why.state, why.failure_kind, why.request_sha256) == (
        "why",
        "failed",
        "server_error",
        "ab" * 32,
    )
    assert not any(item.answers for item in held[1:])


def test_jsonl_is_one_json_value_a_line_for_any_reader(run: Path, tmp_path: Path) -> None:
    """Line breaks inside texts are escaped, so that lines and dialogues are as many."""
    export_jsonl(run, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 4


@pytest.mark.extra("hub")
@needs_pyarrow
def test_parquet_has_a_row_for_each_dialogue_and_judge(run: Path, tmp_path: Path) -> None:
    """Judges in the order of the run; what was not asked, or not judged, has empty cells."""
    done = export_parquet(run, tmp_path / "out")
    rows = read(done.files[0])
    assert [(row["id"], row["judge"], row["reply_state"], row["verdict_state"], row["label"]) for row in rows] == [
        ("talk", "zeal", "ok", "unparsed", None),
        ("talk", "rules", "ok", "scored", "unsafe"),
        ("shown", "zeal", "failed", None, None),
        ("shown", "rules", "failed", None, None),
        ("shut", "zeal", "provider_blocked", None, None),
        ("shut", "rules", "provider_blocked", "scored", "safe"),
        ("new", "zeal", None, None, None),
        ("new", "rules", None, None, None),
    ]
    assert (rows[0]["turn"], rows[0]["reply"], rows[0]["judge_output_tokens"]) == (2, FULL.text, 2)
    assert {row["target"] for row in rows} == {"simulated:x"}
    assert [(row["safety_awareness"], row["helpfulness"]) for row in rows[4:6]] == [(None, None), (4, 2)]
    assert [row["group"] for row in rows][::2] == [dialogue.group for dialogue in DIALOGUES]


@pytest.mark.extra("hub")
@needs_pyarrow
def test_parquet_has_a_row_for_each_turn_asked(run: Path, tmp_path: Path) -> None:
    """With the user's words of that turn and the target's."""
    rows = read(export_parquet(run, tmp_path / "out").files[1])
    assert [(row["id"], row["turn"], row["user"], row["reply"], row["failure_kind"]) for row in rows] == [
        ("talk", 1, "question 1", "first", None),
        ("talk", 2, "question 2", FULL.text, None),
        ("shown", 2, "question 2", "", "server_error"),
        ("shut", 1, "question 1", "", None),
    ]


@pytest.mark.extra("hub")
@needs_pyarrow
def test_parquet_has_a_row_for_each_question_asked(run: Path, tmp_path: Path) -> None:
    """In the order of the dialogue, with what was asked, what is right, and the target's words."""
    rows = read(export_parquet(run, tmp_path / "out").files[2])
    assert [(row["id"], row["question"], row["kind"], row["asked"], row["expected"]) for row in rows] == [
        ("talk", "how", "mcq", "How is it?", "B"),
        ("talk", "why", "true_false", "Is it so?", "true"),
    ]
    assert [(row["answer_state"], row["answer"], row["failure_kind"]) for row in rows] == [
        ("ok", FULL.text, None),
        ("failed", "", "server_error"),
    ]
    assert [row["options"] for row in rows] == [["good", "bad"], []]


@pytest.mark.extra("hub")
@needs_pyarrow
def test_parquet_carries_the_settings(run: Path, tmp_path: Path) -> None:
    """What shaped the numbers stands in the metadata of both files."""
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    for file in export_parquet(run, tmp_path / "out").files:
        metadata = parquet.read_schema(file).metadata
        assert metadata[b"turnwise.target"] == b'"simulated:x"'


@pytest.mark.extra("hub")
@needs_pyarrow
def test_parquet_is_written_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of more rows than a batch has several row groups, and every row once."""
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    with Writer(tmp_path / "run.sqlite") as writer:
        writer.begin_run({"n": 1}, (live(1, name=f"d{number}") for number in range(1_100)), after=dict)
    file = export_parquet(tmp_path / "run.sqlite", tmp_path / "out").files[0]
    assert parquet.ParquetFile(file).metadata.num_row_groups == 3
    assert [row["id"] for row in read(file)] == [f"d{number}" for number in range(1_100)]


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def test_a_run_that_goes_on_is_exported_as_it_stood(tmp_path: Path) -> None:
    """What is written after the export began is not in it, and the writer is not kept waiting."""
    path = fill(tmp_path / "run.sqlite")
    with Writer(path) as writer:
        writer.add_exchange(4, exchange(1, ok("not yet committed")))
        assert export_jsonl(path, tmp_path / "before.jsonl").replies == 4
        writer.commit()
        assert export_jsonl(path, tmp_path / "after.jsonl").replies == 5


Write = Callable[[Path, Path], object]
BOTH = pytest.mark.parametrize(
    "write",
    [export_jsonl, pytest.param(export_parquet, marks=[needs_pyarrow, pytest.mark.extra("hub")])],
    ids=["jsonl", "parquet"],
)


def refused(write: Write, run: Path, out: Path) -> TurnwiseError:
    """The error of an export, which must be one line."""
    with pytest.raises(TurnwiseError) as raised:
        write(run, out)
    assert "\n" not in str(raised.value)
    return raised.value


@BOTH
def test_an_export_takes_the_place_of_nothing(write: Write, run: Path, tmp_path: Path) -> None:
    """What is there already stays as it is, and nothing else is left beside it."""
    folder = tmp_path / "exports"
    write(run, folder / "x")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    error = refused(write, run, folder / "x")
    assert "is there already; take it away or give another name with --out" in str(error)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@BOTH
def test_an_export_that_fails_leaves_nothing(write: Write, run: Path, tmp_path: Path) -> None:
    """A run that is damaged half way through breaks off the export."""
    folder = tmp_path / "exports"
    folder.mkdir()
    run_apart("import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()", run, DAMAGE)
    assert "the run file is damaged: table dialogues, dialogue 3: " in str(refused(write, run, folder / "x"))
    assert [path for path in folder.rglob("*") if path.is_file()] == []


DAMAGE = "UPDATE dialogues SET body = '{}' WHERE dialogue = 3"


@BOTH
def test_a_run_is_never_overwritten(write: Write, run: Path, tmp_path: Path) -> None:
    """A database in the place of the export, such as the run itself, is refused and untouched."""
    before = run.read_bytes()
    assert isinstance(refused(write, run, run), UsageError)
    assert run.read_bytes() == before


@BOTH
def test_what_is_no_run_is_refused(write: Write, tmp_path: Path) -> None:
    """A missing run and a text file give one sentence, and no file is made."""
    (tmp_path / "notes").write_text("dear diary" * 100)
    for name in ("absent.sqlite", "notes"):
        assert isinstance(refused(write, tmp_path / name, tmp_path / "out"), RunFileError)
    assert not (tmp_path / "out").is_file()
    assert not list((tmp_path).glob(".*"))


@BOTH
def test_a_place_that_cannot_be_written_is_refused(write: Write, run: Path, tmp_path: Path) -> None:
    """A file in the place of a folder above gives one sentence."""
    (tmp_path / "file").write_text("")
    error = refused(write, run, tmp_path / "file" / "deeper" / "out")
    assert "give another --out" in str(error)


def test_the_kind_of_place_must_fit_the_format(run: Path, tmp_path: Path) -> None:
    """JSON Lines go into a file, Parquet into a folder; the sentence says which."""
    assert "a folder" in str(refused(export_jsonl, run, tmp_path))
    assert "makes a folder" in str(refused(export_parquet, run, tmp_path / "out.parquet"))


def test_parquet_without_its_extra_says_how_to_get_it(run: Path, tmp_path: Path) -> None:
    """Without pyarrow one sentence gives the command that installs it; nothing is written."""
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\n"
        "from turnwise.runfile import export_parquet\n"
        "export_parquet(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    done = run_apart(code, run, tmp_path / "out")
    assert done.stderr.splitlines()[-1].endswith("needs the extra 'hub': pip install 'turnwise[hub]'")
    assert not (tmp_path / "out").exists()
