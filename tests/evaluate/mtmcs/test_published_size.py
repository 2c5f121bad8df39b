"""MTMCS-Bench at its published size, from parquet with the pictures inside to every number, under the paper's protocol.

752 rows a split, 3,008 pairs. The rows are generated; where the real data is at hand, the authors' captions and their
two published dialogues stand among them, and since every answer follows from the number of a row, no number changes.
In every 20 rows, n % 5 and n % 4 meet once in each way; 752 is 37 times 20, and rows 740 to 751 are like 0 to 11.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.mtmcs_rows import save_as_parquet
from benchmarks.samples import DATA, needs_data
from evaluate.answering import QUICK, Answering, Asked
from evaluate.mtmcs.holding import counts, hold, intent, measured
from turnwise.metrics import Slice

pytestmark = pytest.mark.extra("hub")
pytest.importorskip("pyarrow")
pytest.importorskip("huggingface_hub")

CAPTIONS = DATA / "mtmcs/captions.json"
AS_PUBLISHED: dict[str, Any] = {
    "placement": "published",
    "temperature": 0.1,
    "max_tokens": 128,
    "judge_sees": "caption",
}
MANY = msgspec.structs.replace(QUICK, concurrency=64, timeout_s=120.0)


async def test_every_number_of_generated_rows(server: Answering, tmp_path: Path, run: Path) -> None:
    """Both scorings of one run, number by number."""
    await hold(server, f"mtmcs:{save_as_parquet(tmp_path / 'hub')}", run, machinery=MANY, **AS_PUBLISHED)
    _check(run)


@needs_data
async def test_every_number_with_the_real_rows_and_captions(server: Answering, tmp_path: Path, run: Path) -> None:
    """The two real rows are held word for word, each judged with its caption, and the numbers are those of before."""
    rows = _real_rows()
    hub = save_as_parquet(tmp_path / "hub", changes=rows)
    spelling = f"mtmcs:{hub},captions={CAPTIONS}"
    await hold(server, spelling, run, machinery=MANY, numbers=_numbers(rows), **AS_PUBLISHED)
    _check(run)
    said = {asked.last for asked in server.of("target")}
    assert {text for row in rows.values() for text in _texts(row)} <= said
    assert _captions_shown(server.of("judge")) == _captions_wanted()


def _real_rows() -> dict[tuple[str, int], dict[str, Any]]:
    """The published dialogues by split and number; questions and pictures of these rows are not at hand."""
    rows = [json.loads(line) for line in (DATA / "mtmcs/type_b_dialogues.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [0, 1]
    return {("type_b", row["id"]): row for row in rows}


def _texts(row: dict[str, Any]) -> list[str]:
    """The messages of a row."""
    forms = (row["multimodal_dialogue"], row["unimodal_dialogue"])
    return [text for form in forms for text in form.values() if text]


def _numbers(rows: dict[tuple[str, int], dict[str, Any]]) -> dict[str, int]:
    """The row that a message belongs to, by the message as JSON has it."""
    return {
        msgspec.json.encode(text).decode()[1:-1]: number for (_, number), row in rows.items() for text in _texts(row)
    }


def _captions_shown(asked: list[Asked]) -> Counter[str]:
    """How often the judge model was shown each caption."""
    evidence = [json.loads(request.messages[1][1].split("\n")[1]) for request in asked]
    return Counter(one["caption_of_the_images"] for one in evidence if "caption_of_the_images" in one)


def _captions_wanted() -> Counter[str]:
    """Four dialogues a photograph; of row 9 one was not held to its end, of row 19 one was asked about twice."""
    wanted: Counter[str] = Counter()
    for number, caption in json.loads(CAPTIONS.read_text("utf-8")).items():
        wanted[caption] += {"9": 3, "19": 5}.get(number, 4)
    return wanted


def _check(run: Path) -> None:
    strict, published = measured(run, "strict"), measured(run, "as_published")
    _check_intent_accuracy(strict, published)
    _check_grades(strict, published)
    for item in (strict, published):
        _check_rates(item)
        _check_pairs(item)
        _check_turns(item)


def _check_intent_accuracy(strict: Slice, published: Slice) -> None:
    """6,016 mcq about safe dialogues, two never asked; 6,016 about unsafe ones; 6,016 true/false statements.

    Safe: mcq 3 is right, so is mcq 1 of even rows: 3,008 + 1,504 less the one of row 9. As published "The answer is C"
    is A too, and right. Unsafe: mcq 0 is right; as published mcq 2 is a wrong A in odd rows, and left out in even ones.
    """
    assert intent(strict) == {
        ("mcq", "safe"): (round(4511 / 6014, 6), 6014, 2),
        ("mcq", "unsafe"): (0.5, 6016, 0),
        ("mcq", None): (round(7519 / 12030, 6), 12030, 2),
        ("true_false", "unsafe"): (1.0, 6016, 0),
        ("true_false", None): (1.0, 6016, 0),
    }
    assert intent(published) == {
        ("mcq", "safe"): (1.0, 6014, 2),
        ("mcq", "unsafe"): (round(3008 / 4512, 6), 4512, 1504),
        ("mcq", None): (round(9022 / 10526, 6), 10526, 1506),
        ("true_false", "unsafe"): (1.0, 3008, 3008),
        ("true_false", None): (1.0, 3008, 3008),
    }


def _check_grades(strict: Slice, published: Slice) -> None:
    """Safety awareness: 1 to 5 in turn, 150 times and 1 + 2, so 2,253 a form, less the 5 of row 9, which is "10/10".

    Helpfulness: 5 to 2 in turn, 188 times, so 2,632 a form, less the 4 of row 9 and the 2 of row 19, cut short. As
    published "10/10" is a 1, and what was cut short is read for its 2.
    """
    whole = {one.measure: counts(one) for one in strict.grades if one.setting is None}
    assert whole == {
        "safety_awareness": (round(9007 / 3007, 6), 3007, 1),
        "helpfulness": (round(10522 / 3006, 6), 3006, 2),
    }
    places = {(one.measure, one.setting, one.modality): counts(one) for one in strict.grades if one.setting}
    assert places == {
        ("safety_awareness", "escalation", "multimodal"): (round(2253 / 752, 6), 752, 0),
        ("safety_awareness", "escalation", "unimodal"): (round(2253 / 752, 6), 752, 0),
        ("safety_awareness", "context_switch", "multimodal"): (round(2253 / 752, 6), 752, 0),
        ("safety_awareness", "context_switch", "unimodal"): (round(2248 / 751, 6), 751, 1),
        ("helpfulness", "escalation", "multimodal"): (round(2628 / 751, 6), 751, 1),
        ("helpfulness", "escalation", "unimodal"): (3.5, 752, 0),
        ("helpfulness", "context_switch", "multimodal"): (round(2630 / 751, 6), 751, 1),
        ("helpfulness", "context_switch", "unimodal"): (3.5, 752, 0),
    }
    assert {one.measure: (one.value, one.n, one.n_failed) for one in published.grades if one.setting is None} == {
        "safety_awareness": (round(9008 / 3008, 4), 3008, 0),
        "helpfulness": (round(10524 / 3007, 4), 3007, 1),
    }


def _check_rates(item: Slice) -> None:
    """Unsafe replies in 151 rows, of 0 to 750 by fives; 188 rows by fours are refused although nothing is wrong.

    Words of refusal stand in 601 rows, those with an unsafe reply included; row 9 of one form is lost.
    """
    assert [(one.length, *counts(one)) for one in item.harm.asr if one.n] == [(3, round(604 / 3007, 6), 3007, 1)]
    assert {(one.setting, one.modality): counts(one) for one in item.asr_by_setting} == {
        ("escalation", "multimodal"): (round(151 / 752, 6), 752, 0),
        ("escalation", "unimodal"): (round(151 / 752, 6), 752, 0),
        ("context_switch", "multimodal"): (round(151 / 752, 6), 752, 0),
        ("context_switch", "unimodal"): (round(151 / 751, 6), 751, 1),
    }
    assert {(one.setting, one.modality): counts(one) for one in item.over_refusal_by_setting} == {
        ("escalation", "multimodal"): (round(188 / 751, 6), 751, 1),
        ("escalation", "unimodal"): (0.25, 752, 0),
        ("context_switch", "multimodal"): (round(188 / 751, 6), 751, 1),
        ("context_switch", "unimodal"): (0.25, 752, 0),
    }
    assert counts(item.refusal_rate) == (round(2403 / 3007, 6), 3007, 1)
    assert counts(item.over_refusal_rate) == (round(752 / 3006, 6), 3006, 2)
    assert (item.completeness.n_scored, item.completeness.n_expected) == (6013, 6016)


def _check_pairs(item: Slice) -> None:
    """Of 20 rows 9 are as wanted, 3 both refused, 6 both helped, 2 the wrong way round; of the last 12: 4, 2, 5, 1.

    Four pairs a row, less three that would have been taken as wanted: two of row 9, one of row 19.
    """
    pairs = 3005
    assert {(one.unsafe, one.safe): counts(one) for one in item.twin_outcomes} == {
        ("refused", "helped"): (round((4 * 337 - 3) / pairs, 6), pairs, 3),
        ("refused", "refused"): (round(4 * 113 / pairs, 6), pairs, 3),
        ("helped", "helped"): (round(4 * 227 / pairs, 6), pairs, 3),
        ("helped", "refused"): (round(4 * 75 / pairs, 6), pairs, 3),
    }
    assert counts(item.pair_accuracy) == (round(1345 / pairs, 6), pairs, 3)
    assert {(one.setting, one.modality): counts(one) for one in item.pair_accuracy_by_setting} == {
        ("escalation", "multimodal"): (round(336 / 751, 6), 751, 1),
        ("escalation", "unimodal"): (round(337 / 752, 6), 752, 0),
        ("context_switch", "multimodal"): (round(336 / 751, 6), 751, 1),
        ("context_switch", "unimodal"): (round(336 / 751, 6), 751, 1),
    }
    assert [(gap.measure, *counts(gap)) for gap in item.modality_gaps] == [
        ("attack_success_rate", 0.0, 1503, 1),
        ("over_refusal_rate", 0.0, 1502, 2),
    ]


def _check_turns(item: Slice) -> None:
    """1,504 dialogues a curve, less the lost ones. Unsafe escalations: 150 rows each refuse first at turn 1, 2, 3.

    Of 376 even rows, whose context switch is refused at turn 1, the 151 that end in 0 or 6 are helped at last.
    """
    assert [(one.intent, one.setting, one.turn, *counts(one)) for one in item.refusal_by_turn] == [
        ("unsafe", "escalation", 1, round(300 / 1504, 6), 1504, 0),
        ("unsafe", "escalation", 2, round(300 / 1504, 6), 1504, 0),
        ("unsafe", "escalation", 3, round(900 / 1504, 6), 1504, 0),
        ("unsafe", "context_switch", 1, round(752 / 1503, 6), 1503, 1),
        ("unsafe", "context_switch", 2, 0.0, 1503, 1),
        ("unsafe", "context_switch", 3, round(899 / 1503, 6), 1503, 1),
        ("safe", "escalation", 1, 0.0, 1503, 1),
        ("safe", "escalation", 2, 0.0, 1503, 1),
        ("safe", "escalation", 3, round(376 / 1503, 6), 1503, 1),
        ("safe", "context_switch", 1, 0.0, 1503, 1),
        ("safe", "context_switch", 2, 0.0, 1503, 1),
        ("safe", "context_switch", 3, round(376 / 1503, 6), 1503, 1),
    ]
    assert {one.timing: counts(one) for one in item.refusal_timing} == {
        "as_wanted": (round(300 / 1504, 6), 1504, 0),
        "premature": (round(600 / 1504, 6), 1504, 0),
        "missing": (round(604 / 1504, 6), 1504, 0),
    }
    assert counts(item.context_switch_forgetting) == (round(302 / 752, 6), 752, 1)
