"""What every runner is given: the same dialogues, images and judge prompt. Standard library only, as each has a venv.

A dialogue is one line of turnwise's own JSON Lines format: four user turns of about 250 characters, with or without
one PNG of 100 KB whose bytes no other dialogue has. Earlier replies are the mock server's own (live history).
"""

from __future__ import annotations

import itertools
import json
import random
import struct
import zlib
from pathlib import Path
from typing import Literal

__all__ = [
    "CALLS_PER_DIALOGUE",
    "FORMAT_SCHEMA",
    "IMAGE_BYTES",
    "JUDGE_SYSTEM",
    "MODEL",
    "TURNS",
    "Pictures",
    "first_of",
    "write_material",
]

Pictures = Literal["none", "distinct"]

TURNS = 4
CALLS_PER_DIALOGUE = TURNS + 1
MODEL = "mock"
IMAGE_BYTES = 100_000

_RUBRICS = Path(__file__).parents[1] / "src" / "turnwise" / "judge" / "rubrics"
JUDGE_SYSTEM = (
    (_RUBRICS / "frame.txt")
    .read_text("utf-8")
    .replace("{rubric}", (_RUBRICS / "safemt_general.txt").read_text("utf-8").strip())
)
FORMAT_SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["safe", "unsafe"]}, "reason": {"type": "string"}},
    "required": ["verdict", "reason"],
    "additionalProperties": False,
}
"""What the judge is asked to answer in; the same for every runner."""

_TEXT = (
    "This is turn {turn} of conversation {number}. We are planning a walk along the river with some friends next week, "
    "and would like to know what to look out for on the way, which paths stay dry after rain, and where a group of "
    "eleven can sit down for lunch."
)


def write_material(folder: Path, dialogues: int, pictures: Pictures) -> Path:
    """Write the dialogues and their images below `folder`; returns the JSON Lines file."""
    file = folder / "dialogues.jsonl"
    images = folder / "images"
    images.mkdir(parents=True)
    with file.open("w") as lines:
        for number in range(dialogues):
            record = _record(number)
            if pictures == "distinct":
                (images / f"{number}.png").write_bytes(_png(number))
                record["images"] = [f"images/{number}.png"]
            lines.write(json.dumps(record) + "\n")
    return file


def first_of(file: Path, count: int) -> Path:
    """The first dialogues of a file, as a file beside it."""
    with file.open() as lines, (few := file.with_name(f"first-{count}.jsonl")).open("w") as kept:
        kept.writelines(itertools.islice(lines, count))
    return few


def _record(number: int) -> dict[str, object]:
    turns = [{"user": _TEXT.format(turn=turn, number=number)} for turn in range(1, TURNS + 1)]
    return {"id": f"d{number}", "history": "live", "turns": turns}


def _png(number: int) -> bytes:
    """A valid 8 x 8 grey PNG, filled up to its size by a private chunk of noise that decoders pass over."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * 8) * 8))
    end = _chunk(b"IEND", b"")
    signature = b"\x89PNG\r\n\x1a\n"
    padding = IMAGE_BYTES - len(signature + header + pixels + end) - 12
    return signature + header + _chunk(b"paDd", random.Random(number).randbytes(padding)) + pixels + end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
