"""Text of others on its way to the screen: no dialogue, reply or error body drives the reader's terminal."""

from __future__ import annotations

import os
import re
import textwrap
from typing import TextIO

__all__ = ["one_line", "printable", "wrapped"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 and C1 controls, line and paragraph separators, direction overrides, lone surrogates. Joiners and wide blanks stay:
# many scripts are written with them.
_LABEL = re.compile(r"(?: *\S+(?: \S+)?  +)?")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with control characters replaced; line breaks stay and a tab becomes blanks."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text.replace("\r\n", "\n").replace("\t", "    "))


def one_line(text: str) -> str:
    """The same for a name that stands in a line of ours: its line breaks are replaced too."""
    return printable(text).replace("\n", _REPLACEMENT)


def wrapped(text: str, stream: TextIO) -> str:
    """The lines broken between words where a terminal would break them within; for a file or pipe as they are.

    What follows a label, as in "note      ...", goes on below its own beginning.
    """
    if not stream.isatty():
        return text
    width = os.get_terminal_size(stream.fileno()).columns
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    label = _LABEL.match(line)
    indent = " " * label.end() if label and label.end() <= width // 3 else ""
    # A word longer than the line is a path or an address: whole, it can be copied.
    return textwrap.fill(
        line, width or len(line) + 1, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
