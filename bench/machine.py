"""The processes of a comparison: a mock server and one runner at a time, each on a core of its own where there are two.

Runners take a job on their command line and tell the outcome as one line of JSON (runner.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BENCH", "INSPECT_PYTHON", "RUNNERS", "Outcome", "Server", "help_seconds", "pinned", "run", "serving"]

BENCH = Path(__file__).parent
INSPECT_PYTHON = BENCH / ".inspect-venv" / "bin" / "python"
_RUNNER_CORE, _SERVER_CORE = 0, 1
_TIMEOUT_S = 1800

RUNNERS = {
    "turnwise": (Path(sys.executable), "turnwise_run.py"),
    "bare loop": (Path(sys.executable), "bare_loop.py"),
    "Inspect AI": (INSPECT_PYTHON, "inspect_task.py"),
}
"""The interpreter and script of each runner."""


@dataclass(frozen=True)
class Outcome:
    """What one run of one runner gave.

    Fields:
        calls: Requests that the server answered.
        safe: Dialogues that came through to a readable verdict.
        written_mb: Size of what the runner left in its output folder.
        server_busy: Processor time of the server over the run's wall time; near 1 it would be the bottleneck.
    """

    runner: str
    version: str
    calls: int
    safe: int
    wall_s: float
    cpu_s: float
    peak_rss_mb: float
    written_mb: float
    server_busy: float

    @property
    def calls_per_s(self) -> float:
        """Calls a second over the whole run."""
        return self.calls / self.wall_s


@dataclass(frozen=True)
class Server:
    """A running mock server."""

    base_url: str
    process_id: int

    def count(self) -> int:
        """Chat requests answered so far."""
        with urllib.request.urlopen(f"{self.base_url}/count") as answer:
            return int(answer.read())

    def cpu_s(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pinned() -> bool:
    """Whether runner and server have a core each."""
    return {_RUNNER_CORE, _SERVER_CORE} <= os.sched_getaffinity(0)


def _on(core: int, command: list[str | Path]) -> list[str | Path]:
    return ["taskset", "--cpu-list", str(core), *command] if pinned() else command


@contextmanager
def serving(latency_ms: float) -> Iterator[Server]:
    """A mock server for as long as the block lasts."""
    command = _on(_SERVER_CORE, [sys.executable, BENCH / "mock_server.py", "--latency-ms", str(latency_ms)])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            # taskset becomes the server, so its id is the server's.
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}/v1", process.pid)
        finally:
            process.kill()


def run(runner: str, server: Server, *, material: Path, in_flight: int, out: Path) -> Outcome:
    """Run one runner to its end."""
    python, script = RUNNERS[runner]
    job = {"--material": material, "--base-url": server.base_url, "--in-flight": in_flight, "--out": out}
    command = [python, BENCH / script, *(str(word) for pair in job.items() for word in pair)]
    out.mkdir(parents=True, exist_ok=True)
    calls, cpu_s, size_bytes = server.count(), server.cpu_s(), _size_bytes(out)
    told = _told(_on(_RUNNER_CORE, command), out)
    return Outcome(
        runner=runner,
        calls=server.count() - calls,
        written_mb=(_size_bytes(out) - size_bytes) / 1e6,
        server_busy=(server.cpu_s() - cpu_s) / told["wall_s"],
        **told,
    )


def _told(command: list[str | Path], out: Path) -> dict[str, Any]:
    # Inspect keeps traces in the user's data folder; they go beside its logs, uncounted.
    environment = os.environ | {"XDG_DATA_HOME": str(out.parent / "data")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=_TIMEOUT_S)
    return json.loads(done.stdout.splitlines()[-1])


def _size_bytes(folder: Path) -> int:
    """What files take, without those that are also somewhere else: a link to an image takes nothing."""
    stats = [file.stat() for file in folder.rglob("*") if file.is_file()]
    return sum(stat.st_size for stat in stats if stat.st_nlink == 1)


def help_seconds() -> float:
    """Seconds of the whole process `turnwise --help`."""
    started = time.perf_counter()
    subprocess.run([Path(sys.executable).parent / "turnwise", "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
