"""The text files that a judge model is instructed by -> its system message, and one hash over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from turnwise.models import Message

__all__ = ["FOLDER", "Rubrics"]

FOLDER = Path(__file__).parent / "rubrics"

_SHARED = ("frame", "repair")


class Rubrics:
    """The texts of one judge, read once.

    Attributes:
        sha256: Over names and bytes of every file that can reach the model, so that a change of any word shows.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        digest = hashlib.sha256()
        self._texts = {}
        for name in sorted({*_SHARED, *names}):
            content = (folder / f"{name}.txt").read_bytes()
            digest.update(name.encode() + b"\0" + content + b"\0")
            self._texts[name] = content.decode().strip()
        self.sha256 = digest.hexdigest()
        self._systems: dict[tuple[str, str], Message] = {}

    def text(self, name: str) -> str:
        """One of the texts."""
        return self._texts[name]

    def system(self, rubric: str, form: str) -> Message:
        """The instructions for a rubric and the form of the answer; the same ones are the same object."""
        key = rubric, form
        if key not in self._systems:
            text = self._texts["frame"].replace("{rubric}", rubric).replace("{form}", form)
            self._systems[key] = Message("system", text)
        return self._systems[key]

    def repair(self, form: str) -> str:
        """What is said to an answer that could not be read."""
        return self._texts["repair"].replace("{form}", form)
