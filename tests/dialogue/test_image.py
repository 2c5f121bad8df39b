"""Images by content: what counts as one, what is refused, and that a change on disk is noticed."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image as Picture

from turnwise.dialogue import MIME_SUFFIX, Image, mime_of
from turnwise.errors import DataError

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def encoded(image_format: str) -> bytes:
    """A small picture as a real encoder writes it."""
    buffer = io.BytesIO()
    Picture.new("RGB", (3, 2), (200, 30, 30)).save(buffer, image_format)
    return buffer.getvalue()


def refusal(path: Path) -> str:
    """The sentence with which a file is refused as an image."""
    with pytest.raises(DataError) as caught:
        Image.from_file(path)
    return str(caught.value)


@pytest.mark.parametrize("name", ["picture.jpg", "picture.png", "picture.html", "picture"])
@pytest.mark.parametrize("image_format", FORMATS)
def test_the_mime_type_is_read_from_the_bytes_whatever_the_name(tmp_path: Path, image_format: str, name: str) -> None:
    """Each of the four types is known by its bytes under any file name, with its hash and size."""
    data = encoded(image_format)
    path = tmp_path / name
    path.write_bytes(data)
    image = Image.from_file(path)
    assert image == Image(hashlib.sha256(data).hexdigest(), FORMATS[image_format], len(data), str(path))
    assert image.read_bytes() == data


def test_every_known_mime_type_has_a_suffix() -> None:
    """The suffix table covers exactly the types that are recognised."""
    assert {mime_of(encoded(name)) for name in FORMATS} == set(MIME_SUFFIX)


@pytest.mark.parametrize("data", [b"RIFF\x24\x00\x00\x00WAVEfmt ", b"JUNK\x24\x00\x00\x00WEBPVP8 ", b"BM\x3a\x00", b""])
def test_other_files_have_no_mime_type(data: bytes) -> None:
    """A sound file in the WebP container, a WebP mark without its container, a bitmap and nothing are no images."""
    assert mime_of(data) is None


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_file_cut_off_in_its_first_bytes_is_refused(tmp_path: Path, image_format: str) -> None:
    """A file that ends before its type can be told is refused by name, whatever the type was."""
    path = tmp_path / "cut.jpg"
    path.write_bytes(encoded(image_format)[:2])
    assert refusal(path).startswith(f"{path}: not a PNG, JPEG, GIF or WebP image (it begins with ")


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    """The sentence for an empty file says that it is empty."""
    path = tmp_path / "empty.png"
    path.touch()
    assert refusal(path) == (f"{path}: not a PNG, JPEG, GIF or WebP image (it begins with nothing: the file is empty)")


def test_a_web_page_saved_as_an_image_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """An error page under an image's name is refused in one line with the bytes it begins with."""
    path = tmp_path / "photo.jpg"
    path.write_text("<!DOCTYPE html>\n<title>Not found</title>\n")
    assert refusal(path) == f"{path}: not a PNG, JPEG, GIF or WebP image (it begins with 3c 21 44 4f 43 54 59 50)"


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    """An absent file and a folder are refused with the system's reason."""
    assert refusal(tmp_path / "gone.png") == f"{tmp_path}/gone.png: cannot read the image (No such file or directory)"
    assert refusal(tmp_path) == f"{tmp_path}: not a file of at most 64 MiB, so no image"


def test_an_image_that_is_not_whole_is_refused_by_name_with_what_is_missing(tmp_path: Path) -> None:
    """Half a download is refused in one sentence: the file, its type and the part that is not there."""
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG")[:-12])
    assert refusal(path) == (
        f"{path}: this PNG image is cut off or damaged: its IEND chunk is missing; use another copy of it"
    )


def test_an_image_changed_after_loading_is_noticed(tmp_path: Path) -> None:
    """Bytes that differ from those the dialogue was loaded with are never handed out."""
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))
    image = Image.from_file(path)
    path.write_bytes(encoded("JPEG"))
    with pytest.raises(DataError, match=r"photo\.png: the image changed since the benchmark was loaded"):
        image.read_bytes()


def test_an_image_removed_after_loading_is_noticed(tmp_path: Path) -> None:
    """An image that is gone by the time it is asked for is an error, not an empty image."""
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))
    image = Image.from_file(path)
    path.unlink()
    with pytest.raises(DataError, match="cannot read the image"):
        image.read_bytes()
