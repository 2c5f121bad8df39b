"""Our own format, for benchmarks nobody wrote a loader for: JSON Lines, one dialogue a line (`turnwise schema`).

Only `id` and `turns` must be given. `benchmark` defaults to the file's name, `group` to the id, `modality` to what the
images say. An image is a path relative to the file, or the full object that `write_jsonl` writes, which may lie
anywhere as long as its bytes have the sha256 stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from turnwise.benchmarks.decoding import decoded
from turnwise.benchmarks.hub import parquet_files, parquet_rows
from turnwise.benchmarks.pictures import find_image, image_with_sha256
from turnwise.benchmarks.record import Benchmark, LoadNotes, Record, json_lines
from turnwise.dialogue import Dialogue, Image, json_schema
from turnwise.errors import DataError

__all__ = ["input_schema", "open_jsonl"]


def open_jsonl(spelling: str, path: Path) -> Benchmark:
    """Dialogues in our own format: a JSON Lines or parquet file, or a folder of either.

    Raises:
        DataError: there is no such file.
    """
    tables = parquet_files(path)
    lines = tuple(sorted(path.glob("*.jsonl"))) if path.is_dir() else (path,)
    files = tables if path in tables else lines or tables
    if not files:
        raise DataError(f"{path}: no .jsonl or .parquet file here")
    records = (lambda: parquet_rows(files)) if files == tables else (lambda: _records(files))
    return Benchmark("jsonl", spelling, files, records, partial(_dialogue, path if path.is_dir() else path.parent))


def input_schema() -> dict[str, Any]:
    """The JSON Schema of one line: the Dialogue's, with the defaults above and plain paths for images."""
    schema = json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "turnwise dialogue: one line of a JSON Lines benchmark"
    definitions = schema["$defs"] = dict(sorted(schema["$defs"].items()))
    definitions["Dialogue"]["required"] = ["id", "turns"]
    for owner in ("Dialogue", "Turn"):
        items = definitions[owner]["properties"]["images"]
        items["items"] = {"anyOf": [{"type": "string", "description": "path relative to the file"}, items["items"]]}
    return schema


def _records(files: Sequence[Path]) -> Iterator[Record]:
    for file in files:
        yield from json_lines(file)


def _dialogue(folder: Path, record: Record, _: LoadNotes) -> tuple[Dialogue]:
    fields = record.decode(dict[str, Any])
    fields.setdefault("benchmark", record.file.stem)
    if "id" in fields:
        fields.setdefault("group", fields["id"])
    images = _Images([record.image_root or record.file.parent, folder], record.where)
    images.settle(fields)
    turns = fields.get("turns")
    for turn in turns if isinstance(turns, list) else ():
        if isinstance(turn, dict):
            images.settle(turn)
    named = fields.get("missing_images", [])
    if images.missing and isinstance(named, list):
        fields["missing_images"] = [*named, *images.missing]
    if images.missing or "modality" not in fields:
        fields["modality"] = "multimodal" if images.found else "unimodal"
    return (decoded(fields, Dialogue, record.where),)


class _Images:
    """The images of one line, identified by content whatever the line says of them."""

    def __init__(self, roots: Sequence[Path], where: str) -> None:
        self.roots = roots
        self.where = where
        self.found = 0
        self.missing: list[str] = []

    def settle(self, owner: dict[str, Any]) -> None:
        """Replace the entries of `owner["images"]` by identified images, leaving out the missing ones."""
        entries = owner.get("images")
        if isinstance(entries, list):
            owner["images"] = [image for entry in entries if (image := self._settled(entry)) is not None]

    def _settled(self, entry: Any) -> Any:
        full = entry if isinstance(entry, dict) else {"path": entry}
        path, sha256 = full.get("path"), full.get("sha256")
        if not isinstance(path, str) or not isinstance(sha256, str | None):
            return entry  # of the wrong type: the conversion names field and value
        # A plain path stays within the benchmark's folder; only a stated content hash may point elsewhere.
        if sha256 is None:
            image = find_image(path, self.roots, self.where)
        else:
            image = image_with_sha256(path, sha256=sha256, root=self.roots[0], where=self.where)
        if image is None:
            self.missing.append(path)
            return None
        self.found += 1
        return full | {name: getattr(image, name) for name in Image.__struct_fields__}
