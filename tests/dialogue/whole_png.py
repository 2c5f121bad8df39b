"""PNG files around any content, as large as a test wants them, made without drawing."""

from __future__ import annotations

import struct
import zlib

__all__ = ["whole_png"]


def whole_png(content: bytes) -> bytes:
    """The structure of a PNG of one pixel around `content`, 57 bytes longer; a picture only if the content is one."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
