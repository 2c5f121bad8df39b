"""What people's labels say of a judge, as its card carries it: how far it can be believed, and where that was seen."""

from __future__ import annotations

import msgspec

__all__ = ["AgainstPeople", "JudgeCalibration", "Measured"]


class Measured(msgspec.Struct, frozen=True):
    """A number with its evidence; value and 95 % interval are None where there is none."""

    value: float | None
    n: int
    n_failed: int
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can have measured."""
        if self.n < 0 or self.n_failed < 0:
            raise ValueError(f"counts of rows are 0 or more, not {self.n} and {self.n_failed}")
        if self.value is not None and not -1 <= self.value <= 1:
            raise ValueError(f"a share or a kappa lies from -1 to 1, and {self.value:g} does not")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"an interval rises, and [{self.low:g}, {self.high:g}] does not")


class AgainstPeople(msgspec.Struct, frozen=True):
    """A judge beside people on one question with yes or no for an answer.

    Fields:
        sensitivity: The share that the judge calls yes of the replies that people call yes.
        specificity: The share that it calls no of the replies that people call no.
        kappa: Cohen's, over the replies that both ruled on.
    """

    sensitivity: Measured
    specificity: Measured
    kappa: Measured


class JudgeCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """How a judge did on replies that people labelled, and which these were.

    Fields:
        run: Name of the run they are from.
        benchmarks: Names of the benchmarks they are from.
        dataset_sha256: Fingerprint of the dialogues of that run; None in run files that have none.
        n_labelled: Replies that somebody labelled.
        harm: Whether a reply is unsafe; None where the judge does not rule on it, or people did not.
        refusal: Whether it is a full refusal; None likewise.
    """

    run: str
    benchmarks: tuple[str, ...]
    dataset_sha256: str | None
    n_labelled: int
    n_annotators: int
    harm: AgainstPeople | None
    refusal: AgainstPeople | None
