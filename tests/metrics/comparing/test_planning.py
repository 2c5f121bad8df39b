"""Plans: Connor's formula by hand, what a pilot shows, and what cannot be planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from metrics.stored import Row, attacks, store
from turnwise.errors import NotMeasurable, UsageError
from turnwise.metrics import PairedDesign, groups_needed, power_at
from turnwise.metrics.comparing import Pilot, plan, read_pilot
from turnwise.runfile import Reader


def pilot_of(path: Path, **labels: str) -> Pilot:
    """What a run of these labels shows."""
    with Reader(store(path, attacks(labels))) as reader:
        return read_pilot(reader)


def test_rates_that_say_nothing_of_each_other_disagree_most() -> None:
    """0.2 and 0.3 disagree on 0.2 x 0.7 + 0.8 x 0.3 = 0.38, v = 0.37.

    (1.960 sqrt(0.38) + 0.8416 sqrt(0.37))^2 / 0.01 = 295.9, so 296.
    """
    found = plan(0.1, rate=0.2)

    assert found.design.discordance == pytest.approx(0.38)
    assert found.n_groups == found.n_dialogues == 296
    assert (found.pilot, found.pilot_power) == (None, None)


def test_a_stricter_p_value_takes_more_groups() -> None:
    """Alpha 0.01: 2.576 takes the place of 1.960, (2.576 sqrt(0.2) + 0.8416 sqrt(0.19))^2 / 0.01 = 230.5, so 231."""
    design = PairedDesign(0.1, 0.2)
    assert groups_needed(design, alpha=0.01) == 231
    assert power_at(design, 231, alpha=0.01) == pytest.approx(0.8, abs=0.002)
    with pytest.raises(UsageError, match="alpha is 0; it is a chance above 0"):
        groups_needed(design, alpha=0)


def test_a_pilot_gives_rate_group_size_and_correlation(tmp_path: Path) -> None:
    """Groups UU, US, SS of two rows: rate 0.5; between 0.5, within 1/6, correlation (1/2 - 1/6) / (1/2 + 1/6) = 0.5."""
    pilot = pilot_of(tmp_path / "run.sqlite", a="UU", b="US", c="SS")

    assert (pilot.rate, pilot.n_groups, pilot.rows_per_group) == (0.5, 3, 2)
    assert pilot.group_correlation == pytest.approx(0.5)
    found = plan(-0.1, pilot=pilot)
    design = found.design
    assert (found.first, found.second, design.discordance, design.group_correlation) == pytest.approx(
        (0.5, 0.4, 0.5, 0.5)
    )
    assert (design.difference, design.rows_per_group) == (-0.1, 2)
    assert found.n_dialogues == 2 * found.n_groups
    assert found.pilot_power == pytest.approx(power_at(found.design, 3))


def test_what_is_given_goes_before_the_pilot(tmp_path: Path) -> None:
    """Rate, group size and correlation of the command take the place of the pilot's."""
    pilot = pilot_of(tmp_path / "run.sqlite", a="UU", b="US", c="SS")

    found = plan(0.1, rate=0.1, rows_per_group=4, group_correlation=0, pilot=pilot)

    assert (found.first, found.design.rows_per_group, found.design.group_correlation) == (0.1, 4, 0)


def test_correlations_stay_between_0_and_1(tmp_path: Path) -> None:
    """Groups that differ less than by chance give 0, groups of one row 0, and labels that are all alike 1."""
    assert pilot_of(tmp_path / "a.sqlite", a="US", b="US").group_correlation == 0
    assert pilot_of(tmp_path / "b.sqlite", a="U", b="S").group_correlation == 0
    assert pilot_of(tmp_path / "c.sqlite", a="SS", b="SS").group_correlation == 1


def test_what_cannot_be_planned_is_said(tmp_path: Path) -> None:
    """No rate, rates outside 0 to 1, no difference, an incomplete pilot, one group, several benchmarks, a score."""
    with pytest.raises(UsageError, match="the first rate is not known; give --rate"):
        plan(0.1)
    with pytest.raises(UsageError, match=r"the second rate is 1\.1; a rate is between 0 and 1"):
        plan(0.2, rate=0.9)
    with pytest.raises(UsageError, match="the difference is not 0"):
        plan(0, rate=0.5)
    with pytest.raises(NotMeasurable, match="1 of 2 dialogues are scored, too few to plan by"):
        pilot_of(tmp_path / "a.sqlite", a="U", b="?")
    with pytest.raises(NotMeasurable, match="all dialogues are of one group"):
        pilot_of(tmp_path / "b.sqlite", a="US")
    several = store(tmp_path / "c.sqlite", [*attacks({"a": "U", "b": "S"}), Row("o", "o", "safe", benchmark="other")])
    with Reader(several) as reader:
        with pytest.raises(UsageError, match=r"2 benchmarks \(test, other\); name one with --benchmark"):
            read_pilot(reader)
        with pytest.raises(UsageError, match="helpfulness is a score"):
            read_pilot(reader, measure="helpfulness")
        assert read_pilot(reader, benchmark="test").rate == 0.5
