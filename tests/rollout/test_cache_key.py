"""What a kept reply is known by: every change of what is sent is a miss, and a miss says what differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.recording import Recording, image, ok
from turnwise.models import ChatRequest, Message, Parameters, ResponseFormat
from turnwise.rollout import Cached, ResponseCache, request_key

MODEL = "openai:some-model@https://example.test/v1"
ASK = ChatRequest((Message("user", "Hi"),))

_IMAGES = st.lists(st.sampled_from(["a", "b", "c"]).map(image), max_size=3).map(tuple)
_MESSAGES = st.builds(
    Message, st.sampled_from(["system", "user", "assistant"]), st.sampled_from(["", "a", "b"]), _IMAGES
)
_REQUESTS = st.builds(
    ChatRequest,
    st.lists(_MESSAGES, min_size=1, max_size=2).map(tuple),
    st.builds(
        Parameters,
        st.sampled_from([None, 0.0, 0.5, 1.0]),
        st.sampled_from([None, 1, 1024]),
        st.sampled_from([None, 0, 1]),
    ),
    st.sampled_from([None, ResponseFormat("a", {}), ResponseFormat("b", {}), ResponseFormat("a", {"type": "object"})]),
    st.integers(0, 2),
)


def same(one: ChatRequest, other: ChatRequest) -> bool:
    """Whether all that is sent, and the sample, is the same; image paths are not sent."""

    def sent(request: ChatRequest) -> list[object]:
        shown = [(m.role, m.text, [i.sha256 for i in m.images]) for m in request.messages]
        return [shown, request.parameters, request.response_format, request.sample]

    return sent(one) == sent(other)


@given(one=_REQUESTS, other=_REQUESTS)
def test_two_requests_have_one_key_exactly_when_all_that_is_sent_is_the_same(
    one: ChatRequest, other: ChatRequest
) -> None:
    """Any difference in role, text, image, order, place, parameter, format or sample is another key, and no other."""
    assert (request_key("m", one).digest() == request_key("m", other).digest()) == same(one, other)


def changed(**fields: Any) -> ChatRequest:
    """The request with two messages and two images, with other fields."""
    return msgspec.structs.replace(_FULL, **fields)


_FULL = ChatRequest(
    (Message("user", "one", (image("a"), image("b"))), Message("assistant", "two"), Message("user", "three")),
    Parameters(0.5, 100, 7),
    ResponseFormat("f", {"type": "object"}),
    1,
)
_SHOWN, _SAID, _ASKED = _FULL.messages
CHANGES = {
    "role": changed(messages=(_SHOWN, Message("user", "two"), _ASKED)),
    "text": changed(messages=(_SHOWN, Message("assistant", "two "), _ASKED)),
    "text moved over a message's end": changed(
        messages=(_SHOWN, Message("assistant", "tw"), Message("user", "othree"))
    ),
    "image": changed(messages=(Message("user", "one", (image("a"), image("c"))), _SAID, _ASKED)),
    "image order": changed(messages=(Message("user", "one", (image("b"), image("a"))), _SAID, _ASKED)),
    "placement": changed(messages=(Message("user", "one"), _SAID, Message("user", "three", _SHOWN.images))),
    "image twice": changed(messages=(_SHOWN, _SAID, Message("user", "three", _SHOWN.images))),
    "temperature": changed(parameters=Parameters(0.6, 100, 7)),
    "temperature not sent": changed(parameters=Parameters(None, 100, 7)),
    "max_tokens": changed(parameters=Parameters(0.5, 101, 7)),
    "seed": changed(parameters=Parameters(0.5, 100, 8)),
    "format name": changed(response_format=ResponseFormat("g", {"type": "object"})),
    "schema": changed(response_format=ResponseFormat("f", {"type": "string"})),
    "no format": changed(response_format=None),
    "sample": changed(sample=2),
}


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ResponseCache]:
    """An open cache in a new folder."""
    opened = ResponseCache(tmp_path / "runs" / "cache.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_sent_is_a_miss(change: str, cache: ResponseCache) -> None:
    """A reply kept for one request is not given to one that differs in a single thing."""
    cache.put(request_key(MODEL, _FULL), ok("kept"))
    assert cache.get(request_key(MODEL, _FULL)) is not None
    assert cache.get(request_key(MODEL, CHANGES[change])) is None


@pytest.mark.parametrize(
    "model", ["openai:some-model@http://example.test/v1", "openai:some-model", "OPENAI:some-model"]
)
def test_another_spelling_is_another_model(model: str, cache: ResponseCache) -> None:
    """The same request to another address is a miss."""
    cache.put(request_key(MODEL, ASK), ok("kept"))
    assert cache.get(request_key(model, ASK)) is None


def test_an_image_counts_by_content_and_not_by_path(cache: ResponseCache) -> None:
    """Equal messages made anew, with the image in another folder, are a hit."""
    elsewhere = msgspec.structs.replace(image("a"), path="/another/folder/renamed.png")
    cache.put(request_key(MODEL, ChatRequest((Message("user", "look", (image("a"),)),))), ok("kept"))
    found = cache.get(request_key(MODEL, ChatRequest((Message("user", "look", (elsewhere,)),))))
    assert found is not None
    assert found.text == "kept"


def test_the_key_of_a_request_stays_what_it_is() -> None:
    """Keys are on disk: a change of the scheme must come with another version, and this value then changes."""
    assert request_key("openai:m", ASK).digest().hex() == PINNED


PINNED = "6313bfaa72388d72bf6555fd17c680398963757b795fc2558587e1529f68d081"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (changed(parameters=Parameters(0.0, 100, 7)), "temperature 0.0 asked, 0.5 kept"),
        (changed(parameters=Parameters(0.5, 100)), "seed none asked, 7 kept"),
        (CHANGES["placement"], "other images, or the same at another place"),
        (CHANGES["sample"], "sample 2 asked, 1 kept"),
        (CHANGES["text"], "these messages were not asked before"),
        (_FULL, "nothing differs: it is kept"),
    ],
)
def test_a_miss_names_what_differs(request_: ChatRequest, reason: str, cache: ResponseCache) -> None:
    """The reason names the field with the value asked for and the one kept."""
    cache.put(request_key(MODEL, _FULL), ok("kept"))
    cache.flush()
    assert cache.why(request_key(MODEL, request_)) == reason


def test_a_miss_is_explained_by_the_nearest_reply(cache: ResponseCache) -> None:
    """With one kept that differs in the model alone and one that differs in three things, the first is named."""
    cache.put(request_key("openai:other", _FULL), ok("near"))
    cache.put(request_key(MODEL, changed(parameters=Parameters(None, None, None))), ok("far"))
    cache.flush()
    assert cache.why(request_key(MODEL, _FULL)) == f"model {MODEL} asked, openai:other kept"


async def test_misses_are_counted_by_reason(cache: ResponseCache) -> None:
    """Two dialogues run again under another temperature are two misses with one reason."""
    model = Cached(Recording(), cache)
    for temperature in (0.0, 0.7):
        for text in ("a", "b"):
            await model.reply(ChatRequest((Message("user", text),), Parameters(temperature)))
        cache.flush()
    assert model.misses == {"these messages were not asked before": 2, "temperature 0.7 asked, 0.0 kept": 2}
