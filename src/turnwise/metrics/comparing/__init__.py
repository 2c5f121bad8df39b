"""Numbers of several runs: what changed from one to another, and whether a run keeps to its limits."""

from turnwise.metrics.comparing.columns import Cell, Column, ColumnName
from turnwise.metrics.comparing.comparable import ComparedRun, one_judge
from turnwise.metrics.comparing.gates import Bound, Checked, Gate, check_run
from turnwise.metrics.comparing.leaderboard import Leaderboard, LeaderboardRun, LeaderboardTable, leaderboard
from turnwise.metrics.comparing.measures import (
    LABEL_SCALE,
    MEASURES,
    Measure,
    MeasureName,
    Ruling,
    estimate_of,
    ruled_on,
)
from turnwise.metrics.comparing.planning import Pilot, Plan, plan, read_pilot
from turnwise.metrics.comparing.ranks import Rank, ranks
from turnwise.metrics.comparing.versus import Change, Part, RunComparison, compare_runs

__all__ = [
    "LABEL_SCALE",
    "MEASURES",
    "Bound",
    "Cell",
    "Change",
    "Checked",
    "Column",
    "ColumnName",
    "ComparedRun",
    "Gate",
    "Leaderboard",
    "LeaderboardRun",
    "LeaderboardTable",
    "Measure",
    "MeasureName",
    "Part",
    "Pilot",
    "Plan",
    "Rank",
    "Ruling",
    "RunComparison",
    "check_run",
    "compare_runs",
    "estimate_of",
    "leaderboard",
    "one_judge",
    "plan",
    "ranks",
    "read_pilot",
    "ruled_on",
]
