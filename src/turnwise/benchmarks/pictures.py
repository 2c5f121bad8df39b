"""Finding the image a record points to, which may be absent, wrongly named, or pointing outside its folder.

A benchmark is somebody else's file and its images are sent to a model, so a name must not reach any other file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from turnwise.dialogue import Image
from turnwise.errors import DataError

__all__ = ["find_image", "image_with_sha256"]

# Released sets name some files with another extension than the record says.
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


def find_image(name: str, roots: Sequence[Path], where: str) -> Image | None:
    """The image called `name` below one of the roots; None when it is not there under any common extension.

    Raises:
        DataError: the name leads outside the roots, or the file found is no image; `where` opens the sentence.
    """
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise DataError(f"{where}: image path {name!r} leads outside the benchmark's folder")
    if not relative.name:
        raise DataError(f"{where}: image path {name!r} names no file")
    places = (root / spelling for spelling in _spellings(relative) for root in roots)
    found = next((place for place in places if _is_file(place)), None)
    if found is None:
        return None
    if not _stays_inside(found, roots):
        raise DataError(f"{where}: image path {name!r} is a link that leads outside the benchmark's folder")
    try:
        return Image.from_file(found)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def image_with_sha256(path: str, *, sha256: str, root: Path, where: str) -> Image | None:
    """The image at a path written down with its content hash; None when no file is there.

    The path may lead anywhere: who knows the hash of a file's content learns nothing new from it. It is looked for
    below `root` first, then as given.

    Raises:
        DataError: what lies there is no image, or another one; `where` opens the sentence.
    """
    candidates = [place for place in (root / path, Path(path)) if _is_file(place)]
    for place in candidates:
        try:
            image = Image.from_file(place)
        except DataError:  # its sentence quotes the file's first bytes, and the file may be none of the benchmark's
            continue
        if image.sha256 == sha256:
            return image
    if candidates:
        raise DataError(f"{where}: image {path!r} is no image with the sha256 given ({sha256})")
    return None


def _spellings(relative: Path) -> Iterator[Path]:
    """The path as given, then with each common extension; a dot that begins no image extension is part of the name."""
    yield relative
    stem = relative.stem if relative.suffix.lower() in _SUFFIXES else relative.name
    for suffix in _SUFFIXES:
        yield relative.with_name(stem + suffix)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the file system takes, a folder without permission
        return False


def _stays_inside(file: Path, roots: Sequence[Path]) -> bool:
    """Whether symbolic links end below the roots, or in the blobs of the hub's own cache."""
    target = os.path.realpath(file)
    named = tuple(map(os.path.abspath, roots))
    if target.startswith(_homes(named)):
        return True
    _homes.cache_clear()  # a root may be a link that was set to another place since
    return target.startswith(_homes(named))


@lru_cache(maxsize=8)
def _homes(roots: tuple[str, ...]) -> tuple[str, ...]:
    """What a path without links may begin with. Kept: finding it takes longer than reading an image."""
    homes = [Path(root).resolve() for root in roots]
    blobs = [
        above.parent / "blobs"
        for home in homes
        for above in (home, *home.parents)
        if above.name == "snapshots" and above.parent.name.startswith("datasets--")
    ]
    return tuple(str(place).rstrip(os.sep) + os.sep for place in (*homes, *blobs))
