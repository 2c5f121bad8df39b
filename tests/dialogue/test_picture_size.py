"""Images whole and cut, in all four formats: as encoders write them, and as cameras and careless tools leave them."""

from __future__ import annotations

import io
import struct
from typing import Any

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.whole_png import whole_png
from turnwise.dialogue import MIME_SUFFIX, mime_of
from turnwise.dialogue.picture_size import MOST_PIXELS, picture_size

SIZE = (37, 21)
SMALL = PIL.Image.new("RGB", (9, 5), "red")
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "animated png": ("PNG", {"save_all": True, "append_images": [SMALL]}),
    "jpeg": ("JPEG", {}),
    "progressive jpeg": ("JPEG", {"progressive": True}),
    "gif": ("GIF", {}),
    "animated gif": ("GIF", {"save_all": True, "append_images": [PIL.Image.new("RGB", SIZE, "red")]}),
    "lossy webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "webp with metadata": ("WEBP", {"exif": b"Exif\0\0II"}),
}


def encoded(name: str) -> bytes:
    """A picture of `SIZE` with some detail in it, as one of the encoders writes it."""
    image_format, options = FORMATS[name]
    buffer = io.BytesIO()
    PIL.Image.linear_gradient("L").resize(SIZE).convert("RGB").save(buffer, image_format, **options)
    return buffer.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    """The size of an image whose type is read from its bytes."""
    return picture_size(data, mime_of(data) or "no image")


def fault(data: bytes) -> str:
    """What is wrong with an image."""
    with pytest.raises(ValueError, match=r".") as caught:
        size_of(data)
    return str(caught.value)


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_image_has_the_size_its_encoder_gave_it(name: str) -> None:
    """Width and height are those of the picture that was saved."""
    assert size_of(encoded(name)) == SIZE


@pytest.mark.parametrize("name", [name for name in FORMATS if "gif" not in name])
def test_an_image_cut_off_anywhere_is_refused(name: str) -> None:
    """Every beginning of the file that is long enough to tell its type lacks something."""
    data = encoded(name)
    assert all("cut off or damaged: " in fault(data[:length]) for length in range(12, len(data)))


def test_a_gif_is_whole_when_its_pictures_are() -> None:
    """Cut anywhere within its picture it is refused; without its last byte, the trailer, every viewer shows it."""
    data = encoded("gif")
    assert size_of(data[:-1]) == SIZE
    assert all("cut off or damaged: " in fault(data[:length]) for length in range(6, len(data) - 1))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("tail", [b"\0" * 64, b"\r\n", b"<html>", b"\xff\xd8\xff"], ids=repr)
def test_bytes_after_the_end_are_no_fault(name: str, tail: bytes) -> None:
    """Padding, a line break, a page or the begin of another picture behind a whole one change nothing."""
    assert size_of(encoded(name) + tail) == SIZE


def test_a_camera_file_of_several_pictures_is_whole() -> None:
    """A multi-picture file, as phones write it, counts as its first picture, and may lack the end of the second."""
    buffer = io.BytesIO()
    PIL.Image.new("RGB", SIZE).save(buffer, "MPO", save_all=True, append_images=[SMALL])
    assert size_of(buffer.getvalue()) == SIZE
    assert size_of(buffer.getvalue()[:-40]) == SIZE


def test_a_preview_inside_a_jpeg_is_not_taken_for_its_end() -> None:
    """A camera's small preview lies before the picture and is whole; the picture behind it is cut, so the file is."""
    preview = encoded("jpeg")
    data = encoded("jpeg")
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(preview)) + preview
    assert size_of(data[:2] + segment + data[2:]) == SIZE
    assert "its end (EOI marker) is missing" in fault(data[:2] + segment + data[2:-2])


def test_stray_and_filling_bytes_between_jpeg_segments_are_passed_over() -> None:
    """What every decoder forgives is forgiven: zeros and repeated FF bytes before a marker."""
    data = encoded("jpeg")
    assert data[2:4] == b"\xff\xe0"
    first_ends = 4 + struct.unpack_from(">H", data, 4)[0]
    assert size_of(data[:first_ends] + b"\0\0\xff\xff\xff" + data[first_ends:]) == SIZE


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (encoded("png").replace(b"IHDR", b"JUNK"), "its IHDR chunk"),
        (encoded("png").replace(b"IDAT", b"JUNK"), "its IDAT chunk"),
        (encoded("png")[:40] + bytes(500), "its IEND chunk"),
        (encoded("png")[:-2], "the last bytes of its IEND chunk"),
        (b"\xff\xd8\xff\xd9", "its picture (SOS marker)"),
        (encoded("jpeg").replace(b"\xff\xc0", b"\xff\xe0"), "its size (SOF marker)"),
        (encoded("jpeg")[:-2] + bytes(500), "its end (EOI marker)"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "its picture"),
        (encoded("lossy webp")[:-7], "7 of its "),
        (b"RIFF\x16\0\0\0WEBPALPH" + bytes(14), "its picture (VP8 chunk)"),
    ],
)
def test_the_missing_part_is_named(data: bytes, missing: str) -> None:
    """The message says which part of the structure is not there."""
    assert missing in fault(data)


def test_a_size_that_nothing_could_decode_is_refused() -> None:
    """A file of a few bytes that claims a hundred million pixels and one more row is refused, as is one of none."""
    sized = whole_png(b"")
    wide, high = MOST_PIXELS // 10_000, 10_000
    assert size_of(sized[:16] + struct.pack(">II", wide, high) + sized[24:]) == (wide, high)
    claim = fault(sized[:16] + struct.pack(">II", wide, high + 1) + sized[24:])
    assert claim == "says it has 10,000 x 10,001 pixels, and 1 to 100,000,000 are taken"
    assert "0 x 1 pixels" in fault(sized[:16] + struct.pack(">II", 0, 1) + sized[24:])


@given(st.sampled_from(sorted(MIME_SUFFIX)), st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_a_size_or_a_fault(mime: str, data: bytes) -> None:
    """Whatever follows an image's first bytes, reading its structure ends, and in no other error."""
    begins = {
        "image/png": encoded("png")[:24],
        "image/jpeg": b"\xff\xd8\xff",
        "image/gif": b"GIF89a",
        "image/webp": b"RIFF",
    }[mime]
    try:
        width, height = picture_size(begins + data, mime)
    except ValueError:
        return
    assert 0 < width * height <= MOST_PIXELS
