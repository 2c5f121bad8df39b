"""Wrong use of the command: one sentence with the fix in it, exit code 2, no traceback and nothing begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Call

SENTENCES = {
    "benchmark": (["run", "-b", "nope"], ["'nope'", "starter", "safemt:PATH", "jsonl:PATH"]),
    "target": (["run", "-t", "nope:x"], ["'nope:x'", "openai:MODEL", "simulated:", "scripted:FILE"]),
    "simulated target": (["run", "-t", "simulated:kind"], ["'kind'", "steady", "eroding", "flaky"]),
    "judge": (["run", "-j", "nope"], ["'nope'", "rules", "safemt:TARGET", "scripted:FILE"]),
    "judge given twice": (["run", "-j", "rules", "-j", "rules"], ["twice", "rules"]),
    "missing benchmark path": (["run", "-b", "safemt:absent/folder"], ["absent/folder"]),
    "missing table of replies": (["run", "-t", "scripted:absent.jsonl"], ["absent.jsonl"]),
    "URL of another scheme": (["run", "-t", "openai:m@ftp://host/v1"], ["http://", "https://"]),
    "URL with an impossible port": (["run", "-t", "openai:m@http://host:99999/v1"], ["malformed"]),
    "URL without a scheme": (["run", "-t", "openai:m@localhost:8000/v1"], ["scheme"]),
    "no key for a remote URL": (["run", "-t", "openai:gpt-4o-mini"], ["OPENAI_API_KEY"]),
    "lengths that are no numbers": (["metrics", "any.csv", "--lengths", "1,x"], ["'1,x'", "'x'", "--lengths 1,2,4"]),
    "missing run file": (["report", "absent.sqlite"], ["absent.sqlite", "turnwise list"]),
    "missing run file to show": (["show", "absent.sqlite"], ["absent.sqlite"]),
    "missing run file to judge": (["judge", "absent.sqlite", "-j", "rules"], ["absent.sqlite"]),
    "not a run file": (["report", "text.txt"], ["text.txt", "not a turnwise run file"]),
    "an empty file": (["report", "empty.txt"], ["empty.txt", "empty"]),
    "out is no run file": (["run", "--out", "text.txt"], ["text.txt", "not a turnwise run file"]),
    "out is a folder": (["run", "--out", "."], ["--out"]),
    "out below a file": (["run", "--out", "text.txt/run.sqlite"], ["text.txt/run.sqlite", "--out"]),
}
OPTIONS = {
    "history": (["run", "--history", "x"], ["--history", "scripted", "live"]),
    "placement": (["run", "--placement", "x"], ["--placement", "first", "last", "every", "published"]),
    "scoring": (["run", "--scoring", "x"], ["--scoring", "strict", "as_published"]),
    "what judges see": (["run", "--judge-sees", "x"], ["--judge-sees", "image", "neither"]),
    "label": (["show", "text.txt", "--label", "x"], ["--label", "safe", "unsafe", "unscored"]),
    "limit 0": (["run", "--limit", "0"], ["--limit", "1"]),
    "negative seed": (["run", "--seed", "-1"], ["--seed", "0"]),
    "negative seed of a report": (["report", "text.txt", "--seed", "-1"], ["--seed", "0"]),
    "temperature below 0": (["run", "--temperature", "-1"], ["--temperature", "0"]),
    "temperature without end": (["run", "--temperature", "inf"], ["--temperature"]),
    "a judge is missing": (["judge", "text.txt"], ["--judge"]),
    "an unknown option": (["run", "--nope"], ["--nope"]),
    "an unknown command": (["nope"], ["'nope'"]),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """A text file and an empty one, that are no run files."""
    (tmp_path / "text.txt").write_text("this is no database, only a text that is long enough to be read as one\n" * 20)
    (tmp_path / "empty.txt").touch()


@pytest.mark.parametrize("case", SENTENCES)
def test_wrong_setting_is_one_sentence_that_names_it_and_the_fix(case: str, call: Call) -> None:
    """A setting that cannot work ends with 2 and one line on standard error, before a file is made."""
    arguments, named = SENTENCES[case]

    done = call(*arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("turnwise: ")
    assert len(done.err.splitlines()) == 1
    assert [part for part in named if part not in done.err] == []
    assert sorted(path.name for path in Path().iterdir()) == ["empty.txt", "text.txt"]


@pytest.mark.parametrize("case", OPTIONS)
def test_wrong_option_is_a_usage_error_that_names_it(case: str, call: Call) -> None:
    """An option out of its set or range ends with 2, the option and what it takes."""
    arguments, named = OPTIONS[case]

    done = call(*arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: ")
    assert "Traceback" not in done.err
    assert [part for part in named if part not in done.err.split("Error: ")[1]] == []


def test_run_refused_for_its_data_leaves_no_run_file(call: Call) -> None:
    """What was wrong in the first run is not in the way of the second, and no command meets an empty file."""
    Path("bad.jsonl").write_text('{"id": "one", "turns": [{"user": "hello"}]}\n{"id": "two"}\n')
    refused = [call("run", "-b", "jsonl:bad.jsonl", *place) for place in ([], ["--out", "bad.sqlite"])]

    assert [done.code for done in refused] == [2, 2]
    assert "bad.jsonl, line 2" in refused[0].err
    assert not Path("bad.sqlite").exists()
    assert list(Path("runs").glob("*/*.sqlite")) == []
    assert [path for path in Path("runs").iterdir() if path.is_dir()] == []


def test_unknown_judge_of_a_run_lists_those_that_ruled(call: Call, small_run: Path) -> None:
    """`report` and `show` with a judge that never ruled name the ones that did."""
    for command in ("report", "show"):
        done = call(command, str(small_run), "--judge", "nobody")

        assert (done.code, done.out) == (2, "")
        assert done.err == "turnwise: judge 'nobody' is not known; known: rules\n"


def test_other_settings_on_a_run_are_refused_with_the_differences(call: Call, small_run: Path) -> None:
    """The same file under other settings ends with 2: a sentence, then a line for each difference."""
    done = call("run", "-b", "jsonl:small.jsonl", "-t", "simulated:steady", "--seed", "3", "--out", str(small_run))

    first, *differences = done.err.splitlines()
    assert done.code == 2
    assert first.startswith("turnwise: small.sqlite was made under other settings")
    assert sorted(line.split(":")[0].strip() for line in differences) == ["seed", "target"]


def test_debug_adds_the_traceback_and_keeps_the_exit_code(call: Call) -> None:
    """`--debug` shows where an error was raised, above the same sentence and with the same exit code."""
    plain, debugged = call("run", "-b", "nope"), call("--debug", "run", "-b", "nope")
    after = call("run", "-b", "nope")

    assert debugged.err.startswith("Traceback")
    assert debugged.err.endswith(plain.err)
    assert (plain.code, debugged.code) == (2, 2)
    assert after.err == plain.err


def test_error_sentences_carry_no_escape_sequences(call: Call) -> None:
    """What a file or an argument holds cannot drive the terminal through an error sentence."""
    done = call("run", "-b", "safemt:\x1b[31mred\x07")

    assert done.code == 2
    assert "\x1b" not in done.err
    assert "red" in done.err
