"""Pure functions of stored rows -> Estimate(value, n, n_failed, low, high)."""

from turnwise.metrics.agreement import (
    Agreement,
    Level,
    Ratings,
    cohen_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    raw_agreement,
)
from turnwise.metrics.annotation import AnnotationSample, SampleRow, SamplingDesign, annotation_sample
from turnwise.metrics.calibration import Calibration, CalibrationRow, Confusion, Slicing, calibrations
from turnwise.metrics.comparison import Comparison, compare, holm
from turnwise.metrics.corrected import CorrectedEstimate, corrected_mean, corrected_rate
from turnwise.metrics.discordance import Discordance
from turnwise.metrics.estimate import COMPLETENESS_BAR, Completeness, Estimate, as_shown, completeness
from turnwise.metrics.intent import IntentAccuracy, IntentRow, intent_accuracy
from turnwise.metrics.labels import PUBLISHED_LENGTHS, LabelRow, Labels, Scoring
from turnwise.metrics.labels_csv import read_labels
from turnwise.metrics.of_run import SettingRate, Slice, slices_of_run
from turnwise.metrics.pairs import Pairs, RunValue
from turnwise.metrics.panel import (
    OpenQuestion,
    PanelDimension,
    PanelRow,
    PanelRuling,
    PanelUnit,
    panel,
    panel_ratings,
)
from turnwise.metrics.power import PairedDesign, discordance_of, groups_for_half_width, groups_needed, power_at
from turnwise.metrics.rates import rate, rates_by
from turnwise.metrics.safety_index import (
    IndexWithVariants,
    SafetyIndex,
    Weights,
    index_with_variants,
    length_weights,
    safety_index,
)
from turnwise.metrics.sequential import SequentialEstimate, SequentialRate, drawing_order
from turnwise.metrics.summary import CellRate, LengthRate, MethodRate, ScenarioRate, Summary, summarise
from turnwise.metrics.survival import SurvivalPoint, first_unsafe_length
from turnwise.metrics.trend import TREND_BAR, Direction, TrendTest, trend_test
from turnwise.metrics.withholding import (
    index_withheld,
    slice_as_shown,
    summary_as_shown,
    trend_withheld,
    withheld_in_slice,
    withheld_in_summary,
)

__all__ = [
    "COMPLETENESS_BAR",
    "PUBLISHED_LENGTHS",
    "TREND_BAR",
    "Agreement",
    "AnnotationSample",
    "Calibration",
    "CalibrationRow",
    "CellRate",
    "Comparison",
    "Completeness",
    "Confusion",
    "CorrectedEstimate",
    "Direction",
    "Discordance",
    "Estimate",
    "IndexWithVariants",
    "IntentAccuracy",
    "IntentRow",
    "LabelRow",
    "Labels",
    "LengthRate",
    "Level",
    "MethodRate",
    "OpenQuestion",
    "PairedDesign",
    "Pairs",
    "PanelDimension",
    "PanelRow",
    "PanelRuling",
    "PanelUnit",
    "Ratings",
    "RunValue",
    "SafetyIndex",
    "SampleRow",
    "SamplingDesign",
    "ScenarioRate",
    "Scoring",
    "SequentialEstimate",
    "SequentialRate",
    "SettingRate",
    "Slice",
    "Slicing",
    "Summary",
    "SurvivalPoint",
    "TrendTest",
    "Weights",
    "annotation_sample",
    "as_shown",
    "calibrations",
    "cohen_kappa",
    "compare",
    "completeness",
    "corrected_mean",
    "corrected_rate",
    "discordance_of",
    "drawing_order",
    "first_unsafe_length",
    "groups_for_half_width",
    "groups_needed",
    "gwet_ac1",
    "gwet_ac2",
    "holm",
    "index_with_variants",
    "index_withheld",
    "intent_accuracy",
    "krippendorff_alpha",
    "length_weights",
    "panel",
    "panel_ratings",
    "power_at",
    "rate",
    "rates_by",
    "raw_agreement",
    "read_labels",
    "safety_index",
    "slice_as_shown",
    "slices_of_run",
    "summarise",
    "summary_as_shown",
    "trend_test",
    "trend_withheld",
    "withheld_in_slice",
    "withheld_in_summary",
]
