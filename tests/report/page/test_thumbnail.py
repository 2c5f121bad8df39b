"""Thumbnails: small pictures from untrusted files."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import PIL.Image
import pytest

from dialogue.whole_png import whole_png
from turnwise.dialogue import Image
from turnwise.report.page.thumbnail import MAX_SIDE, thumbnail


def decoded(url: str | None) -> PIL.Image.Image:
    """The picture in a data URL."""
    assert url is not None
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return PIL.Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp"])
def test_a_large_picture_becomes_small_with_its_shape_kept(tmp_path: Path, suffix: str) -> None:
    """A 1000 x 500 picture of any format a model takes is shown at 320 x 160."""
    path = tmp_path / f"wide.{suffix}"
    PIL.Image.new("RGB", (1000, 500), "navy").save(path)
    assert decoded(thumbnail(Image.from_file(path))).size == (MAX_SIDE, MAX_SIDE // 2)


def test_transparency_is_shown_on_white(tmp_path: Path) -> None:
    """A fully transparent pixel is white in the thumbnail, as the page is."""
    path = tmp_path / "clear.png"
    PIL.Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(path)
    assert decoded(thumbnail(Image.from_file(path))).getpixel((4, 4)) == (255, 255, 255)


def test_a_picture_with_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    """A file of a few kilobytes that would unpack to 50 million pixels gives no picture."""
    path = tmp_path / "bomb.png"
    PIL.Image.new("1", (10_000, 5_000)).save(path)
    assert path.stat().st_size < 100_000
    assert thumbnail(Image.from_file(path)) is None


def progressive(path: Path, size: tuple[int, int]) -> Image:
    """A grey progressive JPEG, which has six scans."""
    PIL.Image.new("L", size).save(path, progressive=True)
    assert path.read_bytes().count(b"\xff\xda") == 6
    return Image.from_file(path)


def test_a_progressive_jpeg_is_shown_while_its_scans_are_few_for_its_size(tmp_path: Path) -> None:
    """Six scans over 40 million pixels are decoded in a moment; one row of pixels more is not tried."""
    assert decoded(thumbnail(progressive(tmp_path / "large.jpg", (8_000, 5_000)))).size == (MAX_SIDE, 200)
    assert thumbnail(progressive(tmp_path / "larger.jpg", (8_000, 5_001))) is None


def test_a_large_photograph_is_shrunk_while_it_is_decoded(tmp_path: Path) -> None:
    """A plain JPEG of 60 million pixels, which takes a fraction of a second, is shown."""
    path = tmp_path / "large.jpg"
    PIL.Image.new("RGB", (10_000, 6_000), "navy").save(path)
    assert decoded(thumbnail(Image.from_file(path))).size == (MAX_SIDE, 192)


def test_a_missing_file_gives_no_picture(tmp_path: Path) -> None:
    """A file deleted since the run gives no picture and no error."""
    assert thumbnail(Image("0" * 64, "image/png", 10, str(tmp_path / "gone.png"))) is None


def test_a_changed_file_gives_no_picture(tmp_path: Path) -> None:
    """Other bytes than the target was sent are not shown as if they were those."""
    path = tmp_path / "image.png"
    PIL.Image.new("RGB", (8, 8), "navy").save(path)
    image = Image.from_file(path)
    PIL.Image.new("RGB", (8, 8), "red").save(path)
    assert thumbnail(image) is None


def test_a_broken_file_gives_no_picture(tmp_path: Path) -> None:
    """The structure of a PNG around bytes that are none gives no picture and no error."""
    path = tmp_path / "broken.png"
    path.write_bytes(whole_png(b"nothing of the kind"))
    assert thumbnail(Image.from_file(path)) is None
