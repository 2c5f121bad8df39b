"""Numbers of several runs: what changed from one to another, and whether a run keeps to its limits."""

from turnwise.metrics.comparing.gates import Bound, Checked, Gate, check_run
from turnwise.metrics.comparing.measures import LABEL_SCALE, MEASURES, Measure, MeasureName, estimate_of, ruled_on
from turnwise.metrics.comparing.planning import Pilot, Plan, plan, read_pilot
from turnwise.metrics.comparing.versus import Change, ComparedRun, Part, RunComparison, compare_runs, one_judge

__all__ = [
    "LABEL_SCALE",
    "MEASURES",
    "Bound",
    "Change",
    "Checked",
    "ComparedRun",
    "Gate",
    "Measure",
    "MeasureName",
    "Part",
    "Pilot",
    "Plan",
    "RunComparison",
    "check_run",
    "compare_runs",
    "estimate_of",
    "one_judge",
    "plan",
    "read_pilot",
    "ruled_on",
]
