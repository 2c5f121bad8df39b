"""Text of others on its way to the screen: no dialogue, reply or error body drives the reader's terminal."""

from __future__ import annotations

import re

__all__ = ["one_line", "printable"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 and C1 controls, line and paragraph separators, direction overrides, lone surrogates. Joiners and wide blanks stay:
# many scripts are written with them.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with control characters replaced; line breaks stay and a tab becomes blanks."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text.replace("\r\n", "\n").replace("\t", "    "))


def one_line(text: str) -> str:
    """The same for a name that stands in a line of ours: its line breaks are replaced too."""
    return printable(text).replace("\n", _REPLACEMENT)
