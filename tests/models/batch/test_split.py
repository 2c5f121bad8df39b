"""Splitting items into jobs, and the bound on their size that it goes by."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.whole_png import whole_png
from models.batch.making import item, items
from turnwise.dialogue import Image
from turnwise.errors import UsageError
from turnwise.models import BatchItem, ChatRequest, Message, Parameters, ResponseFormat, Role
from turnwise.models.batch.job import wire_id
from turnwise.models.batch.openai import OPENAI_LIMITS
from turnwise.models.batch.split import BatchLimits, size_bound, split_items
from turnwise.models.http.dialect import Dialect
from turnwise.models.openai.wire import Fragments, encode_body

_HEAD = b'{"custom_id":"","method":"POST","url":"/v1/chat/completions","body":}\n'
_ROLES = st.sampled_from(["system", "user", "assistant"])


def row_bytes(request: ChatRequest) -> int:
    """Bytes of the request as a line of an OpenAI job."""
    return len(encode_body("small", request, Fragments(), Dialect())) + len(_HEAD) + len(wire_id("k", "i"))


def test_a_job_is_full_at_the_number_allowed() -> None:
    """Five items in jobs of two are three jobs, in order; the published limit is kept by its exact number."""
    jobs = split_items(items("1", "2", "3", "4", "5"), BatchLimits(2, 10**6), model="small")
    assert [len(job) for job in jobs] == [2, 2, 1]
    assert [part.custom_id for job in jobs for part in job] == ["1", "2", "3", "4", "5"]
    shared = item("one")
    assert [len(job) for job in split_items([shared] * 50_001, OPENAI_LIMITS, model="small")] == [50_000, 1]


def test_no_items_are_no_jobs() -> None:
    """Nothing to ask gives nothing to submit."""
    assert split_items([], OPENAI_LIMITS, model="small") == []


def test_images_are_counted_as_they_are_sent(tmp_path: Path) -> None:
    """Three images of 30,000 bytes are 40,000 each in a job, so that a limit of 100,000 parts them two and one."""
    path = tmp_path / "a.png"
    path.write_bytes(whole_png(os.urandom(30_000 - 57)))
    image = Image.from_file(path)
    asked = [item(str(at), image) for at in range(3)]
    assert 40_000 < row_bytes(asked[0].request) <= size_bound(asked[0].request, model="small") < 41_000
    assert [len(job) for job in split_items(asked, BatchLimits(10, 100_000), model="small")] == [2, 1]


def test_an_item_larger_than_a_job_is_named() -> None:
    """The error says which item it is."""
    long = BatchItem("long", ChatRequest((Message("user", "x" * 2_000),)))
    with pytest.raises(UsageError, match="'long'"):
        split_items([item("short"), long], BatchLimits(10, 2_000), model="small")


@given(
    st.lists(st.tuples(_ROLES, st.text(max_size=60)), max_size=6),
    st.floats(0, 2),
    st.none() | st.integers(1, 2**31),
    st.booleans(),
)
def test_the_bound_is_never_below_the_size(
    said: list[tuple[Role, str]],
    temperature: float,
    seed: int | None,
    formatted: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever is said, the encoded row is no longer than its bound."""
    wanted = ResponseFormat("verdict", {"type": "object", "properties": {"label": {"type": "string"}}})
    messages = tuple(Message(role, text) for role, text in said)
    request = ChatRequest(messages, Parameters(temperature, 2**31, seed), wanted if formatted else None)
    assert row_bytes(request) <= size_bound(request, model="small")
