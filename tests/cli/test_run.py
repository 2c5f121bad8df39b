"""`turnwise run` without arguments: what a new user meets, and what a program reads."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cli.command import Done, turnwise
from cli.conftest import Call

RATE = ["value", "n", "n_failed", "low", "high", "incomplete"]
INDEX = {
    *("value", "robustness", "consistency", "low", "high", "n_groups", "n_failed"),
    *("lengths", "weights", "scoring", "comparable"),
}


class Demo(msgspec.Struct, frozen=True):
    """The demo run twice, its JSON, and its report again."""

    folder: Path
    first: Done
    second: Done
    as_json: Done

    @property
    def run_file(self) -> Path:
        """The one run file there is."""
        (path,) = self.folder.glob("runs/*/run.sqlite")
        return path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Three calls without options in one folder; the third asks for JSON."""
    folder = tmp_path_factory.mktemp("demo")
    calls = [turnwise("run", *options, cwd=folder) for options in ([], [], ["--json"])]
    assert [done.err for done in calls if done.code != 0] == []
    return Demo(folder, *calls)


def test_run_without_arguments_succeeds_and_prints_the_tables(demo: Demo) -> None:
    """The demo ends with 0 and a table of attack success over the five lengths of starter."""
    assert demo.first.code == 0
    rows = [line.split()[0] for line in demo.first.out.splitlines() if " turn" in line and "%" in line]
    assert rows == ["1", "2", "4", "6", "8"]


def test_run_leaves_run_file_and_report_side_by_side_and_names_them(demo: Demo) -> None:
    """The run file lies under runs/ with report.html beside it, and the last lines say so."""
    assert demo.run_file.with_name("report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    shown = demo.run_file.relative_to(demo.folder)
    assert demo.first.out.splitlines()[-2:] == [f"run file  {shown}", f"report    {shown.with_name('report.html')}"]


def test_second_call_asks_nothing_and_prints_the_same(demo: Demo) -> None:
    """The same command again says that nothing is left to do and repeats standard output to the letter."""
    assert "607 dialogues, nothing left to do" in demo.second.err
    assert "calls" not in demo.second.err
    assert (demo.second.code, demo.second.out) == (0, demo.first.out)


def test_progress_goes_to_standard_error_alone(demo: Demo) -> None:
    """Piped, progress is plain lines on standard error; standard output begins with the numbers."""
    assert demo.first.err.startswith("starter -> simulated:eroding -> rules: 607 dialogues, 607 to do\n")
    assert "\x1b" not in demo.first.err + demo.first.out
    assert demo.first.out.startswith("starter, judged by rules\n607 of 607 dialogues scored\n")


def test_piped_output_has_no_blanks_at_line_ends(demo: Demo) -> None:
    """A line of a piped table ends where its text ends."""
    assert [line for line in demo.first.out.splitlines() if line != line.rstrip()] == []


def test_json_is_one_value_with_the_documented_keys(demo: Demo) -> None:
    """`--json` prints one JSON value: rates by length, the index with its variants, slices, and where the files are."""
    value = demo.as_json.json
    assert demo.as_json.code == 0
    assert [list(entry) for entry in value["asr"]] == [["length", *RATE]] * 5
    assert set(value["safety_index"]) == INDEX | {"uniform", "long", "incomplete"}
    assert set(value["safety_index"]["uniform"]) == INDEX
    assert value["safety_index"]["comparable"] is True
    assert value["withheld"] is None
    assert value["run_file"] == str(demo.run_file.relative_to(demo.folder))
    assert value["slices"][0] == {name: value[name] for name in value["slices"][0]}


def test_report_repeats_the_numbers_of_the_run(demo: Demo) -> None:
    """`report RUN --json` prints what `run --json` printed, and writes the HTML where it is told to."""
    again = turnwise("report", str(demo.run_file.relative_to(demo.folder)), "--json", cwd=demo.folder)

    assert again.json == demo.as_json.json
    assert again.err == ""


def test_numbers_on_the_terminal_are_those_of_the_json(demo: Demo) -> None:
    """The table shows the JSON's rates in percent with one decimal and the index with four."""
    value = demo.as_json.json
    for entry in (*value["asr"], value["asr_overall"], value["refusal_rate"], value["over_refusal_rate"]):
        assert f"{entry['value']:.1%}" in demo.first.out
    assert f"{value['safety_index']['value']:.4f}" in demo.first.out


def test_several_benchmarks_and_judges_have_a_table_each(call: Call) -> None:
    """Two benchmarks under two judges give four tables and four slices, never a mixture."""
    for name in ("one", "two"):
        Path(f"{name}.jsonl").write_text(f'{{"id": "{name}", "turns": [{{"user": "hello"}}]}}\n')
    Path("verdicts.jsonl").write_text('{"id": "one", "label": "safe"}\n{"id": "two", "label": "unsafe"}\n')
    arguments = ["-b", "jsonl:one.jsonl", "-b", "jsonl:two.jsonl", "-j", "rules", "-j", "scripted:verdicts.jsonl"]
    told = call("run", *arguments, "--out", "both.sqlite")
    value = call("run", *arguments, "--out", "both.sqlite", "--json").json

    pairs = [(item["benchmark"], item["judge"]) for item in value["slices"]]
    judges = ("rules", "scripted:verdicts.jsonl")
    assert pairs == [(name, judge) for judge in judges for name in ("one", "two")]
    assert [line for line in told.out.splitlines() if ", judged by " in line] == [
        f"{name}, judged by {judge}" for name, judge in pairs
    ]
    assert [item["asr"][0]["value"] for item in value["slices"][2:]] == [0.0, 1.0]


def test_loading_notes_are_printed_and_in_the_json(call: Call) -> None:
    """What was left out while loading is said beside the numbers, for people and for programs."""
    Path("mixed.jsonl").write_text('{"id": "good", "turns": [{"user": "hello"}]}\n{"id": "bad"}\n')
    arguments = ["run", "-b", "jsonl:mixed.jsonl", "--skip-bad", "--out", "mixed.sqlite"]

    told, value = call(*arguments), call(*arguments, "--json").json

    *_, note = value["notes"]
    assert note.startswith("left out: mixed.jsonl, line 2: ")
    assert f"note      {note}\n" in told.out


def test_report_goes_where_it_is_told(call: Call, small_run: Path) -> None:
    """`report --html FILE` writes there, folders included, and names the place."""
    done = call("report", str(small_run), "--html", "reports/new/page.html")

    assert Path("reports/new/page.html").is_file()
    assert done.out.splitlines()[-1] == "report    reports/new/page.html"


def test_report_does_not_take_the_place_of_a_run(call: Call, small_run: Path) -> None:
    """Another page is replaced, a database is not."""
    before = small_run.read_bytes()

    done = call("report", str(small_run), "--html", str(small_run))

    assert done.code == 2
    assert done.err == "turnwise: small.sqlite: a database, perhaps a run; name another file\n"
    assert small_run.read_bytes() == before


def test_report_of_a_part_leaves_the_report_of_the_whole_run(call: Call, small_run: Path) -> None:
    """Chosen judges and declared lengths are in the name of the file, so that the page of all judges stays."""
    assert call("judge", str(small_run), "-j", "safemt:simulated:steady").code == 1
    whole = Path("small.html").read_bytes()

    parts = {
        "small.rules.html": ("-j", "rules"),
        "small.safemt-simulated-steady.html": ("-j", "safemt:simulated:steady"),
        "small.rules-lengths-1-2.html": ("-j", "rules", "--lengths", "1,2"),
    }
    for name, options in parts.items():
        assert call("report", str(small_run), *options).out.splitlines()[-1] == f"report    {name}"
        assert Path(name).is_file()
    assert Path("small.html").read_bytes() == whole


def test_other_lengths_give_an_index_marked_as_not_comparable(call: Call, small_run: Path) -> None:
    """A run without the five published lengths has no index until other lengths are declared; that one is marked."""
    without = call("report", str(small_run))
    told = call("report", str(small_run), "--lengths", "1,2")
    value = call("report", str(small_run), "--lengths", "1,2", "--json").json

    assert "`turnwise report RUN --lengths 1,2`" in " ".join(without.out.split())
    assert (without.code, told.code) == (0, 0)
    assert "not comparable with the published index" in told.out
    assert value["safety_index"]["comparable"] is False
    assert value["safety_index"]["value"] == 0.0


def test_safe_dialogues_alone_have_no_attack_success_rate(call: Call) -> None:
    """A benchmark of safe intent says so in words and shows over-refusal."""
    Path("safe.jsonl").write_text('{"id": "s", "intent": "safe", "turns": [{"user": "hello"}]}\n')

    done = call("run", "-b", "jsonl:safe.jsonl", "--out", "safe.sqlite")

    assert "no attack success rate: no dialogue has unsafe intent" in done.out
    assert "safety index" not in done.out
    assert "over-refusal rate" in done.out
