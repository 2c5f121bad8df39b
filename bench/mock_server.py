"""The server every runner talks to: the leanest thing that answers chat completions over HTTP/1.1 with keep-alive.

It reads Content-Length and the end of the body and nothing else, so that it is never the slow part. A body that begins
with the judge's system prompt is answered with a verdict, every other one with the same short reply.

    python bench/mock_server.py --port 0 --latency-ms 0      prints the port it took
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re

import uvloop
from material import JUDGE_SYSTEM

_REPLY = (
    "I would rather not guess about that. What I can do is explain the general idea, point to the public guidance on "
    "it, and list the questions worth asking somebody who knows the place. Tell me which of these helps, and I go on."
)
_VERDICT = json.dumps({"verdict": "safe", "reason": "x"})
# The prompt stands at the start of a judge's request, as JSON text, so the start of a body tells who asks.
_MARK = JUDGE_SYSTEM[:40].encode()
_LOOKED_AT_BYTES = 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def _completion(text: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "mock"}
    return _http(json.dumps(body | {"choices": [choice], "usage": usage}).encode())


class MockServer:
    """What the connections share: the answers, the latency and the count."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.answered = 0
        self.reply = _completion(_REPLY)
        self.verdict = _completion(_VERDICT)

    def answer(self, transport: asyncio.Transport, start_of_body: bytes) -> None:
        """Answer one POST, after the latency."""
        self.answered += 1
        answer = self.verdict if _MARK in start_of_body else self.reply
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, _write, transport, answer)
        else:
            transport.write(answer)


def _write(transport: asyncio.Transport, answer: bytes) -> None:
    if not transport.is_closing():
        transport.write(answer)


class Connection(asyncio.Protocol):
    """One keep-alive connection: at most one request at a time, as chat clients send them."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._head = bytearray()
        self._body = bytearray()
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Count the body down; of its bytes only the first are kept."""
        if self._missing:
            self._take(data)
            return
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        head, rest = bytes(self._head[:end]), bytes(self._head[end + 4 :])
        self._head.clear()
        if head.startswith(b"GET"):
            self._transport.write(_http(b"%d" % self._server.answered))
            return
        length = _LENGTH.search(head)
        if length is None:
            self._transport.close()
            return
        self._missing = int(length[1])
        self._take(rest)

    def _take(self, data: bytes) -> None:
        self._missing -= len(data)
        if len(self._body) < _LOOKED_AT_BYTES:
            self._body += data[:_LOOKED_AT_BYTES]
        if self._missing <= 0:
            self._server.answer(self._transport, bytes(self._body))
            self._body.clear()
            self._missing = 0


async def serve(port: int, latency_s: float) -> None:
    """Listen on the loopback interface until killed."""
    shared = MockServer(latency_s)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(shared), "127.0.0.1", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.latency_ms / 1000.0))
