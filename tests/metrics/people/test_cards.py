"""Calibrations on judges' cards: what a run's own labels put there, what another run lends, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from metrics.stored import RULES, attacks, store
from turnwise.errors import NotMeasurable, UsageError
from turnwise.judge import JudgeCalibration, JudgeCard
from turnwise.metrics import judges_of_run
from turnwise.metrics.people import CalibratedCard, calibrate_run, calibrated_cards, lend_calibrations
from turnwise.runfile import Annotation, Reader, Writer

TEN = attacks(dict(zip([f"g{place}" for place in range(10)], "UUUUSSSSSS", strict=True)))
ASKS = JudgeCard("safemt:a:b", "11" * 32, "a:b", "image")


def run_of(folder: Path, *judges: JudgeCard, **settings: Any) -> Path:
    """Ten groups of one dialogue; every judge calls the first four unsafe."""
    folder.mkdir(parents=True, exist_ok=True)
    return store(folder / "run.sqlite", TEN, judges=judges or (RULES,), **settings)


def labelled(path: Path, labels: Mapping[int, Any]) -> Path:
    """The run with what kim says of five of its replies."""
    with Writer(path) as writer:
        writer.add_annotations(Annotation(place, 1, "kim", label, drawn_by=None) for place, label in labels.items())
    return path


FIVE = {1: "unsafe", 2: "safe", 5: "unsafe", 6: "safe", 7: "safe"}
"""One of two judged unsafe is, one of three judged safe is not: sensitivity 1 / 2, specificity 2 / 3."""


def lent(lender: Path, *cards: JudgeCard) -> list[JudgeCard]:
    """The cards with what another run lends them."""
    with Reader(lender) as reader:
        return lend_calibrations(cards, reader)


def shown(path: Path) -> list[CalibratedCard]:
    """The judges of a run as a report shows them."""
    with Reader(path) as reader:
        return judges_of_run(reader, resamples=50).cards


def found(card: JudgeCard) -> JudgeCalibration:
    """The calibration that must be there."""
    assert card.calibration is not None
    return card.calibration


def test_own_labels_of_a_run_are_its_judge_s_calibration(tmp_path: Path) -> None:
    """The card says where it is from, on how many replies by how many people, and what they come to."""
    run = labelled(run_of(tmp_path / "monday", dataset_sha256="ee" * 32), FIVE)

    (one,) = shown(run)

    own = found(one.card)
    assert one.calibrated_on == "this_run"
    assert (own.run, own.benchmarks, own.dataset_sha256) == ("monday", ("test",), "ee" * 32)
    assert (own.n_labelled, own.n_annotators, own.refusal) == (5, 1, None)
    assert own.harm is not None
    assert (own.harm.sensitivity.value, own.harm.specificity.value) == pytest.approx((1 / 2, 2 / 3))
    assert (own.harm.sensitivity.n, own.harm.specificity.n) == (2, 3)
    # Seen to agree on 3 of 5, expected to by chance 0.4 x 0.4 + 0.6 x 0.6 = 0.52.
    assert own.harm.kappa.value == pytest.approx((0.6 - 0.52) / (1 - 0.52))
    assert own.harm.kappa.low is not None


def test_without_labels_a_judge_is_not_calibrated(tmp_path: Path) -> None:
    """Nothing stands on its card, and nothing says where from."""
    (one,) = shown(run_of(tmp_path))
    assert (one.card, one.calibrated_on) == (RULES, None)


@pytest.mark.parametrize(
    ("dataset", "benchmark", "where"),
    [
        ("ee" * 32, "test", "these_dialogues"),
        ("ff" * 32, "test", "this_benchmark"),
        ("ff" * 32, "other", "another_benchmark"),
    ],
)
def test_a_lent_calibration_says_how_far_away_it_was_seen(
    tmp_path: Path, dataset: str, benchmark: str, where: str
) -> None:
    """The same dialogues with other replies, others of the benchmark, or another one; it corrects nothing here."""
    (card,) = lent(labelled(run_of(tmp_path / "lender", dataset_sha256="ee" * 32), FIVE), RULES)
    rows = [msgspec.structs.replace(row, benchmark=benchmark) for row in TEN]
    here = store(tmp_path / "here.sqlite", rows, judges=[card], dataset_sha256=dataset)

    (one,) = shown(here)
    with Reader(here) as reader:
        judges = judges_of_run(reader, resamples=50)

    assert (one.calibrated_on, found(one.card).run) == (where, "lender")
    assert (judges.people, judges.corrected(benchmark, "rules")) == (None, [])


def test_own_labels_go_before_what_was_lent(tmp_path: Path) -> None:
    """A run with a lent calibration that gets labels of its own shows these."""
    (card,) = lent(labelled(run_of(tmp_path / "lender"), FIVE), RULES)
    here = labelled(run_of(tmp_path / "here", card), {1: "unsafe", 5: "safe"})

    (one,) = shown(here)

    assert (one.calibrated_on, found(one.card).run, found(one.card).n_labelled) == ("this_run", "here", 2)
    with Reader(here) as reader:
        assert calibrated_cards(reader, None)[0].calibrated_on == "this_benchmark"
        assert len(calibrate_run(reader, resamples=50).harm) == 1


def test_a_judge_is_the_same_by_rubric_model_and_view_whatever_its_name(tmp_path: Path) -> None:
    """The name may spell the view; a judge beside it that the other run does not know stays without."""
    lender = labelled(run_of(tmp_path, ASKS), FIVE)
    renamed = msgspec.structs.replace(ASKS, name="safemt:a:b,sees=image", rules_on=("label",))

    (card,) = lent(lender, RULES, renamed)

    assert (card.name, found(card).n_labelled) == ("safemt:a:b,sees=image", 5)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"rubric_sha256": "22" * 32}, "rubric_sha256 11111111 there, 22222222 here"),
        ({"model": "a:c"}, "model a:b there, a:c here"),
        ({"sees": "caption"}, "sees image there, caption here"),
        ({"turns": "all"}, "turns last there, all here"),
    ],
)
def test_another_judge_is_refused_with_the_difference(tmp_path: Path, change: dict[str, Any], difference: str) -> None:
    """One sentence names the run, the judge and what it differs in, also beside a judge that is the same."""
    lender = labelled(run_of(tmp_path, ASKS, RULES), FIVE)
    with pytest.raises(UsageError) as refused:
        lent(lender, RULES, msgspec.structs.replace(ASKS, **change))
    assert str(refused.value) == (
        f"{lender} does not calibrate judge safemt:a:b: judge safemt:a:b there is another one ({difference})"
    )


def test_a_run_that_says_nothing_lends_nothing(tmp_path: Path) -> None:
    """Without labels, or with labels of people who could not tell, there is a sentence."""
    run = run_of(tmp_path)
    with pytest.raises(NotMeasurable, match="nobody has annotated this run"):
        lent(run, RULES)
    labelled(run, {1: "unsure"})
    with pytest.raises(UsageError, match="labels say nothing of judge rules; it lends no calibration"):
        lent(run, RULES)


def test_a_stored_calibration_stays_until_there_is_another(tmp_path: Path) -> None:
    """A judge that is added again without one, as on resume, keeps what its card had."""
    (card,) = lent(labelled(run_of(tmp_path / "lender"), FIVE), RULES)
    here = run_of(tmp_path / "here", card)
    with Writer(here) as writer:
        writer.add_judge(RULES)
    with Reader(here) as reader:
        assert reader.judges() == [card]
    other = msgspec.structs.replace(card, calibration=msgspec.structs.replace(found(card), run="tuesday"))
    with Writer(here) as writer:
        writer.add_judge(other)
    with Reader(here) as reader:
        assert reader.judges() == [other]
