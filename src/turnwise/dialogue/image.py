"""Images by content: known by the sha256 of their bytes, opened when asked for, never held decoded."""

from __future__ import annotations

import hashlib
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from turnwise.dialogue.picture_size import picture_size
from turnwise.errors import DataError

__all__ = ["IMAGE_STORE", "MIME_SUFFIX", "Image", "kept_name", "mime_of"]

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

IMAGE_STORE = Path("runs") / "images"
"""Where a project keeps the images of its runs by content: below the folder that turnwise is started in."""


def mime_of(data: bytes) -> str | None:
    """The MIME type of an encoded image, read from its first bytes; None when it is no image a chat model takes."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic and (offset == 0 or data[:4] == b"RIFF"):
            return mime
    return None


def kept_name(sha256: str, mime: str | None) -> str:
    """The name of an image in the store."""
    return sha256 + MIME_SUFFIX.get(mime or "", ".bin")


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
            DataError: the file cannot be read, is empty, is no PNG, JPEG, GIF or WebP image, or is one that is cut off,
                damaged in its structure or too large to be decoded.
        """
        data = _read(path)
        mime = mime_of(data)
        if mime is None:
            begins = data[:8].hex(" ") or "nothing: the file is empty"
            raise DataError(f"{path}: not a PNG, JPEG, GIF or WebP image (it begins with {begins})")
        try:
            picture_size(data, mime)
        except ValueError as error:
            kind = mime.removeprefix("image/").upper()
            raise DataError(f"{path}: this {kind} image {error}; use another copy of it") from error
        return cls(hashlib.sha256(data).hexdigest(), mime, len(data), str(path))

    def read_bytes(self) -> bytes:
        """The encoded bytes, checked against the content hash; from the store when they lie at `path` no more.

        Raises:
            DataError: neither the file nor the store has the bytes that the dialogue was loaded with.
        """
        try:
            return self._checked(Path(self.path))
        except DataError as error:
            with suppress(DataError):
                return self._checked(IMAGE_STORE / kept_name(self.sha256, self.mime))
            raise DataError(f"{error}, and {IMAGE_STORE} has no copy of it") from error

    def _checked(self, path: Path) -> bytes:
        data = _read(path)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise DataError(f"{path}: the image changed since the benchmark was loaded (sha256 differs)")
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
