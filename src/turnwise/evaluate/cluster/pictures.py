"""Images on their way to workers: read there where the path leads to them, sent along where it does not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from turnwise.dialogue import MIME_SUFFIX, Image
from turnwise.errors import DataError
from turnwise.evaluate.engine import Work

__all__ = ["absolute", "images_of", "is_here", "placed"]


def images_of(works: Iterable[Work]) -> dict[str, Image]:
    """Every image of the dialogues by its hash."""
    return {image.sha256: image for work in works for image in work.dialogue.all_images()}


def absolute(work: Work) -> Work:
    """The work with image paths that do not depend on the current folder."""
    return _with_paths(work, lambda image: str(Path(image.path).absolute()))


def is_here(image: Image) -> bool:
    """Whether this machine has a file of the image's size at its path; what is in it is checked when it is read."""
    try:
        return Path(image.path).stat().st_size == image.size_bytes
    except OSError:
        return False


@contextmanager
def placed(works: list[Work], contents: Mapping[str, bytes]) -> Iterator[list[Work]]:
    """The works with the images that were sent along in files of this machine, until the end of the block.

    Raises:
        DataError: an image cannot be written.
    """
    if not contents:
        yield works
        return
    images = images_of(works)
    with _folder() as folder:
        places = {sha256: _written(images[sha256], data, Path(folder)) for sha256, data in contents.items()}
        yield [_with_paths(work, lambda image: places.get(image.sha256, image.path)) for work in works]


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="turnwise-images-", ignore_cleanup_errors=True)
    except OSError as error:
        raise DataError(f"{tempfile.gettempdir()}: a worker cannot store images ({error.strerror})") from error


def _written(image: Image, data: bytes, folder: Path) -> str:
    place = folder / f"{image.sha256}{MIME_SUFFIX[image.mime]}"
    try:
        place.write_bytes(data)
    except OSError as error:
        raise DataError(f"{place}: a worker cannot store the image {image.path} ({error.strerror})") from error
    return str(place)


def _with_paths(work: Work, path_of: Callable[[Image], str]) -> Work:
    def moved(images: tuple[Image, ...]) -> tuple[Image, ...]:
        return tuple(msgspec.structs.replace(image, path=path_of(image)) for image in images)

    dialogue = work.dialogue
    if not dialogue.all_images():
        return work
    turns = tuple(
        msgspec.structs.replace(turn, images=moved(turn.images)) if turn.images else turn for turn in dialogue.turns
    )
    return msgspec.structs.replace(
        work, dialogue=msgspec.structs.replace(dialogue, images=moved(dialogue.images), turns=turns)
    )
