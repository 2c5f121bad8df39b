"""Results as Markdown tables: what `make bench` prints and what docs/performance.md shows.

python bench/table.py bench/results.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["markdown"]


def markdown(results: dict[str, Any]) -> str:
    """Two tables and a line about the machine."""
    return "\n\n".join([_runs(results["runs"]), _bars(results["bars"]), _machine(results)])


def _runs(rows: list[dict[str, Any]]) -> str:
    speeds = {(row["scenario"], row["runner"]): row["calls_per_s"] for row in rows}
    lines = [
        "| scenario | runner | calls | wall, s | CPU, s | calls/s | x Inspect | x bare | RSS, MB | disk, MB | server |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        scenario, speed = row["scenario"], row["calls_per_s"]
        lines.append(
            f"| {scenario} | {row['runner']} | {row['calls']:,} | {row['wall_s']:.2f} | {row['cpu_s']:.2f} |"
            f" {speed:,.0f} | {speed / speeds[scenario, 'Inspect AI']:.1f} |"
            f" {speed / speeds[scenario, 'bare loop']:.2f} |"
            f" {row['peak_rss_mb']:.0f} | {row['written_mb']:.1f} | {row['server_busy']:.0%} |"
        )
    return "\n".join(lines)


def _bars(bars: list[dict[str, Any]]) -> str:
    lines = ["| bar | measured | wanted | met | by CPU time |", "|---|--:|--:|---|--:|"]
    for bar in bars:
        wanted = f">= {bar['at_least']:g}" if bar["at_least"] is not None else f"<= {bar['at_most']:g}"
        by_cpu = f"{bar['by_cpu']:.3g}" if "by_cpu" in bar else ""
        lines.append(
            f"| {bar['name']} | {bar['measured']:.3g} | {wanted} | {'yes' if bar['met'] else 'NO'} | {by_cpu} |"
        )
    return "\n".join(lines)


def _machine(results: dict[str, Any]) -> str:
    machine, scale = results["machine"], results["scale"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    cores = "server and runner on a core each" if machine["pinned"] else "server and runner share the cores"
    return (
        f"{machine['date']}, {machine['cpus']} CPUs ({cores}; load {machine['load_average']}), Python"
        f" {machine['python']}, {versions}; {scale['dialogues']:,} dialogues, {scale['in_flight']} in flight,"
        f" medians of {scale['repeats']} runs (Inspect AI: one)."
    )


if __name__ == "__main__":
    print(markdown(json.loads(Path(sys.argv[1]).read_text())))
