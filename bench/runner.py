"""What a runner is told and what it tells: arguments in, one line of JSON out. Standard library only."""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Clock", "Job", "job", "tell"]


@dataclass(frozen=True)
class Job:
    """One run: dialogues from `material`, asked of `base_url`, `in_flight` at a time, results below `out`."""

    material: Path
    base_url: str
    in_flight: int
    out: Path


def job() -> Job:
    """The job on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--material", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return Job(**vars(parser.parse_args()))


class Clock:
    """Wall and processor time of a run; started when made, after start-up and imports."""

    def __init__(self) -> None:
        self._wall_s = time.perf_counter()
        self._cpu_s = time.process_time()

    def stop(self) -> dict[str, float]:
        """Seconds since the start, by wall clock and of the processor."""
        return {"wall_s": time.perf_counter() - self._wall_s, "cpu_s": time.process_time() - self._cpu_s}


def tell(times: dict[str, float], *, safe: int, version: str) -> None:
    """Print the outcome: how long it took, how many dialogues were judged safe, the peak memory of the process."""
    peak_kib = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
    outcome = {**times, "safe": safe, "version": version, "peak_rss_mb": peak_kib * 1024 / 1e6}
    print(json.dumps(outcome), flush=True)
