"""MTMCS-Bench at its published size and in the layout of the hub: parquet with the pictures inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.mtmcs_rows import PUBLISHED_ROWS, mtmcs_row, photo, save_as_parquet
from benchmarks.samples import load, refusal

pytestmark = pytest.mark.extra("hub")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("huggingface_hub")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the published size and layout."""
    return save_as_parquet(tmp_path_factory.mktemp("hub") / "MCS-bench")


def test_the_published_set_gives_the_published_numbers(published: Path) -> None:
    """752 rows a split give 6,016 dialogues and 18,048 questions: 12,032 mcq and 6,016 true/false, in 752 groups."""
    held, notes = load(f"mtmcs:{published}")
    kinds = Counter(question.kind for dialogue in held for question in dialogue.questions)
    assert len(held) == len({dialogue.id for dialogue in held}) == 6016
    assert kinds == {"mcq": 12032, "true_false": 6016}
    assert set(Counter(dialogue.group for dialogue in held).values()) == {8}
    assert dict(notes.quirks) == {
        "row of type_a (escalation)": PUBLISHED_ROWS,
        "row of type_b (context_switch)": PUBLISHED_ROWS,
        "dialogue made of these rows": 6016,
        "question about these dialogues": 18048,
    }
    assert (notes.missing_images, notes.bad) == (0, [])


def test_both_splits_share_the_stored_pictures(published: Path) -> None:
    """A picture is stored once by content; the variants are not even read when they are not wanted."""
    held, _ = load(f"mtmcs:{published}")
    shown = {dialogue.group: dialogue.images[0] for dialogue in held if dialogue.images}
    assert len(list(Path("runs/images").iterdir())) == len({image.sha256 for image in shown.values()}) == 752
    assert shown["300"].read_bytes() == photo(300)


def test_text_only_dialogues_store_no_picture(published: Path) -> None:
    """Without the multimodal half no image column is read."""
    held, _ = load(f"mtmcs:{published},modality=unimodal")
    assert len(held) == 3008
    assert not Path("runs").exists()


def test_all_pictures_give_four_pairs_a_row(tmp_path: Path) -> None:
    """The photograph and three variants: with the text-only pair 10 dialogues and 30 questions for each row."""
    held, notes = load(f"mtmcs:{save_as_parquet(tmp_path / 'set', rows=2)},images=all")
    assert (len(held), notes.quirks["question about these dialogues"]) == (40, 120)
    shown = {dialogue.id: dialogue.images[0].read_bytes() for dialogue in held if dialogue.images}
    assert shown["type_b/1/multimodal/variant_3/safe"] == photo(1, 3)
    assert len(set(shown.values())) == 8


def test_captions_come_from_the_file_of_the_official_repository(published: Path) -> None:
    """Its name is known, and it lies in the folder that is opened, above the data."""
    held, _ = load(f"mtmcs:{published},split=type_b,modality=unimodal")
    assert held[-1].source["caption"] == "A shelf with item 751."


def test_a_picture_that_is_null_is_refused_by_row(tmp_path: Path) -> None:
    """A row of a table has a number and an id."""
    row = mtmcs_row("type_a", 3) | {"image": {"bytes": None, "path": None}}
    (tmp_path / "set").mkdir()
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "set/type_a.parquet")
    assert refusal("mtmcs:set") == (
        "set/type_a.parquet, row 1 (id 3): image 'images/3.png' is not there; "
        "with ,modality=unimodal no images are needed"
    )


def test_a_hub_id_takes_options(tmp_path: Path) -> None:
    """What follows the id is no part of it; the data set is the one in the hub's own cache."""
    repo = tmp_path / "home/hub/datasets--owner--MCS-bench"
    commit = "5f" * 20
    save_as_parquet(repo / "snapshots" / commit, rows=1)
    (repo / "refs").mkdir()
    (repo / "refs/main").write_text(commit)
    script = (
        "import json, sys\n"
        "from turnwise.benchmarks import LoadNotes, open_benchmark, stream\n"
        "print(json.dumps([one.id for one in stream(open_benchmark(sys.argv[1]), LoadNotes())]))\n"
    )
    spelling = "mtmcs:owner/MCS-bench,split=type_a,modality=multimodal"
    environment = os.environ | {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", script, spelling]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["type_a/0/multimodal/unsafe", "type_a/0/multimodal/safe"]
