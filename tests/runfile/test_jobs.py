"""The batch jobs in a run file: noted before they are made, named after, and open until they are read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runfile.files import fill
from turnwise.errors import RunFileError
from turnwise.models import BatchJob
from turnwise.runfile import StoredJob, Writer

JOB = StoredJob("key-1", "openai", ("a" * 64, "b" * 64), 1_700_000_000.5)


def test_job_is_on_disk_before_it_has_an_id(tmp_path: Path) -> None:
    """Another connection sees the job as soon as it was added, with its size and without an id."""
    with Writer(tmp_path / "run.sqlite") as writer:
        writer.add_job(JOB)
        database = sqlite3.connect(tmp_path / "run.sqlite")
        rows = database.execute("SELECT key, provider, n_items, job, state FROM jobs").fetchall()
        database.close()
        assert rows == [("key-1", "openai", 2, None, "open")]
        assert writer.open_jobs() == [JOB]


def test_named_job_is_the_same_after_reopening(tmp_path: Path) -> None:
    """What the provider made of it comes back whole, and the order is that of adding."""
    made = BatchJob("openai:small", "batch_7", "key-1", 2, 1_700_000_001.0)
    fill(tmp_path / "run.sqlite")
    with Writer(tmp_path / "run.sqlite") as writer:
        writer.add_job(JOB)
        writer.add_job(StoredJob("a key that sorts first", "openai", ("c" * 64,), 1.0))
        writer.name_job("key-1", made)
    with Writer(tmp_path / "run.sqlite") as writer:
        assert [(stored.key, stored.job) for stored in writer.open_jobs()] == [
            ("key-1", made),
            ("a key that sorts first", None),
        ]


def test_ended_job_is_open_no_more(tmp_path: Path) -> None:
    """Read or lost, it stays in the file and is not gone on with."""
    with Writer(tmp_path / "run.sqlite") as writer:
        assert writer.open_jobs() == []
        writer.add_job(JOB)
        writer.end_job("key-1", "read")
        assert writer.open_jobs() == []


def test_two_jobs_of_one_key_are_refused(tmp_path: Path) -> None:
    """A key finds one job."""
    with Writer(tmp_path / "run.sqlite") as writer:
        writer.add_job(JOB)
        with pytest.raises(RunFileError, match="UNIQUE"):
            writer.add_job(JOB)
