"""Our OpenAI-compatible client and the command line against a server written elsewhere: `transformers serve`.

The server holds the tiny random model of `tiny_vlm.py`, made here in seconds, without any download.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import PIL.Image
import pytest

from dialogue.whole_png import whole_png
from turnwise.dialogue import Dialogue, Image
from turnwise.models import (
    ChatModel,
    ChatRequest,
    Message,
    ModelSettings,
    Parameters,
    ResponseFormat,
    guarded_by_limits,
    open_model,
)
from turnwise.runfile import Reader

_NEEDED = ("torch", "transformers", "accelerate", "fastapi", "uvicorn", "openai")
_ABSENT = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.extra("transformers"),
    pytest.mark.skipif(bool(_ABSENT), reason=f"`transformers serve` needs what is not installed: {', '.join(_ABSENT)}"),
]

_BIN = Path(sys.executable).parent
_START_LIMIT_S = 120.0
_IMAGE_TOKENS = 16
"""The tiny model sees any image as 4 x 4 patches."""
_SIXTEEN = Parameters(temperature=0.0, max_tokens=16)
_LENGTHS = (1, 2, 4)
_PICTURES = {"red.png": ("red", "PNG"), "green.jpg": ("green", "JPEG"), "blue.png": ("blue", "JPEG")}
"""File name -> colour and true format: the last one is a JPEG with a wrong extension."""


def _environment(folder: Path) -> dict[str, str]:
    """Offline, with an empty model cache, two threads, and no key or proxy of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith(("_proxy", "_api_key"))}
    return {**kept, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "2"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny model in `tiny-vlm`."""
    folder = tmp_path_factory.mktemp("serve")
    maker = Path(__file__).with_name("tiny_vlm.py")
    command = [sys.executable, str(maker), str(folder / "tiny-vlm")]
    made = subprocess.run(command, env=_environment(folder), capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"the tiny model was not made:\n{made.stderr[-3000:]}"
    return folder


@pytest.fixture(scope="module")
def spelling(folder: Path) -> Iterator[str]:
    """How the served tiny model is spelled, while the server runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(_BIN / "transformers"), "serve", "tiny-vlm", "--device", "cpu"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=output, stderr=output)
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/health", log)
        yield f"openai:tiny-vlm@http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_LIMIT_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(url, timeout=5.0):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not start (exit code {server.poll()}):\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture
async def target(spelling: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatModel]:
    """The served model through our own client."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = open_model(spelling)
    yield model
    await model.close()


@pytest.fixture
def red(tmp_path: Path) -> Image:
    """A red PNG."""
    return _drawn(tmp_path / "red.png", "red", "PNG")


@pytest.fixture
def blue(tmp_path: Path) -> Image:
    """A blue JPEG."""
    return _drawn(tmp_path / "blue.jpg", "blue", "JPEG")


def _drawn(path: Path, colour: str, kind: str) -> Image:
    """A picture of a square in one colour on white, wider than high."""
    picture = PIL.Image.new("RGB", (90, 60), "white")
    picture.paste(colour, (20, 10, 60, 50))
    picture.save(path, format=kind)
    return Image.from_file(path)


def _four_turns(*, first: tuple[Image, ...] = (), last: tuple[Image, ...] = ()) -> tuple[Message, ...]:
    """A conversation of four user turns with three scripted replies."""
    return (
        Message("system", "Answer in one word."),
        Message("user", "What is in the picture?", first),
        Message("assistant", "A square."),
        Message("user", "Which colour?"),
        Message("assistant", "It is plain to see: \U0001f7e5 or \U0001f7e6."),
        Message("user", "Is it on a white ground?"),
        Message("assistant", "Yes."),
        Message("user", "Una última pregunta: ¿cuál?", last),
    )


def _prompt_tokens(messages: tuple[Message, ...]) -> int:
    """What the tiny model's tokenizer and chat template make of messages: a token per byte, 16 per image."""
    rendered = "".join(f"{message.role}: {message.text}\n" for message in messages) + "assistant: "
    return len(rendered.encode()) + _IMAGE_TOKENS * sum(len(message.images) for message in messages)


async def test_a_dialogue_of_four_turns_with_an_image_at_the_first_is_answered(target: ChatModel, red: Image) -> None:
    """The reply is ok, has the sixteen letters asked for, and says who served it."""
    reply = await target.reply(ChatRequest(_four_turns(first=(red,)), _SIXTEEN))
    assert reply.failure is None
    assert (reply.state, reply.finish_reason, reply.attempts) == ("ok", "length", 1)
    assert len(reply.text) == 16
    assert reply.text.isalpha()
    assert reply.usage.output_tokens == 16
    assert reply.served_model == "tiny-vlm@main"
    assert reply.latency_ms > 0.0


async def test_every_role_word_and_image_reaches_the_model(target: ChatModel, red: Image, blue: Image) -> None:
    """The prompt is exactly one token per byte of the rendered chat and sixteen per image, for 0, 1 and 2 images."""
    for images in ((), (red,), (red, blue)):
        messages = _four_turns(first=images)
        reply = await target.reply(ChatRequest(messages, _SIXTEEN))
        assert reply.usage.input_tokens == _prompt_tokens(messages)


async def test_the_last_reply_depends_on_the_image_of_the_first_turn(
    target: ChatModel, red: Image, blue: Image
) -> None:
    """Another image, none, or the same one at the last turn gives another reply; the same request gives the same."""
    none, seen, other, moved, again = [
        (await target.reply(ChatRequest(messages, _SIXTEEN))).text
        for messages in (
            _four_turns(),
            _four_turns(first=(red,)),
            _four_turns(first=(blue,)),
            _four_turns(last=(red,)),
            _four_turns(first=(red,)),
        )
    ]
    assert again == seen
    assert len({none, seen, other, moved}) == 4


async def test_a_response_format_does_not_stop_a_server_that_ignores_it(target: ChatModel) -> None:
    """A request with a JSON Schema, as judges send it, is answered by a server without structured outputs."""
    schema = ResponseFormat("verdict", {"type": "object", "properties": {"label": {"type": "string"}}})
    reply = await target.reply(ChatRequest((Message("user", "Judge this."),), _SIXTEEN, schema))
    assert (reply.state, len(reply.text)) == ("ok", 16)


async def test_a_model_that_is_not_served_is_a_rejected_request(spelling: str, target: ChatModel) -> None:
    """The server's own words for an unknown model end up in a typed failure that is not worth a retry."""
    model = open_model(spelling.replace("tiny-vlm", "another-model"))
    reply = await model.reply(ChatRequest((Message("user", "Hello"),), _SIXTEEN))
    await model.close()
    assert reply.failure is not None
    assert (reply.state, reply.failure.kind, reply.failure.retryable) == ("failed", "rejected", False)
    assert "another-model" in reply.failure.message


async def test_an_image_that_the_server_cannot_decode_is_a_typed_failure(target: ChatModel, tmp_path: Path) -> None:
    """A PNG in structure with no picture in it fails on the server; asked as runs ask, it answers afterwards."""
    path = tmp_path / "broken.png"
    path.write_bytes(whole_png(b"no picture at all" * 8))
    broken = await target.reply(ChatRequest((Message("user", "Look", (Image.from_file(path),)),), _SIXTEEN))
    assert broken.failure is not None
    assert (broken.state, broken.failure.kind) == ("failed", "server_error")
    # The server drops the connection after its error without saying so, so that a first attempt may meet a reset.
    after = await guarded_by_limits(target, ModelSettings()).reply(ChatRequest((Message("user", "Hello"),), _SIXTEEN))
    assert after.failure is None


def test_the_command_line_runs_a_safemt_folder_to_a_complete_run_file(
    spelling: str, folder: Path, tmp_path: Path
) -> None:
    """Every dialogue gets an ok reply to exactly its own messages and image, and a verdict; the exit code is 0."""
    _write_safemt(tmp_path / "safemt")
    out = tmp_path / "run.sqlite"
    command = [str(_BIN / "turnwise"), "run", "--benchmark", f"safemt:{tmp_path / 'safemt'}", "--target", spelling]
    command += ["--judge", "rules", "--max-tokens", "16", "--out", str(out)]
    ran = subprocess.run(
        command, cwd=tmp_path, env=_environment(folder), capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    with Reader(out) as reader:
        assert reader.count() == 9
        assert reader.pending(["rules"]) == []
        assert reader.failures() == {}
        assert reader.served_models() == ["tiny-vlm@main"]
        for name in _PICTURES:
            for length in _LENGTHS:
                _check_row(reader, reader.number_of(f"{Path(name).stem}/{length}"))


def _check_row(reader: Reader, number: int) -> None:
    dialogue = reader.dialogue(number)
    exchange = reader.exchanges(number)[-1]
    assert (exchange.turn, exchange.reply.state, len(exchange.reply.text)) == (dialogue.length, "ok", 16)
    assert exchange.reply.usage.input_tokens == _prompt_tokens(_messages(dialogue))
    assert [(name, verdict.state) for name, verdict in reader.verdicts(number)] == [("rules", "scored")]


def _messages(dialogue: Dialogue) -> tuple[Message, ...]:
    """What the target was to see: the scripted history, with the image at the first turn."""
    messages: list[Message] = []
    for turn in dialogue.turns:
        messages.append(Message("user", turn.user, () if messages else dialogue.images))
        if turn.reply is not None:
            messages.append(Message("assistant", turn.reply))
    assert len(dialogue.images) == 1
    return tuple(messages)


def _write_safemt(folder: Path) -> None:
    """Three records at three lengths in the released layout, each with an image of its own."""
    (folder / "images").mkdir(parents=True)
    for name, (colour, kind) in _PICTURES.items():
        _drawn(folder / "images" / name, colour, kind)
    for length in _LENGTHS:
        records = [_record(name, length) for name in _PICTURES]
        (folder / f"{length}_turn.json").write_text(json.dumps(records), encoding="utf-8")


def _record(name: str, length: int) -> dict[str, object]:
    question = f"How would one paint the shape in {name} anew?"
    earlier = [
        message
        for turn in range(1, length)
        for message in (
            {"role": "user", "content": f"Step {turn}: tell me about this shape."},
            {"role": "assistant", "content": f"It has {turn} remarkable side(s)."},
        )
    ]
    return {
        "id": Path(name).stem,
        "scenario": "Legal Opinion",
        "image_path": f"images/{name}",
        "dialogue": [*earlier, {"role": "user", "content": question}],
        "question": question,
    }
