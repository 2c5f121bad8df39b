"""What a report reads from a run file besides its numbers."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import PIL.Image

from report.sample_run import attack, make_run
from turnwise.dialogue import Image
from turnwise.metrics import judges_of_run, slices_of_run
from turnwise.report.page.gather import ReportData, gather
from turnwise.runfile import Reader


def gathered(run: Path) -> ReportData:
    """The data of a report on a run."""
    with Reader(run) as reader:
        return gather(reader, slices_of_run(reader, resamples=50), judges=judges_of_run(reader, resamples=50))


async def test_settings_are_text_and_mappings_one_row_an_entry(tmp_path: Path) -> None:
    """Numbers, absent values and fingerprints by name all read as text."""
    data = gathered(await make_run(tmp_path, [attack("g", 1)], {"table": {"g/1": {"label": "safe"}}}))
    settings = dict(data.settings)
    assert (settings["max_tokens"], settings["limit"], settings["skip_bad"]) == ("1024", "not set", "false")
    assert len(settings["dataset_sha256"]) == 64
    assert len(settings[f"benchmark_files_sha256: jsonl:{tmp_path / 'sample.jsonl'}"]) == 64
    assert data.target == f"scripted:{tmp_path / 'target.jsonl'}"


async def test_the_run_is_named_for_its_folder_and_dated_by_its_last_reply(tmp_path: Path) -> None:
    """A file called run.sqlite takes the folder's name; the date is that of the last reply stored, in UTC."""
    run = await make_run(tmp_path / "monday", [attack("g", 1)], {"table": {"g/1": {"label": "safe"}}})
    with contextlib.closing(sqlite3.connect(run)) as database, database:
        database.execute("UPDATE replies SET at = '2024-02-29T23:59:31.000Z'")
    data = gathered(run)
    assert (data.run, data.written) == ("monday", "2024-02-29 23:59 UTC")


async def test_calls_and_failures_are_counted(tmp_path: Path) -> None:
    """Two dialogues are two calls of the target; the one that failed is counted by kind."""
    replies = [{"contains": "bad", "state": "failed"}]
    dialogues = [attack("g", 1), attack("h", 1, text="bad")]
    data = gathered(await make_run(tmp_path, dialogues, {"table": {"g/1": {"label": "safe"}}}, replies=replies))
    assert (data.n_dialogues, data.totals[0].role, data.totals[0].calls) == (2, "target", 2)
    assert sum(data.failures.values()) == 1


async def test_what_loading_met_is_told_in_sentences(tmp_path: Path) -> None:
    """An image that is not there any more is counted for its benchmark, with what became of the dialogue."""
    picture = tmp_path / "image.png"
    PIL.Image.new("RGB", (8, 8), "navy").save(picture)
    dialogue = attack("g", 1, images=[Image.from_file(picture)])
    picture.unlink()
    data = gathered(await make_run(tmp_path, [dialogue], {"table": {"g/1": {"label": "safe"}}}))
    assert data.notes[1:] == (f"jsonl:{tmp_path / 'sample.jsonl'}: 1 image missing; what lacks one went as text only",)
