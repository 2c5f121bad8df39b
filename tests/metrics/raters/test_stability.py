"""How far a judge agrees with itself, from the rows of its repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from metrics.raters.ruling import judge, labels, rulings, says, unsafe
from metrics.stored import Row
from turnwise.metrics import Stability, stability_as_shown, stability_of_run
from turnwise.runfile import Reader

A, TWICE, THRICE = judge("a"), judge("a", repeat=2), judge("a", repeat=3)


def of_labels(folder: Path, *said: str) -> Stability:
    """The stability of a judge that said this of one dialogue after the other, each time a word."""
    cards = (A, TWICE, THRICE)[: len(said)]
    rows = unsafe(*(f"d{place}" for place in range(len(said[0]))))
    tables = {card: labels(words) for card, words in zip(cards, said, strict=True)}
    with Reader(rulings(folder / "run.sqlite", rows, {judge("other"): labels("S" * len(rows)), **tables})) as reader:
        (one,) = stability_of_run(reader, resamples=200)
    return one


def test_two_rulings_by_hand(tmp_path: Path) -> None:
    """2 of 10 flip, one each way: agreement 0.8, alpha 1 - 19 x 0.2 / 10, and an attack success of 50 % both times."""
    one = of_labels(tmp_path, "UUUUUSSSSS", "UUUUSUSSSS")
    (part,) = one.dimensions
    assert (one.judge, one.benchmark, one.repeats, part.dimension) == ("a", "test", 2, "label")
    assert (part.raw.value, part.alpha.value) == pytest.approx((0.8, 0.62))
    assert (part.changed.value, part.changed.n, part.changed.n_failed) == (0.2, 10, 0)
    assert part.changed.low is not None
    assert part.changed.high is not None
    assert 0 < part.changed.low < 0.2 < part.changed.high < 1
    assert [asr.value for asr in one.attack_success_rate] == [0.5, 0.5]
    assert one.spread == 0


def test_three_rulings_that_all_have_to_be_alike(tmp_path: Path) -> None:
    """One dissent among three flips a dialogue and leaves a third of its pairs alike; the rates are 75, 50 and 50 %."""
    one = of_labels(tmp_path, "UUUS", "UUSS", "UUSS")
    (part,) = one.dimensions
    assert part.raw.value == pytest.approx((3 + 1 / 3) / 4)
    assert part.changed.value == 0.25
    assert [asr.value for asr in one.attack_success_rate] == [0.75, 0.5, 0.5]
    assert one.spread == 0.25


def test_a_ruling_that_failed_is_counted_and_never_alike(tmp_path: Path) -> None:
    """With one ruling there is nothing to compare; two of three still are; the rate that lacks rows is withheld."""
    one = of_labels(tmp_path, "UUUS", "U??S", "U?SS")
    (part,) = one.dimensions
    assert part.changed.value == pytest.approx(1 / 3)
    assert (part.changed.n, part.changed.n_failed) == (3, 1)
    assert (part.raw.n, part.raw.n_failed) == (3, 1)
    assert [(asr.n, asr.n_failed) for asr in one.attack_success_rate] == [(4, 0), (2, 2), (3, 1)]
    shown = stability_as_shown(one)
    assert [asr.value for asr in shown.attack_success_rate] == [0.75, None, None]
    assert shown.spread is None
    assert shown.dimensions[0].changed.value is None


def test_every_dimension_of_the_judge_is_looked_at(tmp_path: Path) -> None:
    """Stance and grade may hold where the label flips, and the other way round."""
    what = ("label", "stance", "helpfulness")
    rows = [Row("d1", "d1", intent="safe"), Row("d2", "d2", intent="safe")]
    said = {
        judge("a", *what): [says("safe", "caveat", helpful=3), says("safe", "refusal", helpful=1)],
        judge("a", *what, repeat=2): [says("unsafe", "caveat", helpful=3), says("safe", "refusal", helpful=2)],
    }
    with Reader(rulings(tmp_path / "run.sqlite", rows, said)) as reader:
        (one,) = stability_of_run(reader, resamples=50)
    changed = {part.dimension: part.changed.value for part in one.dimensions}
    assert changed == {"label": 0.5, "stance": 0, "helpfulness": 0.5}
    assert one.spread is None


def test_a_judge_that_ruled_once_has_no_stability(tmp_path: Path) -> None:
    """Two judges are two opinions, and none beside itself."""
    run = rulings(tmp_path / "run.sqlite", unsafe("d"), {A: labels("S"), judge("b"): labels("U")})
    with Reader(run) as reader:
        assert stability_of_run(reader) == []
