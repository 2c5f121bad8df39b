"""Pictures of benchmarks as a model gets them: untrusted files, decoded within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from turnwise.dialogue import Image
from turnwise.errors import DataError
from turnwise.models.transformers.prompt import picture_of
from turnwise.models.transformers.worker import NotAnswerable


def saved(picture: PIL.Image.Image, path: Path, **options: Any) -> Image:
    """The picture as an image file."""
    picture.save(path, **options)
    return Image.from_file(path)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    """The model sees what a person sees, not what an editor left under the transparency."""
    picture = PIL.Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    picture.putpixel((1, 0), (0, 0, 255, 255))
    shown = picture_of(saved(picture, tmp_path / "a.png"))
    assert (shown.mode, shown.getpixel((0, 0)), shown.getpixel((1, 0))) == ("RGB", (255, 255, 255), (0, 0, 255))


def test_a_picture_stored_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    """Orientation 6 of EXIF: the camera lay on its side."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    shown = picture_of(saved(PIL.Image.new("RGB", (40, 20), "red"), tmp_path / "a.jpg", exif=exif))
    assert shown.size == (20, 40)


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "CMYK"])
def test_every_colour_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    """Grey, palette, black and white, grey with transparency, and print colours."""
    suffix = "jpg" if mode == "CMYK" else "png"
    shown = picture_of(saved(PIL.Image.new(mode, (3, 2)), tmp_path / f"a.{suffix}"))
    assert (shown.mode, shown.size) == ("RGB", (3, 2))


def test_a_file_that_is_no_picture_is_not_answerable(broken: Image) -> None:
    """The sentence names the image by its content, and the cause."""
    with pytest.raises(NotAnswerable, match=f"image {broken.sha256[:12]}: the image cannot be decoded") as caught:
        picture_of(broken)
    assert caught.value.kind == "rejected"


def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path) -> None:
    """A small file can hold a picture that no memory holds."""
    image = saved(PIL.Image.new("1", (8_000, 5_001)), tmp_path / "large.png")
    with pytest.raises(NotAnswerable, match=r"8000 x 5001 pixels are more than 40000000"):
        picture_of(image)


def test_a_file_that_is_gone_is_a_data_error(red: Image) -> None:
    """The benchmark is broken, not the model."""
    Path(red.path).unlink()
    with pytest.raises(DataError, match="cannot read the image"):
        picture_of(red)
