"""MTMCS-Bench data with faults in it: each is one sentence with file, record, field and value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.mtmcs_rows import PUBLISHED_ROWS, mtmcs_row, save_as_lines, save_captions
from benchmarks.samples import load, load_skipping, refusal, save, save_json, save_lines
from turnwise.benchmarks.mtmcs import MtmcsOptions
from turnwise.benchmarks.mtmcs.arithmetic import Tally
from turnwise.dialogue import Dialogue
from turnwise.errors import DataError


def one_bad(folder: Path, split: str = "type_a", **changes: Any) -> str:
    """The refusal of a file whose second row has the changes, without the words that say where it stands."""
    save_lines(folder / f"{split}.jsonl", [mtmcs_row(split, 0), mtmcs_row(split, 1, **changes)])
    sentence = refusal(f"mtmcs:{folder},modality=unimodal")
    return sentence.removeprefix(f"{folder}/{split}.jsonl, line 2").removeprefix(" (id 1)").removeprefix(": ")


def texts(split: str, **changes: str) -> dict[str, str]:
    """The text-only messages of a row, with changes."""
    given: dict[str, str] = mtmcs_row(split, 1)["unimodal_dialogue"] | changes
    return given


def mcq(**changes: Any) -> list[dict[str, Any]]:
    """The multiple-choice questions of a row, the third with changes."""
    asked: list[dict[str, Any]] = mtmcs_row("type_a", 1)["unimodal_mcq"]
    return [*asked[:2], asked[2] | changes, asked[3]]


A_FILLS = "a type_a row fills r1, r2, unsafe_r3, safe_r3"
B_FILLS = "a type_b row fills unsafe_r1, r2, r3, safe_r1"


@pytest.mark.parametrize(
    ("split", "changes", "sentence"),
    [
        ("type_a", {"r2": ""}, f"unimodal_dialogue.r2 is empty; {A_FILLS}"),
        ("type_a", {"safe_r3": " \n"}, f"unimodal_dialogue.safe_r3 is empty; {A_FILLS}"),
        ("type_a", {"r3": "Where?"}, "unimodal_dialogue.r3 is 'Where?'; in a type_a row it is empty"),
        ("type_a", {"unsafe_r1": "Why?"}, "unimodal_dialogue.unsafe_r1 is 'Why?'; in a type_a row it is empty"),
        ("type_b", {"safe_r1": ""}, f"unimodal_dialogue.safe_r1 is empty; {B_FILLS}"),
        ("type_b", {"r1": "Hm?"}, "unimodal_dialogue.r1 is 'Hm?'; in a type_b row it is empty"),
        ("type_b", {"unsafe_r3": "Hm?"}, "unimodal_dialogue.unsafe_r3 is 'Hm?'; in a type_b row it is empty"),
    ],
)
def test_a_field_filled_otherwise_than_its_split_fills_it_is_refused(
    tmp_path: Path, split: str, changes: dict[str, str], sentence: str
) -> None:
    """No other field stands in for one that is empty, as the official code lets it."""
    assert one_bad(tmp_path, split, unimodal_dialogue=texts(split, **changes)) == sentence


def test_a_row_under_the_name_of_the_other_split_is_refused(tmp_path: Path) -> None:
    """What a file is named for and what its rows fill must agree."""
    save_lines(tmp_path / "type_b.jsonl", [mtmcs_row("type_a", 4)])
    assert refusal(f"mtmcs:{tmp_path}") == (
        f"{tmp_path}/type_b.jsonl, line 1 (id 4): multimodal_dialogue.unsafe_r1 is empty; {B_FILLS}"
    )


def test_a_row_that_tells_no_split_is_refused(tmp_path: Path) -> None:
    """In a file named for neither split, the filled fields must be those of one."""
    save_lines(tmp_path / "rows.jsonl", [mtmcs_row("type_a", 4, multimodal_dialogue={"r1": "a", "r2": "b", "r3": "c"})])
    assert refusal(f"mtmcs:{tmp_path}") == (
        f"{tmp_path}/rows.jsonl, line 1 (id 4): multimodal_dialogue fills r1, r2, r3, and the file's name says neither "
        "type_a (r1, r2, unsafe_r3, safe_r3) nor type_b (unsafe_r1, r2, r3, safe_r1)"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unimodal_mcq": mcq()[:3]}, "unimodal_mcq has 3 questions; a row has 4"),
        ({"unimodal_mcq": None}, "unimodal_mcq has 0 questions; a row has 4"),
        ({"multimodal_tf": []}, "multimodal_tf has 0 questions; a row has 2"),
        ({"unimodal_mcq": mcq(question=" ")}, "unimodal_mcq[2].question is empty"),
        (
            {"unimodal_mcq": mcq(question_type="neutral")},
            "unimodal_mcq[2].question_type is 'neutral'; it begins with safe or unsafe",
        ),
        ({"unimodal_mcq": mcq(options=["a", "b", "c"])}, "unimodal_mcq[2].options has 3 entries; a question has 4"),
        ({"unimodal_mcq": mcq(options=[*"abcde"])}, "unimodal_mcq[2].options has 5 entries; a question has 4"),
        (
            {"unimodal_mcq": mcq(options=["a", "", "c", "d"])},
            "unimodal_mcq[2].options has an empty entry: ['a', '', 'c', 'd']",
        ),
        ({"unimodal_mcq": mcq(ground_truth="E")}, "unimodal_mcq[2].ground_truth is 'E'; it is one of A, B, C, D"),
        ({"unimodal_mcq": mcq(ground_truth="")}, "unimodal_mcq[2].ground_truth is ''; it is one of A, B, C, D"),
        (
            {"unimodal_tf": [{"question": "a", "ground_truth": "True"}] * 2},
            "Expected `bool`, got `str` - at `$.unimodal_tf[0].ground_truth`; the value is 'True'",
        ),
        ({"unimodal_tf": [{"question": "", "ground_truth": True}] * 2}, "unimodal_tf[0].question is empty"),
        ({"unimodal_dialogue": None}, "Object missing required field `unimodal_dialogue`"),
        ({"id": "1"}, "Expected `int`, got `str` - at `$.id`; the value is '1'"),
    ],
)
def test_a_bad_field_is_refused_with_its_value(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    """Every fault of a row is one sentence that says where it stands, what stands there and what belongs there."""
    assert one_bad(tmp_path, **changes) == sentence


def test_a_file_of_captions_is_no_benchmark(tmp_path: Path) -> None:
    """The sentence names the file and what was wanted, and not a line of it that breaks off."""
    (tmp_path / "captions.json").write_text('{\n "1": "a shop"\n}\n', "utf-8")
    assert refusal(f"mtmcs:{tmp_path}/captions.json") == (
        f"{tmp_path}/captions.json: one JSON value, such as captions; wanted the rows of MTMCS-Bench, as .parquet or "
        ".jsonl, or their folder"
    )


def test_a_missing_picture_is_refused(tmp_path: Path) -> None:
    """A multimodal dialogue is never held as a text-only one, which would be counted with those written to be."""
    folder = save_as_lines(tmp_path / "set")
    (folder / "images/1.png").unlink()
    assert refusal(f"mtmcs:{folder}") == (
        f"{folder}/type_a.jsonl, line 2 (id 1): image 'images/1.png' is not there; "
        "with ,modality=unimodal no images are needed"
    )
    held, _ = load(f"mtmcs:{folder},modality=unimodal")
    assert len(held) == 8


def test_variants_are_three(tmp_path: Path) -> None:
    """A row with other than three variants is refused when they are wanted, and only then."""
    save(tmp_path / "images/0.png", save_as_lines(tmp_path / "set", 1).joinpath("images/0.png").read_bytes())
    save_lines(tmp_path / "type_a.jsonl", [mtmcs_row("type_a", 0, variant_images=["images/0.png"])])
    sentence = refusal(f"mtmcs:{tmp_path / 'type_a.jsonl'},images=all")
    assert sentence.endswith("line 1 (id 0): variant_images has 1 entries; a row has 3")
    held, _ = load(f"mtmcs:{tmp_path / 'type_a.jsonl'}")
    assert len(held) == 4


def test_ids_without_a_caption_are_named_together(tmp_path: Path) -> None:
    """A captions file that lacks ids is refused once all rows are known, with the ids; empty captions are none."""
    save_lines(tmp_path / "type_a.jsonl", [mtmcs_row("type_a", number) for number in range(14)])
    save_json(tmp_path / "captions.json", {"0": "A shelf.", "2": " "})
    assert refusal(f"mtmcs:{tmp_path},modality=unimodal") == (
        f"{tmp_path}/captions.json: no caption for image 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more"
    )


def test_a_captions_file_of_another_form_is_refused(tmp_path: Path) -> None:
    """Captions are one JSON object of texts."""
    folder = save_as_lines(tmp_path / "set")
    save_json(folder / "captions.json", [{"id": 0, "caption": "A shelf."}])
    assert refusal(f"mtmcs:{folder}") == f"{folder}/captions.json: Expected `object`, got `array`"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("imges=all", "option of mtmcs 'imges' is not known; known: images, split, modality, captions"),
        ("images=some", "mtmcs: images 'some' is not known; known: base, variants, all"),
        ("split=a", "mtmcs: split 'a' is not known; known: type_a, type_b"),
        ("modality=text", "mtmcs: modality 'text' is not known; known: multimodal, unimodal"),
        ("images=all,images=base", "mtmcs: images is given twice"),
        ("captions=none.json", "mtmcs: captions: 'none.json' is no file"),
    ],
)
def test_a_wrong_option_is_refused(tmp_path: Path, options: str, sentence: str) -> None:
    """Options are read before any file is opened."""
    assert refusal(f"mtmcs:{tmp_path / 'none'},{options}") == sentence


def test_a_folder_without_data_is_refused_with_what_is_wanted(tmp_path: Path) -> None:
    """A captions file alone is no data, and files of the other split are not those asked for."""
    save_captions(tmp_path / "captions.json", [0])
    assert refusal(f"mtmcs:{tmp_path}") == (
        f"{tmp_path}: no MTMCS-Bench data here; wanted files such as data/type_a-00000-of-00001.parquet or type_a.jsonl"
    )
    save_lines(tmp_path / "type_a.jsonl", [mtmcs_row("type_a", 0)])
    assert refusal(f"mtmcs:{tmp_path},split=type_b") == (
        f"{tmp_path}: no type_b data here; all files are named for the other split"
    )


def published(folder: Path, **changes: Any) -> str:
    """The spelling of the text-only half of a set of the published size, with changes to row 7 of type_b."""
    for split in ("type_a", "type_b"):
        rows = [mtmcs_row(split, number) for number in range(PUBLISHED_ROWS)]
        if split == "type_b":
            rows[7] = mtmcs_row(split, 7, **changes)
        save_lines(folder / f"{split}.jsonl", rows)
    return f"mtmcs:{folder},modality=unimodal"


def test_a_set_of_the_published_size_gives_the_published_numbers(tmp_path: Path) -> None:
    """752 rows a split give half of 6,016 dialogues and half of 18,048 questions in one modality."""
    held, notes = load(published(tmp_path))
    assert len(held) == notes.quirks["dialogue made of these rows"] == 3008
    assert sum(len(dialogue.questions) for dialogue in held) == notes.quirks["question about these dialogues"] == 9024
    assert len({dialogue.group for dialogue in held}) == 752


def test_a_set_of_the_published_size_with_a_row_without_questions_is_refused(tmp_path: Path) -> None:
    """As large as the published set, it must be the published set."""
    missing = dict.fromkeys(("multimodal_mcq", "multimodal_tf", "unimodal_mcq", "unimodal_tf"))
    assert refusal(published(tmp_path, **missing)) == (
        f"{tmp_path}: as many rows as MTMCS-Bench, where each has questions, but type_b/7 has none"
    )


def test_a_set_of_the_published_size_with_other_ids_is_refused(tmp_path: Path) -> None:
    """A photograph is known by the same id in both splits, so ids must be the published ones."""
    assert refusal(published(tmp_path, id=752)) == (
        f"{tmp_path}: type_b has as many rows as MTMCS-Bench, whose ids are 0 to 751, but no id 7"
    )


def test_a_row_left_out_on_purpose_leaves_a_smaller_set(tmp_path: Path) -> None:
    """With --skip-bad the set is no longer the published one, and the row is listed."""
    held, notes = load_skipping(published(tmp_path, unimodal_mcq=[]))
    assert len(held) == 3006
    assert notes.bad == [f"{tmp_path}/type_b.jsonl, line 8 (id 7): unimodal_mcq has 0 questions; a row has 4"]


def test_the_arithmetic_is_checked_on_what_rows_gave(tmp_path: Path) -> None:
    """A dialogue or a question that went missing on the way is an error, however small the set."""
    held, _ = load(f"mtmcs:{save_as_lines(tmp_path / 'set', rows=1)},split=type_a")
    shorter = msgspec.structs.replace(held[3], questions=held[3].questions[1:])
    assert checked(held[:3]) == "set: 1 type_a rows gave 3 dialogues, where 4 belong to them"
    assert checked([*held[:3], shorter]) == "set: 1 type_a rows gave 11 questions, where 12 belong to them"


def checked(dialogues: Sequence[Dialogue]) -> str:
    """What the check of a whole set says to one type_a row that gave these."""
    tally = Tally(MtmcsOptions(split="type_a"))
    tally.add(0, "type_a", dialogues)
    with pytest.raises(DataError) as caught:
        tally.check(Path("set"), None)
    return str(caught.value)
