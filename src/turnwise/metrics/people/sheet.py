"""The sheet people fill in: drawn replies go out as CSV, blind and with a guide, and come in as annotations."""

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
from turnwise.metrics.people.keys import draw_key, drawn_by_key, reply_keys
from turnwise.runfile import Annotation, HumanLabel, Reader, ScoredRow

__all__ = ["read_sheet", "spreadsheet_cell", "write_sheet"]

_NAMED = ("benchmark", "dialogue", "turn")
_GRADES = ("safety_awareness", "helpfulness")
_OPTIONAL = ("key", *_NAMED, "reply_sha256", "draw", "stance", *_GRADES, "note")
_COLUMNS = ("key", "images", "conversation", "reply", "label", "stance", *_GRADES, "note", "reply_sha256", "draw")
_NAMES = ("benchmark", "dialogue")
_GUIDE = Path(__file__).with_name("guide.md")

# A spreadsheet takes a cell that begins so for a formula; the apostrophe itself is here so that it can be taken off.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MAX_DIGITS = 6


def write_sheet(path: Path, reader: Reader, rows: Iterable[ScoredRow], *, drawn_by: str, option: str = "-o") -> Path:
    """Write the dialogues as a sheet: their words, and empty cells for what a person says of the last reply.

    No verdict, no target, no judge and no id of a dialogue is in it. Cells are such that no spreadsheet takes one for a
    formula. What the words to fill in mean goes into a guide beside it, NAME.guide.md, whose path is given back; a
    guide that is there stays, for a team may have made it its own. `option` is what a caller of the command names the
    file with.

    Raises:
        UsageError: the file is there already, and may hold labels.
        RunFileError: it cannot be written.
    """
    keys, draw = reply_keys(reader), draw_key(reader, drawn_by)
    text = io.StringIO(newline="")
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(_COLUMNS)
    for row in rows:
        cells = {**_shown(reader, row), "key": keys[row.number], "draw": draw}
        sheet.writerow([spreadsheet_cell(cells.get(name, "")) for name in _COLUMNS])
    guide = path.with_suffix(".guide.md")
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(text.getvalue())
        if not guide.exists():
            guide.write_text(_GUIDE.read_text("utf-8"), "utf-8")
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already and may hold labels; give another name with {option}") from error
    except OSError as error:
        raise RunFileError(f"{path}: cannot be written ({error.strerror}); give another name with {option}") from error
    return guide


def read_sheet(path: Path, reader: Reader, *, annotator: str) -> list[Annotation]:
    """What a person filled in: columns key and label and, if there, the others of the sheet.

    Labels from elsewhere can name their replies by benchmark, dialogue and turn in the place of the key.

    Labels are safe, unsafe or unsure, stances refusal, caveat or compliance, grades whole numbers from 1 to 5, each
    whatever its case and with blanks around it.

    Raises:
        DataError: the file cannot be read, a word or grade is not known, a label is empty, a reply is not in the run or
            is there twice, or is not the reply that was labelled; the sentence names file, line, record, field and
            value.
    """
    annotator = annotator.strip()
    if not annotator:
        raise UsageError("--annotator is empty; name who labelled, so that several can be told apart")
    known = _Known(reader)
    found: list[Annotation] = []
    seen: dict[tuple[int, int], int] = {}
    lines = csv_rows(path, what="the labels", required=("label",), optional=_OPTIONAL)
    for record, (line, given) in enumerate(lines, 1):
        if "key" not in given and not set(_NAMED) <= given.keys():
            raise DataError(
                f"{path}, line 1: no column key in the header; keep that of the exported sheet, or name replies by "
                f"the columns {','.join(_NAMED)}"
            )
        cells = _Cells(f"{path}, line {line} (record {record}", given)
        number, turn = cells.reply(known, reader)
        if (number, turn) in seen:
            told = f"it is record {seen[number, turn]} already; keep one line for each reply"
            raise cells.refused(cells.named_by, told)
        seen[number, turn] = record
        found.append(cells.annotation(number, turn, annotator, reader))
    if not found:
        raise DataError(f"{path}: there is a header and no row under it; add one row for each labelled reply")
    return found


class _Known:
    """The dialogues of a run by what a line can name them by."""

    def __init__(self, reader: Reader) -> None:
        rows, keys = list(reader.scored_rows("")), reply_keys(reader)
        self.by_key = {keys[row.number]: (row.number, str(row.length)) for row in rows}
        self.by_name = {(row.benchmark, row.id): row.number for row in rows}


class _Cells:
    """One line of a filled-in sheet."""

    def __init__(self, where: str, given: Mapping[str, str]) -> None:
        self._given = {name: _bare(cell) if name in _NAMES else cell.strip() for name, cell in given.items()}
        self._where = f"{where}, {self.named_by} {self._given[self.named_by][:80]!r})"

    @property
    def named_by(self) -> str:
        """The column that tells which reply the line is about."""
        return "key" if self._given.get("key") or "dialogue" not in self._given else "dialogue"

    def refused(self, field: str, why: str) -> DataError:
        """The sentence for a value that cannot be."""
        return DataError(f"{self._where}: {field} {self._given.get(field, '')[:80]!r}: {why}")

    def reply(self, known: _Known, reader: Reader) -> tuple[int, int]:
        """Number of the dialogue and turn that a line is about."""
        number, text = self._place(known, reader)
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

    def _place(self, known: _Known, reader: Reader) -> tuple[int, str]:
        """Number of the dialogue and what is said of the turn."""
        if self.named_by == "key":
            if self._given["key"] not in known.by_key:
                raise self.refused("key", f"no reply of {reader.path} has it; import into the run that was exported")
            return known.by_key[self._given["key"]]
        number = known.by_name.get((self._given["benchmark"], self._given["dialogue"]))
        if number is None:
            raise self.refused("dialogue", f"{reader.path} has none of that id in {self._given['benchmark']!r}")
        return number, self._given["turn"]

    def annotation(self, number: int, turn: int, annotator: str, reader: Reader) -> Annotation:
        """What the line says."""
        if not self._given["label"]:
            raise self.refused("label", "it is empty; write safe, unsafe or unsure, or take the line out")
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
            self._drawn_by(reader),
        )

    def _drawn_by(self, reader: Reader) -> str | None:
        """The judge or panel whose labels decided the draw; None where the line does not say."""
        key = self._given.get("draw", "")
        drawn_by = drawn_by_key(reader, key) if key else None
        if key and drawn_by is None:
            raise self.refused("draw", "no judge of the run has this key; leave the cell as it was exported, or empty")
        return drawn_by

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
    """The cells a person reads, and what the reply is known by."""
    dialogue = reader.dialogue(row.number)
    said = {exchange.turn: exchange.reply.text for exchange in reader.exchanges(row.number)}
    return {
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
