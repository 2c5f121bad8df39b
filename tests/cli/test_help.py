"""`list`, `schema`, `--version` and `--help`: what the command says about itself."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import typer

from cli.command import attack, turnwise
from cli.conftest import Call
from turnwise import __version__
from turnwise.benchmarks import SPELLINGS as BENCHMARKS
from turnwise.cli.app import app
from turnwise.judge import SPELLINGS as JUDGES
from turnwise.models import SPELLINGS as TARGETS

COMMANDS = (
    "run",
    "judge",
    "report",
    "compare",
    "check",
    "power",
    "calibrate",
    "panel",
    "show",
    "export",
    "list",
    "metrics",
    "schema",
    "annotate",
    "cache",
)


def test_module_and_version(tmp_path: Path) -> None:
    """`python -m turnwise --version` prints name and version, and nothing else."""
    done = turnwise("--version", cwd=tmp_path)

    assert (done.code, done.out, done.err) == (0, f"turnwise {__version__}\n", "")


def test_help_lists_the_commands_and_exit_codes(call: Call) -> None:
    """`--help` names every command and what the exit codes mean."""
    done = call("--help")

    listed = [line.split()[0] for line in done.out.split("Commands:")[1].splitlines() if line.startswith("  ")]
    assert done.code == 0
    assert tuple(listed[: len(COMMANDS)]) == COMMANDS
    assert "Exit codes: 0 done, 1 incomplete" in done.out


def test_no_command_prints_the_help(call: Call) -> None:
    """Called with nothing at all, the command says what it can do, and exits with 2."""
    done = call()

    assert done.code == 2
    assert "Commands:" in done.out + done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(command: str, call: Call) -> None:
    """The help of a command says what it does and explains each of its options and arguments."""
    done = call(command, "--help")
    parameters = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    options = [option for parameter in parameters for option in parameter.opts if option.startswith("-")]

    assert done.code == 0
    assert [parameter.name for parameter in parameters if not parameter.help] == []
    assert [option for option in options if f"{option} " not in done.out and f"{option}," not in done.out] == []


def test_list_names_all_spellings_and_no_runs_yet(call: Call) -> None:
    """`list` shows every benchmark, target and judge, and how to get a first run."""
    done = call("list")

    assert done.code == 0
    assert [name for name in (*BENCHMARKS, *TARGETS, *JUDGES) if name not in done.out] == []
    assert done.out.endswith("runs under runs/\n  none yet; `turnwise run` makes one\n")


def test_list_fits_a_terminal_of_80_columns(call: Call) -> None:
    """What a spelling is stands beside it in one column, however many lines it takes, and nothing is wider."""
    lines = call("list").out.splitlines()

    assert max(map(len, lines)) <= 80
    beside = [line for line in lines if line.startswith(" " * 31)]
    assert len(beside) > 5
    assert all(line[31] != " " for line in beside)


def test_list_describes_runs_and_unreadable_files(call: Call, small_run: Path) -> None:
    """`list --runs FOLDER` says of each file what it holds, and of a broken one why it cannot be read."""
    Path("broken.sqlite").write_text("no database at all\n" * 200)

    lines = call("list", "--runs", ".").out.split("runs under ./\n")[1].splitlines()

    assert lines[0] == "  broken.sqlite"
    assert lines[1].startswith("    unreadable: not a turnwise run file")
    assert lines[2:] == [
        "  small.sqlite",
        "    jsonl:small.jsonl -> scripted:replies.jsonl -> rules",
        "    5 dialogues, complete",
    ]


def test_schema_accepts_our_records_and_refuses_others(call: Call) -> None:
    """`schema` prints a valid JSON Schema that tells a record of our format from a broken one."""
    done = call("schema")
    schema = json.loads(done.out)
    validator = jsonschema.Draft202012Validator(schema)

    assert done.code == 0
    jsonschema.Draft202012Validator.check_schema(schema)
    assert validator.is_valid(attack("a", 2))
    assert not validator.is_valid({"id": "a"})
    assert not validator.is_valid({**attack("a", 1), "surprise": 1})
