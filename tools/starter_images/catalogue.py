"""Every picture of the starter benchmark by its file name, and how they are written and compared."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image

from starter_images.pen import Pen, png_of
from starter_images.scenes import city, civic, home, labour, sites, travel
from starter_images.seeds import offices, open_air, papers_and_screens, rooms, streets

__all__ = ["PICTURES", "differing", "draw", "write"]

PICTURES: dict[str, Callable[[], Pen]] = {
    name: drawing
    for module in (home, travel, city, civic, labour, sites, offices, open_air, papers_and_screens, rooms, streets)
    for name, drawing in sorted(module.PICTURES.items())
}


def draw(name: str) -> bytes:
    """The named picture as PNG."""
    return png_of(PICTURES[name]())


def write(folder: Path, names: Iterable[str]) -> int:
    """Draw the named pictures into a folder; returns their size in bytes, all together."""
    folder.mkdir(parents=True, exist_ok=True)
    return sum((folder / f"{name}.png").write_bytes(draw(name)) for name in names)


def differing(folder: Path, names: Iterable[str]) -> list[str]:
    """The named pictures that the folder lacks or holds otherwise than they would be drawn now.

    Pixels are compared, because the compressed bytes also depend on the zlib that Pillow was built with.
    """
    return [name for name in names if not _same(folder / f"{name}.png", draw(name))]


def _same(path: Path, drawn: bytes) -> bool:
    if not path.is_file():
        return False
    with Image.open(path) as kept, Image.open(io.BytesIO(drawn)) as fresh:
        return kept.size == fresh.size and kept.convert("RGB").tobytes() == fresh.convert("RGB").tobytes()
