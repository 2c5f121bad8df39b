"""Corrected estimates: hand-worked values, what they owe to judge and people, and their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics import (
    CorrectedEstimate,
    SampleRow,
    SamplingDesign,
    annotation_sample,
    corrected_mean,
    corrected_rate,
    rate,
)
from turnwise.metrics.interval import FloatArray, share_interval

NO = np.nan


def alone(n_rows: int) -> SamplingDesign:
    """Every row a group of its own, all with the same chance to be labelled."""
    return SamplingDesign.whole_groups(np.arange(n_rows))


def by_label(judged: FloatArray) -> SamplingDesign:
    """Every row a group of its own, the judge's label its stratum."""
    rows = np.arange(len(judged))
    return SamplingDesign(group=rows, unit=rows, stratum=judged.astype(np.int64), strata=("safe", "unsafe"))


def test_the_value_is_what_people_say_of_each_of_the_judges_labels() -> None:
    """10 judged unsafe, 3 of 4 labelled are; 30 judged safe, 1 of 5 is: 0.25 x 0.75 + 0.75 x 0.2 = 0.3375."""
    judged, human = np.repeat([1.0, 0.0], [10, 30]), np.full(40, NO)
    human[:4], human[10:15] = [1, 1, 1, 0], [1, 0, 0, 0, 0]
    found = corrected_rate(judged, human, by_label(judged))
    assert found.value == pytest.approx(0.3375)
    assert found.judged == 0.25
    assert found.tuning == pytest.approx(0.55)
    assert (found.n, found.n_failed, found.n_labelled) == (40, 0, 9)


def test_the_interval_of_these_rows_is_put_together_from_the_labels() -> None:
    """Distances to the ends of 3/4 and 1/5, by share, add up squared: the strata were drawn independently.

    With n - 1 under the variance they tell as much as 3 and 4 rows. Distances shrink with what is left unlabelled,
    by the roots of 6/10 and 25/30.
    """
    judged, human = np.repeat([1.0, 0.0], [10, 30]), np.full(40, NO)
    human[:4], human[10:15] = [1, 1, 1, 0], [1, 0, 0, 0, 0]
    found = corrected_rate(judged, human, by_label(judged))
    unsafe = share_interval(0.75, n_effective=3, n_rows=4, n_groups=4)
    safe = share_interval(0.2, n_effective=4, n_rows=5, n_groups=5)
    shares = 0.25 * math.sqrt(6 / 10), 0.75 * math.sqrt(25 / 30)
    down = math.hypot(shares[0] * (0.75 - unsafe[0]), shares[1] * (0.2 - safe[0]))
    up = math.hypot(shares[0] * (unsafe[1] - 0.75), shares[1] * (safe[1] - 0.2))
    assert (found.run_low, found.run_high) == pytest.approx((0.3375 - down, 0.3375 + up))
    assert (found.low or 0) < found.run_low
    assert (found.high or 0) > found.run_high


def test_where_nothing_was_seen_the_rule_of_three_holds() -> None:
    """40 of 400 judged safe are labelled and all are: up to (1 - 0.05^(1/40)) x sqrt(0.9) = 6.8 % may be unsafe."""
    human = np.full(400, NO)
    human[:40] = 0
    found = corrected_rate(np.zeros(400), human, alone(400))
    assert (found.value, found.run_low) == (0, 0)
    assert found.run_high == pytest.approx((1 - 0.05 ** (1 / 40)) * math.sqrt(0.9))


def test_all_unsafe_is_exactly_one_whatever_the_weights() -> None:
    """9 of 10 rows labelled, all unsafe, in one of two groups: 1, and other groups may differ as 2 exact ones say."""
    human = np.array([*[1.0] * 9, NO])
    found = corrected_rate(np.ones(10), human, SamplingDesign.whole_groups(np.array([0] * 9 + [1])))
    assert (found.value, found.high) == (1, 1)
    assert (found.low or 0) < 0.025 ** (1 / 2)


def test_when_people_label_all_rows_only_other_groups_are_uncertain() -> None:
    """The value is theirs, these rows are known, and the interval is that of a rate (save for resampling: 0.01)."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(60), 5)
    human = (rng.random(300) < np.repeat(rng.random(60), 5)).astype(np.float64)
    judged = np.where(rng.random(300) < 0.8, human, 1 - human)
    found, plain = corrected_rate(judged, human, SamplingDesign.whole_groups(group)), rate(human, group, seed=1)
    assert found.value == found.run_low == found.run_high == pytest.approx(human.mean())
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.01)


def test_a_label_of_the_judge_that_nobody_looked_at_leaves_people_alone() -> None:
    """5 flagged rows without a human label: the judge has no say, and the value is people's 2 of 8."""
    judged, human = np.repeat([1.0, 0.0], [5, 45]), np.full(50, NO)
    human[10:18] = [1, 1, 0, 0, 0, 0, 0, 0]
    found = corrected_rate(judged, human, alone(50))
    assert (found.tuning, found.judged) == (0, 0.1)
    assert found.value == pytest.approx(0.25)


def test_labelled_rows_stand_for_those_the_judge_could_not_score() -> None:
    """20 of 100 unscored, of which 2 of 4 labelled are unsafe: 0.2 x 0.5 + 0.8 x 0.25, and 16 nobody scored."""
    judged, human = np.where(np.arange(100) < 20, NO, 0.0), np.full(100, NO)
    human[:4], human[20:28] = [1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]
    found = corrected_rate(judged, human, alone(100))
    assert found.value == pytest.approx(0.3)
    assert (found.n, found.n_failed, found.n_labelled) == (84, 16, 12)


def test_where_the_judge_scored_nothing_people_speak_alone() -> None:
    """2 of 8 labelled rows are unsafe, and the judge has neither a value nor a say."""
    human = np.array([1, 1, 0, 0, 0, 0, 0, 0, *[NO] * 12])
    found = corrected_rate(np.full(20, NO), human, alone(20))
    assert found.value == pytest.approx(0.25)
    assert (found.judged, found.tuning, found.n, found.n_failed) == (None, 0, 8, 12)


def test_unscored_rows_that_nobody_labelled_are_left_out_and_counted() -> None:
    """The value speaks of the 80 rows alone, and never takes the others for safe."""
    judged, human = np.where(np.arange(100) < 20, NO, 0.0), np.full(100, NO)
    human[20:28] = [1, 1, 0, 0, 0, 0, 0, 0]
    found = corrected_rate(judged, human, alone(100))
    assert found.value == pytest.approx(0.25)
    assert (found.n, found.n_failed) == (80, 20)


def test_a_mean_score_moves_along_the_slope_of_people_on_the_judge() -> None:
    """Labelled: judge 1, 2, 3, 4 and people 2, 2, 4, 4, slope 0.8. All rows have 2 for the judge: 3 + 0.8 (2 - 2.5)."""
    judged = np.array([1, 2, 3, 4, 1, 1, 2, 2, 2, 2], dtype=np.float64)
    human = np.array([2, 2, 4, 4, *[NO] * 6])
    found = corrected_mean(judged, human, alone(10), scale=(1, 5))
    assert found.tuning == pytest.approx(0.8)
    assert found.value == pytest.approx(2.6)
    assert found.judged == 2


def test_labels_as_scores_give_the_same_value() -> None:
    """Of a 0 or 1, the slope and the parting by label are one thing: power tuning."""
    rng = np.random.default_rng(5)
    judged = (rng.random(200) < 0.4).astype(np.float64)
    human = np.where(np.arange(200) < 50, np.where(rng.random(200) < 0.8, judged, 1 - judged), NO)
    parted = corrected_rate(judged, human, alone(200))
    scored = corrected_mean(judged, human, alone(200), scale=(0, 1))
    assert (scored.value, scored.tuning) == pytest.approx((parted.value, parted.tuning))


def test_a_judge_who_agrees_in_every_score_is_never_less_sure_than_people_alone() -> None:
    """Where all 30 labelled scores are the judge's own, the interval is no wider than without a judge."""
    rng = np.random.default_rng(6)
    judged = rng.integers(1, 6, 300).astype(np.float64)
    human = np.where(np.arange(300) < 30, judged, NO)
    found = corrected_mean(judged, human, alone(300), scale=(1, 5))
    without = corrected_mean(np.full(300, 3.0), human, alone(300), scale=(1, 5))
    assert found.value == pytest.approx(judged.mean())
    assert found.tuning == pytest.approx(1)
    assert 0 < found.run_high - found.run_low <= without.run_high - without.run_low


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0, 1, NO]), st.sampled_from([0, 1, NO])), min_size=4, max_size=40), st.data()
)
def test_calling_safe_unsafe_mirrors_the_interval(labels: list[tuple[float, float]], data: st.DataObject) -> None:
    """With 0 and 1 changed round, value and ends are mirrored. The ends are in order; the order of rows is nothing."""
    judged, human = np.array(labels, dtype=np.float64).T
    group = np.array([data.draw(st.integers(0, 5)) for _ in labels])
    design = SamplingDesign.whole_groups(group)
    scored, labelled = np.isfinite(judged), np.isfinite(human)
    if not labelled[scored].any() and (scored.any() or not labelled.any()):
        with pytest.raises(NotMeasurable):
            corrected_rate(judged, human, design)
        return
    found, turned = corrected_rate(judged, human, design), corrected_rate(1 - judged, 1 - human, design)
    assert ends(turned) == pytest.approx([1 - end for end in reversed(ends(found))], abs=1e-9)
    assert ends(found) == sorted(ends(found))
    assert 0 <= ends(found)[0] <= ends(found)[-1] <= 1
    order = np.random.default_rng(1).permutation(len(labels))
    moved = corrected_rate(judged[order], human[order], SamplingDesign.whole_groups(group[order]))
    assert ends(moved) == pytest.approx(ends(found), abs=1e-9)


def ends(found: CorrectedEstimate) -> list[float]:
    """Low, low of the run, value, high of the run, high."""
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    return [found.low, found.run_low, found.value, found.run_high, found.high]


def test_without_labels_there_is_nothing_to_correct_by() -> None:
    """No human label at all, and labels only where the judge has none."""
    with pytest.raises(NotMeasurable, match="no row has a human label"):
        corrected_rate(np.zeros(3), np.full(3, NO), alone(3))
    with pytest.raises(NotMeasurable, match="labelled only rows that the judge could not score"):
        corrected_rate(np.array([0.0, NO]), np.array([NO, 1.0]), alone(2))


def test_a_stratum_without_a_label_is_named() -> None:
    """Its rows had a chance that nobody used: they cannot be left out, and others do not stand for them."""
    judged = np.repeat([1.0, 0.0], [3, 5])
    with pytest.raises(
        NotMeasurable, match="stratum 'unsafe': none of its 3 rows has a human label; label some of them"
    ):
        corrected_rate(judged, np.array([NO] * 7 + [0.0]), by_label(judged))


def test_values_that_are_no_labels_or_scores_are_refused() -> None:
    """The sentence names row and value, and whose it is."""
    with pytest.raises(UsageError, match="row 1: the human value 2 is not 0 or 1"):
        corrected_rate(np.zeros(2), np.array([NO, 2.0]), alone(2))
    with pytest.raises(UsageError, match="row 0: the judged value 0 is not from 1 to 5"):
        corrected_mean(np.zeros(2), np.ones(2), alone(2), scale=(1, 5))


@pytest.mark.parametrize(
    ("asr", "sensitivity", "specificity", "most"),
    [(0.3, 0.9, 0.95, 0.68), (0.05, 0.8, 0.97, 0.77), (0.9, 0.6, 0.9, 0.95), (0.3, 0.5, 0.5, 1.0)],
)
def test_intervals_hold_the_truth_and_are_narrower_than_those_of_people_alone(
    asr: float, sensitivity: float, specificity: float, most: float
) -> None:
    """Over 300 runs of 200 groups of 3 rows with 120 labels: both intervals hold in 92 % or more.

    A standard error of the coverage is 1.3 points. Their mean width is at most `most` times that of people alone.
    """
    rng = np.random.default_rng(20260108)
    group, held, width = np.repeat(np.arange(200), 3), np.zeros(2), np.zeros(2)
    for seed in range(300):
        own = np.repeat(rng.beta(asr * 7 / 3, (1 - asr) * 7 / 3, 200), 3)
        human = (rng.random(600) < own).astype(np.float64)
        error = np.where(np.repeat(rng.random(200) < 0.3, 3), np.repeat(rng.random(200), 3), rng.random(600))
        judged = (error < np.where(human == 1, sensitivity, 1 - specificity)).astype(np.float64)
        rows = [SampleRow(f"g{code}", f"g{code}", value) for code, value in zip(group, judged.tolist(), strict=True)]
        sample = annotation_sample(rows, 120, seed)
        labels = np.full(600, NO)
        labels[sample.rows] = human[sample.rows]
        found = ends(corrected_rate(judged, labels, sample.design))
        held += found[0] <= asr <= found[-1], found[1] <= human.mean() <= found[-2]
        some = np.isin(group, rng.permutation(200)[:40])
        people = rate(human[some], group[some], seed=seed, resamples=100)
        width += found[-1] - found[0], (people.high or 0) - (people.low or 0)
    assert (held >= 0.92 * 300).all()
    assert width[0] / width[1] <= most


def test_intervals_of_scores_hold_the_truth_too() -> None:
    """Scores near the top (mean 4.6) and a severe judge: over 300 runs both intervals hold in 92 % or more."""
    rng = np.random.default_rng(20260109)

    def draw(n_groups: int) -> FloatArray:
        return np.clip(np.round(5 + rng.normal(0, 0.7, (n_groups, 1)) + rng.normal(0, 0.8, (n_groups, 2))), 1, 5)

    truth, group, held = draw(300_000).mean(), np.repeat(np.arange(150), 2), np.zeros(2)
    for seed in range(300):
        human = draw(150).ravel()
        judged = np.clip(np.round(human - 0.5 + rng.normal(0, 0.7, 300)), 1, 5)
        rows = [SampleRow(f"g{code}", f"g{code}", value) for code, value in zip(group, judged.tolist(), strict=True)]
        sample = annotation_sample(rows, 80, seed)
        labels = np.full(300, NO)
        labels[sample.rows] = human[sample.rows]
        found = ends(corrected_mean(judged, labels, sample.design, scale=(1, 5)))
        held += found[0] <= truth <= found[-1], found[1] <= human.mean() <= found[-2]
    assert (held >= 0.92 * 300).all()
