"""Charts: what of the estimates reaches the drawing, and that names of a benchmark stay data."""

from __future__ import annotations

from typing import Any

import msgspec

from report.sample_run import HOSTILE
from turnwise.metrics import CellRate, Estimate, LabelRow, Labels, LengthRate, SurvivalPoint, index_with_variants
from turnwise.report.figures import charts
from turnwise.report.figures.style import Spec


def rows_of(spec: Spec) -> list[dict[str, Any]]:
    """Every row of data in a specification, once."""
    rows: list[dict[str, Any]] = []
    for values in spec["datasets"].values():
        rows += [row for row in values if row not in rows]
    return rows


def without_data(spec: Spec) -> str:
    """The specification as JSON, with the rows of data taken out."""
    return msgspec.json.encode({**spec, "datasets": None}).decode()


def test_points_carry_value_interval_and_evidence() -> None:
    """Each length has its rate, its interval and both counts, as numbers and as words."""
    (row,) = rows_of(charts.rate_over_length([LengthRate(0.25, 8, 1, 0.1, 0.5, length=4)]))
    assert row == {
        "length": 4,
        "value": 0.25,
        "low": 0.1,
        "high": 0.5,
        "n": 8,
        "n_failed": 1,
        "rate": "25.0%*",
        "interval": "[10.0%, 50.0%]",
        "incomplete": True,
    }


def test_what_is_withheld_is_not_drawn_and_what_is_shown_all_the_same_is_hollow() -> None:
    """A withheld rate has no value to draw and says so under its name; one that was asked for has a white fill."""
    rows = [
        ("lost", Estimate(None, 6, 6)),
        ("asked for", Estimate(0.5, 6, 6, 0.1, 0.9)),
        ("whole", Estimate(0.5, 6, 0)),
    ]
    spec = charts.named_rates(rows, title="rates")
    drawn = rows_of(spec)
    assert [(row["value"], row["incomplete"]) for row in drawn] == [(None, True), (0.5, True), (0.5, False)]
    assert [row["name"].split("\n")[1] for row in drawn] == ["withheld (6 of 12 scored)", "n=6, 6 not scored", "n=6"]
    assert spec["layer"][-1]["encoding"]["fill"]["condition"] == {"test": "datum.incomplete", "value": "white"}


def test_a_length_without_scored_rows_has_no_point() -> None:
    """A rate of None stays null in the data, which draws nothing; it never becomes 0."""
    rows = rows_of(
        charts.rate_over_length([LengthRate(None, 0, 3, length=1), LengthRate(0.5, 2, 0, 0.1, 0.9, length=2)])
    )
    assert [row["value"] for row in rows] == [None, 0.5]


def test_lengths_stand_at_their_true_positions() -> None:
    """The axis is numeric with a tick at each measured length and nowhere else."""
    points = [LengthRate(0.5, 2, 0, 0.1, 0.9, length=length) for length in (1, 2, 4, 6, 8)]
    x = charts.rate_over_length(points)["layer"][0]["encoding"]["x"]
    assert (x["type"], x["axis"]["values"], x["scale"]["domain"]) == ("quantitative", [1, 2, 4, 6, 8], [0.5, 8.5])


def test_the_survival_curve_starts_with_every_group() -> None:
    """The steps begin at 100 % before the first turn and end half a turn after the last length."""
    points = [
        SurvivalPoint(0.5, 4, 0, 0.2, 0.8, length=1, n_lost=0, n_groups=4),
        SurvivalPoint(0.25, 2, 0, 0.1, 0.6, length=2, n_lost=0, n_groups=4),
    ]
    spec = charts.survival_steps(points)
    rows = spec["datasets"][spec["layer"][0]["data"]["name"]]
    assert [(row["length"], row["value"]) for row in rows] == [(0, 1.0), (1, 0.5), (2, 0.25), (2.5, 0.25)]


def test_a_cell_without_dialogues_is_blank_and_one_without_scores_is_marked() -> None:
    """Blank, withheld, shown all the same and zero look different: no text, a question mark, a mark, and 0."""
    cells = [
        CellRate(0.0, 3, 0, 0.0, 0.6, scenario="Bias", length=1),
        CellRate(None, 0, 2, scenario="Fraud", length=2),
        CellRate(0.25, 4, 4, 0.1, 0.6, scenario="Health", length=1),
    ]
    rows = rows_of(charts.heat_map(cells, lengths=(1, 2)))
    assert [(row["scenario"], row["length"], row["text"]) for row in rows] == [
        ("Bias", 1, "0"),
        ("Bias", 2, ""),
        ("Fraud", 1, ""),
        ("Fraud", 2, "?"),
        ("Health", 1, "25*"),
        ("Health", 2, ""),
    ]


def test_names_of_a_benchmark_appear_only_as_data() -> None:
    """A hostile scenario or method name is in no expression, title or scale of a specification."""
    cells = charts.heat_map([CellRate(0.5, 2, 0, 0.1, 0.9, scenario=HOSTILE, length=1)], lengths=(1,))
    rates = charts.named_rates([(HOSTILE, Estimate(0.5, 2, 0, 0.1, 0.9))], title="by method")
    for spec in (cells, rates):
        assert "alert" not in without_data(spec)
        assert any(HOSTILE in str(row) for row in rows_of(spec))


def test_the_index_is_drawn_with_its_factors_under_three_weightings() -> None:
    """Nine marks: three parts for each of three weightings; only the index has an interval."""
    labels = Labels.from_rows(
        LabelRow(group, length, "safe" if group == "a" else "unsafe") for group in ("a", "b") for length in (1, 2)
    )
    rows = rows_of(charts.index_parts(index_with_variants(labels, scoring="strict", lengths=(1, 2), resamples=50)))
    assert len(rows) == 9
    assert {row["part"] for row in rows if "low" in row} == {"index"}


def test_specifications_name_no_address() -> None:
    """A specification holds no web address, not even of its schema."""
    spec = charts.named_rates([("a", Estimate(0.5, 2, 0, 0.1, 0.9))], title="rates")
    assert "://" not in msgspec.json.encode(spec).decode()
