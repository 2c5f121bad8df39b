"""One file per benchmark -> stream of Dialogue; `starter` ships inside the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from turnwise.benchmarks.cosafe import open_cosafe
from turnwise.benchmarks.hub import is_hub_id, snapshot
from turnwise.benchmarks.jsonl import input_schema, open_jsonl
from turnwise.benchmarks.mtmcs import open_mtmcs, read_options
from turnwise.benchmarks.record import Benchmark, LoadNotes, files_sha256, stream
from turnwise.benchmarks.safedialbench import open_safedialbench
from turnwise.benchmarks.safemt import open_safemt
from turnwise.benchmarks.starter import open_starter
from turnwise.errors import UsageError, one_of

__all__ = ["SPELLINGS", "Benchmark", "LoadNotes", "files_sha256", "input_schema", "open_benchmark", "stream"]

SPELLINGS = {
    "starter": "our own dialogues, shipped with turnwise: 17 scenarios x 5 lengths, and paired safe/unsafe scenes",
    "safemt:PATH": "SafeMT: folder of <k>_turn.json files (both released layouts), one file, or a hub id",
    "mtmcs:PATH": "MTMCS-Bench: parquet folder, JSON Lines with an image folder, or a hub id; "
    "options ,images=base|variants|all ,split=S ,modality=M ,captions=FILE",
    "cosafe:PATH": "CoSafe: folder of <category>.json files, or one of them",
    "safedialbench:PATH": "SafeDialBench: folder of JSON Lines files, or one of them",
    "jsonl:PATH": "our own format, see `turnwise schema`: a JSON Lines or parquet file or folder, or a hub id",
}
"""How each benchmark is spelled, with what it reads."""

_OPENERS: dict[str, Callable[[str, Path], Benchmark]] = {
    "safemt": open_safemt,
    "cosafe": open_cosafe,
    "safedialbench": open_safedialbench,
    "jsonl": open_jsonl,
}


def open_benchmark(spelling: str) -> Benchmark:
    """The benchmark behind `starter` or `name:PATH`, where PATH is a file, a folder or a Hugging Face id.

    Raises:
        UsageError: the name is not known, or the path is missing.
        DataError: nothing at the path is what the benchmark reads.
    """
    name, _, where = spelling.partition(":")
    if name == "starter":
        if where:
            raise UsageError(f"benchmark {spelling!r}: starter takes no path")
        return open_starter()
    if name not in {*_OPENERS, "mtmcs"}:
        raise one_of("benchmark", spelling, list(SPELLINGS))
    if not where:
        raise UsageError(f"benchmark {spelling!r} needs a path: {name}:PATH")
    if name == "mtmcs":
        path, options = read_options(where)
        return open_mtmcs(spelling, _located(spelling, path), options)
    return _OPENERS[name](spelling, _located(spelling, where))


def _located(spelling: str, where: str) -> Path:
    try:
        path = Path(where).expanduser()
        if path.exists():
            return path
    except (OSError, RuntimeError) as error:  # no such home folder, a name too long, a folder without permission
        raise UsageError(f"benchmark {spelling!r}: {where} cannot be opened ({error})") from error
    if not is_hub_id(where):
        raise UsageError(f"benchmark {spelling!r}: {where} does not exist")
    return snapshot(where)
