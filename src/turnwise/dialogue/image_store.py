"""Images once per project, by content: a run can be gone on with, judged again and shown when their folder is gone."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from turnwise.dialogue.image import IMAGE_STORE, Image, kept_name
from turnwise.errors import DataError

__all__ = ["keep_images", "write_kept"]

_LEFT_FREE_BYTES = 2**30
"""No copy goes below this: the run file grows on the same disk, and a run that cannot be written is worse."""


def keep_images(images: Iterable[Image], store: Path = IMAGE_STORE) -> str | None:
    """Put images into the store; says in words what is not there afterwards and why, None when all are.

    Each becomes a hard link, which reads nothing and takes no space, or a copy where no link can be made: on another
    device, to another user's file. An original that is written over in place changes its link too; the content hash
    tells when the image is read. What replaces the original, as most programs do, leaves the link as it was.
    """
    wanted = {kept_name(image.sha256, image.mime): image for image in images}
    if not wanted:
        return None
    kept, cause = 0, None
    try:
        with _descriptor(store) as folder:
            for name, image in wanted.items():
                try:
                    _keep(image, store / name, folder)
                    kept += 1
                except DataError as error:
                    cause = cause or str(error)
    except OSError as error:  # the store itself cannot be written, and the next image would fare no better
        cause = f"{store}: {error.strerror or error}"
    if cause is None:
        return None
    count = f"{len(wanted) - kept:,} of {len(wanted):,}"
    return f"images not kept in {store}: {count} ({cause}); the run needs them where they are now"


def write_kept(entry: Path, data: bytes) -> None:
    """Write an entry of the store, which is there whole or not at all; one of the right size is left as it is.

    Raises:
        OSError: it cannot be written.
    """
    if _size_bytes(entry) == len(data):
        return
    entry.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two runs may store the same image at once, and an entry must never be written in place, as it
    # may be a link to a file of the benchmark.
    part = entry.with_name(f".{entry.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        part.replace(entry)
    finally:
        part.unlink(missing_ok=True)


def _keep(image: Image, entry: Path, folder: int) -> None:
    with suppress(OSError):
        # Given the store's descriptor, link() follows symbolic links, such as the hub's cache is made of.
        os.link(image.path, entry.name, dst_dir_fd=folder)
        return
    if _size_bytes(entry) == image.size_bytes:
        return
    if shutil.disk_usage(entry.parent).free - image.size_bytes < _LEFT_FREE_BYTES:
        raise DataError(f"a copy would leave less than {_LEFT_FREE_BYTES // 2**30} GiB free on its disk")
    write_kept(entry, image.read_bytes())


@contextmanager
def _descriptor(folder: Path) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _size_bytes(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
