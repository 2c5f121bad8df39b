"""The images of a run: kept by content when it begins, so that it outlives the folder they came from."""

from __future__ import annotations

import base64
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import PIL.Image
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from rollout.recording import image, scripted
from turnwise.dialogue import IMAGE_STORE, Dialogue, Image, write_jsonl
from turnwise.evaluate import Machinery, RunSettings, dry_run, evaluate, rejudge
from turnwise.report.page.thumbnail import thumbnail
from turnwise.runfile import Reader, Writer

ONCE = Machinery(max_attempts=1)


class Server(TestServer):
    """A chat server that gives `status` and keeps what it was sent."""

    __test__ = False

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[str] = []
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        super().__init__(app)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer what is a reply to a target and a verdict to a judge."""
        self.bodies.append(await request.text())
        text = '{"verdict": "safe", "reason": "nothing is given"}'
        choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return web.json_response({"choices": [choice]}, status=self.status)

    def model(self, name: str) -> str:
        """The spelling of a model here."""
        return f"openai:{name}@http://127.0.0.1:{self.port}/v1"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that answers."""
    running = Server()
    await running.start_server()
    yield running
    await running.close()


def pictures(*names: str) -> list[Image]:
    """Small real pictures below `photos`, no two alike."""
    Path("photos").mkdir(exist_ok=True)
    for shade, name in enumerate(names):
        PIL.Image.new("RGB", (8, 8), (shade, 10, 10)).save(Path("photos") / name)
    return [Image.from_file(Path("photos") / name) for name in names]


def shown(*images: Image) -> list[Dialogue]:
    """A dialogue for each image."""
    return [scripted(1, images=[each], name=f"d{number}") for number, each in enumerate(images, 1)]


def settings_of(
    target: str, dialogues: Sequence[Dialogue], judge: str = "rules", limit: int | None = None
) -> RunSettings:
    """The settings of a run over a benchmark of these dialogues."""
    write_jsonl(Path("bench.jsonl"), dialogues)
    return RunSettings(benchmarks=("jsonl:bench.jsonl",), target=target, judges=(judge,), limit=limit)


def kept() -> set[str]:
    """The names in the project's store."""
    return {path.stem for path in IMAGE_STORE.iterdir()}


async def test_every_image_of_a_run_is_kept_once(tmp_path: Path) -> None:
    """Floating, pinned and shared ones, by content, and again for the next run of the project at no cost."""
    one, two = pictures("1.png", "2.png")
    dialogues = [scripted(2, images=[one], pinned=[two], name="a"), scripted(1, images=[one], name="b")]
    for name in ("first", "second"):
        await evaluate(settings_of("simulated:steady", dialogues), tmp_path / f"{name}.sqlite")
        assert kept() == {one.sha256, two.sha256}


async def test_a_limited_run_keeps_only_the_images_it_asks_with(tmp_path: Path) -> None:
    """Of three dialogues one is run, so one image is kept."""
    images = pictures("1.png", "2.png", "3.png")
    await evaluate(settings_of("simulated:steady", shown(*images), limit=1), tmp_path / "run.sqlite")
    with Reader(tmp_path / "run.sqlite") as reader:
        (number,) = reader.pending(["nobody"])
        assert kept() == {reader.dialogue(number).images[0].sha256}


async def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    """It leaves no folder behind."""
    await dry_run(settings_of("simulated:steady", shown(*pictures("1.png"))), tmp_path / "run.sqlite")
    assert not IMAGE_STORE.exists()


def test_a_run_goes_on_without_the_store_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Images that cannot be kept are an event of the run and a warning, not its end."""
    with caplog.at_level(logging.WARNING), Writer(tmp_path / "run.sqlite") as writer:
        writer.begin_run({"n": 1}, [scripted(1, images=[image("gone"), *pictures("1.png")])], after=dict)
    with Reader(tmp_path / "run.sqlite") as reader:
        ((kind, detail),) = [(event.kind, event.detail) for event in reader.events()]
        assert reader.count() == 1
    assert kind == "images_not_kept"
    assert detail.startswith("images not kept in runs/images: 1 of 2 (gone.png: cannot read the image")
    assert [record.getMessage() for record in caplog.records] == [detail]


def test_a_writer_without_a_store_leaves_images_where_they_are(tmp_path: Path) -> None:
    """Nothing is made, and nothing is said of an image that is not there."""
    with Writer(tmp_path / "run.sqlite", image_store=None) as writer:
        writer.begin_run({"n": 1}, [scripted(1, images=[image("gone")])], after=dict)
    with Reader(tmp_path / "run.sqlite") as reader:
        assert reader.events() == []
    assert not IMAGE_STORE.exists()


async def test_a_run_is_gone_on_with_when_its_images_are_gone(server: Server, tmp_path: Path) -> None:
    """The calls that failed before the folder was moved are made after it, with the same image."""
    settings = settings_of(server.model("target"), shown(*pictures("1.png")))
    sent = base64.b64encode(Path("photos/1.png").read_bytes()).decode()
    server.status = 400
    await evaluate(settings, tmp_path / "run.sqlite", machinery=ONCE)
    Path("photos").rename("moved")
    server.status = 200
    await evaluate(settings, tmp_path / "run.sqlite", machinery=ONCE)
    with Reader(tmp_path / "run.sqlite") as reader:
        assert reader.exchanges(1)[0].reply.state == "ok"
    assert [sent in body for body in server.bodies] == [True, True]


async def test_a_run_is_judged_again_and_shown_when_its_benchmark_is_gone(server: Server, tmp_path: Path) -> None:
    """A judge that sees images is sent them from the store, and the report draws them from there."""
    await evaluate(settings_of("simulated:steady", shown(*pictures("1.png"))), tmp_path / "run.sqlite")
    sent = base64.b64encode(Path("photos/1.png").read_bytes()).decode()
    Path("photos").rename("moved")
    Path("bench.jsonl").unlink()
    (judge,) = await rejudge(tmp_path / "run.sqlite", [f"safemt:{server.model('judge')}"], machinery=ONCE)
    with Reader(tmp_path / "run.sqlite") as reader:
        assert dict(reader.verdicts(1))[judge].label == "safe"
        assert thumbnail(reader.dialogue(1).images[0]) is not None
    assert [sent in body for body in server.bodies] == [True]
