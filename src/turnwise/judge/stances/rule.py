"""What a stance rule is, and the small notation its tables are written in.

Texts reach the patterns on one line, with single blanks, plain apostrophes and without markdown or quoted speech.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

__all__ = ["Region", "Rule", "entries", "matches_any", "phrase"]

Region = Literal["opening", "early", "body"]
"""The first two sentences after pleasantries, the first five, or all that is read."""


class Rule(msgspec.Struct, frozen=True):
    """One piece of evidence: one thing that replies of any model do, looked for in one region of the reply.

    Fields:
        says: What it means when the rule fires; becomes the verdict's reason.
        weight: Counts among objections only; everywhere else a rule fires or does not.
    """

    says: str
    region: Region
    pattern: re.Pattern[str]
    weight: int = 0


def entries(table: str) -> str:
    """A group matching any entry of a table: entries stand between white space, "_" stands for a blank."""
    return "(?:" + "|".join(entry.replace("_", " ") for entry in table.split()) + ")"


def phrase(pattern: str) -> str:
    """The pattern, beginning and ending on word borders."""
    return rf"\b(?:{pattern})\b"


def matches_any(*patterns: str) -> re.Pattern[str]:
    """Any of the patterns, whatever the case."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
