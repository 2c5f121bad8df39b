"""Small pictures for the report, as data URLs. Image files of a benchmark are untrusted: whatever fails gives none."""

from __future__ import annotations

import base64
import io
import warnings

import PIL.Image

from turnwise.dialogue import Image

__all__ = ["MAX_FILE_BYTES", "MAX_PIXEL_PASSES", "MAX_SIDE", "thumbnail"]

MAX_SIDE = 320
MAX_PIXEL_PASSES = 240_000_000
"""The most work one picture is worth, about a second: pixels, times the passes a decoder makes over them."""

MAX_FILE_BYTES = 32_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# A JPEG is shrunk while it is read, and each of its scans is a pass. The others are decoded whole, which takes as long
# as ten such passes.
_JPEG_START, _JPEG_SCAN = b"\xff\xd8", b"\xff\xda"
_PASSES_OF_OTHERS = 10


def thumbnail(image: Image) -> str | None:
    """A JPEG data URL of at most 320 pixels a side; None when the file is gone, changed, too costly or no picture."""
    if image.size_bytes > MAX_FILE_BYTES:
        return None
    try:
        small = _small(image.read_bytes())
    except Exception:  # noqa: BLE001 - on a broken file a decoder may raise anything, and one picture must not cost the report
        return None
    return None if small is None else f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"


def _small(data: bytes) -> bytes | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what odd files hold; the size is checked below, before any decoding
        with PIL.Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height * _passes(data) > MAX_PIXEL_PASSES:
                return None
            opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
            shown = opened.convert("RGBA")
    shown.thumbnail((MAX_SIDE, MAX_SIDE))
    page = PIL.Image.new("RGB", shown.size, "white")
    page.paste(shown, mask=shown.getchannel("A"))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()


def _passes(data: bytes) -> int:
    return data.count(_JPEG_SCAN) if data.startswith(_JPEG_START) else _PASSES_OF_OTHERS
