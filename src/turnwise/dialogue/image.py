"""Images by content: known by the sha256 of their bytes, opened when asked for, never held decoded."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import msgspec

from turnwise.errors import DataError

__all__ = ["MIME_SUFFIX", "Image", "mime_of"]

# What the bytes start with. WebP is RIFF....WEBP, so its mark stands at offset 8.
_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
)
_MOST_BYTES = 64 * 2**20
MIME_SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


def mime_of(data: bytes) -> str | None:
    """The MIME type of an encoded image, read from its first bytes; None when it is no image a chat model takes."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic and (offset == 0 or data[:4] == b"RIFF"):
            return mime
    return None


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An encoded image file, identified by its content.

    Fields:
        sha256: Hex digest of the encoded bytes.
        mime: Read from the bytes, whatever the file is called.
        size_bytes: Length of the encoded file.
        path: Where the bytes lie.
    """

    sha256: str
    mime: str
    size_bytes: int
    path: str

    @classmethod
    def from_file(cls, path: Path) -> Image:
        """Identify the image at `path`.

        Raises:
            DataError: the file cannot be read, is empty, or is no PNG, JPEG, GIF or WebP image.
        """
        data = _read(path)
        mime = mime_of(data)
        if mime is None:
            begins = data[:8].hex(" ") or "nothing: the file is empty"
            raise DataError(f"{path}: not a PNG, JPEG, GIF or WebP image (it begins with {begins})")
        return cls(hashlib.sha256(data).hexdigest(), mime, len(data), str(path))

    def read_bytes(self) -> bytes:
        """The encoded bytes, checked against the content hash.

        Raises:
            DataError: the file is gone or holds other bytes than when the dialogue was loaded.
        """
        data = _read(Path(self.path))
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise DataError(f"{self.path}: the image changed since the benchmark was loaded (sha256 differs)")
        return data


def _read(path: Path) -> bytes:
    try:
        found = path.stat()
        # A device or pipe would never end, and no chat model takes an image of this size.
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            raise DataError(f"{path}: not a file of at most {_MOST_BYTES // 2**20} MiB, so no image")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot read the image ({error.strerror})") from error
