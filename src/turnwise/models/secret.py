"""Keys, so that none is ever printed: read from the environment when a model is opened, shown only to its server."""

from __future__ import annotations

import os
import re
from typing import NoReturn

from turnwise.errors import UsageError

__all__ = ["Secret", "key_from_environment"]

_JSON_ESCAPED = frozenset('"\\/')
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


class Secret:
    """A text that prints as stars, compares by content and cannot be pickled."""

    __slots__ = ("_copies", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._copies = re.compile(b"".join(map(_spelled, text)))

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def hide_in(self, data: bytes) -> bytes:
        """The given bytes with every copy of the secret replaced by stars.

        A copy is one however a server writes it: as it is, with the escapes of JSON (JSON inside JSON too), or those of
        a URL; so none comes to light when the bytes are decoded.
        """
        return self._copies.sub(b"***", data) if self._text else data

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


def _spelled(character: str) -> bytes:
    """A pattern for the spellings of one character, escaped up to three times over.

    Each begins with a literal and is bounded, so that no answer of a server makes the search slow.
    """
    plain = re.escape(character.encode())
    spellings = [plain, rb"\\\\{0,7}u(?i:%04x)" % ord(character), rb"%%(?:25){0,3}(?i:%02x)" % ord(character)]
    if character in _JSON_ESCAPED:
        spellings.append(rb"\\\\{0,7}" + plain)
    return b"(?:%b)" % b"|".join(spellings)


def key_from_environment(variable: str) -> Secret | None:
    """The key in an environment variable; None when the variable is unset or blank.

    Raises:
        UsageError: the key has a character that no HTTP header can carry; the key is not shown.
    """
    text = os.environ.get(variable, "")
    if not text.strip():
        return None
    if not _HEADER_SAFE.fullmatch(text):
        raise UsageError(
            f"{variable} holds a character that no HTTP header can carry (a space, a line break or a letter "
            "outside ASCII): set it again without it"
        )
    return Secret(text)
