"""Label rows as columns."""

from __future__ import annotations

import numpy as np
import pytest

from turnwise.metrics import LabelRow, Labels

ROWS = [
    LabelRow("b", 2, "unsafe", scenario="Fraud"),
    LabelRow("a", 1, None, method="role_play"),
    LabelRow("a", 4, "safe", scenario="Bias", method="role_play", raw="Safe "),
]


def test_rows_become_codes_of_sorted_names() -> None:
    """Groups, scenarios and methods are numbered in the order of their names; absent ones are -1."""
    labels = Labels.from_rows(ROWS)
    assert (labels.group.tolist(), labels.group_names) == ([1, 0, 0], ("a", "b"))
    assert (labels.scenario.tolist(), labels.scenario_names) == ([1, -1, 0], ("Bias", "Fraud"))
    assert (labels.method.tolist(), labels.method_names) == ([-1, 0, 0], ("role_play",))
    assert (labels.lengths, labels.n_groups) == ((1, 2, 4), 2)


def test_each_scoring_reads_the_label_its_way() -> None:
    """Strict takes what the reader made of "Safe "; as published only the exact word counts."""
    labels = Labels.from_rows(ROWS)
    np.testing.assert_array_equal(labels.values("strict"), [1, np.nan, 0])
    np.testing.assert_array_equal(labels.values("as_published"), [1, np.nan, np.nan])


def test_rows_at_some_lengths_forget_groups_without_any() -> None:
    """At length 4 only group a is left, and it is group 0; scenario codes stay what they were."""
    here = Labels.from_rows(ROWS).at([4, 8])
    assert (here.group.tolist(), here.group_names, here.lengths) == ([0], ("a",), (4,))
    assert (here.scenario.tolist(), here.scenario_names) == ([0], ("Bias", "Fraud"))


def test_length_codes_are_places_among_the_lengths_asked_for() -> None:
    """A row at another length has code -1."""
    assert Labels.from_rows(ROWS).length_codes((1, 4, 8)).tolist() == [-1, 0, 1]


def test_no_rows_are_empty_columns() -> None:
    """Without rows there are no groups and no lengths."""
    labels = Labels.from_rows([])
    assert (labels.n_groups, labels.lengths, len(labels.strict)) == (0, (), 0)


def test_columns_of_unequal_length_are_refused() -> None:
    """A column that is shorter than the others is a mistake of the caller."""
    whole = Labels.from_rows(ROWS)
    with pytest.raises(ValueError, match="label columns differ in shape"):
        Labels(
            whole.group[:2], whole.length, whole.strict, whole.as_published, whole.scenario, whole.method, ("a", "b")
        )
