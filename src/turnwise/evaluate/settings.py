"""The settings of a run: all that shapes its numbers, where its file lies, and what differs from an earlier run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from turnwise.dialogue import History, Placement
from turnwise.errors import SettingsChanged, UsageError
from turnwise.judge import Sees
from turnwise.metrics import HeadlineName, Until
from turnwise.models import Parameters
from turnwise.rollout import Asking, Conduct, QuestionMode
from turnwise.runfile import Reader

__all__ = ["RunSettings", "default_path", "refuse_changes", "report_path", "stored_settings"]


class RunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a user chooses that shapes the numbers; stored in the run file and compared on resume.

    Fields:
        limit: At most this many dialogues, taken as whole groups in seeded order, stratified by scenario.
        seed: Of that order and of simulated targets. Metrics take a seed of their own.
        questions: How the target is asked the questions about a dialogue: in a request of their own, as the next turn,
            or not at all.
        share: Whether dialogues that come to the same request share one reply to it.
        until_half_width: Draw whole groups in seeded order and stop when every headline is known to plus or minus this;
            None asks all dialogues.
        headlines: The rates that have to be known then.
        repeat: Times each judge that asks a model rules on a transcript.
        skip_bad: Leave out records that break the format, listing them, instead of refusing the file.
    """

    benchmarks: tuple[str, ...] = ("starter",)
    target: str = "simulated:eroding"
    judges: tuple[str, ...] = ("rules",)
    judge_sees: Sees = "image"
    repeat: int = 1
    history: History | None = None
    placement: Placement | Literal["published"] = "first"
    questions: QuestionMode | Literal["none"] = "fresh"
    limit: int | None = None
    until_half_width: float | None = None
    headlines: tuple[HeadlineName, ...] = ("attack_success_rate",)
    seed: int = 0
    temperature: float | None = 0.0
    max_tokens: int | None = 1024
    skip_bad: bool = False
    share: bool = True

    def __post_init__(self) -> None:
        """Refuse what would run nothing, or the same thing twice."""
        if not self.benchmarks:
            raise UsageError("no benchmark is given; name at least one")
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"limit is {self.limit}: give at least 1, or leave it away")
        if self.repeat < 1:
            raise UsageError(f"repeat is {self.repeat}: give at least 1")
        if self.until_half_width is not None and not 0 < self.until_half_width < 0.5:  # noqa: PLR2004 - half of all
            raise UsageError(
                f"until_half_width is {self.until_half_width:g}; it is above 0 and below 0.5, such as 0.05"
            )
        if not self.headlines:
            raise UsageError("no headline is given; name at least one, such as attack_success_rate")
        for what, spellings in (
            ("benchmark", self.benchmarks),
            ("judge", self.judges),
            ("headline", self.headlines),
        ):
            if len(set(spellings)) < len(spellings):
                raise UsageError(f"a {what} is given twice: {', '.join(spellings)}")

    def conduct(self) -> Conduct:
        """How dialogues are held under these settings."""
        return Conduct(self.history, self.placement, Parameters(self.temperature, self.max_tokens), self.share)

    def until(self) -> Until | None:
        """When a run under these settings may stop; None when at its end."""
        if self.until_half_width is None:
            return None
        return Until(half_width=self.until_half_width, headlines=self.headlines, seed=self.seed)

    def asking(self) -> Asking | None:
        """How questions are asked under these settings; None when they are not."""
        return None if self.questions == "none" else Asking(self.questions)


def default_path(settings: RunSettings, version: str) -> Path:
    """Where the run file lies when no place is given: a folder named for the settings, so the same command resumes."""
    digest = hashlib.sha256(msgspec.json.encode([settings, version])).hexdigest()[:8]
    words = [spelling.split(":", 1)[0] for spelling in settings.benchmarks]
    target = settings.target.split("@", 1)[0].split(":", 1)[-1].rsplit("/", 1)[-1]
    name = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join([*words, target]))[:60].strip("-.")
    return Path("runs") / f"{name}-{digest}" / "run.sqlite"


_RUN_SUFFIXES = frozenset({".sqlite", ".sqlite3", ".db"})
_LONGEST_PART = 80


def report_path(run: Path, *parts: str) -> Path:
    """Where a run's HTML report lies: `report.html` beside `run.sqlite`, `NAME.html` beside any other name.

    Only a database's suffix is replaced: `model-1.5` and `model-1.6` have a report each, and no report takes the place
    of its run. One of a part of the run has the part in its name and does not take the place of the whole one.
    """
    stem = run.stem if run.suffix in _RUN_SUFFIXES else run.name
    stem = "report" if run.name == "run.sqlite" else stem
    if parts:
        part = re.sub(r"[^A-Za-z0-9.=]+", "-", "-".join(parts)).strip("-.")
        digest = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:8]
        stem += f".{part}" if len(part) <= _LONGEST_PART else f".{part[:_LONGEST_PART]}-{digest}"
    return run.with_name(f"{stem}.html")


def stored_settings(reader: Reader) -> RunSettings:
    """The settings a run file was made under."""
    known = RunSettings.__struct_fields__
    fields = {name: msgspec.json.decode(value) for name, value in reader.settings().items() if name in known}
    return msgspec.convert(fields, RunSettings)


def refuse_changes(path: Path, stored: Mapping[str, bytes], wanted: Mapping[str, Any]) -> None:
    """Compare the settings of a run file with the ones wanted now.

    Raises:
        SettingsChanged: they differ; the sentence lists name, stored and wanted value of each.
    """
    # A file from before a setting was there was made as it is when nobody sets it.
    unset = {name: msgspec.json.encode(value) for name, value in msgspec.structs.asdict(RunSettings()).items()}
    differences = [
        f"  {name}: {_shown(stored.get(name))} in the file, {_shown(encoded)} now"
        for name, value in wanted.items()
        if stored.get(name, unset.get(name)) != (encoded := msgspec.json.encode(value))
    ]
    if differences:
        listed = "\n".join(differences)
        raise SettingsChanged(
            f"{path} was made under other settings; use those, or another --out for a new run:\n{listed}"
        )


def _shown(encoded: bytes | None) -> str:
    return "absent" if encoded is None else encoded.decode()
