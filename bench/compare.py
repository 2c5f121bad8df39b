"""The comparison in one go: turnwise, Inspect AI and a bare loop against one mock server, and the bars to be met.

python bench/compare.py             about ten minutes, writes bench/results.json
python bench/compare.py --quick     the same on a tenth, in about a minute, writes runs/bench-quick.json
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from machine import BENCH, INSPECT_PYTHON, Outcome, help_seconds, pinned, run, serving
from material import CALLS_PER_DIALOGUE, IMAGE_BYTES, first_of, write_material
from table import markdown

LATENCY_MS = 200.0


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Fields:
        large: Dialogues of the run whose memory and resumption are measured.
        repeats: Runs of turnwise and of the bare loop, one after the other in turn; medians count.
    """

    dialogues: int
    large: int
    in_flight: int
    repeats: int = 3


FULL = Scale(dialogues=2_000, large=10_000, in_flight=256)
# An eighth of the dialogues in flight leaves eight rounds, as in the full run: the last one is never full.
QUICK = Scale(dialogues=200, large=1_000, in_flight=25)


@dataclass(frozen=True)
class Scenario:
    """One table row per runner: the dialogues of `material` against a server of this latency."""

    name: str
    material: Path
    latency_ms: float


def compared(scenario: Scenario, scale: Scale, folder: Path) -> dict[str, list[Outcome]]:
    """Outcomes by runner: turnwise and the bare loop in pairs, then Inspect AI once."""
    order = ["turnwise", "bare loop"] * scale.repeats + ["Inspect AI"]
    outcomes: dict[str, list[Outcome]] = {}
    with serving(scenario.latency_ms) as server:
        for number, runner in enumerate(order):
            out = folder / f"out-{number}"
            outcome = run(runner, server, material=scenario.material, in_flight=scale.in_flight, out=out)
            shutil.rmtree(out)
            _check(outcome, scale.dialogues)
            _say(f"{scenario.name}: {runner} {outcome.calls_per_s:,.0f} calls/s, {outcome.peak_rss_mb:.0f} MB")
            outcomes.setdefault(runner, []).append(outcome)
    return outcomes


def _check(outcome: Outcome, dialogues: int) -> None:
    """Nobody may win by asking less."""
    if outcome.safe != dialogues or outcome.calls != dialogues * CALLS_PER_DIALOGUE:
        sys.exit(f"{outcome.runner} judged {outcome.safe} of {dialogues} dialogues in {outcome.calls} calls")


def large_run(material: Path, scale: Scale, folder: Path) -> tuple[Outcome, float]:
    """A run over all images, and the seconds in which the same command finds nothing left to do (median)."""
    out = folder / "large"
    with serving(0.0) as server:
        outcome = run("turnwise", server, material=material, in_flight=scale.in_flight, out=out)
        _check(outcome, scale.large)
        again = [
            run("turnwise", server, material=material, in_flight=scale.in_flight, out=out) for _ in range(scale.repeats)
        ]
    if any(later.calls for later in again):
        sys.exit("a finished run was not left alone")
    return outcome, statistics.median(later.wall_s for later in again)


def measure(scale: Scale, folder: Path) -> dict[str, Any]:
    """Everything, as it goes into results.json."""
    _say(f"writing {scale.large:,} images of {IMAGE_BYTES // 1000} KB")
    texts = write_material(folder / "text", scale.dialogues, "none")
    pictures = write_material(folder / "image", scale.large, "distinct")
    scenarios = [
        Scenario("text", texts, 0.0),
        Scenario("image", first_of(pictures, scale.dialogues), 0.0),
        Scenario("latency", texts, LATENCY_MS),
    ]
    outcomes = {scenario.name: compared(scenario, scale, folder) for scenario in scenarios}
    large, resume_s = large_run(pictures, scale, folder)
    help_s = statistics.median(help_seconds() for _ in range(5))
    return {
        "machine": _machine(outcomes),
        "scale": dataclasses.asdict(scale),
        "runs": [_row(name, runs) for name, by_runner in outcomes.items() for runs in by_runner.values()],
        "large_run": dataclasses.asdict(large),
        "bars": _bars(outcomes, scale) + _single_bars(large, resume_s, help_s),
    }


def _row(scenario: str, runs: list[Outcome]) -> dict[str, Any]:
    """One runner in one scenario: medians over its runs."""
    median = {
        name: statistics.median(getattr(outcome, name) for outcome in runs)
        for name in ("wall_s", "cpu_s", "calls_per_s", "peak_rss_mb", "written_mb", "server_busy")
    }
    return {"scenario": scenario, "runner": runs[0].runner, "runs": len(runs), "calls": runs[0].calls, **median}


def _bars(outcomes: dict[str, dict[str, list[Outcome]]], scale: Scale) -> list[dict[str, Any]]:
    bars = []
    for name, least in (("text", 25.0), ("image", 30.0)):
        ours, bare, theirs = (outcomes[name][runner] for runner in ("turnwise", "bare loop", "Inspect AI"))
        speed = statistics.median(outcome.calls_per_s for outcome in ours)
        # Neighbours in time are compared, because a shared machine is not equally fast all the time.
        share = statistics.median(one.calls_per_s / other.calls_per_s for one, other in zip(ours, bare, strict=True))
        times = _bar(f"{name}: times Inspect AI", speed / theirs[0].calls_per_s, at_least=least)
        bars.append(times | {"by_cpu": _cpu_s(theirs) / _cpu_s(ours)})
        bars.append(
            _bar(f"{name}: share of the bare loop", share, at_least=0.40) | {"by_cpu": _cpu_s(bare) / _cpu_s(ours)}
        )
    wall_s = statistics.median(outcome.wall_s for outcome in outcomes["latency"]["turnwise"])
    ideal_s = scale.dialogues * CALLS_PER_DIALOGUE * LATENCY_MS / 1000.0 / scale.in_flight
    bars.append(_bar("latency: wall time over calls x latency / in flight", wall_s / ideal_s, at_most=1.10))
    return bars


def _cpu_s(runs: list[Outcome]) -> float:
    return statistics.median(outcome.cpu_s for outcome in runs)


def _single_bars(large: Outcome, resume_s: float, help_s: float) -> list[dict[str, Any]]:
    dialogues = large.calls // CALLS_PER_DIALOGUE
    return [
        _bar(f"peak RSS, {dialogues:,} dialogues with an image each, MB", large.peak_rss_mb, at_most=250.0),
        _bar(f"resuming the finished run of {dialogues:,}, s", resume_s, at_most=1.0),
        _bar("turnwise --help, s", help_s, at_most=0.3),
    ]


def _bar(name: str, measured: float, *, at_least: float | None = None, at_most: float | None = None) -> dict[str, Any]:
    met = measured >= at_least if at_least is not None else measured <= at_most
    return {"name": name, "measured": measured, "at_least": at_least, "at_most": at_most, "met": met}


def _machine(outcomes: dict[str, dict[str, list[Outcome]]]) -> dict[str, Any]:
    versions = {runner: runs[0].version for runner, runs in outcomes["text"].items() if runner != "bare loop"}
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cpus": os.cpu_count(),
        "pinned": pinned(),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": versions | {name: version(name) for name in ("aiohttp", "uvloop", "msgspec")},
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print the tables, write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    quick = parser.parse_args().quick
    if not INSPECT_PYTHON.exists():
        sys.exit("Inspect AI's environment is missing; `make bench` makes it")
    scale = QUICK if quick else FULL
    needed = scale.large * IMAGE_BYTES * 2
    if shutil.disk_usage(tempfile.gettempdir()).free < needed:
        sys.exit(f"{needed / 1e9:.1f} GB of free space are needed in {tempfile.gettempdir()}")
    with tempfile.TemporaryDirectory(prefix="turnwise-bench-") as folder:
        results = measure(scale, Path(folder))
    place = BENCH.parent / "runs" / "bench-quick.json" if quick else BENCH / "results.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(results, indent=1) + "\n")
    print(markdown(results))
    print(f"\nwritten to {place}")


if __name__ == "__main__":
    main()
