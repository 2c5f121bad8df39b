"""Small pictures for the report, as data URLs. Image files of a benchmark are untrusted: whatever fails gives none."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path

import PIL.Image

from turnwise.dialogue import Image

__all__ = ["MAX_FILE_BYTES", "MAX_PIXELS", "MAX_SIDE", "thumbnail"]

MAX_SIDE = 320
MAX_PIXELS = 40_000_000
MAX_FILE_BYTES = 32_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def thumbnail(image: Image) -> str | None:
    """A JPEG data URL of at most 320 pixels a side; None when the file is gone, changed, too large or no picture."""
    path = Path(image.path)
    try:
        # is_file: a device or pipe behind the name would be read without end.
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return None
        small = _small(image.read_bytes())
    except Exception:  # noqa: BLE001 - on a broken file a decoder may raise anything, and one picture must not cost the report
        return None
    return None if small is None else f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"


def _small(data: bytes) -> bytes | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what odd files hold; the size is checked below, before any decoding
        with PIL.Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
            shown = opened.convert("RGBA")
    shown.thumbnail((MAX_SIDE, MAX_SIDE))
    page = PIL.Image.new("RGB", shown.size, "white")
    page.paste(shown, mask=shown.getchannel("A"))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()
