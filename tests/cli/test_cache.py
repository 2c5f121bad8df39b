"""`turnwise cache`: counting and emptying the replies that runs share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.command import ESCAPE
from cli.conftest import Call
from turnwise.models import ChatRequest, Message, Reply
from turnwise.rollout import CACHE_PATH, ResponseCache, request_key

A, B = "openai:a@https://example.test/v1", "openai:b"


def fill(models: Mapping[str, int], path: Path = CACHE_PATH) -> None:
    """A cache with so many replies of each model."""
    cache = ResponseCache(path)
    for name, count in models.items():
        for number in range(count):
            request = ChatRequest((Message("user", f"question {number}"),))
            cache.put(request_key(name, request), Reply("ok", "x" * 10_000))
    cache.close()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_stats_count_replies_by_model(call: Call, here: Path) -> None:
    """A table with replies and dates of each model, then the sum and the size; the default is where runs keep it."""
    fill({A: 3, B: 1})
    done = call("cache", "stats")

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    head, first, second, total = done.out.splitlines()
    assert done.code == 0
    assert head.split() == ["model", "replies", "first", "last"]
    assert first.split()[:2] == [A, "3"]
    assert second.split() == [B, "1", today, today] or today != f"{datetime.now(UTC):%Y-%m-%d}"
    assert total.startswith("runs/cache.sqlite: 4 replies, ")
    assert total.endswith("KB on disk")


def test_stats_of_one_model(call: Call, here: Path) -> None:
    """Only its line; the size is that of the whole file and says so."""
    fill({A: 3, B: 1})
    done = call("cache", "stats", "--model", B)
    assert A not in done.out
    assert "1 reply, " in done.out
    assert done.out.endswith("on disk in all\n")


def test_clear_removes_one_model_and_says_what(call: Call, here: Path) -> None:
    """The other model's replies stay, and the file is smaller by what is said."""
    fill({A: 30, B: 1}, Path("own.sqlite"))
    done = call("cache", "clear", "--model", A, "--path", "own.sqlite")
    assert done.code == 0
    assert done.out.startswith(f"own.sqlite: removed 30 replies of {A}, ")
    assert done.out.endswith(" KB freed\n")
    assert call("cache", "stats", "--path", "own.sqlite").out.splitlines()[1].split()[:2] == [B, "1"]


def test_clear_removes_all(call: Call, here: Path) -> None:
    """Without a model everything goes; the file stays a cache."""
    fill({A: 2, B: 1})
    assert call("cache", "clear").out.startswith("runs/cache.sqlite: removed 3 replies, ")
    assert call("cache", "stats").out.startswith("runs/cache.sqlite: 0 replies, ")
    assert call("cache", "clear").out == "runs/cache.sqlite: removed 0 replies, 0 bytes freed\n"


@pytest.mark.parametrize("command", ["stats", "clear"])
def test_looking_for_a_cache_makes_none(command: str, call: Call, here: Path) -> None:
    """Where there is none, that is said, and no file appears."""
    done = call("cache", command)
    assert (done.code, done.out) == (0, "runs/cache.sqlite: there is no cache; a run makes one\n")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["stats", "clear"])
def test_a_model_that_is_not_there_is_refused_with_those_that_are(command: str, call: Call, here: Path) -> None:
    """A spelling that matches nothing is an error, not nothing to do."""
    fill({A: 1, B: 1})
    done = call("cache", command, "--model", "openai:c")
    assert done.code == 2
    assert done.err == f"turnwise: model 'openai:c' is not known; known: {A}, {B}\n"


@pytest.mark.parametrize("command", ["stats", "clear"])
def test_a_run_file_is_not_taken_for_a_cache(command: str, call: Call, small_run: Path) -> None:
    """A run given as the cache is refused in one sentence and stays what it is."""
    before = small_run.read_bytes()
    done = call("cache", command, "--path", str(small_run))
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "not a response cache" in done.err
    assert small_run.read_bytes() == before


def test_names_do_not_drive_the_terminal(call: Call, here: Path) -> None:
    """Control characters in a model's name are not printed."""
    fill({f"openai:{ESCAPE}": 1})
    done = call("cache", "stats")
    assert "\x1b" not in done.out
    assert "openai:" in done.out


def test_help_names_the_file_that_runs_use(call: Call, here: Path) -> None:
    """The default in the help text is the path of the library."""
    assert str(CACHE_PATH) in call("cache", "stats", "--help").out
