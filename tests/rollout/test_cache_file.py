"""The file of the response cache: what is refused when it is opened, and several processes on it at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollout.recording import ok
from turnwise.errors import RunFileError
from turnwise.models import ChatRequest, Message
from turnwise.rollout import ResponseCache, request_key

MODEL = "openai:some-model@https://example.test/v1"
ASK = ChatRequest((Message("user", "Hi"),))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ResponseCache]:
    """An open cache in a new folder."""
    opened = ResponseCache(tmp_path / "runs" / "cache.sqlite")
    yield opened
    opened.close()


def kept(cache: ResponseCache) -> int:
    """How many replies are on disk."""
    return sum(stats.replies for stats in cache.stats())


def one_sentence(path: Path) -> str:
    """The error of opening a cache there."""
    with pytest.raises(RunFileError) as raised:
        ResponseCache(path)
    text = str(raised.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith("--no-cache")
    assert "\n" not in text
    return text


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A text file under the cache's name gives one sentence that names --no-cache."""
    path = tmp_path / "cache.sqlite"
    path.write_text("dear diary, " * 100)
    one_sentence(path)
    assert path.read_text().startswith("dear diary")


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Another program's database, and a run file, are not written into."""
    path = tmp_path / "cache.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    before = path.read_bytes()
    assert "not a response cache" in one_sentence(path)
    assert path.read_bytes() == before


def test_a_cache_of_a_newer_version_is_refused(cache: ResponseCache) -> None:
    """A schema this version does not know is not guessed at."""
    cache.close()
    with sqlite3.connect(cache.path) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    assert "newer turnwise" in one_sentence(cache.path)


def test_a_damaged_file_is_refused(cache: ResponseCache) -> None:
    """A cache cut off in the middle of its tables gives one sentence."""
    cache.put(request_key(MODEL, ASK), ok("x"))
    cache.close()
    cache.path.write_bytes(cache.path.read_bytes()[:200])
    one_sentence(cache.path)


@pytest.mark.parametrize("blocked_by", ["folder", "file above"])
def test_a_place_that_cannot_be_written_is_refused(blocked_by: str, tmp_path: Path) -> None:
    """A folder in the cache's place, or a file in its folder's, gives one sentence."""
    path = tmp_path / "cache.sqlite"
    if blocked_by == "folder":
        path.mkdir()
    else:
        path.write_text("")
        path = path / "cache.sqlite"
    one_sentence(path)


_READ_ONLY = """
import os, sys
from pathlib import Path
from turnwise.errors import RunFileError
from turnwise.rollout import ResponseCache, request_key
if os.geteuid() == 0:
    os.setuid(65534)  # permissions mean nothing to root
try:
    ResponseCache(Path("cache.sqlite"))
except RunFileError as error:
    print(error)
"""


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    """A cache that may only be read gives one sentence when it is opened, before anything is sent."""
    ResponseCache(tmp_path / "cache.sqlite").close()
    (tmp_path / "cache.sqlite").chmod(0o444)
    tmp_path.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", _READ_ONLY], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("cache.sqlite: the response cache cannot be used ("), done.stderr
    assert done.stdout.endswith("--no-cache\n")


def test_a_locked_file_is_refused(cache: ResponseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the file, opening it gives one sentence after a while."""
    monkeypatch.setattr("turnwise.rollout.cache_file._OPEN_TIMEOUT_S", 0.05)
    holder = sqlite3.connect(cache.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert "locked" in one_sentence(cache.path)
    holder.close()


_WRITER = """
import sys
from pathlib import Path
from turnwise.models import ChatRequest, Message, Reply
from turnwise.rollout import ResponseCache, request_key
who, count = sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
cache = ResponseCache(Path(sys.argv[1]))
for number in range(count):
    key = request_key("openai:m", ChatRequest((Message("user", f"{who} {number}"),)))
    cache.put(key, Reply("ok", f"{who} {number}"))
    cache.flush()
    if number == 20:
        print("under way", flush=True)
cache.close()
"""


def writer(path: Path, who: str, count: int) -> subprocess.Popen[str]:
    """A process that keeps replies as fast as it can, from the line it is sent."""
    words = [sys.executable, "-W", "error", "-c", _WRITER, str(path), who, str(count)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_several_processes_keep_replies_at_the_same_time(tmp_path: Path) -> None:
    """Four processes that open a new cache at once and write 100 replies each end with 400 kept."""
    path = tmp_path / "runs" / "cache.sqlite"
    writers = [writer(path, f"writer {number}", 100) for number in range(4)]
    for process in writers:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [(process.communicate(timeout=120), process.returncode) for process in writers]
    assert [(code, printed[1]) for printed, code in ended] == [(0, "")] * 4
    cache = ResponseCache(path)
    assert kept(cache) == 400
    cache.close()


@pytest.mark.parametrize("wait_s", [0.0, 0.003, 0.011])
def test_a_process_killed_while_it_writes_leaves_a_usable_file(wait_s: float, tmp_path: Path) -> None:
    """After kill -9 in the middle of writing the file is whole, and every reply that was flushed is there."""
    path = tmp_path / "cache.sqlite"
    process = writer(path, "victim", 1_000_000)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "under way\n"
    time.sleep(wait_s)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    cache = ResponseCache(path)
    assert cache._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    count = kept(cache)
    assert count >= 21
    for number in range(count):
        found = cache.get(request_key("openai:m", ChatRequest((Message("user", f"victim {number}"),))))
        assert found is not None
        assert found.text == f"victim {number}"
    cache.close()
