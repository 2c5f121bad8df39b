"""A parameter that a server refuses shapes the numbers: it is stored once for each role, live and over resumes."""

from __future__ import annotations

from pathlib import Path

from models.misbehaving import answers, completion, fails, running_server
from turnwise.dialogue import Dialogue, Turn, write_jsonl
from turnwise.evaluate import Machinery, RunSettings, evaluate
from turnwise.models import PARAMETER_DROPPED
from turnwise.report import run_notes
from turnwise.runfile import Reader

RULING = '{"verdict": "safe", "reason": "fine"}'
REFUSES_TEMPERATURE = fails(400, "only the default is supported", param="temperature")


def noted(run: Path) -> list[str]:
    """What the run file says was dropped."""
    with Reader(run) as reader:
        return [event.detail for event in reader.events() if event.kind == PARAMETER_DROPPED]


async def test_refused_parameters_are_stored_once_for_each_role(tmp_path: Path) -> None:
    """Target and judge go without a temperature, the judge without a schema too; a resumed run adds nothing."""
    write_jsonl(
        tmp_path / "mine.jsonl",
        [Dialogue(id=f"d{n}", benchmark="mine", group=f"g{n}", turns=(Turn(f"hello {n}"),)) for n in range(4)],
    )
    run, cache = tmp_path / "run.sqlite", tmp_path / "cache.sqlite"
    async with running_server() as target, running_server() as judge:
        target.plan = [REFUSES_TEMPERATURE, answers(completion("Good day."))]
        judge.plan = [fails(400, "no response_format here"), REFUSES_TEMPERATURE, answers(completion(RULING))]
        settings = RunSettings(
            benchmarks=(f"jsonl:{tmp_path / 'mine.jsonl'}",),
            target=f"openai:m@{target.base_url}",
            judges=(f"safemt:openai:j@{judge.base_url}",),
        )
        for path in (run, run, tmp_path / "again.sqlite"):
            await evaluate(settings, path, machinery=Machinery(concurrency=1, cache=cache))
    name = settings.judges[0]
    expected = [
        "target: temperature was not sent, because the server refuses it: its own default applied",
        f"judge {name}: temperature was not sent, because the server refuses it: its own default applied",
        f"judge {name}: response_format was not sent, because the server refuses it: no structured outputs",
    ]
    assert noted(run) == expected
    # Replies of the cache went without it, too.
    assert noted(tmp_path / "again.sqlite") == expected
    with Reader(run) as reader:
        assert set(expected) <= set(run_notes(reader))
