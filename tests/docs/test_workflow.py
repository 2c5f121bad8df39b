"""The workflow in docs/comparing.md: its own commands, run as GitHub would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.doc_blocks import ROOT

PAGE = (ROOT / "docs" / "comparing.md").read_text("utf-8")
(WORKFLOW,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
STEPS = re.findall(r"^ +- run: (.+)$", WORKFLOW, re.MULTILINE)
(TARGET,) = re.findall(r"TARGET: (\S+)", WORKFLOW)


def bash(command: str, folder: Path, target: str) -> int:
    """The exit code of a step."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TARGET": target,
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    return subprocess.run(["bash", "-ec", command], cwd=folder, env=environment, timeout=300, check=False).returncode


@pytest.mark.parametrize(("target", "code"), [(TARGET, 0), ("simulated:gullible", 1)])
def test_the_workflow_passes_its_target_and_stops_a_worse_one(tmp_path: Path, target: str, code: int) -> None:
    """After the installation: the run is complete, the gates decide, and both files are there in either case."""
    install, run, check = STEPS
    baseline = run.replace("candidate.sqlite", "baseline.sqlite")

    assert install == "pip install turnwise"
    assert bash(baseline, tmp_path, "simulated:eroding") == 0
    assert bash(run, tmp_path, target) == 0
    assert bash(check, tmp_path, target) == code

    (suite,) = ET.parse(tmp_path / "gates.xml").getroot()
    assert (suite.get("failures") == "0") is (code == 0)
    assert "### turnwise: " in (tmp_path / "summary.md").read_text()
