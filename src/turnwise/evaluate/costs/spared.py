"""What stopping early spared: the calls for the groups of a run that were never asked."""

from __future__ import annotations

import msgspec

from turnwise.evaluate.costs.estimate import planned_calls
from turnwise.evaluate.settings import stored_settings
from turnwise.runfile import Reader

__all__ = ["CallsSpared", "calls_spared"]


class CallsSpared(msgspec.Struct, frozen=True):
    """Calls of the target and of judges that ask a model, without retries and repairs.

    Fields:
        n_planned: For all dialogues of the run.
        n_drawn: For those of the groups that were drawn.
    """

    n_planned: int
    n_drawn: int

    @property
    def n_spared(self) -> int:
        """For the others."""
        return self.n_planned - self.n_drawn


def calls_spared(reader: Reader) -> CallsSpared:
    """Count the calls of a run from its dialogues, whether a cache answered them or not.

    Raises:
        RunFileError: the run file cannot be read.
    """
    settings, touched, plan = stored_settings(reader), reader.touched(), reader.plan()
    begun = {(row.benchmark, row.group) for row in plan if row.number in touched}
    n_judges = sum(card.model is not None for card in reader.judges())

    def calls(numbers: list[int]) -> int:
        dialogues = map(reader.dialogue, numbers)
        return planned_calls(dialogues, conduct=settings.conduct(), asking=settings.asking(), n_judges=n_judges)

    drawn = [row.number for row in plan if (row.benchmark, row.group) in begun]
    return CallsSpared(calls([row.number for row in plan]), calls(drawn))
