"""The sample people label: whole units, known chances, rare labels seen, and the first part of it a sample as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from turnwise.errors import UsageError
from turnwise.metrics import SampleRow, annotation_sample


def groups_of(values: Sequence[Sequence[float | None]], scenarios: int = 1) -> list[SampleRow]:
    """One unit and group for each list of judged values; scenarios take turns."""
    return [
        SampleRow(f"g{place:04}", f"g{place:04}", value, scenario=f"s{place % scenarios}")
        for place, unit in enumerate(values)
        for value in unit
    ]


def drawn_by_stratum(rows: Sequence[SampleRow], n: int) -> dict[str, int]:
    """Rows drawn from each stratum."""
    sample = annotation_sample(rows, n, seed=1)
    codes = Counter(sample.design.stratum[sample.rows].tolist())
    return {sample.design.strata[code]: count for code, count in codes.items()}


def test_units_are_drawn_whole() -> None:
    """20 of 100 rows in pairs of twins: 10 pairs, both rows of each, side by side."""
    rows = [SampleRow(f"g{i // 4}", f"pair {i // 2}", float(i % 2)) for i in range(100)]
    sample = annotation_sample(rows, 20, seed=3)
    assert len(sample.rows) == 20
    assert (sample.rows[1::2] == sample.rows[::2] + 1).all()
    assert (sample.rows[::2] % 2 == 0).all()
    assert sample.probability.tolist() == [0.2] * 100


def test_a_rare_label_gets_more_than_its_share() -> None:
    """50 of 1,000 flagged: an eighth beside 0.95 is 11.6 of 100 labels instead of 5, and the chances say so."""
    rows = groups_of([[1.0]] * 50 + [[0.0]] * 950)
    assert drawn_by_stratum(rows, 100) == {"highest": 12, "lowest": 88}
    chances = annotation_sample(rows, 100, seed=1).probability
    assert (chances[0], chances[-1]) == (12 / 50, 88 / 950)


def test_a_label_seen_three_times_or_less_is_labelled_throughout() -> None:
    """Two flagged replies of 400 are both drawn, however few labels are asked for."""
    assert drawn_by_stratum(groups_of([[1.0]] * 2 + [[0.0]] * 398), 10) == {"highest": 2, "lowest": 8}


def test_strata_tell_unanimous_units_from_mixed_and_unscored_ones() -> None:
    """Units of two rows: all 0, all 1, one of each, and none scored; a unit scored in part goes by what was."""
    rows = groups_of([[0, 0], [1, 1], [0, 1], [None, None], [None, 1]])
    sample = annotation_sample(rows, 10, seed=1)
    assert sample.design.strata == ("not scored", "lowest", "between", "highest")
    assert sample.design.stratum[::2].tolist() == [1, 3, 2, 0, 3]
    assert sorted(sample.rows.tolist()) == list(range(10))


def test_scenarios_get_their_share_to_the_unit() -> None:
    """Four scenarios of 25 units each, 20 drawn: five of each, whatever the seed."""
    rows = groups_of([[0.0]] * 100, scenarios=4)
    for seed in range(20):
        sample = annotation_sample(rows, 20, seed)
        assert Counter(rows[place].scenario for place in sample.rows) == dict.fromkeys(("s0", "s1", "s2", "s3"), 5)


def test_settings_are_spread_before_scenarios() -> None:
    """Two settings of 30 and 10 units, 8 drawn: six and two."""
    rows = [
        SampleRow(f"g{i}", f"g{i}", 0.0, f"s{i % 3}", "escalation" if i < 30 else "context_switch") for i in range(40)
    ]
    for seed in range(20):
        drawn = Counter(rows[place].setting for place in annotation_sample(rows, 8, seed).rows)
        assert drawn == {"escalation": 6, "context_switch": 2}


def test_every_row_is_drawn_as_often_as_its_chance_says() -> None:
    """14 of 47 units, 3 of 7, 3 of 9 and 8 of 31; over 2,000 seeds every row within 4.5 standard errors."""
    rows = groups_of([[1.0]] * 7 + [[0.0, 1.0]] * 9 + [[0.0]] * 31, scenarios=5)
    drawn = np.zeros(len(rows))
    for seed in range(2000):
        drawn[annotation_sample(rows, 17, seed).rows] += 1
    chance = annotation_sample(rows, 17, seed=0).probability
    assert np.abs(drawn / 2000 - chance).max() < 4.5 * np.sqrt(0.25 / 2000)
    assert set(np.round(chance, 3)) == {round(3 / 7, 3), round(3 / 9, 3), round(8 / 31, 3)}


def test_the_first_half_is_a_sample_too() -> None:
    """Labelling may stop early: half of the labels holds half of each stratum, to the unit."""
    rows = groups_of([[1.0]] * 100 + [[0.0]] * 300)
    sample = annotation_sample(rows, 40, seed=5)
    first = Counter(sample.design.stratum[sample.rows[:20]].tolist())
    assert abs(first[0] - 15) <= 1
    assert abs(first[1] - 5) <= 1


def test_the_order_of_the_rows_decides_nothing() -> None:
    """Shuffled rows give the same units in the same order; another seed gives others."""
    rows = groups_of([[0.0], [1.0], [0.0], [None]] * 20, scenarios=3)
    shuffled = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]

    def drawn(given: Sequence[SampleRow], seed: int) -> list[str]:
        return [given[place].unit for place in annotation_sample(given, 24, seed).rows]

    assert drawn(rows, 7) == drawn(shuffled, 7)
    assert drawn(rows, 7) != drawn(rows, 8)


def test_more_labels_than_rows_are_all_rows() -> None:
    """Asking for 500 of 30 rows draws all 30, each with certainty."""
    sample = annotation_sample(groups_of([[0.0], [1.0]] * 15), 500, seed=1)
    assert sorted(sample.rows.tolist()) == list(range(30))
    assert (sample.probability == 1).all()


@pytest.mark.parametrize(("rows", "n"), [([], 5), (groups_of([[0.0] * 8] * 4), 3), (groups_of([[0.0]]), 0)])
def test_less_than_one_unit_is_refused(rows: list[SampleRow], n: int) -> None:
    """No rows, or fewer labels than half a unit has rows."""
    with pytest.raises(UsageError, match=f"{n} of {len(rows)} rows to label is less than one unit"):
        annotation_sample(rows, n, seed=1)


def test_a_unit_in_two_groups_is_refused() -> None:
    """Groups are what is resampled, so what is drawn together must lie within one."""
    with pytest.raises(UsageError, match="unit 'p' lies in groups 'a' and 'b'; one is right"):
        annotation_sample([SampleRow("a", "p", 1.0), SampleRow("b", "p", 0.0)], 1, seed=1)
