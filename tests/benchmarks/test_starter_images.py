"""The shipped pictures: drawn by the script in the repository, the same at every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src/turnwise/benchmarks/starter/data/images"
HANDFUL = ("kitchen_counter", "bus_stop", "science_lab", "bias_1", "political_2")


def test_shipped_pictures_are_what_the_script_draws() -> None:
    """Redrawing every shipped picture gives the shipped pixels, and each has a drawing."""
    outcome = _script("--check", *sorted(file.stem for file in SHIPPED.glob("*.png")))
    assert (outcome.returncode, outcome.stdout) == (0, "95 pictures are as drawn\n"), outcome.stderr


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write files that are equal byte for byte."""
    for run in ("first", "second"):
        assert _script(*HANDFUL, "--folder", str(tmp_path / run)).returncode == 0
    for name in HANDFUL:
        assert (tmp_path / f"first/{name}.png").read_bytes() == (tmp_path / f"second/{name}.png").read_bytes()


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.png")), ids=lambda file: file.stem)
def test_picture_is_small_and_of_one_size(file: Path) -> None:
    """A picture is a 640 x 480 PNG with a palette, more than a dozen colours and at most 30 kB."""
    with Image.open(file) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (640, 480), "P")
        assert len(picture.getcolors() or ()) > 12
    assert file.stat().st_size < 30_000


def test_check_names_a_picture_that_was_touched(tmp_path: Path) -> None:
    """`--check` exits 1 and names the files that are missing or not as drawn, and no other."""
    (tmp_path / "bus_stop.png").write_bytes((SHIPPED / "bus_stop.png").read_bytes())
    (tmp_path / "bias_1.png").write_bytes((SHIPPED / "bias_2.png").read_bytes())
    outcome = _script("bus_stop", "bias_1", "park_dog", "--folder", str(tmp_path), "--check")
    assert (outcome.returncode, outcome.stdout) == (1, "bias_1.png differs\npark_dog.png differs\n")


def test_unknown_picture_is_refused() -> None:
    """A name without a drawing ends in exit code 2 and is named."""
    outcome = _script("no_such_scene")
    assert outcome.returncode == 2
    assert "no_such_scene" in outcome.stderr


def _script(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/draw_starter_images.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
