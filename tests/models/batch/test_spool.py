"""The temporary file of a job: written, cut, read back in bounded pieces or lines."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from turnwise.errors import RunFileError
from turnwise.models.batch.spool import CHUNK_BYTES, Spool


async def test_what_is_sent_leaves_in_pieces_of_bounded_size() -> None:
    """A spool gives back what was written, no piece larger than its bound."""
    with Spool() as spool:
        spool.write(b"x" * (3 * CHUNK_BYTES), b"yyyyy")
        pieces = [chunk async for chunk in spool.chunks()]
    assert [len(piece) for piece in pieces] == [CHUNK_BYTES] * 3 + [5]
    assert b"".join(pieces).endswith(b"xyyyyy")


async def test_it_can_be_read_more_than_once() -> None:
    """A second reading begins at the start again, as the second attempt of an upload needs it."""
    with Spool() as spool:
        spool.write(b"abc")
        readings = [[chunk async for chunk in spool.chunks()] for _ in range(2)]
    assert readings == [[b"abc"], [b"abc"]]


def test_what_was_cut_is_gone_and_writing_goes_on_at_the_end() -> None:
    """A download that broke is dropped without the one before it, whatever was read in between."""
    with Spool() as spool:
        spool.write(b'{"a": 1}\n')
        size_bytes = spool.size_bytes
        spool.write(b'{"b": 2}\n{"c"')
        assert not spool.ends_whole(size_bytes)
        spool.cut(size_bytes)
        spool.write(b'\n{"d": 4}')
        assert list(spool.lines()) == [b'{"a": 1}\n', b'{"d": 4}']


@pytest.mark.parametrize(
    ("written", "whole"), [(b"", True), (b'{"a": 1}', True), (b'{"a": 1}\n\n', True), (b"[1]", False), (b"\xff", False)]
)
def test_an_end_is_whole_when_it_is_a_row(written: bytes, whole: bool) -> None:  # noqa: FBT001 - a row of the table
    """Nothing, or a last line that is a JSON object."""
    with Spool() as spool:
        spool.write(written)
        assert spool.ends_whole(0) is whole


def test_a_folder_that_cannot_hold_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error says what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(RunFileError, match="set TMPDIR"):
        Spool()
