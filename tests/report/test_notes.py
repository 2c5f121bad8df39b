"""What is said beside the numbers because it changes how they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mtmcs_rows import save_as_lines
from report.sample_run import attack
from turnwise.dialogue import write_jsonl
from turnwise.evaluate import RunSettings, evaluate
from turnwise.models import PARAMETER_DROPPED, dropped_note
from turnwise.report import run_notes
from turnwise.runfile import BENCHMARK_LEFT_OUT, Reader, Writer


@pytest.fixture
async def run(tmp_path: Path) -> Path:
    """A simulated target judged by rules and by a simulated model."""
    write_jsonl(tmp_path / "one.jsonl", [attack("g", 1)])
    settings = RunSettings(
        benchmarks=(f"jsonl:{tmp_path / 'one.jsonl'}",),
        target="simulated:steady",
        judges=("rules", "safemt:simulated:steady"),
    )
    await evaluate(settings, tmp_path / "run.sqlite")
    return tmp_path / "run.sqlite"


def notes_of(run: Path) -> list[str]:
    """All notes of a run."""
    with Reader(run) as reader:
        return list(run_notes(reader))


async def test_what_is_no_model_and_what_is_a_control_is_said(run: Path) -> None:
    """Numbers of a demonstration are not to be read as those of a model, nor rules as the last word."""
    assert notes_of(run) == [
        "the target is simulated: documented behaviour, not a model",
        "judge rules is a control, not the last word on harm",
        "the model of judge safemt:simulated:steady is simulated: documented behaviour, not a model",
    ]


async def test_what_a_server_refused_and_a_limit_left_out_is_said(run: Path) -> None:
    """Each in the words it was noted with; other events of the run are not notes."""
    with Writer(run) as writer:
        writer.add_event("ended_early", "stopped")
        writer.add_event(PARAMETER_DROPPED, dropped_note("target", "temperature"))
        writer.add_event(PARAMETER_DROPPED, dropped_note("target", "max_tokens"))
        writer.add_event(BENCHMARK_LEFT_OUT, "nothing of small is in this run")
    assert notes_of(run)[3:] == [
        "target: temperature was not sent, because the server refuses it: its own default applied",
        "target: max_tokens was sent as max_completion_tokens, because the server refuses that name",
        "nothing of small is in this run",
    ]


async def test_what_loading_counted_stands_by_kind(tmp_path: Path) -> None:
    """Rows of the second split, met after the first's dialogues, stand beside the rows of the first."""
    folder = save_as_lines(tmp_path / "set", rows=1)
    settings = RunSettings(benchmarks=(f"mtmcs:{folder},modality=unimodal",), target="simulated:steady")
    await evaluate(settings, tmp_path / "set.sqlite")

    assert [note.split(" x ")[1] for note in notes_of(tmp_path / "set.sqlite") if " x " in note] == [
        "row of type_a (escalation)",
        "row of type_b (context_switch)",
        "dialogue made of these rows",
        "question about these dialogues",
    ]
