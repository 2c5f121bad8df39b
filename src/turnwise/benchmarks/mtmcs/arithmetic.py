"""What one pass over MTMCS-Bench came to, and whether that is what its rows have to give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from turnwise.benchmarks.mtmcs.options import MtmcsOptions
from turnwise.benchmarks.mtmcs.row import TURNS, Split
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError

__all__ = ["Tally"]

_PUBLISHED_ROWS = 752
_DIALOGUES_A_FORM = 2
_QUESTIONS_A_FORM = 6
_NAMED = 10


class Tally:
    """The rows of a pass by split, with the dialogues and questions they gave.

    Each form of a row gives 2 dialogues and 6 questions (4 mcq, 2 true/false). The published data has 752 rows a split:
    6,016 dialogues and 18,048 questions on base images, in both modalities.
    """

    def __init__(self, options: MtmcsOptions) -> None:
        self._n_forms = len(options.forms)
        self._splits: tuple[Split, ...] = (options.split,) if options.split else tuple(TURNS)
        self._ids: dict[Split, list[int]] = defaultdict(list)
        self._n_dialogues = 0
        self._n_questions = 0
        self._unasked: list[str] = []
        self._uncaptioned: set[int] = set()

    def add(self, row_id: int, split: Split, dialogues: Sequence[Dialogue]) -> None:
        """Count a row with the dialogues it gave."""
        n_questions = sum(len(dialogue.questions) for dialogue in dialogues)
        self._ids[split].append(row_id)
        self._n_dialogues += len(dialogues)
        self._n_questions += n_questions
        if not n_questions:
            self._unasked.append(f"{split}/{row_id}")
        if any(dialogue.source["caption"] is None for dialogue in dialogues):
            self._uncaptioned.add(row_id)

    def check(self, path: Path, captions: Path | None) -> None:
        """Check the whole, once every row was added; a captions file must know every row's id.

        Raises:
            DataError: an id has no caption, rows and dialogues or questions do not fit, or a set as large as the
                published one is not that.
        """
        if captions is not None and self._uncaptioned:
            raise DataError(f"{captions}: no caption for image {_listed(sorted(self._uncaptioned))}")
        n_rows = sum(map(len, self._ids.values()))
        self._check_count(path, "dialogues", given=self._n_dialogues, wanted=n_rows * self._n_forms * _DIALOGUES_A_FORM)
        n_asked = n_rows - len(self._unasked)
        self._check_count(
            path, "questions", given=self._n_questions, wanted=n_asked * self._n_forms * _QUESTIONS_A_FORM
        )
        if all(len(self._ids[split]) == _PUBLISHED_ROWS for split in self._splits):
            self._check_published(path)

    def _check_count(self, path: Path, what: str, *, given: int, wanted: int) -> None:
        if given != wanted:
            rows = " and ".join(f"{len(ids):,} {split}" for split, ids in self._ids.items())
            raise DataError(f"{path}: {rows} rows gave {given:,} {what}, where {wanted:,} belong to them")

    def _check_published(self, path: Path) -> None:
        if self._unasked:
            raise DataError(
                f"{path}: as many rows as MTMCS-Bench, where each has questions, but {_listed(self._unasked)} has none"
            )
        for split in self._splits:
            missing = sorted(set(range(_PUBLISHED_ROWS)).difference(self._ids[split]))
            if missing:
                raise DataError(
                    f"{path}: {split} has as many rows as MTMCS-Bench, whose ids are 0 to {_PUBLISHED_ROWS - 1}, "
                    f"but no id {_listed(missing)}"
                )


def _listed(items: Sequence[object]) -> str:
    named = ", ".join(map(str, items[:_NAMED]))
    return named if len(items) <= _NAMED else f"{named} and {len(items) - _NAMED:,} more"
