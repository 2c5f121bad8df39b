"""What people said of the judges of a run -> the calibration on each judge's card, its own or lent by another run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from turnwise.errors import UsageError
from turnwise.judge import AgainstPeople, JudgeCalibration, JudgeCard, Measured
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.people.of_people import PeopleReport, calibrate_run
from turnwise.metrics.raters.calibration import Calibration
from turnwise.metrics.raters.sitting import judges_of
from turnwise.runfile import Reader

__all__ = ["CalibratedCard", "CalibratedOn", "calibrated_cards", "lend_calibrations"]

CalibratedOn = Literal["this_run", "these_dialogues", "this_benchmark", "another_benchmark"]
"""What people labelled: replies of this run, or of another over the same dialogues, the same benchmarks, or others."""

_RULED_BY = ("rubric_sha256", "model", "sees", "turns")


class CalibratedCard(msgspec.Struct, frozen=True):
    """A judge's card with the calibration that speaks for it in a run: the run's own, where people labelled it.

    Fields:
        calibrated_on: None where the card has no calibration.
    """

    card: JudgeCard
    calibrated_on: CalibratedOn | None


def calibrated_cards(reader: Reader, found: PeopleReport | None) -> list[CalibratedCard]:
    """The judges of a run; `found` is what its own labels say, not sliced, None where it has none."""
    own = {} if found is None else _calibrations(reader, found)
    return [_calibrated(reader, card, own.get(card.name)) for card in judges_of(reader)]


def lend_calibrations(cards: Sequence[JudgeCard], lender: Reader, *, seed: int = 0) -> list[JudgeCard]:
    """The cards of the judges that people's labels in another run speak for, with what these say.

    A judge is the same there when rubric, model, view and the turns it rules on are, whatever its name.

    Raises:
        UsageError: a judge of the same name is another one there, or no judge is the same, or labels say nothing of it.
        NotMeasurable: nobody annotated that run, or no judge ruled on it.
    """
    own = _calibrations(lender, calibrate_run(lender, seed=seed))
    there = lender.judges()
    lent = []
    for card in cards:
        twin = next((other for other in there if _by(card) == _by(other)), None)
        if twin is None and any(other.name == card.name for other in there):
            raise _not_the_same(lender, card, there)
        if twin is not None and twin.name in own:
            lent.append(msgspec.structs.replace(card, calibration=own[twin.name]))
        elif twin is not None:
            raise UsageError(
                f"{lender.path}: people's labels say nothing of judge {twin.name}; it lends no calibration"
            )
    if cards and not lent:
        raise _not_the_same(lender, cards[0], there)
    return lent


def _by(card: JudgeCard) -> tuple[object, ...]:
    return tuple(getattr(card, name) for name in _RULED_BY)


def _not_the_same(lender: Reader, card: JudgeCard, there: Sequence[JudgeCard]) -> UsageError:
    """The one sentence that names what the nearest judge of the other run differs in."""
    nearest = max(there, key=lambda other: sum(map(lambda ours, theirs: ours == theirs, _by(card), _by(other))))
    differs = "; ".join(
        f"{name} {_short(theirs)} there, {_short(ours)} here"
        for name, ours, theirs in zip(_RULED_BY, _by(card), _by(nearest), strict=True)
        if ours != theirs
    )
    return UsageError(
        f"{lender.path} does not calibrate judge {card.name}: judge {nearest.name} there is another one ({differs})"
    )


def _short(value: object) -> str:
    """A hash by its first digits; a model's name and a view as they are."""
    text = "none" if value is None else str(value)
    return text[:8] if len(text) == 64 else text  # noqa: PLR2004 - hex digits of a sha256


def _calibrated(reader: Reader, card: JudgeCard, own: JudgeCalibration | None) -> CalibratedCard:
    if own is not None:
        return CalibratedCard(msgspec.structs.replace(card, calibration=own), "this_run")
    return CalibratedCard(card, None if card.calibration is None else _seen_on(reader, card.calibration))


def _seen_on(reader: Reader, lent: JudgeCalibration) -> CalibratedOn:
    if lent.dataset_sha256 is not None and lent.dataset_sha256 == _dataset(reader):
        return "these_dialogues"
    here = {row.benchmark for row in reader.scored_rows("")}
    return "this_benchmark" if here <= set(lent.benchmarks) else "another_benchmark"


def _calibrations(reader: Reader, found: PeopleReport) -> dict[str, JudgeCalibration]:
    """What the labels of a run say of each of its judges, by name; a judge of which they say nothing has no entry."""
    harm, refusal = ({one.judge: _against(one) for one in rows} for rows in (found.harm, found.refusal))
    labelled = {one.dialogue for one in reader.annotations()}
    benchmarks = dict.fromkeys(row.benchmark for row in reader.scored_rows("") if row.number in labelled)
    return {
        judge: JudgeCalibration(
            run=reader.name,
            benchmarks=tuple(benchmarks),
            dataset_sha256=_dataset(reader),
            n_labelled=found.n_replies,
            n_annotators=len(found.annotators),
            harm=harm.get(judge),
            refusal=refusal.get(judge),
        )
        for judge in dict.fromkeys((*harm, *refusal))
    }


def _against(found: Calibration) -> AgainstPeople:
    return AgainstPeople(*map(_measured, (found.sensitivity, found.specificity, found.kappa)))


def _measured(number: Estimate) -> Measured:
    return Measured(number.value, number.n, number.n_failed, number.low, number.high)


def _dataset(reader: Reader) -> str | None:
    stored = reader.settings().get("dataset_sha256")
    return None if stored is None else msgspec.json.decode(stored, type=str)
