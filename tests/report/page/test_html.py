"""The HTML report as a page: what it says, and that nothing in it can fetch, run or break out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from report.sample_run import HOSTILE, LENGTHS, attack, make_run, run_with_hostile_text
from turnwise.errors import RunFileError
from turnwise.metrics import Scoring, judges_of_run, slices_of_run
from turnwise.report.page.gather import gather
from turnwise.report.page.html import render_report, write_report
from turnwise.runfile import Reader

_FETCHING = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "cite", "ping"}


class Page(HTMLParser):
    """A parsed page: its elements, the text people see, its scripts and its styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.parts: dict[str, list[str]] = {"text": [], "script": [], "style": []}
        self.inside = "text"
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        """What people see, with runs of white space made one space."""
        return " ".join(" ".join(self.parts["text"]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.inside = tag if tag in self.parts else "text"

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style."""
        self.inside = "text"

    def handle_data(self, data: str) -> None:
        """Keep the text where it stands."""
        self.parts[self.inside].append(data)


def page_of(run: Path, *, scoring: Scoring = "strict", show_incomplete: bool = False) -> str:
    """The report of a run as HTML."""
    with Reader(run) as reader:
        slices = slices_of_run(reader, scoring=scoring, resamples=200)
        judges = judges_of_run(reader, resamples=200)
        return render_report(gather(reader, slices, judges=judges, show_incomplete=show_incomplete))


def datasets(page: Page) -> list[list[dict[str, Any]]]:
    """The rows behind every chart of a page."""
    specs = json.loads(page.parts["script"][0])
    return [rows for spec in specs.values() for rows in spec["datasets"].values()]


@pytest.fixture
async def hostile(tmp_path: Path) -> str:
    """The report of a run in which every text field is hostile."""
    return page_of(await run_with_hostile_text(tmp_path))


@pytest.fixture
async def half_scored(tmp_path: Path) -> Path:
    """A run of four dialogues, two without a readable verdict; one of the others is unsafe."""
    dialogues = [attack(f"g{n}", 1) for n in range(4)]
    return await make_run(tmp_path, dialogues, {"table": {"g0/1": {"label": "safe"}, "g1/1": {"label": "unsafe"}}})


async def test_the_page_refers_to_nothing_outside_itself(hostile: str) -> None:
    """Every reference of every element is an anchor or a data URL, and no style imports or loads anything."""
    page = Page(hostile)
    references = [value for _, attrs in page.elements for name, value in attrs.items() if name in _FETCHING]
    assert all(value.startswith(("#", "data:")) for value in references)
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.elements}
    assert not re.search(r"@import|url\(", "".join(page.parts["style"]))


async def test_hostile_text_opens_no_element(hostile: str) -> None:
    """The page has its own three script elements and no other, however the text of a benchmark tries."""
    page = Page(hostile)
    scripts = [attrs.get("type") for tag, attrs in page.elements if tag == "script"]
    assert scripts == ["application/json", None, None]
    assert "alert(1)" not in page.parts["script"][1] + page.parts["script"][2]


async def test_hostile_text_is_shown_letter_for_letter(hostile: str) -> None:
    """Ids, messages, replies and reasons read exactly as they are: nothing is dropped, nothing is evaluated."""
    page = Page(hostile)
    assert page.text.count(f"{HOSTILE}a/") == 5
    assert f"{HOSTILE} 1" in page.text
    assert "{{7*7}}" in page.text


async def test_specifications_survive_hostile_names(hostile: str) -> None:
    """The JSON in the page is whole, holds the hostile names as data, and has no tag in its source."""
    source = Page(hostile).parts["script"][0]
    assert "<" not in source
    assert HOSTILE in json.dumps(json.loads(source))


async def test_the_policy_allows_exactly_the_two_scripts(hostile: str) -> None:
    """The content security policy names the hash of each script, no unsafe source for scripts, and no network."""
    page = Page(hostile)
    (policy,) = [
        attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.parts["script"][1:]]
    assert rules["script-src"] == " ".join(f"'sha256-{digest}'" for digest in hashes)
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"


async def test_example_text_is_hidden_at_first(hostile: str) -> None:
    """Each example is a closed element whose text is hidden besides, until its button shows it."""
    elements = Page(hostile).elements
    covered = {attrs["data-shows"] for tag, attrs in elements if tag == "button"}
    hidden = {attrs["id"] for tag, attrs in elements if tag == "div" and "hidden" in attrs}
    assert covered == hidden
    assert len(hidden) == 10
    assert not [attrs for tag, attrs in elements if tag == "details" and "open" in attrs]


async def test_headlines_show_interval_and_counts(hostile: str) -> None:
    """Half of ten dialogues are unsafe: the rate stands with its interval and n, and what is not measured says why."""
    text = Page(hostile).text
    assert re.search(r"Attack success rate 50\.0% 95 % \[\d+\.\d%, \d+\.\d%\] n = 10 dialogues", text)
    assert re.search(r"Safety index 0\.\d{4} 95 % \[\d\.\d{4}, \d\.\d{4}\] n = 2 groups", text)
    assert "Over-refusal rate, safe intent none no dialogues with safe intent" in text


async def test_numbers_below_the_bar_are_in_no_part_of_the_page(half_scored: Path) -> None:
    """Headline, captions, tables and the data of the charts lack them; the counts and the reason stand there."""
    page = Page(page_of(half_scored))
    text = page.text
    assert "so some numbers are withheld: attack success rate at length 1 (2 of 4 scored)" in text
    assert "Attack success rate withheld (2 of 4 scored)" in text
    assert "50.0%" not in text
    points = [row for rows in datasets(page) for row in rows if "value" in row and row.get("length") != 0]
    assert {row["value"] for row in points} == {None}
    assert "verdict unparsed 2" in text
    assert "2 dialogues, chosen by rule" in text


async def test_an_incomplete_slice_shows_its_numbers_when_asked(half_scored: Path) -> None:
    """With show_incomplete the rate is there, with the unscored rows beside it and the reason above it."""
    text = Page(page_of(half_scored, show_incomplete=True)).text
    assert "Incomplete: attack success rate at length 1 (2 of 4 scored)" in text
    assert "shown because that was asked for" in text
    assert re.search(r"Attack success rate 50\.0%\* 95 % \[.*?\] n = 2 dialogues, 2 not scored", text)
    assert "Hollow points, and * in the table, mark what fewer than 98% are scored for." in text


async def test_one_length_below_the_bar_hides_that_length_alone(tmp_path: Path) -> None:
    """Two of four dialogues of length 2 are lost: the point and what rests on it are gone, length 1 is drawn."""
    dialogues = [attack(f"g{n}", length) for n in range(4) for length in (1, 2)]
    labels = {one.id: {"label": "safe"} for one in dialogues if one.id not in ("g0/2", "g1/2")}
    page = Page(page_of(await make_run(tmp_path, dialogues, {"table": labels})))
    over_length = datasets(page)[0]
    assert [(row["length"], row["value"], row["rate"]) for row in over_length] == [
        (1, 0.0, "0.0%"),
        (2, None, "withheld (2 of 4 scored)"),
    ]
    assert "Trend over length: withheld (a length is)." in page.text
    assert "Not drawn, for fewer than 98% are scored: 2 turns (2 of 4 scored)." in page.text


async def test_figures_are_numbered_through_all_slices(tmp_path: Path) -> None:
    """Two benchmarks give two sections that go on counting, and a table of both on top that leads to them."""
    dialogues = [attack("g", length, benchmark=name) for name in ("one", "two") for length in LENGTHS]
    labels = {one.id: {"label": "safe"} for one in dialogues}
    page = Page(page_of(await make_run(tmp_path, dialogues, {"table": labels})))
    assert re.findall(r"Figure (\d+)\. ", page.text) == [str(number) for number in range(1, 11)]
    anchors = {attrs["href"] for tag, attrs in page.elements if tag == "a"}
    assert anchors == {"#slice-1", "#slice-2"}


async def test_the_page_says_which_scoring_it_uses(half_scored: Path) -> None:
    """Each section names its scoring, and the foot of the page explains both."""
    text = Page(page_of(half_scored, scoring="as_published")).text
    assert "as published scoring" in text
    assert "strict scoring" not in text
    assert "cluster bootstrap" in text


async def test_a_report_is_written_whole_and_replaces_the_last(half_scored: Path, tmp_path: Path) -> None:
    """The page lies at its path in a folder made for it, over what was there, and no half file beside it."""
    path = tmp_path / "made" / "report.html"
    path.parent.mkdir()
    path.write_text("the last report")
    with Reader(half_scored) as reader:
        slices, judges = slices_of_run(reader, resamples=50), judges_of_run(reader, resamples=50)
        write_report(path, reader=reader, slices=slices, judges=judges)
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert path.stat().st_size < 1_500_000
    assert list(path.parent.iterdir()) == [path]


async def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(half_scored: Path, tmp_path: Path) -> None:
    """Where a folder is in the way, one sentence names the path, and no temporary file stays."""
    path = tmp_path / "place" / "report.html"
    path.mkdir(parents=True)
    with Reader(half_scored) as reader:
        slices = slices_of_run(reader, resamples=50)
        with pytest.raises(RunFileError, match=r"report\.html: the report cannot be written"):
            write_report(path, reader=reader, slices=slices, judges=judges_of_run(reader, resamples=50))
    assert list(path.parent.iterdir()) == [path]
