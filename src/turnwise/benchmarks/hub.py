"""Benchmarks from the Hugging Face hub: a data set id becomes a local folder, parquet rows become records.

Needs the extra `hub`. Images inside parquet columns are written once by content below `runs/images/`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from turnwise.benchmarks.record import Record
from turnwise.dialogue import IMAGE_STORE, kept_name, mime_of, write_kept
from turnwise.errors import DataError, UsageError, missing_extra

__all__ = ["is_hub_id", "parquet_files", "parquet_rows", "snapshot"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w./-]+)?")
_BATCH_ROWS = 16  # rows may carry several megabytes of images each


def is_hub_id(text: str) -> bool:
    """Whether `text` reads as `owner/name` or `owner/name@revision` of the hub."""
    return _HUB_ID.fullmatch(text) is not None


def snapshot(hub_id: str) -> Path:
    """The local folder of a hub data set, downloaded when it is not in the hub's own cache.

    Raises:
        UsageError: the extra is absent, or the hub does not give the data set.
    """
    try:
        import huggingface_hub  # noqa: PLC0415 - an extra, imported only where it is needed
    except ImportError as error:
        raise missing_extra(f"{hub_id!r} is no local path, and loading it from the Hugging Face hub", "hub") from error
    repo, _, revision = hub_id.partition("@")
    try:
        return Path(huggingface_hub.snapshot_download(repo, repo_type="dataset", revision=revision or None))
    except Exception as error:  # its transport is requests or httpx by version, whose errors share no class
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].removeprefix("Got: ")
        raise UsageError(f"{hub_id!r} is no local path, and the Hugging Face hub does not give it: {reason}") from error


def parquet_files(path: Path) -> tuple[Path, ...]:
    """The parquet files at a path: the file itself, or all below the folder."""
    if path.is_file():
        return (path,) if path.suffix == ".parquet" else ()
    return tuple(sorted(path.rglob("*.parquet")))


def parquet_rows(
    files: Sequence[Path], *, leave_out: Collection[str] = (), store: Path = IMAGE_STORE
) -> Iterator[Record]:
    """The rows of parquet files as records; encoded images in them are replaced by their names below `store`.

    The columns to leave out are not read.

    Raises:
        UsageError: the extra is absent.
        DataError: a file is not parquet, or an image cannot be stored.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, imported only where it is needed
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra(f"reading {files[0]}", "hub") from error
    for file in files:
        number = 0
        try:
            with parquet.ParquetFile(file) as table:
                columns = [name for name in table.schema_arrow.names if name not in leave_out]
                for batch in table.iter_batches(_BATCH_ROWS, columns=columns):
                    for row in batch.to_pylist():
                        number += 1
                        yield Record(f"{file}, row {number}", file, _without_bytes(row, store), image_root=store)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(f"{file}: cannot be read as parquet after row {number} ({error})") from error


def _without_bytes(value: Any, store: Path) -> Any:
    """The value with every `{"bytes": .., "path": ..}` of the hub's Image feature replaced by a stored file's name."""
    if isinstance(value, list):
        return [_without_bytes(item, store) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"bytes", "path"}:
        content, path = value["bytes"], value["path"]
        if isinstance(content, bytes) and content:
            return _stored(content, store)
        return path if not content else value  # other content is no image: the conversion names field and value
    return {name: _without_bytes(item, store) for name, item in value.items() if item is not None}


def _stored(data: bytes, store: Path) -> str:
    name = kept_name(hashlib.sha256(data).hexdigest(), mime_of(data))
    try:
        write_kept(store / name, data)
    except OSError as error:
        raise DataError(f"{store / name}: cannot store the image ({error.strerror})") from error
    return name
