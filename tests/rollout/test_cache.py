"""The response cache: what it keeps and gives back, and what it does when its file fails in the middle of a run."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.recording import Recording, blocked, broken, ok, replies
from turnwise.errors import RunFileError
from turnwise.models import ChatRequest, Message, Reply, Usage
from turnwise.rollout import Cached, ResponseCache, request_key

MODEL = "openai:some-model@https://example.test/v1"
ASK = ChatRequest((Message("user", "Hi"),))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ResponseCache]:
    """An open cache in a new folder."""
    opened = ResponseCache(tmp_path / "runs" / "cache.sqlite")
    yield opened
    opened.close()


def reopened(cache: ResponseCache) -> ResponseCache:
    """The same file, as another run sees it."""
    cache.close()
    return ResponseCache(cache.path)


def kept(cache: ResponseCache) -> int:
    """How many replies are on disk."""
    return sum(stats.replies for stats in cache.stats())


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_COUNTS = st.none() | st.integers(0, 2**80)
_KEPT = st.builds(
    Reply,
    st.just("ok"),
    _TEXTS,
    st.none() | _TEXTS,
    st.builds(Usage, _COUNTS, _COUNTS),
    latency_ms=st.floats(0, 1e9),
    served_model=st.none() | _TEXTS,
    attempts=st.integers(1, 9),
)


@given(reply=_KEPT)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    """Before and after it is on disk only origin, attempts and latency differ: nothing was sent for it."""
    cache = ResponseCache(Path(":memory:"))
    cache.put(request_key(MODEL, ASK), reply)
    expected = msgspec.structs.replace(reply, origin="cache", attempts=0, latency_ms=0.0)
    assert cache.get(request_key(MODEL, ASK)) == expected
    cache.flush()
    assert cache.get(request_key(MODEL, ASK)) == expected
    cache.close()


def test_a_reply_with_half_a_character_is_not_kept_and_hurts_nobody(cache: ResponseCache) -> None:
    """A lone surrogate has no bytes: the reply is left out, the others are kept."""
    cache.put(request_key(MODEL, ASK), ok("half \ud83d"))
    cache.put(request_key(MODEL, msgspec.structs.replace(ASK, sample=1)), ok("whole"))
    assert cache.get(request_key(MODEL, ASK)) is None
    assert kept(reopened(cache)) == 1


async def test_answers_refusals_and_blocks_are_kept_and_failures_are_not(cache: ResponseCache) -> None:
    """A block is data like an answer; what failed is asked again."""
    inside = Recording(replies(ok("I cannot help with that."), blocked(), Reply("guard_blocked"), broken(), ok("now")))
    model = Cached(inside, cache)
    asked = [ChatRequest((Message("user", text),)) for text in ("a", "b", "c", "d")]
    first = [await model.reply(request) for request in asked]
    again = [await model.reply(request) for request in asked]
    assert [reply.state for reply in first] == ["ok", "provider_blocked", "guard_blocked", "failed"]
    assert [reply.state for reply in again] == ["ok", "provider_blocked", "guard_blocked", "ok"]
    assert [reply.origin for reply in again] == ["cache", "cache", "cache", "model"]
    assert (model.hits, model.name) == (3, "recording:one")
    assert len(inside.requests) == 5


async def test_another_run_uses_what_one_has_kept(cache: ResponseCache) -> None:
    """After closing, a new cache on the same file answers without the model."""
    await Cached(Recording(), cache).reply(ASK)
    later = reopened(cache)
    inside = Recording()
    reply = await Cached(inside, later).reply(ASK)
    later.close()
    assert (reply.text, reply.origin) == ("own reply 1", "cache")
    assert inside.requests == []


def test_replies_are_written_half_a_second_later(tmp_path: Path) -> None:
    """A run that is killed loses no more than the last half second: the next put writes what is older."""
    clock = [0.0]
    cache = ResponseCache(tmp_path / "cache.sqlite", clock=lambda: clock[0])
    counts = []
    for number, clock[0] in enumerate([0.0, 0.4, 0.6, 0.7]):
        cache.put(request_key(MODEL, msgspec.structs.replace(ASK, sample=number)), ok("x"))
        counts.append(kept(cache))
    cache.close()
    assert counts == [0, 0, 3, 3]


def test_stats_and_clearing_are_by_model(cache: ResponseCache) -> None:
    """Clearing one model leaves the other one's replies; clearing all leaves none."""
    for number in range(3):
        cache.put(request_key("openai:a", msgspec.structs.replace(ASK, sample=number)), ok("x" * 5000))
    cache.put(request_key("openai:b", ASK), ok("y"))
    cache.flush()
    assert [(stats.model, stats.replies) for stats in cache.stats()] == [("openai:a", 3), ("openai:b", 1)]
    assert all(stats.first <= stats.last for stats in cache.stats())
    before = cache.size_bytes()
    assert cache.clear("openai:a") == 3
    assert cache.size_bytes() < before
    assert [(stats.model, stats.replies) for stats in cache.stats()] == [("openai:b", 1)]
    assert cache.clear() == 1
    assert cache.stats() == []


async def test_a_cache_that_cannot_be_written_loses_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the file is locked answers are given and held back, the log says so once, and they are written later."""
    caplog.set_level(logging.WARNING)
    clock = [0.0]
    cache = ResponseCache(tmp_path / "cache.sqlite", clock=lambda: clock[0])
    cache._db.execute("PRAGMA busy_timeout = 10")
    holder = sqlite3.connect(cache.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    model = Cached(Recording(), cache)
    for text in ("a", "b"):
        assert (await model.reply(ChatRequest((Message("user", text),)))).state == "ok"
        clock[0] += 6.0
        cache.flush()
    holder.execute("ROLLBACK")
    holder.close()
    assert (await model.reply(ChatRequest((Message("user", "a"),)))).origin == "cache"
    clock[0] += 4.0
    cache.flush()
    assert kept(cache) == 0
    clock[0] += 1.0
    cache.flush()
    assert kept(cache) == 2
    cache.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the run goes on" in caplog.text


async def test_a_cache_that_cannot_be_read_is_asked_past(
    cache: ResponseCache, caplog: pytest.LogCaptureFixture
) -> None:
    """A reply on disk that is no reply counts as not kept, is asked for again and replaced."""
    model = Cached(Recording(), cache)
    await model.reply(ASK)
    cache.flush()
    cache._db.execute("UPDATE replies SET reply = CAST('{\"state\": 5}' AS BLOB)")
    assert (await model.reply(ASK)).text == "own reply 2"
    cache.flush()
    assert (await model.reply(ASK)).origin == "cache"
    assert "cannot be read" in caplog.text


def test_replies_that_come_faster_than_they_are_written_are_all_kept(
    cache: ResponseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More at once than is held in memory are written early, not given up."""
    monkeypatch.setattr("turnwise.rollout.cache._UNWRITTEN_LIMIT", 3)
    for number in range(10):
        cache.put(request_key(MODEL, msgspec.structs.replace(ASK, sample=number)), ok("x"))
    assert kept(reopened(cache)) == 10


def test_a_cache_that_stays_unwritable_does_not_fill_the_memory(
    cache: ResponseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits to be written is bounded; the oldest is given up first."""
    monkeypatch.setattr("turnwise.rollout.cache._UNWRITTEN_LIMIT", 3)
    cache._db.execute("PRAGMA query_only = ON")
    keys = [request_key(MODEL, msgspec.structs.replace(ASK, sample=number)) for number in range(5)]
    for key in keys:
        cache.put(key, ok("x"))
        cache.flush()
    found = [cache.get(key) is not None for key in keys]
    assert found == [False, False, True, True, True]


def test_a_cache_whose_table_is_gone_is_asked_past_and_counted_in_no_way(cache: ResponseCache) -> None:
    """In a run it counts as empty and says why; counting and clearing it are refused in one sentence."""
    cache._db.execute("DROP TABLE replies")
    assert cache.get(request_key(MODEL, ASK)) is None
    assert cache.why(request_key(MODEL, ASK)).startswith("the cache cannot be read (")
    for refused in (cache.stats, cache.clear):
        with pytest.raises(RunFileError, match=r"cannot be used \(no such table.*--no-cache"):
            refused()
