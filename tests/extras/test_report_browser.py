"""The HTML report in a real browser without a network: it draws, it hides, and nothing in it runs or fetches."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from report.sample_run import HOSTILE, run_with_hostile_text
from turnwise.metrics import judges_of_run, slices_of_run
from turnwise.report import write_report
from turnwise.runfile import Reader

_CHROMIUM = shutil.which("chromium")
_HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
pytestmark = [
    pytest.mark.extra("playwright"),
    pytest.mark.skipif(_CHROMIUM is None, reason="no chromium on the path: `make browser` installs it"),
    pytest.mark.skipif(not _HAS_PLAYWRIGHT, reason="playwright is not installed: `make test-extras` does it"),
]
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Seen:
    """What happened while a page was open."""

    def __init__(self, page: Any) -> None:
        self.console: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._close)

    def _close(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run whose every text field is hostile."""
    folder = tmp_path_factory.mktemp("report")
    run = asyncio.run(run_with_hostile_text(folder))
    with Reader(run) as reader:
        slices, judges = slices_of_run(reader, resamples=200), judges_of_run(reader, resamples=200)
        write_report(folder / "report.html", reader=reader, slices=slices, judges=judges)
    return folder / "report.html"


@contextmanager
def opened(report: Path, *, width: int = 1200) -> Iterator[tuple[Any, Seen]]:
    """The report in a new browser that is offline, once every chart is drawn."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra: the skip above comes first

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        page = browser.new_context(offline=True, viewport={"width": width, "height": 900}).new_page()
        seen = Seen(page)
        page.goto(report.as_uri())
        page.wait_for_function(
            "[...document.querySelectorAll('[data-spec]')].every(place => place.querySelector('svg'))"
        )
        yield page, seen
        browser.close()


def test_every_chart_is_drawn_without_an_error_or_a_request(report: Path) -> None:
    """Six charts are drawn under the policy; the console stays empty and only the file itself is read."""
    with opened(report) as (page, seen):
        assert page.locator("[data-spec] svg").count() == page.locator("[data-spec]").count() == 6
        assert page.locator("[data-spec] svg path").count() > 6
        assert (seen.console, seen.errors) == ([], [])
        assert seen.requests == [report.as_uri()]


def test_example_text_appears_only_after_two_clicks(report: Path) -> None:
    """The text is invisible while the example is closed, invisible when it is open, and visible after the button."""
    with opened(report) as (page, _):
        example = page.locator("details.example").first
        text = example.locator("[hidden]")
        place = page.locator(f"#{text.get_attribute('id')}")
        assert not place.is_visible()
        example.locator("summary").click()
        assert not place.is_visible()
        example.locator("button").click()
        assert place.is_visible()
        example.locator("button").click()
        assert not place.is_visible()


def test_hostile_text_is_shown_and_never_runs(report: Path) -> None:
    """Script tags and template braces of a benchmark read as text, in messages, tables and charts."""
    with opened(report) as (page, seen):
        example = page.locator("details.example").first
        example.locator("summary").click()
        example.locator("button").click()
        assert HOSTILE in example.inner_text()
        page.locator("details.numbers summary").nth(1).click()
        assert HOSTILE in page.locator("details.numbers").nth(1).inner_text()
        assert "</script>" in page.locator("[data-spec] svg").nth(1).text_content()
        assert seen.dialogs == []
        assert page.evaluate("document.scripts.length") == 3


def test_a_tooltip_shows_hostile_names_as_text(report: Path) -> None:
    """Pointing at a cell of the heat map shows its scenario letter for letter, as no element."""
    with opened(report) as (page, seen):
        page.locator("[data-spec] svg").nth(1).locator(".mark-rect path").first.hover(force=True)
        tooltip = page.locator("#vg-tooltip-element")
        tooltip.wait_for(state="visible")
        assert HOSTILE in tooltip.inner_text()
        assert tooltip.locator("script").count() == 0
        assert (seen.dialogs, seen.errors) == ([], [])


def test_an_injected_script_is_refused_by_the_policy(report: Path) -> None:
    """A script that got into the page after all would not run: the policy knows the hashes of ours only."""
    with opened(report) as (page, seen):
        page.evaluate(
            "const script = document.createElement('script'); script.textContent = 'window.ran = true';"
            "document.body.append(script)"
        )
        assert page.evaluate("window.ran") is None
        assert any("Content Security Policy" in text for text in seen.console)


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_never_scrolls_sideways(report: Path, width: int) -> None:
    """On a phone and on a desk the page is as wide as the window, with every table of numbers open."""
    with opened(report, width=width) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate("document.querySelectorAll('[id^=text-]').forEach(one => one.hidden = false)")
        assert page.evaluate("document.documentElement.scrollWidth") == width
