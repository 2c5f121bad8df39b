"""Rates over rows that have a group, a setting and a modality: all together, and setting by setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec
import numpy as np

from turnwise.dialogue import Modality, Setting
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.rates import rate

__all__ = ["Drawing", "Placed", "SettingRate", "within_places"]


class Placed(Protocol):
    """What can be resampled by group and told apart by setting and modality."""

    @property
    def group(self) -> str:
        """The unit of resampling."""
        ...

    @property
    def setting(self) -> Setting:
        """How the dialogue goes about what its user is after."""
        ...

    @property
    def modality(self) -> Modality:
        """With images or without."""
        ...


_Row = TypeVar("_Row", bound=Placed)


class SettingRate(Estimate, frozen=True, kw_only=True):
    """A rate over the dialogues, or pairs of them, of one setting in one modality."""

    setting: Setting
    modality: Modality


class Drawing(msgspec.Struct, frozen=True):
    """How groups are resampled: one seed for every number of a run."""

    seed: int = 0
    resamples: int = 2000

    def rate(self, rows: Iterable[_Row], value: Callable[[_Row], float]) -> Estimate:
        """The rate over all rows; `value` is 1 yes, 0 no, nan could not be scored."""
        kept = list(rows)
        code = {group: place for place, group in enumerate(sorted({row.group for row in kept}))}
        values = np.array([value(row) for row in kept], dtype=np.float64)
        groups = np.array([code[row.group] for row in kept], dtype=np.int64)
        return rate(values, groups, seed=self.seed, resamples=self.resamples)

    def by_setting(self, rows: Sequence[_Row], value: Callable[[_Row], float]) -> list[SettingRate]:
        """The same by setting and modality, in the order of the rows."""
        return [
            SettingRate(**msgspec.structs.asdict(self.rate(ours, value)), setting=setting, modality=modality)
            for (setting, modality), ours in within_places(rows)
        ]


def within_places(rows: Sequence[_Row]) -> list[tuple[tuple[Setting, Modality], list[_Row]]]:
    """The rows of each setting in each modality, in the order in which these come."""
    found: dict[tuple[Setting, Modality], list[_Row]] = {}
    for row in rows:
        found.setdefault((row.setting, row.modality), []).append(row)
    return list(found.items())
