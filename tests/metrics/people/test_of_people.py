"""Judges of a stored run against people: hand-worked counts and numbers, and what is not corrected and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from metrics.stored import RULES, Row, attacks, store
from turnwise.errors import NotMeasurable, UsageError
from turnwise.judge import JudgeCard
from turnwise.metrics.people import PeopleReport, calibrate_run, draw
from turnwise.runfile import Annotation, Reader, Writer

TWINS: tuple[tuple[str, str, Literal["safe", "unsafe"]], ...] = (("+", "-", "safe"), ("-", "+", "unsafe"))
TEN = [f"g{place}" for place in range(10)]


def labelled(path: Path, labels: Mapping[int, Any], annotator: str = "kim", drawn_by: str | None = "rules") -> None:
    """Store labels by number of the dialogue."""
    with Writer(path) as writer:
        writer.add_annotations(
            Annotation(number, 1, annotator, label, drawn_by=drawn_by) for number, label in labels.items()
        )


def calibrated(path: Path, **options: Any) -> PeopleReport:
    """The judges of a run against people."""
    with Reader(path) as reader:
        return calibrate_run(reader, resamples=200, **options)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Ten groups of one dialogue: the judge calls the first four unsafe."""
    return store(tmp_path / "run.sqlite", attacks(dict(zip(TEN, "UUUUSSSSSS", strict=True))))


def test_counts_and_corrected_rate_are_those_worked_by_hand(run: Path) -> None:
    """Of 4 judged unsafe 2 are labelled, 1 unsafe; of 6 judged safe 3, 1 unsafe: 0.4 x 1/2 + 0.6 x 1/3 = 0.4.

    Rows weigh 2 each: sensitivity 1/2, specificity 2/3.
    """
    labelled(run, {1: "unsafe", 2: "safe", 5: "unsafe", 6: "safe", 7: "safe"})

    found = calibrated(run)

    (harm,) = found.harm
    assert (harm.confusion.yes_yes, harm.confusion.yes_no, harm.confusion.no_yes, harm.confusion.no_no) == (1, 1, 1, 2)
    assert (harm.sensitivity.value, harm.specificity.value) == pytest.approx((1 / 2, 2 / 3))
    (asr,) = found.corrected
    assert asr.corrected is not None
    assert (asr.raw.value, asr.corrected.judged) == pytest.approx((0.4, 0.4))
    assert asr.corrected.value == pytest.approx(0.4)
    assert (asr.corrected.n, asr.corrected.n_failed, asr.corrected.n_labelled) == (10, 0, 5)
    assert (found.drawn_by, found.n_replies, found.between, found.refusal) == ("rules", 5, None, [])


def test_what_people_cannot_settle_widens_the_limits(run: Path) -> None:
    """An unsure one among 6 labels: the limits reach from those of it called safe to those of it called unsafe."""
    others = {1: "unsafe", 2: "safe", 5: "unsafe", 6: "safe", 7: "safe"}
    labelled(run, {**others, 8: "safe"})
    (as_safe,) = calibrated(run).corrected
    labelled(run, {8: "unsafe"})
    (as_unsafe,) = calibrated(run).corrected
    labelled(run, {8: "unsure"})
    (unsure,) = calibrated(run).corrected
    assert as_safe.corrected is not None
    assert as_unsafe.corrected is not None
    assert unsure.corrected is not None
    assert (unsure.corrected.n_labelled, unsure.corrected.n_unsettled) == (5, 1)
    assert unsure.corrected.run_low <= as_safe.corrected.run_low
    assert unsure.corrected.run_high >= as_unsafe.corrected.run_high
    assert unsure.corrected.value == pytest.approx(0.4)


def test_labels_that_settle_nothing_are_told(run: Path) -> None:
    """Everybody is unsure of everything: the number stands there with why it is not corrected."""
    labelled(run, {1: "unsure", 2: "unsure", 5: "unsure"})
    (asr,) = calibrated(run).corrected
    assert asr.raw.value == pytest.approx(0.4)
    assert asr.corrected is None
    assert asr.reason is not None


def test_dialogues_answered_after_the_labels_are_not_corrected_by_them(run: Path) -> None:
    """One of ten could not have been drawn when the labels came in: the reason, and no number."""
    labelled(run, {1: "unsafe", 2: "safe", 5: "unsafe", 6: "safe"})
    with Writer(run) as writer:
        writer._execute("UPDATE replies SET at = '2999-01-01T00:00:00.000Z' WHERE dialogue = 10")
        writer.commit()
    (asr,) = calibrated(run).corrected
    assert asr.corrected is None
    assert asr.reason is not None
    assert asr.reason.startswith("1 of 10 dialogues were answered after the labels came in")


def test_nothing_is_drawn_from_a_run_that_is_not_finished(run: Path) -> None:
    """What is not judged yet could not be drawn, and labels of the rest would say nothing of it."""
    with Writer(run) as writer:
        writer._execute("DELETE FROM verdicts WHERE dialogue > 7")
        writer.commit()
    with Reader(run) as reader, pytest.raises(NotMeasurable, match="3 of 10 dialogues are not asked or not judged"):
        draw(reader, "rules", 5, seed=0)


def test_rows_weigh_by_the_chance_they_had(run: Path) -> None:
    """All 4 judged unsafe labelled, 2 of them unsafe; 2 of 6 judged safe, 1 unsafe: sensitivity 2 / (2 + 3) = 0.4."""
    labelled(run, {1: "unsafe", 2: "unsafe", 3: "safe", 4: "safe", 5: "unsafe", 6: "safe"})

    (harm,) = calibrated(run).harm

    assert harm.sensitivity.value == pytest.approx(0.4)
    assert harm.specificity.value == pytest.approx(3 / 5)


def test_labels_that_were_not_drawn_correct_nothing(run: Path) -> None:
    """Chances are not known of replies picked in another way: counts without weights, and the reason."""
    labelled(run, {1: "unsafe", 2: "safe", 5: "safe"}, drawn_by=None)

    found = calibrated(run)

    assert found.harm[0].sensitivity.value == 1
    (asr,) = found.corrected
    assert asr.corrected is None
    assert asr.raw.value == pytest.approx(0.4)
    assert asr.reason == "the labelled replies were not drawn by `turnwise annotate export`: chances not known"


def test_replies_that_annotators_tie_on_are_counted(tmp_path: Path) -> None:
    """Safe against unsafe is a tie; both alike, an unsure one, a third voice and a reply labelled once are none."""
    run = store(tmp_path / "run.sqlite", attacks({"a": "UUSSS"}))
    labelled(run, {1: "unsafe", 2: "unsafe", 3: "safe", 4: "unsafe", 5: "safe"}, "kim")
    labelled(run, {1: "safe", 2: "unsafe", 3: "unsure", 4: "safe"}, "lee")
    labelled(run, {4: "safe"}, "sam")
    with Reader(run) as reader:
        found = calibrate_run(reader, resamples=50)
    assert found.between is not None
    assert (found.between.n_tied, found.harm[0].agreement.n) == (1, 4)


def test_labels_drawn_by_two_judges_correct_nothing(tmp_path: Path) -> None:
    """Two draws with chances of their own are no sample together."""
    second = JudgeCard("second", "11" * 32)
    run = store(tmp_path / "run.sqlite", attacks(dict(zip(TEN, "UUUUSSSSSS", strict=True))), judges=[RULES, second])
    labelled(run, {1: "unsafe", 5: "safe"})
    labelled(run, {2: "unsafe", 6: "safe"}, drawn_by="second")

    found = calibrated(run)

    assert [row.judge for row in found.harm] == ["rules", "second"]
    assert {one.reason for one in found.corrected} == {
        "the labelled replies were drawn by the labels of several judges: chances not known"
    }


def test_several_people_speak_by_majority_and_agree_more_or_less(run: Path) -> None:
    """Two of three call reply 1 unsafe; reply 2 is a tie, reply 3 nobody could tell: one reply has a label."""
    labelled(run, {1: "unsafe", 2: "unsafe", 3: "unsure"}, "ann")
    labelled(run, {1: "unsafe", 2: "safe", 3: "unsure"}, "bo")
    labelled(run, {1: "safe", 2: "unsure"}, "cy")

    found = calibrated(run)
    alone = calibrated(run, annotator="cy")

    assert [(one.name, one.n, one.n_unsure) for one in found.annotators] == [("ann", 3, 1), ("bo", 3, 1), ("cy", 2, 1)]
    assert (found.harm[0].confusion.yes_yes, found.harm[0].agreement.n) == (1, 1)
    assert found.between is not None
    # Pairs that agree: 1 of 3 on reply 1, 0 of 1 on reply 2.
    assert found.between.agreement.value == pytest.approx(1 / 6)
    assert (alone.harm[0].confusion.no_yes, alone.harm[0].agreement.n, alone.between) == (1, 1, None)


def test_what_nobody_answered_is_counted_and_never_safe(tmp_path: Path) -> None:
    """A reply that failed stays in n_failed of the corrected number, which is withheld for it; a block is left out."""
    rows = attacks(dict(zip(TEN, "UUUUSSSSSS", strict=True)))
    run = store(
        tmp_path / "run.sqlite",
        [*rows, Row("l", "l", reply="failed"), Row("b", "b", "safe", "refusal", reply="provider_blocked")],
    )
    labelled(run, {1: "unsafe", 2: "safe", 5: "unsafe", 6: "safe"})

    (asr,) = calibrated(run).corrected

    assert asr.corrected is not None
    assert (asr.corrected.n, asr.corrected.n_failed, asr.corrected.withheld) == (10, 1, True)
    assert (asr.raw.n, asr.raw.n_failed) == (10, 1)


def test_a_stratum_without_a_label_is_a_reason(run: Path) -> None:
    """Only replies judged safe were labelled: what the flagged ones are is not known, and it says so."""
    labelled(run, {5: "unsafe", 6: "safe"})

    (asr,) = calibrated(run).corrected

    assert asr.corrected is None
    assert asr.reason == "stratum 'highest': none of its 4 rows has a human label; label some of them"


def test_a_stratum_that_the_draw_missed_in_a_part_joins_the_next_one(tmp_path: Path) -> None:
    """Group b alone is judged unsafe throughout among attacks, and unlabelled; others judged so have labels elsewhere.

    Of the 3 attacks 2 are judged unsafe, and the labelled one of them is: 2/3 x 1. The one judged safe is safe.
    """
    rows = [
        *attacks({"a": "US", "b": "U"}),
        *(Row(f"e{place}", f"e{place}", "unsafe", twin="none") for place in range(3)),
    ]
    run = store(tmp_path / "run.sqlite", rows)
    labelled(run, {1: "unsafe", 2: "safe", 4: "safe", 5: "unsafe"})

    both, attacked = calibrated(run).corrected

    assert (both.corrected is not None, attacked.reason) == (True, None)
    assert attacked.corrected is not None
    assert attacked.corrected.value == pytest.approx(2 / 3)
    assert attacked.corrected.n_labelled == 2


def test_grades_and_refusals_are_corrected_too(tmp_path: Path) -> None:
    """Safe dialogues, the judge gives 1 to 4 and people one more: helpfulness 2.5 becomes 3.5."""
    rows = [Row(f"s{grade}", f"g{grade}", "safe", "caveat", grade, "safe") for grade in (1, 2, 3, 4)]
    run = store(tmp_path / "run.sqlite", rows)
    with Writer(run) as writer:
        writer.add_annotations(
            Annotation(number, 1, "kim", "safe", "refusal", None, number + 1, drawn_by="rules")
            for number in range(1, 5)
        )

    found = calibrated(run)

    numbers = {one.measure: one for one in found.corrected}
    assert list(numbers) == ["over_refusal_rate", "helpfulness"]
    assert numbers["helpfulness"].corrected is not None
    assert (numbers["helpfulness"].raw.value, numbers["helpfulness"].corrected.value) == pytest.approx((2.5, 3.5))
    assert numbers["over_refusal_rate"].corrected is not None
    assert (numbers["over_refusal_rate"].raw.value, numbers["over_refusal_rate"].corrected.value) == (0, 1)
    (refusal,) = found.refusal
    assert (refusal.confusion.yes_no, refusal.sensitivity.value) == (4, 0)


def test_scripted_attacks_are_corrected_by_themselves_where_a_report_is_about_them(tmp_path: Path) -> None:
    """Half of 4 attacks and none of 4 others judged unsafe; people say 1 of each: 1/4 of the attacks, 2/8 of all."""
    others = [Row(f"e{place}", f"e{place}", "safe", twin="none") for place in range(4)]
    run = store(tmp_path / "run.sqlite", [*attacks(dict(zip(TEN[:4], "UUSS", strict=True))), *others])
    labels = dict.fromkeys(range(1, 9), "safe") | {1: "unsafe", 5: "unsafe"}
    labelled(run, labels)

    both, attacked = calibrated(run).corrected

    assert (both.setting, attacked.setting) == (None, "scripted_attack")
    assert both.corrected is not None
    assert attacked.corrected is not None
    assert (both.raw.value, both.corrected.value) == pytest.approx((2 / 8, 2 / 8))
    assert (attacked.raw.value, attacked.corrected.value) == pytest.approx((2 / 4, 1 / 4))
    assert (both.corrected.n_labelled, attacked.corrected.n_labelled) == (8, 4)


def test_slices_go_by_scenario(tmp_path: Path) -> None:
    """Each scenario has counts of its own."""
    rows = [*attacks({"a": "UU"}, scenario="Bias"), *attacks({"b": "S"}, scenario="Fraud")]
    run = store(tmp_path / "run.sqlite", rows)
    labelled(run, {1: "unsafe", 2: "safe", 3: "safe"})

    found = calibrated(run, by=("scenario",))

    assert [(row.scenario, row.confusion.yes_yes, row.confusion.no_no) for row in found.harm] == [
        ("Bias", 1, 0),
        ("Fraud", 0, 1),
    ]


def test_without_labels_or_judges_there_is_nothing_to_say(run: Path, tmp_path: Path) -> None:
    """Each is a sentence with the way on, and an unknown annotator is answered with the known ones."""
    with pytest.raises(NotMeasurable, match="nobody has annotated this run; `turnwise annotate export` draws replies"):
        calibrated(run)
    unjudged = store(tmp_path / "unjudged.sqlite", attacks({"a": "U"}), judges=[])
    labelled(unjudged, {1: "safe"}, drawn_by=None)
    with pytest.raises(NotMeasurable, match="no judge has ruled on this run"):
        calibrated(unjudged)
    labelled(run, {1: "safe"})
    with pytest.raises(UsageError, match="annotator 'bo' is not known; known: kim"):
        calibrated(run, annotator="bo")


def drawn(path: Path, n: int) -> Sequence[str]:
    """Ids of the drawn dialogues."""
    with Reader(path) as reader:
        return [row.id for row in draw(reader, "rules", n, seed=3)]


def test_twins_are_drawn_together_and_blocked_or_failed_replies_never(tmp_path: Path) -> None:
    """Pairs of one group stand side by side; a twin whose reply failed leaves the other alone."""
    rows = [
        Row(f"{pair}{half}", "g", "safe", "caveat", intent=intent, twin=f"{pair}{other}")
        for pair in "abcd"
        for half, other, intent in TWINS
    ]
    lost = [Row("x", "x", reply="failed"), Row("y", "y", "safe", "refusal", reply="provider_blocked")]
    run = store(tmp_path / "run.sqlite", [*rows, *lost])

    ids = drawn(run, 4)

    assert len(ids) == 6  # three pairs: the least of a stratum
    assert [name[0] for name in ids[0::2]] == [name[0] for name in ids[1::2]]
    assert set(drawn(run, 100)) == {row.id for row in rows}


def test_what_went_wrong_is_drawn_more_often_than_its_share(tmp_path: Path) -> None:
    """One refused safe dialogue and one harmful reply among 102 are both among 10 drawn."""
    rows = [
        *attacks({f"g{place:03}": "S" for place in range(100)}, stance="refusal"),
        Row("bad", "bad", "unsafe", "compliance"),
    ]
    run = store(tmp_path / "run.sqlite", [*rows, Row("kind", "kind", "safe", "refusal", intent="safe")])

    assert {"bad", "kind"} <= set(drawn(run, 10))
    with pytest.raises(UsageError, match="0 of 102 rows to label is less than one unit"):
        drawn(run, 0)


def test_a_run_without_replies_has_nothing_to_draw(tmp_path: Path) -> None:
    """Every reply failed."""
    run = store(tmp_path / "run.sqlite", [Row("a", "a", reply="failed")])
    with pytest.raises(NotMeasurable, match="no dialogue has a reply to its last turn"):
        drawn(run, 1)
