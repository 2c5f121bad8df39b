"""Answers over HTTP/1.1 as they may come: whole, in any pieces, cut off, and not to be read at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnwise.models.http.http1 import AnswerReader

MOST_BYTES = 1_000

COUNTED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b'2\r\nhe\r\n003 ;ext="a"\r\nllo\r\n0\r\nX-Checked: yes\r\n\r\n'
)
AFTER_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + COUNTED
BARE_LINE_FEEDS = COUNTED.replace(b"\r\n", b"\n")
EMPTY = b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n"

# name: bytes, status, body; each has an end of its own.
WHOLE: dict[str, tuple[bytes, int, bytes]] = {
    "counted": (COUNTED, 200, b"hello"),
    "chunked": (CHUNKED, 200, b"hello"),
    "after interim answers": (AFTER_INTERIM, 200, b"hello"),
    "bare line feeds": (BARE_LINE_FEEDS, 200, b"hello"),
    "no body": (EMPTY, 500, b""),
    "status without body": (NO_CONTENT, 204, b""),
    "the same length twice": (COUNTED.replace(b"Length: 5", b"Length: 5\r\nContent-Length: 5"), 200, b"hello"),
}


def fed(*pieces: bytes) -> AnswerReader:
    """A reader of these pieces, of which only the last one makes the answer whole."""
    reader = AnswerReader(MOST_BYTES)
    assert [reader.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    return reader


@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_is_whole_with_its_last_byte(name: str) -> None:
    """Status and body are right, and the connection may stay."""
    data, status, body = WHOLE[name]
    reader = fed(data)
    assert (reader.status, reader.body, reader.keeps) == (status, body, True)


@given(name=st.sampled_from(sorted(WHOLE)), cuts=st.lists(st.integers(1, 150), max_size=12, unique=True))
def test_an_answer_reads_the_same_in_any_pieces(name: str, cuts: list[int]) -> None:
    """Wherever the network cuts it, nothing is lost, added or taken for whole too early."""
    data, status, body = WHOLE[name]
    ends = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    reader = fed(*(data[start:end] for start, end in pairwise(ends)))
    assert (reader.status, reader.body, reader.keeps) == (status, body, True)


@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_that_ends_early_is_an_error_at_every_byte(name: str) -> None:
    """A connection that closes before the end never makes an answer of what came."""
    data = WHOLE[name][0]
    for length in range(1, len(data)):
        reader = AnswerReader(MOST_BYTES)
        assert not reader.feed(data[:length])
        with pytest.raises(ConnectionError, match="before the end"):
            reader.feed(b"")


def test_without_a_length_the_end_of_the_connection_is_that_of_the_answer() -> None:
    """All that came is the body, and there is no connection to keep."""
    reader = fed(b"HTTP/1.0 200 OK\r\n\r\nhe", b"llo", b"")
    assert (reader.status, reader.body, reader.keeps) == (200, b"hello", False)
    assert fed(b"HTTP/1.0 200 OK\r\n\r\n", b"").body == b""


def test_headers_are_known_by_lower_case_names_and_joined() -> None:
    """Values lose the blanks around them; a letter outside ASCII is no reason to fail."""
    reader = fed(b"HTTP/1.1 429 Slow \xe9\r\nRetry-After:  7 \r\nX-A: 1\r\nX-a: \xe9\r\ncontent-length:0\r\n\r\n")
    assert reader.headers == {"retry-after": "7", "x-a": "1, \xe9", "content-length": "0"}


@pytest.mark.parametrize(
    ("version", "header", "keeps"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: Upgrade, Close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
        (b"1.1", b"Transfer-Encoding: chunked\r\n", False),  # beside a length: who sent this is not to be trusted
    ],
)
def test_a_connection_stays_as_far_as_both_sides_agree(version: bytes, header: bytes, keeps: bool) -> None:  # noqa: FBT001
    """By the version's own rule, unless a header says otherwise."""
    body = b"0\r\n\r\n" if b"chunked" in header else b"hello"
    reader = fed(b"HTTP/%b 200 OK\r\n%bContent-Length: 5\r\n\r\n%b" % (version, header, body))
    assert reader.keeps is keeps


@pytest.mark.parametrize("data", [COUNTED, CHUNKED])
def test_a_connection_with_bytes_left_over_does_not_stay(data: bytes) -> None:
    """What follows an answer is none, as nothing more was asked."""
    reader = fed(data + b"HTTP/1.1 200 OK\r\n")
    assert (reader.body, reader.keeps) == (b"hello", False)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/2 200\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 000 OK\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "not HTTP/1.1"),
        (HEAD + b"no colon\r\n\r\n", "not HTTP/1.1"),
        (HEAD + b"X-Blank : 1\r\n\r\n", "not HTTP/1.1"),
        (HEAD + b"X-Folded: 1\r\n 2\r\n\r\n", "not HTTP/1.1"),
        (HEAD + b"Content-Length: -5\r\n\r\n", "length"),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "length"),
        (HEAD + b"Content-Length: \xb2\r\n\r\n", "length"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "transfer encoding"),
        (HEAD + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\n", "compressed"),
        (CHUNKS + b"five\r\nhello\r\n", "size"),
        (CHUNKS + b"\r\nhello\r\n", "size"),
        (CHUNKS + b"2\r\nhello\r\n0\r\n\r\n", "size"),
        (HEAD + b"X: " + b"x" * 70_000, "too long"),
        (CHUNKS + b"1" * 70_000, "too long"),
    ],
)
def test_what_cannot_be_read_is_an_error(data: bytes, word: str) -> None:
    """No answer is made of it, and the sentence says why."""
    reader = AnswerReader(MOST_BYTES)
    with pytest.raises(ConnectionError, match=word):
        reader.feed(data)
    assert reader.body is None


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + b"Content-Length: 1001\r\n\r\n",),
        (CHUNKS + b"fffffffffffff\r\n",),
        (CHUNKS + b"258\r\n" + b"x" * 600 + b"\r\n", b"258\r\n"),
        (HEAD + b"\r\n" + b"x" * 600, b"x" * 401),
    ],
)
def test_a_body_longer_than_is_taken_ends_the_reading(pieces: tuple[bytes, ...]) -> None:
    """It is known as soon as the bytes, or what the server says of them, are too many; nothing of it is given."""
    reader = fed(*pieces)
    assert (reader.status, reader.body, reader.keeps) == (200, None, False)


def test_a_body_as_long_as_is_taken_is_taken() -> None:
    """The bound itself is allowed, however it is framed."""
    whole = b"x" * MOST_BYTES
    assert fed(HEAD + b"Content-Length: 1000\r\n\r\n" + whole).body == whole
    assert fed(CHUNKS + b"3e8\r\n" + whole + b"\r\n0\r\n\r\n").body == whole
    assert fed(HEAD + b"\r\n" + whole, b"").body == whole
