"""Whether the bytes of an image are whole, and how large it says it is: read from its structure, never decoded.

What follows the end of an image (padding, a camera's second picture, a video) is no fault: every viewer passes over it.
"""

from __future__ import annotations

import re
import struct

__all__ = ["MOST_PIXELS", "picture_size"]

MOST_PIXELS = 100_000_000
"""No chat model takes more, and a file of some kilobytes may claim a thousand times as many."""

_PNG_CHUNK = struct.Struct(">I4s")
_JPEG_MARKER = re.compile(rb"\xff([^\xff\x00])")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_SCAN = 0xDA
_JPEG_END = b"\xff\xd9"
_GIF_IMAGE, _GIF_EXTENSION = b",", b"!"
_CUT = "is cut off or damaged"


def picture_size(data: bytes, mime: str) -> tuple[int, int]:
    """Width and height in pixels of a whole image of one of the types that `mime_of` knows.

    Damage inside the picture's own data is not seen: that takes decoding.

    Raises:
        ValueError: it is cut off, damaged, empty or too large; the message goes on after the words "this image".
    """
    try:
        width, height = _READERS[mime](data)
    except (IndexError, struct.error):
        raise ValueError(f"{_CUT}: its structure goes on after its {len(data):,} bytes") from None
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError(f"says it has {width:,} x {height:,} pixels, and 1 to {MOST_PIXELS:,} are taken")
    return width, height


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise ValueError(f"{_CUT}: its IHDR chunk is missing")
    width, height = struct.unpack_from(">II", data, 16)
    place, kind, kinds = 8, b"IHDR", set()
    while kind != b"IEND":
        if place + _PNG_CHUNK.size > len(data) or not kind.isalpha():
            raise ValueError(f"{_CUT}: its IEND chunk is missing")
        length, kind = _PNG_CHUNK.unpack_from(data, place)
        kinds.add(kind)
        place += length + 12
    if b"IDAT" not in kinds:
        raise ValueError(f"{_CUT}: its IDAT chunk is missing")
    if place > len(data):
        raise ValueError(f"{_CUT}: the last bytes of its IEND chunk are missing")
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    size, place, marker = None, 2, 0
    while marker != _JPEG_SCAN:
        # Stray bytes between two segments are passed over, as decoders do.
        found = _JPEG_MARKER.search(data, place)
        if found is None or found[0] == _JPEG_END:
            raise ValueError(f"{_CUT}: its picture (SOS marker) is missing")
        place, marker = found.end(), found[1][0]
        if marker in _JPEG_WITHOUT_LENGTH:
            continue
        if marker in _JPEG_FRAMES:
            size = struct.unpack_from(">HH", data, place + 3)
        place += struct.unpack_from(">H", data, place)[0]
    if size is None:
        raise ValueError(f"{_CUT}: its size (SOF marker) is missing")
    # From the back, where it stands in nearly every file. The data of a picture never hold these two bytes.
    if data.rfind(_JPEG_END, place) < 0:
        raise ValueError(f"{_CUT}: its end (EOI marker) is missing")
    return size[1], size[0]


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    place, frames = 13 + _gif_table(data[10]), 0
    # The trailer that should follow the last block is left out by some writers, and nobody misses it.
    while data[place : place + 1] in (_GIF_IMAGE, _GIF_EXTENSION):
        if data[place : place + 1] == _GIF_IMAGE:
            frames += 1
            place += 11 + _gif_table(data[place + 9])
        else:
            place += 2
        while length := data[place]:
            place += length + 1
        place += 1
    if not frames:
        raise ValueError(f"{_CUT}: its picture is missing")
    return width, height


def _gif_table(flags: int) -> int:
    """Bytes of the colour table that the flags of a screen or an image announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(data: bytes) -> tuple[int, int]:
    whole_bytes = struct.unpack_from("<I", data, 4)[0] + 8
    if len(data) < whole_bytes:
        raise ValueError(f"{_CUT}: {whole_bytes - len(data):,} of its {whole_bytes:,} bytes are missing")
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[20] == 0x2F:  # noqa: PLR2004 - its signature
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError(f"{_CUT}: its picture (VP8 chunk) is missing")


_READERS = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp}
