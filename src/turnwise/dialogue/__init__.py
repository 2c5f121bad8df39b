"""Image, Turn, Dialogue, Question: what is asked. JSON Lines in and out."""

from turnwise.dialogue.image import MIME_SUFFIX, Image, mime_of
from turnwise.dialogue.jsonl import decode_dialogue, encode_dialogue, json_schema, read_jsonl, write_jsonl
from turnwise.dialogue.types import (
    METHODS,
    PLACEMENTS,
    SCENARIOS,
    Dialogue,
    History,
    Intent,
    Modality,
    Placement,
    Question,
    Setting,
    SourceValue,
    Turn,
)

__all__ = [
    "METHODS",
    "MIME_SUFFIX",
    "PLACEMENTS",
    "SCENARIOS",
    "Dialogue",
    "History",
    "Image",
    "Intent",
    "Modality",
    "Placement",
    "Question",
    "Setting",
    "SourceValue",
    "Turn",
    "decode_dialogue",
    "encode_dialogue",
    "json_schema",
    "mime_of",
    "read_jsonl",
    "write_jsonl",
]
