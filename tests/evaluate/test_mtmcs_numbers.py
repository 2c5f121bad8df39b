"""MTMCS-Bench from its files to its numbers: ten rows, every answer known, every number worked out by hand.

Ten rows in two splits and two modalities are 40 pairs. One safe dialogue could not be held to its end, and one verdict
on an unsafe dialogue could not be read.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from benchmarks.mtmcs_rows import PUBLISHED_ROWS, save_as_lines, save_as_parquet
from evaluate.answering import QUICK, Answering, settings_of
from evaluate.known_mtmcs import answers_of_row
from turnwise.evaluate import Machinery, evaluate
from turnwise.metrics import Estimate, Scoring, Slice, slices_of_run
from turnwise.runfile import Reader


@pytest.fixture
async def held(server: Answering, tmp_path: Path, run: Path) -> Path:
    """The run over ten rows."""
    await hold(server, save_as_lines(tmp_path / "rows", 10), run, QUICK)
    return run


async def hold(server: Answering, rows: Path, run: Path, machinery: Machinery) -> None:
    """Run the rows of a folder against the target and the judge whose answers are known."""
    server.answer, server.latency_s = answers_of_row, 0.0
    judge = f"mtmcs:{server.target('judge')},turns=all"
    await evaluate(settings_of(server, f"mtmcs:{rows}", judges=(judge,)), run, machinery=machinery)


def measured(run: Path, scoring: Scoring) -> Slice:
    """The one slice of the run."""
    with Reader(run) as reader:
        (item,) = slices_of_run(reader, scoring=scoring, resamples=50)
    return item


def counts(number: Estimate) -> tuple[float | None, int, int]:
    """Value, n, n_failed; the value to 6 decimals."""
    return None if number.value is None else round(number.value, 6), number.n, number.n_failed


def intent(item: Slice) -> dict[tuple[str, str | None], tuple[float | None, int, int]]:
    """Intent accuracy over all settings, by kind and intent."""
    return {(one.kind, one.intent): counts(one) for one in item.intent_accuracy if one.setting is None}


async def test_every_number_is_the_one_worked_out_by_hand(held: Path) -> None:
    """Both scorings of one run, number by number."""
    strict, published = measured(held, "strict"), measured(held, "as_published")
    _check_intent_accuracy(strict, published)
    _check_grades(strict, published)
    for item in (strict, published):
        _check_pairs(item)
        _check_turns(item)


@pytest.mark.extra("hub")
async def test_the_published_size_has_the_numbers_of_its_rows(server: Answering, tmp_path: Path, run: Path) -> None:
    """752 rows a split as parquet, 3,008 pairs: counts of pairs, grades and right answers, summed row by row."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("huggingface_hub")
    rows = save_as_parquet(tmp_path / "hub")
    await hold(server, rows, run, msgspec.structs.replace(QUICK, concurrency=64, timeout_s=120.0))
    item = measured(run, "strict")
    pairs: Counter[tuple[str, str]] = Counter()
    for number in range(PUBLISHED_ROWS):
        unsafe = "helped" if number % 5 in (0, 1) else "refused"
        pairs[unsafe, "refused" if number % 4 == 0 else "helped"] += 2 if number == 9 else 4
    n_pairs = 4 * PUBLISHED_ROWS - 2
    assert {(one.unsafe, one.safe): counts(one) for one in item.twin_outcomes} == {
        kind: (round(count / n_pairs, 6), n_pairs, 2) for kind, count in pairs.items()
    }
    n_graded = 4 * PUBLISHED_ROWS - 1
    aware = 4 * sum(1 + number % 5 for number in range(PUBLISHED_ROWS)) - 5
    helpful = 4 * sum(5 - number % 4 for number in range(PUBLISHED_ROWS)) - 4
    assert {one.measure: counts(one) for one in item.grades if one.setting is None} == {
        "safety_awareness": (round(aware / n_graded, 6), n_graded, 1),
        "helpfulness": (round(helpful / n_graded, 6), n_graded, 1),
    }
    n_asked = 8 * PUBLISHED_ROWS
    right = 4 * (PUBLISHED_ROWS + PUBLISHED_ROWS // 2) - 1
    assert intent(item)["mcq", "safe"] == (round(right / (n_asked - 2), 6), n_asked - 2, 2)
    assert intent(item)["mcq", "unsafe"] == (0.5, n_asked, 0)
    assert intent(item)["true_false", "unsafe"] == (1.0, n_asked, 0)


def _check_intent_accuracy(strict: Slice, published: Slice) -> None:
    """Safe dialogues have 80 mcq, two of them never asked: mcq 3 is right, mcq 1 of even rows, so 39 + 20 of 78.

    Mcq about unsafe dialogues: mcq 0 is right, mcq 2 not read: strict 40 of 80, published 40 of 40. True/false: strict
    reads both, the published rule the first only.
    """
    assert intent(strict) == {
        ("mcq", "safe"): (round(59 / 78, 6), 78, 2),
        ("mcq", "unsafe"): (0.5, 80, 0),
        ("mcq", None): (round(99 / 158, 6), 158, 2),
        ("true_false", "unsafe"): (1.0, 80, 0),
        ("true_false", None): (1.0, 80, 0),
    }
    assert intent(published) == {
        ("mcq", "safe"): (1.0, 78, 2),
        ("mcq", "unsafe"): (1.0, 40, 40),
        ("mcq", None): (1.0, 118, 42),
        ("true_false", "unsafe"): (1.0, 40, 40),
        ("true_false", None): (1.0, 40, 40),
    }


def _check_grades(strict: Slice, published: Slice) -> None:
    """Safety awareness sums to 30 a form, 120 in all, less the 5 of row 9 that is lost.

    Helpfulness sums to 37 a form, 148 in all, less the 4 of row 9.
    """
    whole = {one.measure: one for one in strict.grades if one.setting is None}
    assert counts(whole["safety_awareness"]) == (round(115 / 39, 6), 39, 1)
    assert counts(whole["helpfulness"]) == (round(144 / 39, 6), 39, 1)
    rounded = {one.measure: one.value for one in published.grades if one.setting is None}
    assert rounded == {"safety_awareness": 2.9487, "helpfulness": 3.6923}
    places = {(one.measure, one.setting, one.modality): counts(one) for one in strict.grades if one.setting}
    assert places == {
        ("safety_awareness", "escalation", "multimodal"): (3.0, 10, 0),
        ("safety_awareness", "escalation", "unimodal"): (3.0, 10, 0),
        ("safety_awareness", "context_switch", "multimodal"): (3.0, 10, 0),
        ("safety_awareness", "context_switch", "unimodal"): (round(25 / 9, 6), 9, 1),
        ("helpfulness", "escalation", "multimodal"): (round(33 / 9, 6), 9, 1),
        ("helpfulness", "escalation", "unimodal"): (3.7, 10, 0),
        ("helpfulness", "context_switch", "multimodal"): (3.7, 10, 0),
        ("helpfulness", "context_switch", "unimodal"): (3.7, 10, 0),
    }


def _check_pairs(item: Slice) -> None:
    """Rows 2, 3, 7, 9 are taken as wanted, 4 and 8 both refused, 1, 5, 6 both helped, row 0 the wrong way round.

    There are four pairs a row, less the two of row 9 that lost a twin.
    """
    assert {(one.unsafe, one.safe): counts(one) for one in item.twin_outcomes} == {
        ("refused", "helped"): (round(14 / 38, 6), 38, 2),
        ("refused", "refused"): (round(8 / 38, 6), 38, 2),
        ("helped", "helped"): (round(12 / 38, 6), 38, 2),
        ("helped", "refused"): (round(4 / 38, 6), 38, 2),
    }
    # Both modalities fare alike, but for the pairs that lost a side.
    assert [(gap.measure, *counts(gap)) for gap in item.modality_gaps] == [
        ("attack_success_rate", 0.0, 19, 1),
        ("over_refusal_rate", 0.0, 19, 1),
    ]
    assert item.pair_accuracy is not None
    assert counts(item.pair_accuracy) == (round(14 / 38, 6), 38, 2)
    assert {(one.setting, one.modality): counts(one) for one in item.pair_accuracy_by_setting} == {
        ("escalation", "multimodal"): (round(3 / 9, 6), 9, 1),
        ("escalation", "unimodal"): (0.4, 10, 0),
        ("context_switch", "multimodal"): (0.4, 10, 0),
        ("context_switch", "unimodal"): (round(3 / 9, 6), 9, 1),
    }


def _check_turns(item: Slice) -> None:
    """Twenty dialogues a curve; the two of row 9 that have no verdict are lost at every turn of theirs.

    Unsafe escalations: rows 4 and 9 refused at turn 1, 3 and 8 at turn 2, 2, 3, 4, 7, 8, 9 at turn 3. Unsafe context
    switches: even rows at turn 1; of these, rows 0 and 6 helped at last. Safe ones: rows 0, 4, 8 refused at turn 3.
    """
    assert [(one.intent, one.setting, one.turn, *counts(one)) for one in item.refusal_by_turn] == [
        ("unsafe", "escalation", 1, 0.2, 20, 0),
        ("unsafe", "escalation", 2, 0.2, 20, 0),
        ("unsafe", "escalation", 3, 0.6, 20, 0),
        ("unsafe", "context_switch", 1, round(10 / 19, 6), 19, 1),
        ("unsafe", "context_switch", 2, 0.0, 19, 1),
        ("unsafe", "context_switch", 3, round(11 / 19, 6), 19, 1),
        ("safe", "escalation", 1, 0.0, 19, 1),
        ("safe", "escalation", 2, 0.0, 19, 1),
        ("safe", "escalation", 3, round(6 / 19, 6), 19, 1),
        ("safe", "context_switch", 1, 0.0, 20, 0),
        ("safe", "context_switch", 2, 0.0, 20, 0),
        ("safe", "context_switch", 3, 0.3, 20, 0),
    ]
    assert {one.timing: counts(one) for one in item.refusal_timing} == {
        "as_wanted": (0.2, 20, 0),
        "premature": (0.4, 20, 0),
        "missing": (0.4, 20, 0),
    }
    assert item.context_switch_forgetting is not None
    assert counts(item.context_switch_forgetting) == (0.4, 10, 1)
