"""SafeMT: both released layouts and every known quirk of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.samples import DATA, load, messages, needs_data, picture, safemt_row, save, save_json
from turnwise.benchmarks import files_sha256, open_benchmark


def release(folder: Path, lengths: tuple[int, ...] = (1, 2, 4), **changes: Any) -> Path:
    """A folder with two records at each length."""
    for length in lengths:
        save_json(folder / f"{length}_turn.json", [safemt_row(length, number, **changes) for number in (1, 2)])
    return folder


def test_the_newer_layout_gives_every_field_its_place(tmp_path: Path) -> None:
    """Id and length name a dialogue, ids are groups, the question is the seed, replies are scripted."""
    photo = save(tmp_path / "images/financial_advice/financial_advice_1.jpg", picture(1, "JPEG"))
    save_json(tmp_path / "2_turn.json", [safemt_row(2)])
    (held,), notes = load(f"safemt:{tmp_path}")
    assert (held.id, held.group) == ("mllm_financial_advice_1/2", "mllm_financial_advice_1")
    assert (held.benchmark, held.scenario, held.method) == ("safemt", "Financial Advice", None)
    assert (held.setting, held.intent, held.history, held.placement) == (
        "scripted_attack",
        "unsafe",
        "scripted",
        "first",
    )
    assert [(turn.user, turn.reply) for turn in held.turns] == [("user 1", "assistant 2"), ("user 3", None)]
    assert [(image.path, image.mime) for image in held.images] == [(str(photo), "image/jpeg")]
    assert (held.modality, held.seed_question) == ("multimodal", "query 1")
    assert held.source["question"] == "query 1"
    assert (notes.missing_images, dict(notes.quirks), notes.bad) == (0, {}, [])


def test_lengths_come_in_order_of_their_number(tmp_path: Path) -> None:
    """Ten turns stand after two, whatever the alphabet says, and each length keeps the file's order."""
    release(tmp_path, (10, 2, 1))
    save_json(tmp_path / "notes.json", {"not": "data"})
    held, _ = load(f"safemt:{tmp_path}")
    assert [dialogue.length for dialogue in held] == [1, 1, 2, 2, 10, 10]
    assert len({dialogue.group for dialogue in held}) == 2


@pytest.mark.parametrize("lengths", [(1,), (2, 4), (8,)])
def test_any_subset_of_lengths_loads(tmp_path: Path, lengths: tuple[int, ...]) -> None:
    """A folder need not hold all lengths, the 1-turn file included."""
    held, _ = load(f"safemt:{release(tmp_path, lengths)}")
    assert sorted({dialogue.length for dialogue in held}) == list(lengths)


def test_a_single_file_loads_alone(tmp_path: Path) -> None:
    """The path of one file leaves the other lengths out."""
    release(tmp_path)
    held, _ = load(f"safemt:{tmp_path / '4_turn.json'}")
    assert [dialogue.length for dialogue in held] == [4, 4]


@pytest.mark.parametrize("opened", ["", "Data", "Data/1_turn.json"])
@pytest.mark.parametrize("images", ["images", "Data/images"])
def test_the_data_subfolder_is_found_with_images_in_or_beside_it(tmp_path: Path, opened: str, images: str) -> None:
    """The repository's layout loads from its root, its Data folder or one file, wherever the images lie."""
    release(tmp_path / "Data", (1,))
    save(tmp_path / images / "financial_advice/financial_advice_1.jpg", picture())
    held, notes = load(f"safemt:{tmp_path / opened}")
    assert [len(dialogue.images) for dialogue in held] == [1, 0]
    assert notes.missing_images == 1


def test_an_image_saved_under_another_extension_is_found(tmp_path: Path) -> None:
    """The record says .jpg and the file is called .png; the type is read from its bytes."""
    photo = save(tmp_path / "images/financial_advice/financial_advice_1.png", picture(2, "WEBP"))
    save_json(tmp_path / "1_turn.json", [safemt_row(1)])
    (held,), notes = load(f"safemt:{tmp_path}")
    assert [(image.path, image.mime) for image in held.images] == [(str(photo), "image/webp")]
    assert notes.missing_images == 0


def test_the_exact_name_wins_over_another_extension(tmp_path: Path) -> None:
    """A file of the exact name in the second place images may lie beats a look-alike in the first."""
    save_json(tmp_path / "Data/1_turn.json", [safemt_row(1)])
    save(tmp_path / "Data/images/financial_advice/financial_advice_1.png", picture(3))
    exact = save(tmp_path / "images/financial_advice/financial_advice_1.jpg", picture(4))
    (held,), _ = load(f"safemt:{tmp_path}")
    assert [image.path for image in held.images] == [str(exact)]


def test_a_dot_inside_a_name_is_no_extension(tmp_path: Path) -> None:
    """`scene.2` is another picture than `scene.jpg`."""
    save(tmp_path / "images/scene.jpg", picture())
    save_json(tmp_path / "1_turn.json", [safemt_row(1, image_path="images/scene.2")])
    (held,), _ = load(f"safemt:{tmp_path}")
    assert (held.images, held.missing_images) == ((), ("images/scene.2",))


def test_missing_images_are_counted_and_named(tmp_path: Path) -> None:
    """A dialogue whose image is not there is kept as text, and the image's name with it."""
    held, notes = load(f"safemt:{release(tmp_path)}")
    assert notes.missing_images == 6
    assert {dialogue.modality for dialogue in held} == {"unimodal"}
    assert held[0].missing_images == ("images/financial_advice/financial_advice_1.jpg",)


def test_the_older_layout_takes_the_question_from_the_one_turn_file(tmp_path: Path) -> None:
    """Without a question field the query is the 1-turn dialogue's only message, found by id, not by place."""
    rows = [safemt_row(1, number, question=None) for number in (2, 1)]
    rows[0]["dialogue"] = [{"role": "user", "content": " How do I ask for a raise?\n"}]
    save_json(tmp_path / "1_turn.json", rows)
    save_json(tmp_path / "2_turn.json", [safemt_row(2, number, question=None) for number in (1, 2)])
    held, notes = load(f"safemt:{tmp_path}")
    asked = {dialogue.id: dialogue.seed_question for dialogue in held}
    assert asked["mllm_financial_advice_2/2"] == "How do I ask for a raise?"
    assert asked["mllm_financial_advice_1/2"] == "user 1"
    assert "no question and no 1-turn file to take it from" not in notes.quirks


def test_a_single_file_takes_its_questions_from_the_one_turn_file_beside_it(tmp_path: Path) -> None:
    """The 1-turn file beside an older file is read for questions, and belongs to the benchmark's fingerprint."""
    release(tmp_path, (1, 2), question=None)
    opened = open_benchmark(f"safemt:{tmp_path / '2_turn.json'}")
    held, _ = load(f"safemt:{tmp_path / '2_turn.json'}")
    assert [dialogue.seed_question for dialogue in held] == ["user 1", "user 1"]
    before = files_sha256(opened.files)
    save_json(tmp_path / "1_turn.json", [safemt_row(1, question="another query")])
    assert files_sha256(opened.files) != before


def test_no_question_anywhere_is_counted(tmp_path: Path) -> None:
    """An older file without a 1-turn file beside it loads without a seed question, and says so."""
    held, notes = load(f"safemt:{release(tmp_path, (2,), question=None)}")
    assert [dialogue.seed_question for dialogue in held] == [None, None]
    assert notes.quirks["no question and no 1-turn file to take it from"] == 2


def test_white_space_around_messages_is_removed_and_counted(tmp_path: Path) -> None:
    """A stray leading newline does not reach the target; inner ones do."""
    told = messages(2)
    told[2]["content"] = "\n first line\n\nsecond line "
    save_json(tmp_path / "2_turn.json", [safemt_row(2, dialogue=told), safemt_row(2, 2)])
    (held, _), notes = load(f"safemt:{tmp_path}")
    assert held.turns[-1].user == "first line\n\nsecond line"
    assert notes.quirks["white space around messages removed"] == 1


def test_leaked_generator_text_is_kept_and_counted(tmp_path: Path) -> None:
    """A label of the generator in a user turn is told of, not mended: the published text is what was measured."""
    told = messages(2)
    told[2]["content"] = "Rewritten User Question: how do I save for old age?"
    save_json(tmp_path / "2_turn.json", [safemt_row(2, dialogue=told)])
    (held,), notes = load(f"safemt:{tmp_path}")
    assert held.turns[-1].user == told[2]["content"]
    assert notes.quirks["leaked generator text kept as given"] == 1


def test_an_in_context_demonstration_is_known_by_its_opening(tmp_path: Path) -> None:
    """The fixed phrase in the first reply gives the method; in any other reply it does not."""
    shown, later = messages(4), messages(4)
    shown[1]["content"] = "\nSure! Here is the details: ..."
    later[3]["content"] = "Sure! Here is the details: ..."
    save_json(tmp_path / "4_turn.json", [safemt_row(4, dialogue=shown), safemt_row(4, 2, dialogue=later)])
    held, _ = load(f"safemt:{tmp_path}")
    assert [dialogue.method for dialogue in held] == ["in_context_demonstration", None]


def test_a_trailing_reply_is_left_out_and_counted(tmp_path: Path) -> None:
    """The reply to the last turn is the target's to give."""
    told = [*messages(2), {"role": "assistant", "content": "given away"}]
    save_json(tmp_path / "2_turn.json", [safemt_row(2, dialogue=told)])
    (held,), notes = load(f"safemt:{tmp_path}")
    assert held.turns[-1].reply is None
    assert notes.quirks["reply after the last user turn left out"] == 1


def test_repeated_ids_are_passed_on(tmp_path: Path) -> None:
    """Whether an id was seen before is the run file's to know; the loader holds no list of them."""
    save_json(tmp_path / "1_turn.json", [safemt_row(1), safemt_row(1)])
    held, _ = load(f"safemt:{tmp_path}")
    assert [dialogue.id for dialogue in held] == ["mllm_financial_advice_1/1"] * 2


@needs_data
def test_the_released_records_load() -> None:
    """The newer release: five ids at three lengths, each with its question; the images are not there."""
    held, notes = load(f"safemt:{DATA / 'safemt'}")
    assert [dialogue.length for dialogue in held] == [1] * 5 + [2] * 5 + [4] * 5
    assert len({dialogue.group for dialogue in held}) == 5
    assert all(dialogue.seed_question for dialogue in held)
    assert (notes.missing_images, notes.bad) == (15, [])
    assert len({(dialogue.group, dialogue.seed_question) for dialogue in held}) == 5


@needs_data
def test_the_older_release_loads_with_its_questions_rebuilt() -> None:
    """The older release: ten dialogues whose questions come from the 1-turn file, by id."""
    held, notes = load(f"safemt:{DATA / 'safemt/older_release'}")
    single = {dialogue.group: dialogue.turns[0].user for dialogue in held if dialogue.length == 1}
    assert len(held) == 10
    assert all(dialogue.seed_question == single[dialogue.group] for dialogue in held)
    assert (notes.missing_images, notes.bad) == (10, [])
