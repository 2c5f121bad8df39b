"""turnwise's own run: `evaluate()` on uvloop, as `turnwise run` does it, without the table and report that follow.

Everything the library does is inside the time: reading and checking the dialogues, hashing their images, every call,
every row in the run file. Imports are not, as for the other runners. On a finished run file it measures resuming.
"""

from __future__ import annotations

import os

import uvloop
from material import MODEL
from runner import Clock, job, tell

from turnwise import __version__
from turnwise.cli.stopping import quieten_collector
from turnwise.evaluate import Machinery, RunSettings, evaluate
from turnwise.runfile import Reader


def main() -> None:
    """Run the job on the command line."""
    asked = job()
    model = f"openai:{MODEL}@{asked.base_url}"
    settings = RunSettings(
        benchmarks=(f"jsonl:{asked.material.absolute()}",), target=model, judges=(f"safemt:{model}",), history="live"
    )
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out.absolute() / "run.sqlite"
    os.chdir(asked.out)  # the project whose image store is filled
    quieten_collector()  # as `turnwise run` does
    clock = Clock()
    uvloop.run(evaluate(settings, path, machinery=Machinery(concurrency=asked.in_flight)))
    times = clock.stop()
    with Reader(path) as reader:
        safe = sum(row.label == "safe" for card in reader.judges() for row in reader.scored_rows(card.name))
    tell(times, safe=safe, version=__version__)


if __name__ == "__main__":
    main()
