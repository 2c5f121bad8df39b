"""Dialogues as JSON Lines: our own format, one dialogue a line, round trip exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from turnwise.dialogue.types import Dialogue
from turnwise.errors import DataError
from turnwise.files import read_lines

__all__ = ["decode_dialogue", "encode_dialogue", "json_schema", "read_jsonl", "write_jsonl"]

_decoder = msgspec.json.Decoder(Dialogue)
_encoder = msgspec.json.Encoder()


def encode_dialogue(dialogue: Dialogue) -> bytes:
    """One dialogue as one line of JSON, without the newline."""
    return _encoder.encode(dialogue)


def decode_dialogue(line: bytes) -> Dialogue:
    """One dialogue from one line of JSON.

    Raises:
        msgspec.ValidationError: a field breaks the format; the message carries its path.
        msgspec.DecodeError: the line is not JSON in UTF-8.
    """
    return _decoder.decode(line)


def write_jsonl(path: Path, dialogues: Iterable[Dialogue]) -> int:
    """Write dialogues as JSON Lines; returns how many."""
    count = 0
    with path.open("wb") as file:
        for count, dialogue in enumerate(dialogues, 1):  # noqa: B007 - the count is what is returned
            file.write(encode_dialogue(dialogue) + b"\n")
    return count


def read_jsonl(path: Path) -> Iterator[Dialogue]:
    """Stream dialogues from JSON Lines; blank lines are passed over.

    Raises:
        DataError: a line breaks the format; the sentence names file, line, field and value.
        OSError: the file cannot be read.
    """
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            try:
                yield decode_dialogue(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DataError(f"{path}, line {number}: {error}") from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one line."""
    return msgspec.json.schema(Dialogue)
