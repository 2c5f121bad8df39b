"""MTMCS-Bench: photographs, each with safe and unsafe dialogues of three live turns, with a picture and as text alone.

Reads parquet files (a folder, one file, a hub id) or JSON Lines with an image folder. `type_a` is escalation, `type_b`
a context switch. Both splits have a row for each photograph, so the photograph is the group, over both.

Source: arXiv 2601.06757; data at Hugging Face ND-25/MCS-bench; official inference.py at commit 051230d.
Differs: a row that breaks the published form is refused, where the official code goes on with what there is; the
variant images, which no official code reads, can be run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from turnwise.benchmarks.mtmcs.arithmetic import Tally
from turnwise.benchmarks.mtmcs.dialogues import twins
from turnwise.benchmarks.mtmcs.files import data_files, find_captions, read_captions, read_rows
from turnwise.benchmarks.mtmcs.options import MtmcsOptions, read_options
from turnwise.benchmarks.mtmcs.photograph import Photograph, find_pictures
from turnwise.benchmarks.mtmcs.row import SETTINGS, MtmcsRow, Split, check_questions, split_of
from turnwise.benchmarks.record import Benchmark, LoadNotes, Record
from turnwise.dialogue import Dialogue, Image

__all__ = ["MtmcsOptions", "open_mtmcs", "read_options"]


def open_mtmcs(spelling: str, path: Path, options: MtmcsOptions) -> Benchmark:
    """MTMCS-Bench data at `path`, as much of it as the options take.

    Raises:
        DataError: there is no parquet or JSON Lines file of the split, or the captions file breaks its format.
    """
    files = data_files(path, options.split)
    captions = options.captions or find_captions(path, files)
    loader = _Loader(
        path=path,
        files=files,
        options=options,
        captions_file=captions,
        captions=read_captions(captions) if captions else {},
    )
    # Captions reach the judge, so their file belongs to the fingerprint.
    named = (*files, captions) if captions else tuple(files)
    return Benchmark("mtmcs", spelling, named, loader.records, loader.convert)


@dataclass(frozen=True, kw_only=True)
class _Row(Record):
    """A record with the split its file is named for and the tally of the pass it belongs to."""

    split: Split | None
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class _Loader:
    path: Path
    files: Mapping[Path, Split | None]
    options: MtmcsOptions
    captions_file: Path | None
    captions: Mapping[str, str]

    def records(self) -> Iterator[Record]:
        """One pass over the rows; at its end, what can be said only of the whole is checked."""
        tally = Tally(self.options)
        for record in read_rows(self.files, leave_out=self.options.unused_columns):
            yield _Row(**vars(record), split=self.files[record.file], tally=tally)
        tally.check(self.path, self.captions_file)

    def convert(self, record: Record, notes: LoadNotes) -> Sequence[Dialogue]:
        """The dialogues of one row; none when its split is not wanted."""
        assert isinstance(record, _Row)
        row = record.decode(MtmcsRow)
        where = f"{record.where} (id {row.id})"
        split = split_of(row, record.split, where)
        if self.options.split not in {None, split}:
            return ()
        check_questions(row, where)
        photograph = Photograph(self._pictures(record, row, where), self.captions.get(str(row.id)))
        forms = self.options.forms
        dialogues = [twin for form in forms for twin in twins(row, split, form=form, photograph=photograph)]
        record.tally.add(row.id, split, dialogues)
        _note(notes, row, split=split, dialogues=dialogues)
        return dialogues

    def _pictures(self, record: Record, row: MtmcsRow, where: str) -> dict[int, Image]:
        opened = self.path if self.path.is_dir() else self.path.parent
        roots = dict.fromkeys((record.image_root or record.file.parent, record.file.parent, opened))
        return find_pictures(row, self.options.forms, roots=tuple(roots), where=where)


def _note(notes: LoadNotes, row: MtmcsRow, *, split: Split, dialogues: Sequence[Dialogue]) -> None:
    """Count what a row gave, so that the published arithmetic can be read off the notes, and what it lacks."""
    n_questions = sum(len(dialogue.questions) for dialogue in dialogues)
    notes.quirks[f"row of {split} ({SETTINGS[split]})"] += 1
    notes.quirks["dialogue made of these rows"] += len(dialogues)
    if n_questions:
        notes.quirks["question about these dialogues"] += n_questions
    else:
        notes.quirks["row without questions"] += 1
    if dialogues[0].source["caption"] is None:
        notes.quirks["row without a caption"] += 1
    used = [row.texts(dialogue.modality).filled().values() for dialogue in dialogues]
    if any(text != text.strip() for texts in used for text in texts):
        notes.quirks["white space around messages removed"] += 1
