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
