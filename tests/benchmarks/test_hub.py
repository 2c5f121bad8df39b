"""Parquet tables with images inside, and data sets of the Hugging Face hub, through its real client."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from benchmarks.samples import load, load_skipping, picture, refusal, safemt_row, save, without

pytestmark = pytest.mark.extra("hub")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("huggingface_hub")

COMMIT = "5f" * 20


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are stored below the folder turnwise was started in."""
    monkeypatch.chdir(tmp_path)


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A parquet file of the rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def row(number: int, data: bytes | None, path: str | None = None, **changes: Any) -> dict[str, Any]:
    """A SafeMT row as the hub's viewer converts it: the image is a struct of bytes and path."""
    return without(safemt_row(2, number, **changes), "image_path") | {"image": {"bytes": data, "path": path}}


def test_a_parquet_folder_loads_with_its_images_stored_by_content(tmp_path: Path) -> None:
    """Rows become dialogues; each image is one file below runs/images, named by its hash, typed by its bytes."""
    red, jpeg = picture(1), picture(2, "JPEG")
    table(tmp_path / "bench/data/train-00000.parquet", [row(1, red, "1.jpg"), row(2, jpeg)])
    table(tmp_path / "bench/data/train-00001.parquet", [row(3, red)])
    held, notes = load("safemt:bench")
    names = [hashlib.sha256(red).hexdigest() + ".png", hashlib.sha256(jpeg).hexdigest() + ".jpg"]
    stored = [f"runs/images/{name}" for name in names]
    assert [dialogue.images[0].path for dialogue in held] == [stored[0], stored[1], stored[0]]
    assert sorted(path.name for path in (tmp_path / "runs/images").iterdir()) == sorted(names)
    assert [held[1].images[0].mime, held[1].images[0].read_bytes()] == ["image/jpeg", jpeg]
    assert (held[0].id, held[0].seed_question, held[0].length) == ("mllm_financial_advice_1/2", "query 1", 2)
    assert notes.missing_images == 0


def test_a_stored_image_is_written_once(tmp_path: Path) -> None:
    """Loading again finds the file by its content and leaves it as it is."""
    table(tmp_path / "bench/train.parquet", [row(1, picture(1))])
    first, _ = load("safemt:bench")
    before = Path(first[0].images[0].path).stat().st_mtime_ns
    again, _ = load("safemt:bench")
    assert again == first
    assert Path(again[0].images[0].path).stat().st_mtime_ns == before


def test_an_image_column_without_bytes_names_a_file_of_the_data_set(tmp_path: Path) -> None:
    """A row whose image is only a path finds it in the folder; one that is not there is counted."""
    save(tmp_path / "bench/images/1.png", picture())
    table(tmp_path / "bench/data/train.parquet", [row(1, None, "images/1.png"), row(2, None, "images/2.png")])
    held, notes = load("safemt:bench")
    assert [len(dialogue.images) for dialogue in held] == [1, 0]
    assert (held[1].missing_images, notes.missing_images) == (("images/2.png",), 1)


def test_an_image_carried_in_the_row_wins_over_its_name(tmp_path: Path) -> None:
    """A row may have both the image and the name it has in the release."""
    table(tmp_path / "bench/train.parquet", [safemt_row(2) | {"image": {"bytes": picture(), "path": None}}])
    (held,), notes = load("safemt:bench/train.parquet")
    assert (len(held.images), held.missing_images, notes.missing_images) == (1, (), 0)
    assert held.source["image_path"] == "images/financial_advice/financial_advice_1.jpg"


@pytest.mark.parametrize("path", ["/etc/secret.png", "../secret.png"])
def test_a_path_in_an_image_column_never_leaves_the_folder(tmp_path: Path, path: str) -> None:
    """A hostile table cannot make us read an image outside its folder."""
    save(tmp_path / "secret.png", picture())
    table(tmp_path / "bench/train.parquet", [row(1, None, path)])
    sentence = refusal("safemt:bench")
    assert sentence.startswith("bench/train.parquet, row 1 (id 'mllm_financial_advice_1')")
    assert sentence.endswith(f"image path {path!r} leads outside the benchmark's folder")


def test_a_bad_row_is_named_and_can_be_skipped(tmp_path: Path) -> None:
    """Bytes that are no image and wrong values are refused with file and row number."""
    rows = [row(1, picture()), row(2, b"<html>"), row(3, picture(), scenario="Finance")]
    table(tmp_path / "bench/train.parquet", rows)
    sentence = refusal("safemt:bench")
    assert sentence.startswith("bench/train.parquet, row 2 (id 'mllm_financial_advice_2'): runs/images/")
    assert sentence.endswith("not a PNG, JPEG, GIF or WebP image (it begins with 3c 68 74 6d 6c 3e)")
    held, notes = load_skipping("safemt:bench")
    assert len(held) == 1
    assert [text.split(" (id")[0] for text in notes.bad] == [f"bench/train.parquet, row {number}" for number in (2, 3)]


def test_image_bytes_of_another_type_are_refused(tmp_path: Path) -> None:
    """Text in the place of the bytes, base64 say, is a wrong value, not an absent image."""
    table(tmp_path / "bench/train.parquet", [row(1, None) | {"image": {"bytes": "aGVsbG8=", "path": None}}])
    sentence = refusal("safemt:bench")
    assert sentence.startswith("bench/train.parquet, row 1: Expected `str | null`, got `object` - at `$.image`")


def test_a_null_field_is_an_absent_one(tmp_path: Path) -> None:
    """Parquet has no absent fields; a null question is like none, a null id is missing."""
    table(tmp_path / "bench/train.parquet", [row(1, picture(), question="q"), row(2, picture()) | {"question": None}])
    held, notes = load("safemt:bench")
    assert [dialogue.seed_question for dialogue in held] == ["q", None]
    assert notes.quirks["no question and no 1-turn file to take it from"] == 1
    table(tmp_path / "bench/train.parquet", [row(1, picture()), row(2, picture()) | {"id": None}])
    assert refusal("safemt:bench") == "bench/train.parquet, row 2: Object missing required field `id`"


def test_our_own_format_loads_from_parquet(tmp_path: Path) -> None:
    """A parquet file or folder in our own fields loads, with images inside and defaults as in JSON Lines."""
    turns = [{"user": "a", "reply": "b"}, {"user": "c", "reply": None}]
    line = {"id": "d1", "turns": turns, "images": [{"bytes": picture(), "path": None}], "scenario": None}
    table(tmp_path / "bench/data/house_rules.parquet", [line])
    for where in ("bench", "bench/data/house_rules.parquet"):
        (held,), _ = load(f"jsonl:{where}")
        assert (held.id, held.benchmark, held.group, held.length) == ("d1", "house_rules", "d1", 2)
        assert (held.modality, held.images[0].read_bytes()) == ("multimodal", picture())


def test_a_wrong_value_in_our_own_parquet_is_named(tmp_path: Path) -> None:
    """The sentence has file, row, field and value."""
    table(tmp_path / "bench/own.parquet", [{"id": 5, "turns": [{"user": "a"}]}])
    assert refusal("jsonl:bench") == ("bench/own.parquet, row 1: Expected `str`, got `int` - at `$.id`; the value is 5")


def test_a_cut_off_table_is_refused_by_name(tmp_path: Path) -> None:
    """Half a download and another file under the name are refused, even when bad records are skipped."""
    path = table(tmp_path / "bench/train.parquet", [row(1, picture())])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Exception, match=r"bench/train\.parquet: cannot be read as parquet after row 0") as caught:
        load_skipping("safemt:bench")
    assert type(caught.value).__name__ == "DataError"
    path.write_bytes(b"")
    assert refusal("safemt:bench").startswith("bench/train.parquet: cannot be read as parquet after row 0")


def test_text_that_is_not_utf8_in_a_table_is_refused(tmp_path: Path) -> None:
    """A column that says text and holds other bytes is a file that cannot be read."""
    column = pa.array([b"ok", b"\xff\xfe"], pa.binary()).view(pa.string())
    (tmp_path / "bench").mkdir()
    parquet.write_table(pa.table({"id": column}), "bench/train.parquet")
    assert "bench/train.parquet: cannot be read as parquet" in refusal("jsonl:bench")


def test_a_store_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    """A file in the place of the store's folder is named as such, not as a fault of the table."""
    save(tmp_path / "runs", b"in the way")
    table(tmp_path / "bench/train.parquet", [row(1, picture())])
    assert "cannot store the image (Not a directory)" in refusal("safemt:bench")


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download asks for: one data set with one turn file and one image."""

    files = {  # noqa: RUF012 - never changed
        "1_turn.json": json.dumps([safemt_row(1)]).encode(),
        "images/financial_advice/financial_advice_1.jpg": picture(7),
    }

    def do_GET(self) -> None:
        """Answer what the client asks for when it downloads a data set."""
        path = self.path.partition("?")[0]
        if not path.startswith(("/api/datasets/owner/name/", "/datasets/owner/name/")):
            self._send(b"", status=404)
        elif "/revision/" in path:
            siblings = [{"rfilename": name} for name in self.files]
            self._send(json.dumps({"id": "owner/name", "sha": COMMIT, "siblings": siblings}).encode())
        elif "/tree/" in path:
            tree = [
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in self.files.items()
            ]
            self._send(json.dumps(tree).encode())
        else:
            self._send(self.files[path.partition(f"/resolve/{COMMIT}/")[2]])

    do_HEAD = do_GET  # noqa: N815 - the name the server calls

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    """The address of a hub on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def loaded_elsewhere(spelling: str, hub: str, home: Path) -> dict[str, Any]:
    """What another interpreter loads: the hub's client reads its address once, when it is imported."""
    script = (
        "import json, sys\n"
        "from turnwise.benchmarks import LoadNotes, open_benchmark, stream\n"
        "from turnwise.errors import UsageError\n"
        "try:\n"
        "    held = [*stream(open_benchmark(sys.argv[1]), LoadNotes())]\n"
        "    print(json.dumps({'ids': [d.id for d in held], 'images': [i.mime for d in held for i in d.images]}))\n"
        "except UsageError as error:\n"
        "    print(json.dumps({'error': str(error)}))\n"
    )
    environment = os.environ | {"HF_ENDPOINT": hub, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "NO_PROXY": "*"}
    command = [sys.executable, "-c", script, spelling]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_hub_id_loads_through_the_hubs_own_client(tmp_path: Path, hub: str) -> None:
    """A data set is downloaded into the hub's cache and read there, images behind its links included."""
    answer = loaded_elsewhere("safemt:owner/name", hub, tmp_path / "home")
    assert answer == {"ids": ["mllm_financial_advice_1/1"], "images": ["image/png"]}


def test_a_data_set_the_hub_does_not_have_is_refused_in_one_sentence(tmp_path: Path, hub: str) -> None:
    """The sentence says that it was taken for a hub id, and what the hub answered."""
    error = loaded_elsewhere("safemt:data/missing", hub, tmp_path / "home")["error"]
    assert error.startswith("'data/missing' is no local path, and the Hugging Face hub does not give it: ")
    assert "404" in error
    assert "\n" not in error


def test_a_hub_that_does_not_answer_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Without network the sentence still says both: no such path, and no hub."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hub) as gone:
        address = f"http://127.0.0.1:{gone.server_port}"
    error = loaded_elsewhere("safemt:data/missing", address, tmp_path / "home")["error"]
    assert error.startswith("'data/missing' is no local path, and the Hugging Face hub does not give it: ")
