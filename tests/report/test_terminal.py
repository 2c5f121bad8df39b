"""Tables for a terminal: what stands where a number is withheld, and what is said of a trend."""

from __future__ import annotations

import io

import msgspec
from rich.console import Console, RenderableType

from turnwise.metrics import LabelRow, Labels, Scoring, Summary, TrendTest, summarise
from turnwise.report import render_summary
from turnwise.report.terminal import trend_text


def drawn(content: RenderableType) -> list[str]:
    """The lines of a renderable at 80 columns."""
    console = Console(file=io.StringIO(), width=80)
    console.print(content)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def lost_at_8(scoring: Scoring = "strict", n_groups: int = 1_200) -> Summary:
    """As many groups at length 1 as asked for, all safe, and 24 at length 8, half of which could not be scored."""
    rows = [LabelRow(f"g{group}", 1, "safe") for group in range(n_groups)]
    rows += [LabelRow(f"g{group}", 8, "unsafe" if group % 2 else None, "Fraud") for group in range(24)]
    return summarise(Labels.from_rows(rows), scoring=scoring, lengths=(1, 8), resamples=50)


def test_a_withheld_number_says_so_in_its_place() -> None:
    """Length 8 and the scenario show their counts and no rate; what stands on complete rows is shown."""
    lines = drawn(render_summary(lost_at_8(), title="labels.csv"))
    starts = {line.split("  ")[0]: line.split() for line in lines if line}
    assert " ".join(starts["8 turns"]) == "8 turns withheld (12 of 24 scored) 12 12"
    assert " ".join(starts["Fraud"]) == "Fraud withheld (12 of 24 scored) 12 12"
    assert starts["1 turn"][2] == "0.0%"
    assert starts["all lengths"][2] == "1.0%"
    assert any(line.startswith("withheld  numbers with fewer than 98% of their rows scored;") for line in lines)
    assert "trend over length  withheld (a length is)" in lines


def test_a_number_that_was_asked_for_is_marked() -> None:
    """The rate at length 8 stands with a mark, the others without; a line says what the mark means."""
    lines = drawn(render_summary(lost_at_8(), title="labels.csv", show_incomplete=True))
    values = {line.split("  ")[0]: line for line in lines if line}
    assert " 100.0%* " in values["8 turns"]
    assert "*" not in values["1 turn"] + values["all lengths"]
    assert "incomplete  * marks numbers with fewer than 98% of their rows scored" in lines


def test_tables_fit_a_terminal_of_80_columns() -> None:
    """Counts of five digits beside a withheld number do not wrap its line."""
    summary = lost_at_8(n_groups=11_000)
    lines = drawn(render_summary(summary, title="labels.csv"))
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("all lengths") and line.endswith("11,012     12") for line in lines)


def test_a_published_index_is_withheld_with_its_lengths_or_marked() -> None:
    """It rests on a length that lost half its rows."""
    summary = lost_at_8("as_published", n_groups=24)
    assert "safety index  withheld (36 of 48 labels resolved)" in drawn(render_summary(summary, title="labels.csv"))
    shown = drawn(render_summary(summary, title="labels.csv", show_incomplete=True))
    assert next(line for line in shown if line.startswith("published weights")).split()[2].endswith("*")


def test_a_trend_has_a_direction_only_where_it_is_clear() -> None:
    """A p-value of 0.31 is no trend, whatever its sign; p = 0.0005 is one, and the bar is said with both."""
    rows = [LabelRow(f"g{group}", length, "safe") for group in range(3) for length in (1, 2)]
    summary = summarise(Labels.from_rows(rows), scoring="strict", resamples=50)

    def said(p_value: float) -> str | None:
        trend = TrendTest(4.0, p_value, 3, 1_999, "rising")
        return trend_text(msgspec.structs.replace(summary, trend=trend))

    assert said(0.0005) == "rising, p = 0.0005 < 0.05 (1,999 permutations within 3 groups)"
    assert said(0.31) == "none seen, p = 0.3100, not below 0.05 (1,999 permutations within 3 groups)"
    assert said(0.05) == "none seen, p = 0.0500, not below 0.05 (1,999 permutations within 3 groups)"
