"""Request bodies: as the server reads them, as another client writes them, and as they are cached."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

from dialogue.whole_png import whole_png
from models.misbehaving import OpenChat, Server
from turnwise.dialogue import Image
from turnwise.errors import DataError
from turnwise.models import ChatRequest, Message, Parameters, ResponseFormat, Role, Secret
from turnwise.models.http.dialect import Dialect
from turnwise.models.openai.client import OpenAIChat
from turnwise.models.openai.endpoint import parse_endpoint
from turnwise.models.openai.wire import Fragments, body_pieces, encode_body

SCHEMA: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def image_message(image: Image, text: str = "What is this?") -> Message:
    """A user message with one image."""
    return Message("user", text, (image,))


def parsed(request: ChatRequest, dialect: Dialect | None = None) -> Any:
    """The body of a request, parsed."""
    return json.loads(encode_body("m", request, Fragments(), dialect or Dialect()))


async def test_roles_images_and_parameters_arrive_as_meant(server: Server, open_chat: OpenChat, png: Image) -> None:
    """The server sees true roles, the image before the text with the MIME of its bytes, and the parameters."""
    messages = (
        Message("system", "Be brief."),
        image_message(png, 'Whose "car" is\nthis? \u2603'),
        Message("assistant", "A neighbour's."),
        Message("user", "Which colour?"),
    )
    request = ChatRequest(messages, Parameters(0.5, 77, 3), ResponseFormat("verdict", SCHEMA))
    await open_chat("org/model:7b").reply(request)
    data = base64.b64encode(png.read_bytes()).decode()
    assert server.received[0].path == "/v1/chat/completions"
    assert server.received[0].headers["Content-Type"] == "application/json"
    assert server.received[0].body == {
        "model": "org/model:7b",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
                    {"type": "text", "text": 'Whose "car" is\nthis? \u2603'},
                ],
            },
            {"role": "assistant", "content": "A neighbour's."},
            {"role": "user", "content": "Which colour?"},
        ],
        "temperature": 0.5,
        "max_tokens": 77,
        "seed": 3,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA},
        },
    }


async def test_the_official_client_writes_the_same_body(server: Server, open_chat: OpenChat, png: Image) -> None:
    """The same conversation through the official client reaches the server as an equal body."""
    messages = (
        Message("system", "Be brief."),
        image_message(png),
        Message("assistant", "Red."),
        Message("user", "Why?"),
    )
    await open_chat("served").reply(ChatRequest(messages, Parameters(0.0, 64, 1)))
    url = f"data:image/png;base64,{base64.b64encode(png.read_bytes()).decode()}"
    async with openai.AsyncOpenAI(base_url=server.base_url, api_key="sk-test-key") as official:
        await official.chat.completions.create(
            model="served",
            messages=[
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": url}},
                        {"type": "text", "text": "What is this?"},
                    ],
                },
                {"role": "assistant", "content": "Red."},
                {"role": "user", "content": "Why?"},
            ],
            temperature=0.0,
            max_tokens=64,
            seed=1,
        )
    ours, theirs = server.received
    assert ours.body == theirs.body
    assert (ours.path, ours.headers["Authorization"]) == (theirs.path, theirs.headers["Authorization"])


def test_messages_validate_against_the_official_types(png: Image) -> None:
    """Every message we write is one the official package's types admit."""
    request = ChatRequest(
        (Message("system", "s"), image_message(png), image_message(png, ""), Message("assistant", "a"))
    )
    checker: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionMessageParam])
    assert len(checker.validate_python(parsed(request)["messages"])) == 4


def test_what_is_none_is_not_sent() -> None:
    """A request without parameters sends model and messages alone."""
    request = ChatRequest((Message("user", "Hi"),), Parameters(None, None, None))
    assert parsed(request) == {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def test_two_images_stand_before_the_text_and_an_empty_text_is_no_part(png: Image) -> None:
    """All images come first; a message of images alone has no text part."""
    content = parsed(ChatRequest((Message("user", "Compare", (png, png)), image_message(png, ""))))["messages"]
    assert [part["type"] for part in content[0]["content"]] == ["image_url", "image_url", "text"]
    assert [part["type"] for part in content[1]["content"]] == ["image_url"]


def test_the_official_address_gets_the_newer_name_of_the_token_limit() -> None:
    """The dialect names the limit, whose value stays."""
    request = ChatRequest((Message("user", "Hi"),), Parameters(None, 5, None))
    assert parsed(request, Dialect("max_completion_tokens"))["max_completion_tokens"] == 5
    official = OpenAIChat(parse_endpoint("gpt-4o"), key=Secret("sk-test-key"))
    assert official._speaker.dialect == Dialect("max_completion_tokens")


async def test_a_body_beyond_a_mebibyte_arrives_whole(server: Server, open_chat: OpenChat) -> None:
    """Large bodies take another way out of the client and arrive unchanged, with their length."""
    text = "garden " * 300_000
    await open_chat().reply(ChatRequest((Message("user", text),)))
    assert server.received[0].body["messages"][0]["content"] == text
    assert server.received[0].headers["Content-Length"] == str(len(server.received[0].raw))
    assert server.received[0].headers["Content-Type"] == "application/json"


@given(
    st.lists(
        st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text(st.characters(exclude_categories=["Cs"]))),
        max_size=6,
    )
)
def test_joined_fragments_equal_the_json_of_the_whole(turns: list[tuple[Role, str]]) -> None:
    """However messages are cut into fragments, the join parses to the whole, on the first and on a cached join."""
    fragments = Fragments()
    request = ChatRequest(tuple(Message(role, text) for role, text in turns), Parameters(0.0, 9, None))
    whole = {
        "model": "m",
        "messages": [{"role": role, "content": text} for role, text in turns],
        "temperature": 0.0,
        "max_tokens": 9,
    }
    first, second = (b"".join(body_pieces("m", request, fragments, Dialect())) for _ in range(2))
    assert json.loads(first) == whole
    assert first == second == encode_body("m", request, fragments, Dialect())


def test_an_image_is_read_once_while_it_is_cached(png: Image) -> None:
    """Another message with the same image content needs no second look at the file."""
    fragments = Fragments()
    encode_body("m", ChatRequest((image_message(png),)), fragments, Dialect())
    Path(png.path).unlink()
    again = encode_body("m", ChatRequest((image_message(png, "And now?"),)), fragments, Dialect())
    assert b"And now?" in again
    with pytest.raises(DataError, match="cannot read"):
        encode_body("m", ChatRequest((image_message(png),)), Fragments(), Dialect())


def test_the_cache_stays_within_its_bytes_and_bodies_stay_right(tmp_path: Path) -> None:
    """More images than the cache holds push out the oldest; every body is complete all the same."""
    fragments = Fragments(budget_bytes=20_000)
    for number in range(8):
        path = tmp_path / f"{number}.png"
        path.write_bytes(whole_png(os.urandom(6_000)))
        message = image_message(Image.from_file(path), f"picture {number}")
        body = json.loads(encode_body("m", ChatRequest((message,)), fragments, Dialect()))
        url = body["messages"][0]["content"][0]["image_url"]["url"]
        assert base64.b64decode(url.partition(",")[2]) == path.read_bytes()
        assert 0 < fragments.size_bytes <= 20_000


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    """One image beyond the whole budget passes through and leaves the cache empty."""
    path = tmp_path / "large.png"
    path.write_bytes(whole_png(os.urandom(5_000)))
    fragments = Fragments(budget_bytes=1_000)
    body = encode_body("m", ChatRequest((image_message(Image.from_file(path)),)), fragments, Dialect())
    assert len(body) > 5_000
    assert fragments.size_bytes == 0


def test_the_text_of_a_message_is_encoded_once_and_goes_with_it() -> None:
    """The next turn has the very bytes of the first one, and nothing else holds them."""
    fragments, message = Fragments(), Message("user", "Good morning")
    first, second = (body_pieces("m", ChatRequest((message,)), fragments, Dialect()) for _ in range(2))
    encoded = b'{"role":"user","content":"Good morning"}'
    assert first[3] == encoded
    assert first[3] is second[3]
    assert fragments.size_bytes == 0


def test_an_image_is_not_copied_into_a_body(png: Image) -> None:
    """Every request has the bytes of the cache themselves as one of its pieces."""
    fragments, request = Fragments(), ChatRequest((image_message(png),))
    data = base64.b64encode(png.read_bytes())
    first, second = (body_pieces("m", request, fragments, Dialect()) for _ in range(2))
    assert first[first.index(data)] is second[second.index(data)]


def test_a_recycled_identity_never_gives_another_messages_words() -> None:
    """Messages that come and go, and may take each other's place in memory, always give their own text."""
    fragments = Fragments(budget_bytes=2_000)
    for number in range(2_000):
        body = encode_body("m", ChatRequest((Message("user", f"text {number}"),)), fragments, Dialect())
        assert b'"text %d"' % number in body
