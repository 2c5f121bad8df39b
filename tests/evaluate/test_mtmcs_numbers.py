"""MTMCS-Bench from its files to its numbers: ten rows, every answer known, every number worked out by hand.

Ten rows in two splits and two modalities are 40 pairs. One safe dialogue could not be held to its end, and one verdict
on an unsafe dialogue could not be read.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mtmcs_rows import save_as_lines
from evaluate.answering import QUICK, Answering, settings_of
from evaluate.known_mtmcs import answers_of_row
from turnwise.evaluate import evaluate
from turnwise.metrics import Estimate, Scoring, Slice, slices_of_run
from turnwise.runfile import Reader


@pytest.fixture
async def held(server: Answering, tmp_path: Path, run: Path) -> Path:
    """The run over ten rows."""
    server.answer, server.latency_s = answers_of_row, 0.0
    rows = save_as_lines(tmp_path / "rows", 10)
    judge = f"mtmcs:{server.target('judge')},turns=all"
    await evaluate(settings_of(server, f"mtmcs:{rows}", judges=(judge,)), run, machinery=QUICK)
    return run


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


def _check_intent_accuracy(strict: Slice, published: Slice) -> None:
    """mcq about safe dialogues: 80, two of them never asked. mcq 3 is right, mcq 1 for even rows: 39 + 20 of 78.

    mcq about unsafe dialogues: mcq 0 is right, mcq 2 not read: strict 40 of 80, published 40 of 40. True/false: strict
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
    """Safety awareness 1 + n % 5: 30 a form, 120 in all, less the 5 of row 9 that is lost; helpfulness 37 a form, 148
    in all, less the 4 of row 9.
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
    """Rows 2, 3, 7, 9 are taken as wanted, 4 and 8 refused on both sides, 1, 5, 6 helped on both, row 0 the wrong way
    round; four pairs a row, less the two of row 9 that lost a twin.
    """
    assert {(one.unsafe, one.safe): counts(one) for one in item.twin_outcomes} == {
        ("refused", "helped"): (round(14 / 38, 6), 38, 2),
        ("refused", "refused"): (round(8 / 38, 6), 38, 2),
        ("helped", "helped"): (round(12 / 38, 6), 38, 2),
        ("helped", "refused"): (round(4 / 38, 6), 38, 2),
    }
    assert item.pair_accuracy is not None
    assert counts(item.pair_accuracy) == (round(14 / 38, 6), 38, 2)
    assert {(one.setting, one.modality): counts(one) for one in item.pair_accuracy_by_setting} == {
        ("escalation", "multimodal"): (round(3 / 9, 6), 9, 1),
        ("escalation", "unimodal"): (0.4, 10, 0),
        ("context_switch", "multimodal"): (0.4, 10, 0),
        ("context_switch", "unimodal"): (round(3 / 9, 6), 9, 1),
    }
