"""The measured tables of docs/reproduce.md are what the tool writes today."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from docs.doc_blocks import ROOT


def test_both_scorings_still_give_the_tables_of_the_page(tmp_path: Path) -> None:
    """Measuring anew writes the page as it stands; every draw is seeded."""
    page = ROOT / "docs/reproduce.md"
    copy = Path(shutil.copy(page, tmp_path))
    subprocess.run([sys.executable, ROOT / "tools/measure_reproduction.py", "--into", copy], check=True)
    assert copy.read_text("utf-8") == page.read_text("utf-8")
    assert copy.read_text("utf-8").count("| ---: |") >= 4
