"""What the tests of the room share: benchmark files as they are released, made small, and ways to load them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

from turnwise.benchmarks import LoadNotes, open_benchmark, stream
from turnwise.dialogue import Dialogue
from turnwise.errors import UsageError

DATA = Path(__file__).parents[2] / "../shared/data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data at ../shared/data is absent")


def picture(shade: int = 0, image_format: str = "PNG") -> bytes:
    """A small real image; another shade is another content."""
    buffer = io.BytesIO()
    Picture.new("RGB", (2, 2), (shade, 10, 10)).save(buffer, image_format)
    return buffer.getvalue()


def save(path: Path, data: bytes) -> Path:
    """The path, with the data in it and the folders above it made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def save_json(path: Path, rows: object) -> Path:
    """A file that holds one JSON value, escaped as the release escapes it."""
    return save(path, json.dumps(rows, indent=4).encode())


def save_lines(path: Path, rows: Sequence[object]) -> Path:
    """A JSON Lines file."""
    return save(path, b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def messages(user_turns: int) -> list[dict[str, str]]:
    """Alternating messages with the user first and last."""
    roles = ["user", "assistant"] * user_turns
    return [{"role": role, "content": f"{role} {number}"} for number, role in enumerate(roles[:-1], 1)]


def safemt_row(user_turns: int, number: int = 1, **changes: Any) -> dict[str, Any]:
    """A SafeMT record of the newer layout; a change to None leaves the field out."""
    row = {
        "id": f"mllm_financial_advice_{number}",
        "scenario": "Financial Advice",
        "image_path": f"images/financial_advice/financial_advice_{number}.jpg",
        "dialogue": messages(user_turns),
        "question": f"query {number}",
    }
    return {name: value for name, value in (row | changes).items() if value is not None}


def load(spelling: str) -> tuple[list[Dialogue], LoadNotes]:
    """All dialogues of a benchmark and what loading met."""
    notes = LoadNotes()
    return list(stream(open_benchmark(spelling), notes)), notes


def load_skipping(spelling: str) -> tuple[list[Dialogue], LoadNotes]:
    """The good dialogues of a benchmark, with the bad records in the notes."""
    notes = LoadNotes()
    return list(stream(open_benchmark(spelling), notes, skip_bad=True)), notes


def refusal(spelling: str) -> str:
    """The sentence with which opening or loading is refused."""
    with pytest.raises(UsageError) as caught:
        load(spelling)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def without(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The fields but one."""
    return {key: value for key, value in fields.items() if key != name}
