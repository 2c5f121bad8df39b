"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from turnwise.evaluate.costs.estimate import RoleEstimate, RunEstimate
from turnwise.evaluate.costs.spared import CallsSpared, calls_spared
from turnwise.evaluate.endpoints import Machinery
from turnwise.evaluate.listener import Listener, Silent, Stop
from turnwise.evaluate.running import dry_run, evaluate, rejudge
from turnwise.evaluate.settings import RunSettings, default_path, report_path, stored_settings

__all__ = [
    "CallsSpared",
    "Listener",
    "Machinery",
    "RoleEstimate",
    "RunEstimate",
    "RunSettings",
    "Silent",
    "Stop",
    "calls_spared",
    "default_path",
    "dry_run",
    "evaluate",
    "rejudge",
    "report_path",
    "stored_settings",
]
