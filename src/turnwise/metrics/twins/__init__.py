"""Numbers of safe and unsafe twins: pairs, grades, and whether the target sees what its user is after."""

from turnwise.metrics.twins.frontier import UtilityPoint, safety_utility
from turnwise.metrics.twins.grades import GradeMean, grade_means
from turnwise.metrics.twins.intent import IntentAccuracy, IntentRow, intent_accuracy, intent_rows
from turnwise.metrics.twins.modality_gap import ModalityGap, modality_gaps
from turnwise.metrics.twins.outcomes import Took, TwinOutcome, TwinPair, pair_accuracy, twin_outcomes, twin_pairs
from turnwise.metrics.twins.places import Drawing, SettingRate
from turnwise.metrics.twins.turns import (
    Course,
    RefusalTiming,
    Timing,
    TurnRefusal,
    courses,
    forgetting,
    refusal_by_turn,
    refusal_timing,
)

__all__ = [
    "Course",
    "Drawing",
    "GradeMean",
    "IntentAccuracy",
    "IntentRow",
    "ModalityGap",
    "RefusalTiming",
    "SettingRate",
    "Timing",
    "Took",
    "TurnRefusal",
    "TwinOutcome",
    "TwinPair",
    "UtilityPoint",
    "courses",
    "forgetting",
    "grade_means",
    "intent_accuracy",
    "intent_rows",
    "modality_gaps",
    "pair_accuracy",
    "refusal_by_turn",
    "refusal_timing",
    "safety_utility",
    "twin_outcomes",
    "twin_pairs",
]
