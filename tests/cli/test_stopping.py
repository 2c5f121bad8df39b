"""Runs that end early: a dead endpoint, Ctrl-C, a reader that leaves. Answers are kept, and people are told."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cli.command import ESCAPE, attacks, chat_server, command_line, environment, turnwise, write_lines
from cli.conftest import Call
from turnwise.errors import RunFileError
from turnwise.runfile import Reader

SLOW = ["run", "-t", "simulated:steady,latency_ms=300", "--limit", "40", "--concurrency", "4", "--out", "run.sqlite"]


def answered(path: Path) -> int:
    """How many dialogues a run file has finished so far."""
    try:
        with Reader(path) as reader:
            return reader.count() - len(reader.pending(["rules"])) if reader.judges() else 0
    except RunFileError:
        return 0


def interrupted_while_reading(folder: Path, number: signal.Signals, *options: str) -> list[str]:
    """The lines on standard error of a run that gets a signal while it reads a benchmark for many seconds."""
    write_lines(folder / "huge.jsonl", ({"id": str(row), "turns": [{"user": "hello"}]} for row in range(150_000)))
    arguments = command_line("run", "-b", "jsonl:huge.jsonl", "-t", "simulated:steady,latency_ms=9000", *options)
    with subprocess.Popen(
        arguments, cwd=folder, env=environment(TMPDIR=str(folder)), stderr=subprocess.PIPE, text=True
    ) as running:
        # A dry run fills a run file too, in the folder for temporary files.
        while running.poll() is None and not list(folder.rglob("run.sqlite")):
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(number)
        _, err = running.communicate(timeout=120)
    assert running.returncode == 130
    return err.splitlines()


def test_dead_endpoint_stops_the_run_with_its_cause(call: Call) -> None:
    """Where nobody listens the run gives up with exit code 1, the cause, what is kept, and no tables."""
    write_lines(Path("small.jsonl"), attacks("abcdefgh"))
    target = ["-t", "openai:m@http://127.0.0.1:9/v1", "--max-attempts", "1"]

    done = call("run", "-b", "jsonl:small.jsonl", *target, "--out", "dead.sqlite")

    sentence, kept = done.err.splitlines()[-2:]
    assert (done.code, done.out) == (1, "")
    assert sentence.startswith("turnwise: openai:m@http://127.0.0.1:9/v1 failed 5 times in a row")
    assert "connection" in sentence
    assert "run the same command again" in sentence
    assert kept.startswith("0 of 16 dialogues are done and kept in dead.sqlite")


def test_server_error_text_cannot_drive_the_terminal(call: Call) -> None:
    """Escape sequences in an error body reach neither the error sentence nor `show`."""
    write_lines(Path("small.jsonl"), attacks("abcdefgh"))
    with chat_server(status=500, body={"error": {"message": f"broken {ESCAPE}"}}) as url:
        target = ["-t", f"openai:m@{url}", "--max-attempts", "1", "--concurrency", "1"]
        done = call("run", "-b", "jsonl:small.jsonl", *target, "-o", "dead.sqlite")
    shown = call("show", "dead.sqlite", "a/1")

    assert done.code == 1
    assert "broken" in done.err
    assert "[failed]" in shown.out
    assert not set("\x1b\x07") & set(done.err + shown.out)


def test_interrupted_run_keeps_its_answers_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C ends with 130 and one sentence on what is kept; the same command does only the rest."""
    with subprocess.Popen(
        command_line(*SLOW), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        while running.poll() is None and answered(tmp_path / "run.sqlite") < 5:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    kept = answered(tmp_path / "run.sqlite")
    with Reader(tmp_path / "run.sqlite") as reader:
        total = reader.count()

    assert (running.returncode, out) == (130, "")
    assert 5 <= kept < total
    way_on = "the same command goes on, and `turnwise report run.sqlite` prints the numbers there are"
    assert err.splitlines()[-2:] == [
        "turnwise: interrupted",
        f"{kept} of {total} dialogues are done and kept in run.sqlite; {way_on}",
    ]

    again = turnwise(*SLOW, cwd=tmp_path)

    assert again.code == 0
    assert again.err.splitlines()[0].endswith(f": {total} dialogues, {total - kept} to do")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_anything_was_sent_one_signal_ends_at_once(number: signal.Signals, tmp_path: Path) -> None:
    """While a large benchmark is read the run ends with 130 and leaves no run file."""
    err = interrupted_while_reading(tmp_path, number, "--out", "run.sqlite")

    assert err == ["turnwise: interrupted", "nothing was asked yet"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["huge.jsonl"]


def test_a_plan_ends_at_once(tmp_path: Path) -> None:
    """A dry run sends nothing, so that the first Ctrl-C ends it, and leaves nothing behind."""
    err = interrupted_while_reading(tmp_path, signal.SIGINT, "--dry-run")

    assert err == ["turnwise: interrupted"]
    assert [path.name for path in tmp_path.iterdir()] == ["huge.jsonl"]


@pytest.mark.parametrize("command", ["show", "report", "list", "schema", "--help"])
def test_reader_that_leaves_early_is_no_error(command: str, call: Call, small_run: Path, tmp_path: Path) -> None:
    """With `| head -1` the command ends quietly."""
    arguments = [command, str(small_run)] if command in {"show", "report"} else [command]
    with subprocess.Popen(
        command_line(*arguments), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        err = running.stderr.read().decode()

    assert err == ""


def test_running_numbers_appear_while_a_piped_run_goes_on(tmp_path: Path) -> None:
    """A longer piped run says now and then how far it is, with the attack success so far and its interval."""
    write_lines(tmp_path / "many.jsonl", attacks([f"g{number}" for number in range(48)], [1]))
    target = ["-t", "simulated:steady,latency_ms=500", "--concurrency", "4"]

    done = turnwise("run", "-b", "jsonl:many.jsonl", *target, cwd=tmp_path)

    counts, rate = (
        r"\d+ of 48 dialogues; \d+ calls, [\d,]+ tokens",
        r"attack success so far [\d.]+% \[[\d.]+%, [\d.]+%\]",
    )
    assert [line for line in done.err.splitlines() if re.fullmatch(rf"{counts}; {rate} of \d+ judged", line)]
