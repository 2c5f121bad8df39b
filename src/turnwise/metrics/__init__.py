"""Pure functions of stored rows -> Estimate(value, n, n_failed, low, high)."""

from turnwise.metrics.estimate import COMPLETENESS_BAR, Completeness, Estimate, completeness
from turnwise.metrics.labels import PUBLISHED_LENGTHS, LabelRow, Labels, Scoring
from turnwise.metrics.labels_csv import read_labels
from turnwise.metrics.of_run import SettingRate, Slice, slices_of_run
from turnwise.metrics.rates import rate, rates_by
from turnwise.metrics.safety_index import (
    IndexWithVariants,
    SafetyIndex,
    Weights,
    index_with_variants,
    length_weights,
    safety_index,
)
from turnwise.metrics.summary import CellRate, LengthRate, MethodRate, ScenarioRate, Summary, summarise
from turnwise.metrics.survival import SurvivalPoint, first_unsafe_length
from turnwise.metrics.trend import Direction, TrendTest, trend_test

__all__ = [
    "COMPLETENESS_BAR",
    "PUBLISHED_LENGTHS",
    "CellRate",
    "Completeness",
    "Direction",
    "Estimate",
    "IndexWithVariants",
    "LabelRow",
    "Labels",
    "LengthRate",
    "MethodRate",
    "SafetyIndex",
    "ScenarioRate",
    "Scoring",
    "SettingRate",
    "Slice",
    "Summary",
    "SurvivalPoint",
    "TrendTest",
    "Weights",
    "completeness",
    "first_unsafe_length",
    "index_with_variants",
    "length_weights",
    "rate",
    "rates_by",
    "read_labels",
    "safety_index",
    "slices_of_run",
    "summarise",
    "trend_test",
]
