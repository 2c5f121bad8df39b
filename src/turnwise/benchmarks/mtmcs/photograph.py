"""What a row of MTMCS-Bench is about: its photograph, the variants of it and its caption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from turnwise.benchmarks.mtmcs.options import Form
from turnwise.benchmarks.mtmcs.row import MtmcsRow
from turnwise.benchmarks.pictures import find_image
from turnwise.dialogue import Image
from turnwise.errors import DataError

__all__ = ["Photograph", "find_pictures"]

_N_VARIANTS = 3


class Photograph(msgspec.Struct, frozen=True):
    """The pictures by number, as far as they are wanted (0 is the photograph, 1 to 3 its variants), and the caption."""

    pictures: dict[int, Image]
    caption: str | None


def find_pictures(row: MtmcsRow, forms: Sequence[Form], *, roots: Sequence[Path], where: str) -> dict[int, Image]:
    """The pictures that the forms show, below one of the roots; a row that names no photograph has `images/ID.*`.

    A multimodal dialogue without its picture would be counted as text-only beside the dialogues that were written
    to be, so a missing one is refused.

    Raises:
        DataError: a picture is not there or no image, or there are not three variants of it.
    """
    wanted = [form.picture for form in forms if form.picture is not None]
    names = [row.image or f"images/{row.id}.png", *row.variant_images]
    if any(wanted) and len(names) != 1 + _N_VARIANTS:
        raise DataError(f"{where}: variant_images has {len(row.variant_images)} entries; a row has {_N_VARIANTS}")
    return {number: _picture(names[number], roots, where) for number in wanted}


def _picture(name: str, roots: Sequence[Path], where: str) -> Image:
    image = find_image(name, roots, where)
    if image is None:
        raise DataError(f"{where}: image {name!r} is not there; with ,modality=unimodal no images are needed")
    return image
