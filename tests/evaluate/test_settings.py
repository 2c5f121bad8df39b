"""What counts as the same run, where it lies, and where its report goes."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from evaluate.answering import QUICK, benchmark_of
from rollout.recording import scripted
from turnwise import __version__
from turnwise.errors import SettingsChanged
from turnwise.evaluate import RunSettings, default_path, evaluate, report_path, stored_settings
from turnwise.runfile import Reader

_SAFE = re.compile(r"[A-Za-z0-9.-]+-[0-9a-f]{8}", re.ASCII)


def content(path: Path) -> bytes:
    """The bytes of a file."""
    return path.read_bytes()


@pytest.fixture
async def settings(tmp_path: Path, run: Path) -> RunSettings:
    """The settings a finished run was made under."""
    made = RunSettings(benchmarks=(benchmark_of(tmp_path / "b.jsonl", scripted(2), scripted(1, name="d2")),))
    await evaluate(made, run, machinery=QUICK)
    return made


@pytest.mark.parametrize(
    ("name", "value", "stored", "now"),
    [
        ("target", "simulated:steady", '"simulated:eroding"', '"simulated:steady"'),
        ("seed", 7, "0", "7"),
        ("history", "live", "null", '"live"'),
        ("placement", "every", '"first"', '"every"'),
        ("limit", 1, "null", "1"),
        ("temperature", 0.5, "0.0", "0.5"),
        ("temperature", None, "0.0", "null"),
        ("max_tokens", 10, "1024", "10"),
        ("judge_sees", "neither", '"image"', '"neither"'),
        ("skip_bad", True, "false", "true"),
    ],
)
async def test_changed_setting_is_refused_and_shown(
    settings: RunSettings, run: Path, *, name: str, value: Any, stored: str, now: str
) -> None:
    """The sentence names the setting with its stored and its new value, and nothing else; the file stays."""
    changed = {field: getattr(settings, field) for field in RunSettings.__struct_fields__} | {name: value}
    before = content(run)
    with pytest.raises(SettingsChanged) as error:
        await evaluate(RunSettings(**changed), run, machinery=QUICK)
    first, *differences = str(error.value).splitlines()
    assert first == f"{run} was made under other settings; use those, or another --out for a new run:"
    assert differences == [f"  {name}: {stored} in the file, {now} now"]
    assert content(run) == before


async def test_every_difference_is_shown(settings: RunSettings, run: Path) -> None:
    """Several changes are listed together, those that follow from a judge's rubric included."""
    changed = RunSettings(
        benchmarks=settings.benchmarks, target="simulated:steady", judges=("safemt:simulated:steady",)
    )
    with pytest.raises(SettingsChanged) as error:
        await evaluate(changed, run, machinery=QUICK)
    names = [line.strip().split(":")[0] for line in str(error.value).splitlines()[1:]]
    assert names == ["target", "judges", "rubric_sha256"]


async def test_edited_benchmark_file_is_refused(settings: RunSettings, tmp_path: Path, run: Path) -> None:
    """The run holds the dialogues of the file as it was; under another content it is another run."""
    with (tmp_path / "b.jsonl").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(SettingsChanged, match=r"benchmark_files_sha256: .*b\.jsonl.* in the file, .*b\.jsonl.* now"):
        await evaluate(settings, run, machinery=QUICK)


async def test_edited_table_of_a_judge_is_refused(tmp_path: Path, run: Path) -> None:
    """Labels from a table are a rubric too."""
    table = tmp_path / "labels.jsonl"
    table.write_text('{"id": "d1", "label": "safe"}\n')
    settings = RunSettings(benchmarks=(benchmark_of(tmp_path / "b.jsonl", scripted(1)),), judges=(f"scripted:{table}",))
    await evaluate(settings, run, machinery=QUICK)
    table.write_text('{"id": "d1", "label": "unsafe"}\n')
    with pytest.raises(SettingsChanged, match="rubric_sha256"):
        await evaluate(settings, run, machinery=QUICK)


async def test_other_version_of_the_package_is_refused(settings: RunSettings, run: Path) -> None:
    """A later turnwise may count otherwise, so it does not continue an earlier one's run."""
    database = sqlite3.connect(run)
    database.execute("UPDATE settings SET value = '\"0.0.1\"' WHERE name = 'turnwise_version'")
    database.commit()
    database.close()
    with pytest.raises(SettingsChanged, match=rf'turnwise_version: "0\.0\.1" in the file, "{__version__}" now'):
        await evaluate(settings, run, machinery=QUICK)


async def test_machinery_may_differ(settings: RunSettings, run: Path) -> None:
    """How fast a run goes is no setting of it."""
    await evaluate(settings, run)


async def test_stored_settings_are_those_of_the_run(settings: RunSettings, run: Path) -> None:
    """The file gives back the very settings, so that a judge can be added under them."""
    with Reader(run) as reader:
        assert stored_settings(reader) == settings
        assert {"turnwise_version", "dataset_sha256", "load_notes"} <= reader.settings().keys()


@pytest.mark.parametrize(
    "target",
    [
        "openai:org/model:7b@http://127.0.0.1:8000/v1",
        "openai:../../../etc/passwd",
        "openai:..",
        "openai:模型@http://h/v1",
        "openai:-rf *;$(id)\n\x00",
        "scripted:/some/where/a b.jsonl",
        "openai:" + "x" * 500,
        "simulated:steady,rate=0.5,seed=7",
        "",
    ],
)
def test_default_path_is_one_safe_folder_under_runs(target: str) -> None:
    """Whatever a model is called, the run lies at runs/NAME-DIGEST/run.sqlite in plain characters."""
    path = default_path(RunSettings(target=target, benchmarks=("safemt:../a b/é",)), "1.0")
    runs, folder, name = path.parts
    assert (runs, name) == ("runs", "run.sqlite")
    assert _SAFE.fullmatch(folder)
    assert folder.startswith("safemt")
    assert len(folder) <= 70


def test_default_path_is_the_same_for_the_same_settings_only() -> None:
    """The same command finds its run again; any other setting or version has a place of its own."""
    settings = RunSettings(target="openai:a/b@http://h:1/v1")
    others = [
        RunSettings(target="openai:a/b@http://h:2/v1"),
        RunSettings(target="openai:c/b@http://h:1/v1"),
        RunSettings(target=settings.target, seed=1),
        RunSettings(target=settings.target, benchmarks=("starter", "cosafe:x")),
    ]
    assert default_path(settings, "1.0") == default_path(RunSettings(target=settings.target), "1.0")
    places = {default_path(each, "1.0") for each in (settings, *others)} | {default_path(settings, "1.1")}
    assert len(places) == 6


@pytest.mark.parametrize(
    ("run_name", "report_name"),
    [
        ("run.sqlite", "report.html"),
        ("mine.sqlite", "mine.html"),
        ("mine.db", "mine.html"),
        ("mine", "mine.html"),
        ("model-1.5", "model-1.5.html"),
        ("mine.html", "mine.html.html"),
        ("report.html", "report.html.html"),
    ],
)
def test_report_lies_beside_its_run_and_never_on_it(run_name: str, report_name: str) -> None:
    """Each run has a report of its own in the same folder, whatever the run is called."""
    run = Path("some/where") / run_name
    assert report_path(run) == Path("some/where") / report_name
    assert report_path(run) != run


def test_reports_of_parts_have_names_that_differ_and_fit_a_folder() -> None:
    """A long part is cut, and what was cut off still tells two of them apart."""
    run, judge = Path("run.sqlite"), f"mtmcs:openai:{'m' * 300}"
    assert report_path(run, "mtmcs:openai:m@http://host/v1,sees=caption") == Path(
        "report.mtmcs-openai-m-http-host-v1-sees=caption.html"
    )
    names = {report_path(run, *parts).name for parts in ((), ("a",), ("a", "b"), (judge,), (f"{judge},sees=caption",))}
    assert len(names) == 5
    assert max(map(len, names)) < 120
