"""Answers over HTTP/1.1, read from their bytes as they come; nothing here knows a socket.

Strict about where an answer ends, since what follows on the connection belongs to the next one: every way of framing
that is not plain to read is an error, and a connection is only kept when its answer left nothing behind.

Source: RFC 9112, sections 4 to 7 and 9.3; RFC 9110, section 15.2 (interim answers).
"""

from __future__ import annotations

import re
from collections.abc import Generator
from http import HTTPStatus

__all__ = ["AnswerReader"]

_MOST_HEAD_BYTES = 64 * 1024
_LINE_END = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEAD = re.compile(r"HTTP/1\.([01]) ([1-9]\d\d)(?: [^\n]*)?(?:\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\n]*)*", re.ASCII)
_FIELD = re.compile(r"\n([^:\n]+):([^\n]*)")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

# Takes the bytes that came, b"" for the end of the connection.
_Bytes = Generator[None, bytes, bytes]
_Steps = Generator[None, bytes, None]


class _TooLongError(Exception):
    """The body has more bytes than are taken."""


class AnswerReader:
    """Reads one answer to a POST.

    Args:
        most_bytes: The longest body that is taken.

    Attributes:
        status: The HTTP status; 0 before the head is read.
        headers: By name in lower case; a header that comes twice has its values joined by a comma.
        body: None before the answer is whole, and when it was longer than is taken.
        keeps: Whether the connection may carry another answer after this one.
    """

    def __init__(self, most_bytes: int) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.keeps = False
        self._most_bytes = most_bytes
        self._taken = bytearray()
        self._data = b""
        self._at = 0
        self._steps = self._answer()
        next(self._steps)

    def feed(self, data: bytes) -> bool:
        """Take in what came, b"" for the end of the connection; whether the answer is whole now.

        Raises:
            ConnectionError: it is no answer that can be read, or the connection ended before it did.
        """
        try:
            self._steps.send(data)
        except StopIteration:
            return True
        return False

    def _answer(self) -> _Steps:
        version = yield from self._head()
        while self.status < HTTPStatus.OK:
            version = yield from self._head()
        try:
            framed = yield from self._body()
        except _TooLongError:
            return
        self.body = bytes(self._taken)
        self.keeps = framed and self._at == len(self._data) and self._may_stay(version)

    def _head(self) -> Generator[None, bytes, str]:
        """Read status and headers; gives the minor version."""
        head = (yield from self._until(_HEAD_END)).decode("latin-1").replace("\r\n", "\n")
        found = _HEAD.fullmatch(head)
        if found is None or int(found[2]) == HTTPStatus.SWITCHING_PROTOCOLS:
            raise ConnectionError("the answer is not HTTP/1.1")
        self.status, self.headers = int(found[2]), {}
        for name, value in _FIELD.findall(head):
            known, said = name.lower(), value.strip()
            self.headers[known] = f"{self.headers[known]}, {said}" if known in self.headers else said
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise ConnectionError("the answer is compressed, which was not asked for")
        return found[1]

    def _body(self) -> Generator[None, bytes, bool]:
        """Read the body; whether it has an end of its own, short of that of the connection."""
        coding, length = self.headers.get("transfer-encoding"), self.headers.get("content-length")
        if self.status in _WITHOUT_BODY:
            return True
        if coding is not None:
            if coding.lower() != "chunked":
                raise ConnectionError("the answer comes in a transfer encoding that is not known")
            yield from self._chunks()
            return length is None
        if length is None:
            yield from self._all()
            return False
        sizes = {size.strip() for size in length.split(",")}
        if len(sizes) > 1 or _LENGTH.fullmatch(size := sizes.pop()) is None:
            raise ConnectionError("the answer has no readable length")
        yield from self._exactly(int(size))
        return True

    def _chunks(self) -> _Steps:
        while True:
            found = _CHUNK_SIZE.fullmatch((yield from self._until(_LINE_END)))
            if found is None:
                raise ConnectionError("the answer has a chunk without a readable size")
            if not (size_bytes := int(found[1], 16)):
                break
            yield from self._exactly(size_bytes)
            if (yield from self._until(_LINE_END)):
                raise ConnectionError("the answer has a chunk of another size than it says")
        while (yield from self._until(_LINE_END)):
            pass  # trailers say nothing that is wanted

    def _exactly(self, size_bytes: int) -> _Steps:
        """Move so many bytes to the body."""
        whole = len(self._taken) + size_bytes
        if whole > self._most_bytes:
            raise _TooLongError
        while True:
            self._take(whole - len(self._taken))
            if len(self._taken) == whole:
                return
            yield from self._more()

    def _all(self) -> _Steps:
        """Move all bytes up to the end of the connection to the body."""
        self._take(len(self._data))
        while data := (yield):
            self._data, self._at = data, 0
            self._take(len(data))
            if len(self._taken) > self._most_bytes:
                raise _TooLongError

    def _take(self, size_bytes: int) -> None:
        piece = self._data[self._at : self._at + size_bytes]
        self._taken += piece
        self._at += len(piece)

    def _until(self, end: re.Pattern[bytes]) -> _Bytes:
        """The bytes before the next `end`, which is passed over."""
        while (found := end.search(self._data, self._at)) is None:
            if len(self._data) - self._at > _MOST_HEAD_BYTES:
                raise ConnectionError("the head of the answer, or a line in it, is too long")
            yield from self._more()
        before = self._data[self._at : found.start()]
        self._at = found.end()
        return before

    def _more(self) -> _Steps:
        data = yield
        if not data:
            raise ConnectionError("the server closed the connection before the end of its answer")
        self._data, self._at = self._data[self._at :] + data, 0

    def _may_stay(self, version: str) -> bool:
        said = {option.strip().lower() for option in self.headers.get("connection", "").split(",")}
        return "close" not in said and (version == "1" or "keep-alive" in said)
