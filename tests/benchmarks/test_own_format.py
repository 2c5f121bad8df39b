"""Our own format: few fields are needed, images are known by content, and the printed schema agrees with the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from benchmarks.samples import load, picture, refusal, save, save_lines
from turnwise.benchmarks import input_schema
from turnwise.dialogue import Dialogue, Image, Question, Turn, encode_dialogue, write_jsonl

PLAIN = {"id": "d1", "turns": [{"user": "hello"}]}


def bad_line(tmp_path: Path, line: object) -> str:
    """What is said of a second line after its file and number."""
    path = save_lines(tmp_path / "own.jsonl", [PLAIN, line])
    opening, sentence = f"{path}, line 2: ", refusal(f"jsonl:{path}")
    assert sentence.startswith(opening)
    return sentence.removeprefix(opening)


def rich(photo: Image) -> Dialogue:
    """A dialogue that uses most fields."""
    return Dialogue(
        id="d1",
        benchmark="own",
        group="g1",
        turns=(Turn("a", images=(photo,), reply="b"), Turn("c")),
        scenario="Fraud",
        setting="escalation",
        intent="safe",
        modality="multimodal",
        history="live",
        images=(photo,),
        placement="every",
        questions=(Question("q1", "true_false", "Is it asked?", "false"),),
        twin="d2",
        source={"index": 3},
    )


def test_id_and_turns_are_enough(tmp_path: Path) -> None:
    """The file names the benchmark, the id names the group, and without images a dialogue is unimodal."""
    path = save_lines(tmp_path / "house_rules.jsonl", [PLAIN])
    (held,), _ = load(f"jsonl:{path}")
    assert held == Dialogue(id="d1", benchmark="house_rules", group="d1", turns=(Turn("hello"),))


def test_given_fields_win_over_defaults(tmp_path: Path) -> None:
    """A benchmark and a group that are given stay."""
    save_lines(tmp_path / "own.jsonl", [PLAIN | {"benchmark": "b", "group": "g"}])
    (held,), _ = load(f"jsonl:{tmp_path}")
    assert (held.benchmark, held.group) == ("b", "g")


def test_a_folder_streams_its_files_in_order_of_their_names(tmp_path: Path) -> None:
    """All JSON Lines files of a folder are one benchmark; a byte order mark and blank lines are no faults."""
    save_lines(tmp_path / "b.jsonl", [PLAIN | {"id": "last"}])
    save(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + json.dumps(PLAIN).encode() + b"\r\n\r\n")
    held, _ = load(f"jsonl:{tmp_path}")
    assert [dialogue.id for dialogue in held] == ["d1", "last"]


def test_a_plain_image_path_is_relative_to_the_file(tmp_path: Path) -> None:
    """Images are found beside the file, floating or pinned, and make the dialogue multimodal."""
    first = save(tmp_path / "bench/photos/1.png", picture(1))
    second = save(tmp_path / "bench/photos/2.png", picture(2))
    line = {"id": "d1", "images": ["photos/1.png"], "turns": [{"user": "hello", "images": ["photos/2.png"]}]}
    save_lines(tmp_path / "bench/own.jsonl", [line])
    (held,), _ = load(f"jsonl:{tmp_path / 'bench'}")
    assert held.images == (Image.from_file(first),)
    assert held.turns[0].images == (Image.from_file(second),)
    assert held.modality == "multimodal"


def test_what_was_written_loads_as_it_was(tmp_path: Path) -> None:
    """A file made by `write_jsonl` elsewhere loads as the same dialogue: its images are trusted by their hash."""
    held = rich(Image.from_file(save(tmp_path / "pictures/1.png", picture())))
    path = tmp_path / "export/own.jsonl"
    path.parent.mkdir()
    write_jsonl(path, [held])
    assert load(f"jsonl:{path}")[0] == [held]


def test_what_was_written_with_relative_paths_loads_from_the_same_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Image paths relative to where turnwise was started are found from there again."""
    monkeypatch.chdir(tmp_path)
    held = rich(Image.from_file(save(Path("pictures/1.png"), picture())))
    Path("export").mkdir()
    write_jsonl(Path("export/own.jsonl"), [held])
    assert load("jsonl:export/own.jsonl")[0] == [held]


@pytest.mark.parametrize("path", ["1.png", "../outside/1.png", "{tmp_path}/outside/1.png"])
def test_an_image_with_other_bytes_than_stated_is_refused(tmp_path: Path, path: str) -> None:
    """A full image whose content is not what its sha256 says is refused wherever it lies."""
    path = path.format(tmp_path=tmp_path)
    save(tmp_path / "bench/1.png", picture(1))
    save(tmp_path / "outside/1.png", picture(1))
    full = {"sha256": "0" * 64, "mime": "image/png", "size_bytes": 70, "path": path}
    reason = bad_line(tmp_path / "bench", PLAIN | {"images": [full]})
    assert reason == f"image {path!r} is no image with the sha256 given ({'0' * 64})"


def test_a_private_file_is_never_quoted(tmp_path: Path) -> None:
    """A full object that points to a text file outside is refused without a byte of the file."""
    secret = save(tmp_path / "outside/key.txt", b"password")
    full = {"sha256": "0" * 64, "mime": "image/png", "size_bytes": 8, "path": str(secret)}
    reason = bad_line(tmp_path / "bench", PLAIN | {"images": [full]})
    assert "70 61 73" not in reason
    assert reason.endswith(f"is no image with the sha256 given ({'0' * 64})")


@pytest.mark.parametrize("entry", ["{path}", {"path": "{path}"}, {"path": "{path}", "sha256": None}])
@pytest.mark.parametrize("path", ["../outside/1.png", "{tmp_path}/outside/1.png", "a/../../outside/1.png"])
def test_a_path_without_a_hash_never_leaves_the_folder(tmp_path: Path, entry: Any, path: str) -> None:
    """A hostile file cannot make us read an image outside its folder, though one lies there."""
    save(tmp_path / "outside/1.png", picture())
    path = path.format(tmp_path=tmp_path)
    entry = path if isinstance(entry, str) else entry | {"path": path}
    reason = bad_line(tmp_path / "bench", PLAIN | {"images": [entry]})
    assert reason == f"image path {path!r} leads outside the benchmark's folder"


def test_a_link_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    """A symbolic link that came with the benchmark is followed inside its folder only."""
    save(tmp_path / "outside/1.png", picture())
    save(tmp_path / "bench/real.png", picture())
    (tmp_path / "bench/out").symlink_to(tmp_path / "outside")
    (tmp_path / "bench/alias.png").symlink_to("real.png")
    reason = bad_line(tmp_path / "bench", PLAIN | {"images": ["out/1.png"]})
    assert reason == "image path 'out/1.png' is a link that leads outside the benchmark's folder"
    save_lines(tmp_path / "bench/own.jsonl", [PLAIN | {"images": ["alias.png"]}])
    (held,), _ = load(f"jsonl:{tmp_path / 'bench'}")
    assert held.images[0].read_bytes() == picture()


def test_links_into_the_blobs_of_the_hub_cache_are_followed(tmp_path: Path) -> None:
    """The hub's own cache keeps contents beside its snapshots and links to them."""
    cache = tmp_path / "datasets--owner--name"
    save(cache / "blobs/0a1b", picture())
    snapshot = cache / "snapshots/5f5f"
    save_lines(snapshot / "own.jsonl", [PLAIN | {"images": ["1.png"]}])
    (snapshot / "1.png").symlink_to("../../blobs/0a1b")
    (held,), _ = load(f"jsonl:{snapshot}")
    assert held.images[0].mime == "image/png"


@pytest.mark.parametrize("name", ["gone.png", "x" * 5000 + ".png", "nul\x00.png", "folder.png"])
def test_an_image_that_is_not_there_is_counted_as_missing(tmp_path: Path, name: str) -> None:
    """Absent files, impossible names and folders leave a text dialogue that names them."""
    (tmp_path / "folder.png").mkdir()
    save_lines(tmp_path / "own.jsonl", [PLAIN | {"images": [name], "modality": "multimodal"}])
    (held,), notes = load(f"jsonl:{tmp_path}")
    assert (held.modality, held.missing_images, notes.missing_images) == ("unimodal", (name,), 1)


def test_a_full_image_that_is_not_there_is_counted_as_missing(tmp_path: Path) -> None:
    """A written image whose file was removed is missing, beside those the line itself calls missing."""
    full = {"sha256": "0" * 64, "mime": "image/png", "size_bytes": 70, "path": str(tmp_path / "gone.png")}
    save_lines(tmp_path / "own.jsonl", [PLAIN | {"images": [full], "missing_images": ["old.png"]}])
    (held,), notes = load(f"jsonl:{tmp_path}")
    assert held.missing_images == ("old.png", full["path"])
    assert notes.missing_images == 2


def test_mime_and_size_are_read_from_the_file_not_the_line(tmp_path: Path) -> None:
    """What the line says about type and size does not count."""
    image = Image.from_file(save(tmp_path / "1.png", picture(1, "JPEG")))
    full = msgspec.to_builtins(image) | {"mime": "image/gif", "size_bytes": 1, "path": "1.png"}
    save_lines(tmp_path / "own.jsonl", [PLAIN | {"images": [full]}])
    (held,), _ = load(f"jsonl:{tmp_path}")
    assert held.images == (image,)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "Expected `str`, got `null` - at `$.id`; the value is None"),
        ({"turns": 5}, "Expected `array`, got `int` - at `$.turns`; the value is 5"),
        ({"turns": []}, "dialogue 'd1': turns is empty"),
        ({"turns": [{"user": 7}]}, "Expected `str`, got `int` - at `$.turns[0].user`; the value is 7"),
        ({"turns": ["hello"]}, "Expected `object`, got `str` - at `$.turns[0]`; the value is 'hello'"),
        ({"turns": [{"user": "a", "text": "b"}]}, "Object contains unknown field `text` - at `$.turns[0]`"),
        ({"colour": "red"}, "Object contains unknown field `colour`"),
        ({"images": "1.png"}, "Expected `array`, got `str` - at `$.images`; the value is '1.png'"),
        ({"images": [5]}, "Expected `object`, got `int` - at `$.images[0]`; the value is 5"),
        (
            {"images": [{"path": "1.png", "sha256": 5}]},
            "Expected `str`, got `int` - at `$.images[0].sha256`; the value is 5",
        ),
        (
            {"images": ["1.png"], "missing_images": 5},
            "Expected `array`, got `int` - at `$.missing_images`; the value is 5",
        ),
        ({"images": [""]}, "image path '' names no file"),
        ({"setting": "crescendo"}, "Invalid enum value 'crescendo' - at `$.setting`"),
        ({"modality": "multimodal"}, "dialogue 'd1': modality is multimodal and it has no image"),
    ],
)
def test_a_bad_line_is_refused_with_field_and_value(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    """Every wrong shape of a line is one sentence; none ends in another kind of error."""
    assert bad_line(tmp_path, PLAIN | changes) == reason


def test_a_line_without_an_id_is_refused_for_that(tmp_path: Path) -> None:
    """The missing field is named, not a default made from it."""
    assert bad_line(tmp_path, {"turns": PLAIN["turns"]}) == "Object missing required field `id`"


def test_an_unknown_field_of_an_image_is_refused(tmp_path: Path) -> None:
    """A caption in an image object would be lost; it is refused instead."""
    save(tmp_path / "1.png", picture())
    reason = bad_line(tmp_path, PLAIN | {"images": [{"path": "1.png", "caption": "a dog"}]})
    assert reason == "Object contains unknown field `caption` - at `$.images[0]`"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "d1", "turns": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply to be read"),
        (b'{"source": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001, "nested too deeply to be read"),
        (b'{"id": "\\ud83d", "turns": []}', "half of a surrogate pair"),
        (b'{"id": "\\ude00", "turns": []}', "half of a surrogate pair"),
        (b'{"id": "\xed\xa0\xbd"}', "'utf-8' codec can't decode byte 0xed"),
        (b'{"id": ' + b"9" * 10_000 + b"}", "Integer value out of range"),
        (b'{"id": NaN}', "JSON is malformed"),
        (b"[1]", "Expected `object`, got `array`"),
        (b"\x00\x01", "JSON is malformed"),
    ],
)
def test_a_hostile_line_is_refused_and_the_interpreter_lives(tmp_path: Path, line: bytes, reason: str) -> None:
    """Deep nesting, half characters, huge numbers and binary are refused with file and line."""
    path = save(tmp_path / "own.jsonl", json.dumps(PLAIN).encode() + b"\n" + line)
    assert refusal(f"jsonl:{path}").startswith(f"{path}, line 2: {reason}")


def test_a_whole_surrogate_pair_is_a_character(tmp_path: Path) -> None:
    """Escaped astral characters, as `json.dumps` writes them, load as themselves."""
    save(tmp_path / "own.jsonl", b'{"id": "\\ud83d\\ude00", "turns": [{"user": "a"}]}')
    assert load(f"jsonl:{tmp_path}")[0][0].id == "\U0001f600"


def test_a_long_line_is_read_whole(tmp_path: Path) -> None:
    """A turn of some megabytes is data like any other."""
    text = "long " * 1_000_000 + "end"
    save_lines(tmp_path / "own.jsonl", [{"id": "d1", "turns": [{"user": text}]}])
    assert load(f"jsonl:{tmp_path}")[0][0].turns[0].user == text


def test_a_folder_without_files_is_refused_with_what_was_wanted(tmp_path: Path) -> None:
    """The sentence names both kinds of file."""
    assert refusal(f"jsonl:{tmp_path}") == f"{tmp_path}: no .jsonl or .parquet file here"


def test_the_schema_admits_what_is_written_and_what_is_short(tmp_path: Path) -> None:
    """Written lines, the two-field line and plain image paths are valid under the printed schema."""
    validator = jsonschema.Draft202012Validator(input_schema())
    validator.check_schema(input_schema())
    validator.validate(json.loads(encode_dialogue(rich(Image.from_file(save(tmp_path / "1.png", picture()))))))
    validator.validate(PLAIN)
    validator.validate({"id": "d1", "images": ["1.png"], "turns": [{"user": "a", "images": ["2.png"]}]})


@pytest.mark.parametrize(
    "line",
    [
        {"turns": [{"user": "a"}]},
        {"id": "d1"},
        {"id": 1, "turns": []},
        {"id": "d1", "turns": [{"reply": "a"}]},
        {"id": "d1", "turns": [{"user": "a", "text": "b"}]},
        {"id": "d1", "turns": [{"user": "a"}], "intent": "harmful"},
        {"id": "d1", "turns": [{"user": "a"}], "images": [5]},
        {"id": "d1", "turns": [{"user": "a"}], "source": {"a": {"b": 1}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path, line: dict[str, Any]) -> None:
    """A line the schema finds fault with does not load either."""
    assert not jsonschema.Draft202012Validator(input_schema()).is_valid(line)
    assert bad_line(tmp_path, line)
