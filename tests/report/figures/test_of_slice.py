"""Figures: what captions and tables say of the numbers of a slice."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from report.sample_run import LENGTHS, attack, make_run, paired
from turnwise.metrics import Slice, slices_of_run
from turnwise.report import render_slices, run_as_json
from turnwise.report.figures.of_slice import Figure, figures_of
from turnwise.runfile import Reader


def figures_in(run: Path) -> list[tuple[Slice, tuple[Figure, ...]]]:
    """Every slice of a run with its figures."""
    with Reader(run) as reader:
        return [(item, figures_of(item)) for item in slices_of_run(reader, resamples=200)]


@pytest.fixture
async def complete(tmp_path: Path) -> tuple[Figure, ...]:
    """Four groups at all five lengths, two of them unsafe from length 4 on, one verdict missing at length 8."""
    dialogues = [attack(f"g{n}", length, scenario=f"S{n % 2}") for n in range(4) for length in LENGTHS]
    labels = {
        one.id: {"label": "unsafe" if one.length >= 4 and one.group in ("g0", "g1") else "safe"} for one in dialogues
    }
    del labels["g3/8"]
    ((_, figures),) = figures_in(await make_run(tmp_path, dialogues, {"table": labels}))
    return figures


async def test_the_first_table_has_rate_interval_and_counts_by_length(complete: tuple[Figure, ...]) -> None:
    """Two of four are unsafe at length 4; two of three scored at length 8, which is marked as the fourth is not."""
    table = complete[0].table
    assert table is not None
    assert table.columns == ("user turns", "rate", "95 % interval", "n", "not scored")
    by_length = {row[0]: row for row in table.rows}
    assert (by_length["1"][1], by_length["4"][1], by_length["8"][1]) == ("0.0%", "50.0%", "66.7%*")
    assert by_length["8"][3:] == ("3", "1")
    assert all(row[2].startswith("[") for row in table.rows)


async def test_the_first_caption_says_what_it_rests_on_and_the_trend(complete: tuple[Figure, ...]) -> None:
    """Counts of scored and unscored dialogues, groups, and the p-value of the trend stand in the caption."""
    assert "n = 19 scored dialogues from 4 groups, 1 not scored." in complete[0].caption
    assert "Trend over length: rising*, p = 0." in complete[0].caption
    assert "Hollow points, and * in the table, mark what fewer than 98% are scored for." in complete[0].caption


async def test_the_heat_map_table_has_every_cell_and_every_scenario(complete: tuple[Figure, ...]) -> None:
    """Two scenarios at five lengths give ten cells, and one row over all lengths each."""
    table = complete[1].table
    assert table is not None
    assert len(table.rows) == 12
    assert ("S0", "all", "30.0%") in [row[:3] for row in table.rows]


async def test_an_index_that_is_not_measurable_gives_its_reason(complete: tuple[Figure, ...]) -> None:
    """Where a label is missing there is no figure of the index but the sentence that says which one."""
    assert complete[2].panels == ()
    assert "g3" in (complete[2].absent or "")


async def test_the_survival_table_counts_groups_at_risk(complete: tuple[Figure, ...]) -> None:
    """All four groups are at risk until two fail at length 4; at length 8 one of the two left is censored."""
    table = complete[3].table
    assert table is not None
    assert [(row[0], row[1], row[3], row[4]) for row in table.rows] == [
        ("1", "100.0%", "4", "0"),
        ("2", "100.0%", "4", "0"),
        ("4", "50.0%", "4", "0"),
        ("6", "50.0%", "2", "0"),
        ("8", "50.0%*", "1", "1"),
    ]


async def test_an_index_on_complete_labels_is_drawn_with_its_variants(tmp_path: Path) -> None:
    """All safe: index, robustness and consistency are 1 under every weighting."""
    dialogues = [attack(f"g{n}", length) for n in range(2) for length in LENGTHS]
    labels = {one.id: {"label": "safe"} for one in dialogues}
    ((_, figures),) = figures_in(await make_run(tmp_path, dialogues, {"table": labels}))
    table = figures[2].table
    assert table is not None
    assert [(row[0], row[1], row[3], row[4]) for row in table.rows] == [
        (weights, "1.0000", "1.0000", "1.0000") for weights in ("published", "uniform", "long")
    ]
    assert "not comparable" not in figures[2].caption


async def test_settings_have_panels_of_their_own(tmp_path: Path) -> None:
    """Pairs have no method and one length: all that is drawn is attack success and over-refusal by setting."""
    dialogues = [one for n in range(3) for one in paired(f"p{n}")]
    labels = {one.id: {"label": "safe", "stance": "refusal"} for one in dialogues}
    ((_, figures),) = figures_in(await make_run(tmp_path, dialogues, {"table": labels}))
    assert [figure.title for figure in figures] == ["Rates by method, setting and modality"]
    assert [panel.label for panel in figures[0].panels] == [
        "attack success rate by setting",
        "over-refusal rate by setting",
    ]
    assert figures[0].table is not None
    assert [row[:3] for row in figures[0].table.rows] == [
        ("attack success rate by setting", "escalation, unimodal", "0.0%"),
        ("over-refusal rate by setting", "escalation, unimodal", "100.0%"),
    ]
    assert "dialogues with unsafe intent" in figures[0].caption


async def test_attacks_of_one_length_have_nothing_over_length(tmp_path: Path) -> None:
    """Four attacks of three turns: scenarios and methods are shown, no curve, index or survival; JSON says why."""
    dialogues = [attack(f"g{n}", 3, scenario=f"S{n % 2}") for n in range(4)]
    labels = {one.id: {"label": "safe"} for one in dialogues}
    ((item, figures),) = figures_in(await make_run(tmp_path, dialogues, {"table": labels}))
    assert [figure.title for figure in figures] == [
        "Attack success rate by scenario and length",
        "Rates by method, setting and modality",
    ]
    console = Console(file=io.StringIO(), width=80)
    console.print(render_slices([item]))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "3 turns" in text
    assert [word for word in ("safety index", "trend") if word in text] == []
    assert "no rows at length 1" in run_as_json([item])["safety_index_reason"]


async def test_a_slice_without_attacks_draws_no_attack_figures(tmp_path: Path) -> None:
    """With safe dialogues alone, four figures give their reason and over-refusal is drawn."""
    safe = [paired(f"p{n}")[0] for n in range(2)]
    labels = {one.id: {"stance": "compliance"} for one in safe}
    ((_, figures),) = figures_in(await make_run(tmp_path, safe, {"table": labels}))
    assert [bool(figure.panels) for figure in figures] == [False, False, False, False, True]
    assert all(figure.absent for figure in figures[:4])
