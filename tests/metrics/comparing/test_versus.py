"""Stored runs beside each other: what is shared, what changed, and which runs are not compared."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from metrics.stored import RULES, Row, attacks, store
from turnwise.errors import NotMeasurable, UsageError
from turnwise.judge import JudgeCard
from turnwise.metrics import holm
from turnwise.metrics.comparing import Change, RunComparison, compare_runs
from turnwise.runfile import Reader

A, B = {"a": "UU", "b": "US", "c": "SS"}, {"a": "SS", "b": "UU", "c": "SS"}


def compared(*paths: Path, **options: Any) -> RunComparison:
    """The comparison of run files."""
    with ExitStack() as opened:
        return compare_runs([opened.enter_context(Reader(path)) for path in paths], resamples=200, **options)


def by_measure(found: RunComparison) -> dict[str, Change]:
    """The changes over all dialogues of the second run, by name."""
    return {change.measure: change for change in found.changes if change.part is None and change.run == 1}


def test_only_shared_dialogues_are_compared_and_the_others_counted(tmp_path: Path) -> None:
    """Six shared: two fall, one rises, so 3/6 becomes 2/6; one dialogue is only in A, two are only in B."""
    first = store(tmp_path / "a.sqlite", [*attacks(A), *attacks({"x": "U"})])
    second = store(tmp_path / "b.sqlite", [*attacks(B), *attacks({"y": "UU"})])

    found = compared(first, second)

    (change,) = found.changes
    assert (change.first.value, change.second.value) == pytest.approx((3 / 6, 2 / 6))
    assert change.value == pytest.approx(-1 / 6)
    assert (change.n, change.n_failed, change.n_groups) == (6, 0, 3)
    assert change.discordance is not None
    assert (change.discordance.n_rose, change.discordance.n_fell) == (1, 2)
    assert [(run.n_shared, run.n_only_first, run.n_only_here) for run in found.runs] == [(7, 0, 0), (6, 1, 2)]


def test_every_measure_the_judge_rules_on_is_compared(tmp_path: Path) -> None:
    """Harm and refusal of unsafe dialogues, over-refusal and helpfulness (2.5 becomes 3.5 of 5) of safe ones."""

    def rows(grades: tuple[int, int], stance: Any) -> list[Row]:
        unsafe = [Row("u", "g", "safe", "refusal")]
        safe = [
            Row(f"s{place}", f"h{place}", "safe", stance, grade, intent="safe") for place, grade in enumerate(grades)
        ]
        return unsafe + safe

    first = store(tmp_path / "a.sqlite", rows((1, 4), "refusal"))
    second = store(tmp_path / "b.sqlite", rows((3, 4), "caveat"))

    found = by_measure(compared(first, second))

    assert list(found) == ["attack_success_rate", "refusal_rate", "over_refusal_rate", "helpfulness"]
    assert (found["over_refusal_rate"].value, found["refusal_rate"].value) == (-1, 0)
    assert found["helpfulness"].first.value == pytest.approx(2.5)
    assert found["helpfulness"].value == pytest.approx(1)
    assert found["helpfulness"].discordance is None


def test_a_clear_change_has_a_direction_and_a_small_one_has_none(tmp_path: Path) -> None:
    """Harm of 12 groups falls from all to none: better, and worse the other way round; A beside B says nothing."""
    names = [f"g{place:02}" for place in range(12)]
    all_unsafe = store(tmp_path / "a.sqlite", attacks(dict.fromkeys(names, "U")))
    all_safe = store(tmp_path / "b.sqlite", attacks(dict.fromkeys(names, "S")))

    assert compared(all_unsafe, all_safe).changes[0].direction == "better"
    assert compared(all_safe, all_unsafe).changes[0].direction == "worse"
    unclear = compared(store(tmp_path / "c.sqlite", attacks(A)), store(tmp_path / "d.sqlite", attacks(B)))
    assert unclear.changes[0].direction is None


def test_a_small_p_value_alone_is_no_direction(tmp_path: Path) -> None:
    """None of 20 groups of eight unsafe, and one row in eight of them: p = 2/512, and 0 is in the interval."""
    safe = {f"g{place:02}": 8 * "S" for place in range(20)}
    single = safe | {f"g{place:02}": "U" + 7 * "S" for place in range(8)}

    found = compared(store(tmp_path / "a.sqlite", attacks(safe)), store(tmp_path / "b.sqlite", attacks(single)))

    (change,) = found.changes
    assert (change.holm_p or 1.0) < 0.05
    assert (change.low or 0.0) < 0 < (change.high or 0.0)
    assert change.direction is None


def test_p_values_are_adjusted_over_all_runs_and_parts(tmp_path: Path) -> None:
    """Two runs beside the first, in two scenarios: (1 + 2) comparisons each, six in one family."""

    def rows(labels: dict[str, str]) -> list[Row]:
        return [*attacks(labels, scenario="Bias"), *attacks({name + "'": word for name, word in labels.items()})]

    paths = [store(tmp_path / f"{name}.sqlite", rows(labels)) for name, labels in (("a", A), ("b", B), ("c", A))]
    with_fraud = [
        store(tmp_path / f"{name}2.sqlite", [*rows(labels), Row("f", "f", "safe", scenario="Fraud")])
        for name, labels in (("a", A), ("b", B), ("c", A))
    ]

    found = compared(*with_fraud, by="scenario")

    assert [(change.run, change.part) for change in found.changes] == [
        (run, part) for run in (1, 2) for part in (None, "Bias", "Fraud")
    ]
    assert found.n_tests == 6
    assert [change.holm_p for change in found.changes] == holm([change.p_value for change in found.changes])
    assert [change.part for change in compared(*paths).changes] == [None, None]


def test_what_is_withheld_says_no_number_and_is_no_test(tmp_path: Path) -> None:
    """One of six labels is missing in one run: nothing but counts, until it is asked for."""
    first = store(tmp_path / "a.sqlite", attacks(A))
    second = store(tmp_path / "b.sqlite", attacks({**B, "c": "S?"}))

    withheld, shown = compared(first, second), compared(first, second, show_incomplete=True)

    (change,) = withheld.changes
    assert (change.n, change.n_failed, change.withheld) == (5, 1, True)
    numbers = (change.value, change.low, change.first.value, change.second.value, change.p_value, change.holm_p)
    assert numbers == (None,) * 6
    assert (change.discordance, change.cohens_h, withheld.n_tests) == (None, None, 0)
    assert shown.changes[0].value == pytest.approx(-1 / 5)
    assert shown.n_tests == 1


def test_a_judge_that_ruled_on_nothing_leaves_a_withheld_number(tmp_path: Path) -> None:
    """Where no verdict could be read, harm is there with n 0; refusal, which nobody ruled on, is not."""
    first, second = (store(tmp_path / f"{name}.sqlite", attacks({"a": "??"})) for name in "ab")

    (change,) = compared(first, second).changes

    assert (change.measure, change.n, change.n_failed, change.withheld) == ("attack_success_rate", 0, 2, True)


def test_a_benchmark_without_a_shared_dialogue_is_there_with_nothing(tmp_path: Path) -> None:
    """Two benchmarks, one of which the second run has no dialogue of: it has a change without a number, either way."""
    other = [Row("o", "o", "safe", benchmark="other")]
    first = store(tmp_path / "a.sqlite", [*attacks(A), *other])
    second = store(tmp_path / "b.sqlite", attacks(B))

    for found in (compared(first, second), compared(second, first)):
        assert [(change.benchmark, change.n, change.value) for change in found.changes][1:] == [("other", 0, None)]


def test_runs_of_other_files_or_judges_are_refused_by_name(tmp_path: Path) -> None:
    """One sentence names both runs with their files, or their judges with rubrics; so it does for another view."""
    first = store(tmp_path / "a.sqlite", attacks(A))
    other = store(tmp_path / "b.sqlite", attacks(B), files={"test": "ee" * 32})
    rubric = store(tmp_path / "c.sqlite", attacks(B), judges=[JudgeCard("rules", "ff" * 32)])
    sees = store(tmp_path / "d.sqlite", attacks(B), judges=[msgspec.structs.replace(RULES, sees="image")])

    for path, parts in (
        (other, ("test (files cdcdcdcd)", "test (files eeeeeeee)")),
        (rubric, ("rules (rubric abababab, sees neither)", "rules (rubric ffffffff, sees neither)")),
        (sees, ("rules (rubric abababab, sees neither)", "rules (rubric abababab, sees image)")),
    ):
        with pytest.raises(UsageError, match="comparing runs of different benchmarks or judges: ") as refused:
            compared(first, path)
        assert [part for part in (str(first), str(path), *parts) if part not in str(refused.value)] == []
        assert len(str(refused.value).splitlines()) == 1


def test_the_judge_is_the_only_common_one_or_is_named(tmp_path: Path) -> None:
    """With two judges in common one is named; the one that both have is taken; an unknown one is refused."""
    second, third = JudgeCard("second", "11" * 32), JudgeCard("third", "22" * 32)
    both = store(tmp_path / "a.sqlite", attacks(A), judges=[RULES, second])
    same = store(tmp_path / "b.sqlite", attacks(B), judges=[second, RULES])
    one = store(tmp_path / "c.sqlite", attacks(B), judges=[second, third])

    with pytest.raises(UsageError, match=r"2 judges ruled \(rules, second\); name one with --judge"):
        compared(both, same)
    assert compared(both, same, judge="rules").judge == "rules"
    assert compared(both, one).judge == "second"
    with pytest.raises(UsageError, match="comparing runs of different benchmarks or judges"):
        compared(both, one, judge="rules")
    with pytest.raises(UsageError, match="judge 'nobody' is not known; known: rules, second, panel"):
        compared(both, same, judge="nobody")


def test_runs_without_a_common_dialogue_or_measure_are_refused(tmp_path: Path) -> None:
    """Nothing in common is wrong use; common dialogues that the judge does not measure are not measurable."""
    first = store(tmp_path / "a.sqlite", attacks({"a": "U"}))
    second = store(tmp_path / "b.sqlite", attacks({"b": "U"}))
    safe = [store(tmp_path / f"{name}.sqlite", [Row("s", "s", "safe", intent="safe")]) for name in "cd"]

    with pytest.raises(UsageError, match="share no dialogue"):
        compared(first, second)
    with pytest.raises(NotMeasurable, match="judge rules gives nothing to compare"):
        compared(*safe)


def test_other_settings_are_said(tmp_path: Path) -> None:
    """Runs that differ in how they were held are compared, and the difference stands beside them."""
    first = store(tmp_path / "a.sqlite", attacks(A), temperature=0.0, seed=1)
    second = store(tmp_path / "b.sqlite", attacks(B), temperature=1.0, seed=2)

    assert compared(first, second).runs[1].differs == ("temperature: 0.0 and 1.0",)
