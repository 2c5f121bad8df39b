"""One library call from settings to a filled run file: benchmark -> rollout -> judges -> run file."""

from turnwise.evaluate.endpoints import Machinery
from turnwise.evaluate.estimate import RoleEstimate, RunEstimate
from turnwise.evaluate.listener import Listener, Silent, Stop
from turnwise.evaluate.running import dry_run, evaluate, rejudge
from turnwise.evaluate.settings import RunSettings, default_path, report_path, stored_settings

__all__ = [
    "Listener",
    "Machinery",
    "RoleEstimate",
    "RunEstimate",
    "RunSettings",
    "Silent",
    "Stop",
    "default_path",
    "dry_run",
    "evaluate",
    "rejudge",
    "report_path",
    "stored_settings",
]
