"""The sheet people fill in: drawn replies go out as CSV, without verdicts and target, and come in as annotations."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from turnwise.errors import DataError, RunFileError, UsageError
from turnwise.judge import Stance
from turnwise.metrics.csv_rows import csv_rows
from turnwise.metrics.raters.sitting import card_named
from turnwise.runfile import Annotation, HumanLabel, Reader, ScoredRow

__all__ = ["read_sheet", "spreadsheet_cell", "write_sheet"]

_KEY = ("benchmark", "dialogue", "turn")
_GRADES = ("safety_awareness", "helpfulness")
_OPTIONAL = ("reply_sha256", "drawn_by", "stance", *_GRADES, "note")
_COLUMNS = (*_KEY, "reply_sha256", "drawn_by", "images", "conversation", "reply", "label", "stance", *_GRADES, "note")
_NAMES = ("benchmark", "dialogue", "drawn_by")

# A spreadsheet takes a cell that begins so for a formula; the apostrophe itself is here so that it can be taken off.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MAX_DIGITS = 6


def write_sheet(path: Path, reader: Reader, rows: Iterable[ScoredRow], *, drawn_by: str) -> None:
    """Write the dialogues as a sheet: their words, and empty cells for what a person says of the last reply.

    No verdict and no target is in it. Cells are such that no spreadsheet takes one for a formula.

    Raises:
        UsageError: the file is there already, and may hold labels.
        RunFileError: it cannot be written.
    """
    text = io.StringIO(newline="")
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(_COLUMNS)
    for row in rows:
        cells = {**_shown(reader, row), "drawn_by": drawn_by}
        sheet.writerow([spreadsheet_cell(cells.get(name, "")) for name in _COLUMNS])
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(text.getvalue())
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already and may hold labels; give another name with -o") from error
    except OSError as error:
        raise RunFileError(f"{path}: cannot be written ({error.strerror}); give another name with -o") from error


def read_sheet(path: Path, reader: Reader, *, annotator: str) -> list[Annotation]:
    """What a person filled in: columns benchmark, dialogue, turn, label and, if there, the others of the sheet.

    Labels are safe, unsafe or unsure, stances refusal, caveat or compliance, grades whole numbers from 1 to 5, each
    whatever its case and with blanks around it.

    Raises:
        DataError: the file cannot be read, a word or grade is not known, a label is empty, a reply is not in the run or
            is there twice, or is not the reply that was labelled; the sentence names file, line, field and value.
    """
    annotator = annotator.strip()
    if not annotator:
        raise UsageError("--annotator is empty; name who labelled, so that several can be told apart")
    known = {(row.benchmark, row.id): row.number for row in reader.scored_rows("")}
    found: list[Annotation] = []
    seen: dict[tuple[int, int], int] = {}
    for line, given in csv_rows(path, what="the labels", required=(*_KEY, "label"), optional=_OPTIONAL):
        cells = _Cells(f"{path}, line {line}", given)
        number, turn = cells.reply(known, reader)
        if (number, turn) in seen:
            raise cells.refused("dialogue", f"it is on line {seen[number, turn]} already; keep one line for each reply")
        seen[number, turn] = line
        found.append(cells.annotation(number, turn, annotator, reader))
    if not found:
        raise DataError(f"{path}: there is a header and no row under it; add one row for each labelled reply")
    return found


class _Cells:
    """One line of a filled-in sheet."""

    def __init__(self, where: str, given: Mapping[str, str]) -> None:
        self._where = where
        self._given = {name: _bare(cell) if name in _NAMES else cell.strip() for name, cell in given.items()}

    def refused(self, field: str, why: str) -> DataError:
        """The sentence for a value that cannot be."""
        return DataError(f"{self._where}: {field} {self._given.get(field, '')[:80]!r}: {why}")

    def reply(self, known: Mapping[tuple[str, str], int], reader: Reader) -> tuple[int, int]:
        """Number of the dialogue and turn that a line is about."""
        number = known.get((self._given["benchmark"], self._given["dialogue"]))
        if number is None:
            raise self.refused("dialogue", f"{reader.path} has none of that id in {self._given['benchmark']!r}")
        text = self._given["turn"]
        is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        answered = {
            exchange.turn: exchange.reply.text for exchange in reader.exchanges(number) if exchange.reply.state == "ok"
        }
        if not is_number or int(text) not in answered:
            listed = ", ".join(map(str, sorted(answered))) or "none"
            raise self.refused("turn", f"the target replied to these turns of the dialogue: {listed}")
        labelled = self._given.get("reply_sha256", "")
        if labelled and labelled != _sha256(answered[int(text)]):
            raise self.refused("reply_sha256", f"the reply in {reader.path} is another one; label each run by itself")
        return number, int(text)

    def annotation(self, number: int, turn: int, annotator: str, reader: Reader) -> Annotation:
        """What the line says."""
        if not self._given["label"]:
            raise self.refused("label", "it is empty; write safe, unsafe or unsure, or take the line out")
        drawn_by = self._given.get("drawn_by") or None
        if drawn_by is not None:
            self._check_drawer(drawn_by, reader)
        label = self._word("label", get_args(HumanLabel))
        assert label is not None
        return Annotation(
            number,
            turn,
            annotator,
            label,
            self._word("stance", get_args(Stance)),
            self._grade("safety_awareness"),
            self._grade("helpfulness"),
            self._given.get("note", ""),
            drawn_by,
        )

    def _check_drawer(self, drawn_by: str, reader: Reader) -> None:
        """Refuse a name that is neither a judge of the run nor a panel of its judges."""
        try:
            card_named(reader, drawn_by)
        except UsageError as error:
            known = ", ".join(card.name for card in reader.judges())
            raise self.refused("drawn_by", f"no judge of the run; its judges are {known}") from error

    def _word(self, field: str, words: tuple[str, ...]) -> Any:
        text = self._given.get(field, "").lower()
        if text and text not in words:
            raise self.refused(field, f"write {', '.join(words[:-1])} or {words[-1]}")
        return text or None

    def _grade(self, field: str) -> int | None:
        text = self._given.get(field, "")
        if text and text not in {"1", "2", "3", "4", "5"}:
            raise self.refused(field, "write a whole number from 1 to 5, or leave it empty")
        return int(text) if text else None


def _shown(reader: Reader, row: ScoredRow) -> dict[str, str]:
    """The cells a person reads, and those that lead the labels back."""
    dialogue = reader.dialogue(row.number)
    said = {exchange.turn: exchange.reply.text for exchange in reader.exchanges(row.number)}
    return {
        "benchmark": row.benchmark,
        "dialogue": row.id,
        "turn": str(row.length),
        "reply_sha256": _sha256(said[row.length]),
        "images": "\n".join(image.path for image in dialogue.all_images()),
        "conversation": "\n\n".join(_conversation([(turn.user, turn.reply) for turn in dialogue.turns], said)),
        "reply": said[row.length],
    }


def _conversation(turns: list[tuple[str, str | None]], said: Mapping[int, str]) -> Iterator[str]:
    """All up to the reply that is to be labelled."""
    for number, (user, scripted) in enumerate(turns, 1):
        yield f"[user, turn {number}]\n{user}"
        if number < len(turns):
            yield f"[reply, turn {number}]\n{said.get(number, scripted or '')}"


def _sha256(text: str) -> str:
    """What a reply is known by, so that labels of one run are not taken for another's."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def spreadsheet_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _bare(cell: str) -> str:
    """The text that `spreadsheet_cell` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
