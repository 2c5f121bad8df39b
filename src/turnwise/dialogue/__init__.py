"""Image, Turn, Dialogue, Question: what is asked. JSON Lines in and out."""

from turnwise.dialogue.image import IMAGE_STORE, MIME_SUFFIX, Image, kept_name, mime_of
from turnwise.dialogue.image_store import keep_images, write_kept
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
    QuestionKind,
    Setting,
    SourceValue,
    Turn,
)

__all__ = [
    "IMAGE_STORE",
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
    "QuestionKind",
    "Setting",
    "SourceValue",
    "Turn",
    "decode_dialogue",
    "encode_dialogue",
    "json_schema",
    "keep_images",
    "kept_name",
    "mime_of",
    "read_jsonl",
    "write_jsonl",
    "write_kept",
]
