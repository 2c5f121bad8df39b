"""The command as its users call it: a process of its own, what it printed on each stream, and how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

ESCAPE = "\x1b[31mred\x1b[0m\x07"
"""What a hostile benchmark or model might write to drive the reader's terminal."""


class Done(msgspec.Struct, frozen=True):
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """All of standard output as one JSON value."""
        return json.loads(self.out)


def command_line(*arguments: str) -> list[str]:
    """The words that start the command under this Python."""
    return [sys.executable, "-m", "turnwise", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without what changes output; with `changes`."""
    left_out = {"COLUMNS", "NO_COLOR", "FORCE_COLOR", "OPENAI_API_KEY"}
    return {**{name: text for name, text in os.environ.items() if name not in left_out}, **changes}


def turnwise(*arguments: str, cwd: Path, **changes: str) -> Done:
    """Call the command in `cwd` and wait for its end; `changes` go into its environment."""
    done = subprocess.run(
        command_line(*arguments), cwd=cwd, env=environment(**changes), capture_output=True, timeout=300, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def attack(group: str, length: int, **fields: object) -> dict[str, object]:
    """A record of our own format: a scripted attack of `length` turns with the id GROUP/LENGTH."""
    turns = [{"user": f"turn {number}", "reply": "go on"} for number in range(1, length)]
    return {
        "id": f"{group}/{length}",
        "group": group,
        "turns": [*turns, {"user": f"the last turn of {group}"}],
        **fields,
    }


def attacks(groups: Iterable[str] = ("a", "b"), lengths: Iterable[int] = (1, 2)) -> list[dict[str, object]]:
    """Every group at every length."""
    return [attack(group, length) for group in groups for length in lengths]


def write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> Path:
    """Write one JSON value a line."""
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines) + b"\n")
    return path


@contextmanager
def chat_server(*, status: int, body: object) -> Iterator[str]:
    """A server on a free loopback port that answers every POST alike; gives its base URL."""
    encoded = json.dumps(body).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
