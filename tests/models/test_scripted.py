"""Replies from a table: which line answers, and what a wrong table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from turnwise.errors import DataError
from turnwise.models import ChatRequest, Message
from turnwise.models.scripted import Scripted, open_scripted


def asking(*user_texts: str) -> ChatRequest:
    """A conversation of user messages with replies in between."""
    messages = [message for text in user_texts for message in (Message("user", text), Message("assistant", "..."))]
    return ChatRequest(tuple(messages[:-1]))


def table(tmp_path: Path, content: str) -> Scripted:
    """The model of a table."""
    path = tmp_path / "script.jsonl"
    path.write_text(content, encoding="utf-8")
    return open_scripted(str(path))


async def test_the_first_line_that_matches_answers(tmp_path: Path) -> None:
    """Conditions are on the last user message, the turn and the exact request; a line without any matches all."""
    exact = asking("exactly this")
    model = table(
        tmp_path,
        '{"reply": "about gardens", "contains": "garden"}\n\n'
        '{"reply": "second turn", "turn": 2, "finish_reason": "stop"}\n'
        f'{{"reply": "by hash", "sha256": "{exact.sha256()}"}}\n'
        '{"reply": "anything"}\n',
    )
    requests = (asking("my garden"), asking("garden", "and now?"), exact, asking("else"))
    texts = [(await model.reply(request)).text for request in requests]
    assert texts == ["about gardens", "second turn", "by hash", "anything"]


async def test_states_can_be_scripted(tmp_path: Path) -> None:
    """Blocked and failed replies come out typed, without words."""
    model = table(
        tmp_path,
        '{"state": "provider_blocked", "contains": "one", "finish_reason": "content_filter"}\n{"state": "failed"}\n',
    )
    blocked, broken = await model.reply(asking("one")), await model.reply(asking("two"))
    assert (blocked.state, blocked.finish_reason) == ("provider_blocked", "content_filter")
    assert broken.failure is not None
    assert not broken.failure.retryable


async def test_no_match_is_a_rejection_that_quotes_nobody(tmp_path: Path) -> None:
    """The failure gives length and hash of what was asked, not its words."""
    request = asking("a private question")
    reply = await table(tmp_path, '{"reply": "x", "contains": "y"}').reply(request)
    assert reply.failure is not None
    assert reply.failure.kind == "rejected"
    assert "18 characters" in reply.failure.message
    assert request.sha256() in reply.failure.message
    assert "private" not in reply.failure.message


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('{"reply": "a"}\n{"replay": "b"}', "line 2"),
        ('{"reply": "a"}\n\nnot json', "line 3"),
        ('{"contains": "x"}', "needs a reply"),
        ('{"reply": "a", "state": "failed"}', "takes no reply"),
        ('{"reply": "a", "state": "maybe"}', "maybe"),
        ('{"reply": "a", "turn": 0}', "numbered from 1"),
        ("\n", "no line"),
    ],
)
def test_a_wrong_table_names_file_and_line(content: str, word: str, tmp_path: Path) -> None:
    """Every mistake is found at opening, before anything is asked."""
    with pytest.raises(DataError, match=r"script\.jsonl") as caught:
        table(tmp_path, content)
    assert word in str(caught.value)


def test_a_missing_table_is_an_error_at_opening(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(DataError, match=r"nowhere\.jsonl"):
        open_scripted(str(tmp_path / "nowhere.jsonl"))
