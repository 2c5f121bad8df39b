"""Numbers of twins in the terminal, as JSON and as figures: what is shown, in which words, and that nothing else is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from turnwise.metrics import (
    Estimate,
    GradeMean,
    IntentAccuracy,
    Labels,
    ModalityGap,
    RefusalTiming,
    SettingRate,
    Slice,
    TurnRefusal,
    TwinOutcome,
    completeness,
    summarise,
    withheld_in_slice,
)
from turnwise.report import render_slices, run_as_json
from turnwise.report.figures.of_slice import figures_of

EMPTY = Slice(
    "b",
    "j",
    summarise(Labels.from_rows([]), scoring="strict", resamples=50),
    [],
    None,
    None,
    [],
    completeness=completeness({"scored": 100}, n_expected=100),
    n_blocked=0,
)


def grade(value: float, **fields: Any) -> GradeMean:
    """A mean of safety awareness with an interval of 0.5 to each side."""
    given = {"n": 100, "n_failed": 0, "setting": None, "modality": None, "measure": "safety_awareness"} | fields
    return GradeMean(value=value, low=value - 0.5, high=value + 0.5, scale=(1.0, 5.0), **given)


def asked(value: float, **fields: Any) -> IntentAccuracy:
    """A rate over a hundred mcq, 3 of them not read."""
    given = {"n": 100, "n_failed": 0, "setting": None, "modality": None, "kind": "mcq", "intent": None} | fields
    return IntentAccuracy(value=value, low=value - 0.1, high=value + 0.1, n_unparsed=3, **given)


def outcome(value: float, unsafe: Any, safe: Any) -> TwinOutcome:
    """A share of fifty pairs."""
    return TwinOutcome(value, 50, 0, value / 2, value + 0.1, unsafe=unsafe, safe=safe)


WHOLE = replace(
    EMPTY,
    pair_accuracy=Estimate(0.4, 50, 0, 0.2, 0.5),
    pair_accuracy_by_setting=[SettingRate(0.4, 50, 0, 0.2, 0.5, setting="escalation", modality="multimodal")],
    twin_outcomes=[
        outcome(0.4, "refused", "helped"),
        outcome(0.3, "refused", "refused"),
        outcome(0.2, "helped", "helped"),
        outcome(0.1, "helped", "refused"),
    ],
    modality_gaps=[ModalityGap(-0.05, 40, 0, -0.15, 0.05, measure="attack_success_rate")],
    grades=[grade(3.4), grade(2.4, setting="escalation", modality="multimodal")],
    intent_accuracy=[
        asked(0.6, intent="safe", n=50),
        asked(0.8, intent="unsafe", n=50),
        asked(0.7),
        asked(0.5, kind="true_false", intent="unsafe"),
        asked(0.5, kind="true_false"),
        asked(0.9, setting="escalation", modality="multimodal", intent="safe"),
    ],
)


def drawn(item: Slice, *, show_incomplete: bool = False) -> list[str]:
    """The lines of a slice at 80 columns, blanks made one."""
    console = Console(file=io.StringIO(), width=80)
    console.print(render_slices([item], show_incomplete=show_incomplete))
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_the_terminal_has_a_line_for_each_number_over_everything() -> None:
    """Pairs and questions in percent, grades on their scale; no places, and no overall that says nothing new."""
    lines = drawn(WHOLE)
    start = lines.index("pairs of twins rate 95 % interval n failed")
    assert [line for line in lines[start:] if line and "──" not in line] == [
        "pairs of twins rate 95 % interval n failed",
        "unsafe refused, safe helped 40.0% [20.0%, 50.0%] 50 0",
        "both refused 30.0% [15.0%, 40.0%] 50 0",
        "both helped 20.0% [10.0%, 30.0%] 50 0",
        "unsafe helped, safe refused 10.0% [5.0%, 20.0%] 50 0",
        "multimodal less unimodal gap 95 % interval n failed",
        "attack success rate -5.0% [-15.0%, 5.0%] 40 0",
        "grades from 1 to 5 mean 95 % interval n failed",
        "safety awareness 3.40 [2.90, 3.90] 100 0",
        "intent accuracy rate 95 % interval n failed",
        "mcq, safe intent 60.0% [50.0%, 70.0%] 50 0",
        "mcq, unsafe intent 80.0% [70.0%, 90.0%] 50 0",
        "mcq, all 70.0% [60.0%, 80.0%] 100 0",
        "true/false, unsafe intent 50.0% [40.0%, 60.0%] 100 0",
    ]


def test_nothing_is_shown_of_what_has_no_rows() -> None:
    """A slice without twins, grades and questions has neither a table nor a figure of them."""
    words = " ".join(drawn(EMPTY))
    assert not any(name in words for name in ("twins", "grades", "intent accuracy"))
    assert len(figures_of(EMPTY)) == 5


def test_intent_accuracy_stands_under_the_first_judge_alone() -> None:
    """It depends on no judge: one table of two slices of a benchmark, one more for another benchmark; JSON has all."""
    slices = [WHOLE, replace(WHOLE, judge="other"), replace(WHOLE, benchmark="c")]
    console = Console(file=io.StringIO(), width=80)
    console.print(render_slices(slices))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    sections = [line for line in lines if "judged by" in line or line.startswith("intent accuracy")]
    assert [line.split("  ")[0] for line in sections] == [
        "b, judged by j",
        "intent accuracy",
        "b, judged by other",
        "c, judged by j",
        "intent accuracy",
    ]
    assert [len(item["intent_accuracy"]) for item in run_as_json(slices)["slices"]] == [6, 6, 6]


def test_json_has_every_place_and_the_scale_of_grades() -> None:
    """Each number begins with what it is of; a grade carries its range."""
    (item,) = run_as_json([WHOLE])["slices"]
    assert item["grades"][1] == {
        "measure": "safety_awareness",
        "setting": "escalation",
        "modality": "multimodal",
        "scale": (1.0, 5.0),
        "value": 2.4,
        "n": 100,
        "n_failed": 0,
        "low": pytest.approx(1.9),
        "high": pytest.approx(2.9),
        "incomplete": False,
    }
    assert [one["n_unparsed"] for one in item["intent_accuracy"]] == [3] * 6
    assert item["pair_accuracy"]["value"] == 0.4
    assert (item["modality_gaps"][0]["measure"], item["modality_gaps"][0]["value"]) == ("attack_success_rate", -0.05)
    first = item["twin_outcomes"][0]
    assert (first["unsafe"], first["safe"], first["value"]) == ("refused", "helped", 0.4)


def test_figures_have_the_places_in_their_tables() -> None:
    """Three figures more; each table names what a number is of, the questions with how many answers were not read."""
    pairs, grades, questions = figures_of(WHOLE)[5:]
    tables = [figure.table.rows for figure in (pairs, grades, questions) if figure.table is not None]
    assert tables[0][4] == ("pair accuracy by setting", "escalation, multimodal", "40.0%", "[20.0%, 50.0%]", "50", "0")
    assert [row[:4] for row in tables[1]] == [
        ("safety awareness", "all settings", "3.40", "[2.90, 3.90]"),
        ("safety awareness", "escalation, multimodal", "2.40", "[1.90, 2.90]"),
    ]
    assert tables[2][-1] == ("mcq, safe intent", "escalation, multimodal", "90.0%", "[80.0%, 100.0%]", "100", "0", "3")
    assert "counted as wrong: 9." in questions.caption


def test_what_is_below_the_bar_is_withheld_or_marked() -> None:
    """97 of 100 scored: pair accuracy, the grade and the questions are named and not shown, unless asked for."""
    item = replace(
        EMPTY,
        pair_accuracy=Estimate(0.4, 97, 3, 0.2, 0.5),
        twin_outcomes=[replace(outcome(0.4, "refused", "helped"), n=97, n_failed=3)],
        modality_gaps=[ModalityGap(0.1, 97, 3, 0.0, 0.2, measure="over_refusal_rate")],
        grades=[grade(3.4, n=97, n_failed=3)],
        intent_accuracy=[asked(0.7, n=97, n_failed=3)],
    )
    assert withheld_in_slice(item) == (
        "withheld: pair accuracy (97 of 100 scored), modality gap in over-refusal rate (97 of 100 scored), "
        "safety awareness (97 of 100 scored), intent accuracy (mcq) (97 of 100 scored); the bar is 98%"
    )
    assert "safety awareness withheld (97 of 100 scored) 97 3" in drawn(item)
    assert "mcq, all withheld (97 of 100 scored) 97 3" in drawn(item)
    assert "safety awareness 3.40* [2.90, 3.90] 97 3" in drawn(item, show_incomplete=True)
    (shown,) = run_as_json([item])["slices"]
    assert [shown[name][0]["value"] for name in ("twin_outcomes", "grades", "intent_accuracy")] == [None] * 3


OVER_TURNS = replace(
    EMPTY,
    refusal_by_turn=[
        TurnRefusal(share, 40, 0, share / 2, 0.9, intent="unsafe", setting="escalation", turn=turn)
        for turn, share in ((1, 0.1), (2, 0.2), (3, 0.5))
    ],
    refusal_timing=[
        RefusalTiming(0.3, 40, 0, 0.2, 0.4, timing="as_wanted"),
        RefusalTiming(0.2, 40, 0, 0.1, 0.3, timing="premature"),
        RefusalTiming(0.5, 40, 0, 0.4, 0.6, timing="missing"),
    ],
    context_switch_forgetting=Estimate(0.25, 19, 1, 0.1, 0.5),
)


def test_refusal_over_turns_is_short_in_the_terminal_and_whole_in_its_figure() -> None:
    """Four lines say when unsafe dialogues are refused, one of them withheld; its figure has every turn."""
    lines = drawn(OVER_TURNS)
    start = lines.index("refusal over turns rate 95 % interval n failed")
    assert lines[start + 2 : start + 6] == [
        "escalation, at last turn 30.0% [20.0%, 40.0%] 40 0",
        "escalation, too early 20.0% [10.0%, 30.0%] 40 0",
        "escalation, never 50.0% [40.0%, 60.0%] 40 0",
        "context switch, forgotten withheld (19 of 20 scored) 19 1",
    ]
    (figure,) = figures_of(OVER_TURNS)[5:]
    assert [panel.label for panel in figure.panels] == ["escalation, unsafe intent"]
    assert figure.table is not None
    assert [row[1:3] for row in figure.table.rows[:4]] == [
        ("turn 1", "10.0%"),
        ("turn 2", "20.0%"),
        ("turn 3", "50.0%"),
        ("escalation, at last turn", "30.0%"),
    ]
    assert "Hollow points" in figure.caption


def test_refusal_over_turns_below_the_bar_is_named() -> None:
    """The refusal of escalations at their last turn stands for the three times; forgetting is named by itself."""
    lost = [replace(share, n=30, n_failed=10) for share in OVER_TURNS.refusal_timing]
    assert withheld_in_slice(replace(OVER_TURNS, refusal_timing=lost)) == (
        "withheld: refusal of escalations at their last turn (30 of 40 scored), "
        "context switch forgetting (19 of 20 scored); the bar is 98%"
    )
