"""Annotations and verdicts of a run -> how far each judge can be believed, and its numbers corrected by people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from turnwise.dialogue import Setting
from turnwise.errors import NotMeasurable, one_of
from turnwise.metrics.comparing.measures import (
    LABEL_SCALE,
    MEASURES,
    Measure,
    MeasureName,
    Ruling,
    estimate_of,
    is_blocked,
)
from turnwise.metrics.estimate import COMPLETENESS_BAR, Estimate
from turnwise.metrics.interval import FloatArray
from turnwise.metrics.people.drawing import answered, design_of, design_within
from turnwise.metrics.people.said import Annotator, BetweenPeople, Said, annotators, between_people, together
from turnwise.metrics.raters.annotation import SamplingDesign
from turnwise.metrics.raters.calibration import Calibration, CalibrationRow, Slicing, calibrations
from turnwise.metrics.raters.corrected import CorrectedEstimate, corrected_mean, corrected_rate
from turnwise.metrics.raters.sitting import judges_of, rows_under
from turnwise.runfile import Annotation, Reader, ScoredRow

__all__ = ["Corrected", "PeopleReport", "calibrate_run"]

_HARM, _REFUSAL = MEASURES[0], MEASURES[1]


class Corrected(msgspec.Struct, frozen=True):
    """One number of a judge as it is and as people would have it.

    Fields:
        raw: The judge's own, over the dialogues whose last turn the target answered.
        corrected: None when it cannot be had.
        reason: Why not.
        scale: The least and the greatest value.
        setting: The one it is about, where the headline of a run is; None for all.
    """

    benchmark: str
    judge: str
    measure: MeasureName
    raw: Estimate
    corrected: CorrectedEstimate | None
    reason: str | None
    scale: tuple[float, float]
    setting: Setting | None = None


class PeopleReport(msgspec.Struct, frozen=True):
    """All that annotations say of the judges of a run.

    Fields:
        n_replies: Replies that somebody annotated.
        drawn_by: The judge by whose labels they were drawn; None when they were not, or by those of several.
        weighted: Whether rows weigh by the chance they had to be drawn.
        between: None with one annotator, or none in common.
        harm, refusal: Each judge beside people; an entry a slice when they are sliced.
    """

    annotators: list[Annotator]
    n_replies: int
    drawn_by: str | None
    between: BetweenPeople | None
    harm: list[Calibration]
    refusal: list[Calibration]
    corrected: list[Corrected]
    seed: int
    resamples: int


def calibrate_run(
    reader: Reader, *, annotator: str | None = None, by: Sequence[Slicing] = (), seed: int = 0, resamples: int = 2000
) -> PeopleReport:
    """Hold every judge of a run against what people said of its replies.

    Where several annotated a reply, labels and stances go by majority, a tie being no label, and grades by their mean.
    Corrected numbers need replies that were drawn by `draw`; they are about the last turn of dialogues.

    Raises:
        NotMeasurable: nobody annotated the run, or no judge ruled on it.
        UsageError: the annotator did not.
    """
    stored = reader.annotations()
    if not stored:
        raise NotMeasurable(f"{reader.path}: nobody has annotated this run; `turnwise annotate export` draws replies")
    if not reader.judges():
        raise NotMeasurable(f"{reader.path}: no judge has ruled on this run; `turnwise judge` has one do it")
    names = sorted({one.annotator for one in stored})
    if annotator is not None and annotator not in names:
        raise one_of("annotator", annotator, names)
    said: dict[tuple[int, int], list[Annotation]] = defaultdict(list)
    for one in stored:
        if annotator in (None, one.annotator):
            said[one.dialogue, one.turn].append(one)
    return _Work(reader, said, seed, resamples).report(by)


class _Work:
    """A run with what people said of it, on the way to a report."""

    def __init__(self, reader: Reader, said: Said, seed: int, resamples: int) -> None:
        self._reader = reader
        self._said = said
        self._draw = {"seed": seed, "resamples": resamples}
        drawers = {one.drawn_by for given in said.values() for one in given}
        self._judges = [card.name for card in judges_of(reader)]
        # Replies may have been drawn by the labels of a panel, which is none of the judges that are looked at.
        named = dict.fromkeys([*self._judges, *sorted(filter(None, drawers))])
        self._rows = {judge: rows_under(reader, judge) for judge in named}
        self._row = {row.number: row for row in self._rows[self._judges[0]]}
        self._drawn_by = drawers.pop() if len(drawers) == 1 else None
        self._several = len(drawers) > 0
        self._weights = self._weighed()

    def report(self, by: Sequence[Slicing]) -> PeopleReport:
        """Everything."""
        return PeopleReport(
            annotators=annotators(one for given in self._said.values() for one in given),
            n_replies=len(self._said),
            drawn_by=self._drawn_by,
            between=between_people(self._said, self._row, **self._draw),
            harm=self._calibrated(_HARM, by),
            refusal=self._calibrated(_REFUSAL, by),
            corrected=[one for judge in self._judges for one in self._corrected(judge)],
            seed=self._draw["seed"],
            resamples=self._draw["resamples"],
        )

    def _design(self, rows: Sequence[ScoredRow]) -> SamplingDesign:
        """How these rows were drawn: by the labels that the drawing judge gave them, whichever judge is looked at."""
        assert self._drawn_by is not None
        of_drawer = {row.number: row for row in self._rows[self._drawn_by]}
        return design_of([of_drawer[row.number] for row in rows])

    def _weighed(self) -> dict[int, float]:
        """1 / (chance of a dialogue's last reply to be labelled); nothing where chances are not known."""
        if self._drawn_by is None:
            return {}
        rows = answered(self._rows[self._drawn_by])
        design = self._design(rows)
        labelled = np.array([(row.number, row.length) in self._said for row in rows])
        size, drawn = np.bincount(design.stratum), np.bincount(design.stratum, weights=labelled)
        return {
            row.number: float(size[stratum] / drawn[stratum])
            for row, stratum, chosen in zip(rows, design.stratum, labelled, strict=True)
            if chosen
        }

    def _calibrated(self, measure: Measure, by: Sequence[Slicing]) -> list[Calibration]:
        rows = [row for key, given in self._said.items() for row in self._beside(measure, key, given)]
        with_people = [row for row in rows if row.human is not None]
        # Silence on refusal is no failure of a judge that rules on harm alone.
        ruling = {row.judge for row in with_people if row.judged is not None or measure is _HARM}
        return calibrations((row for row in with_people if row.judge in ruling), by=by, **self._draw)

    def _beside(self, measure: Measure, key: tuple[int, int], given: Sequence[Annotation]) -> list[CalibrationRow]:
        """What each judge that should have ruled on a reply says beside people."""
        number, turn = key
        row, human = self._row[number], together(measure, given)
        verdicts = {judge: verdict for judge, verdict in self._reader.verdicts(number) if verdict.turn == turn}
        return [
            CalibrationRow(
                group=f"{row.benchmark}\n{row.group}",
                judge=judge,
                human=None if human is None else bool(human),
                judged=_yes(measure, verdicts.get(judge)),
                turn=turn,
                scenario=row.scenario,
                weight=self._weights.get(number, 1.0) if turn == row.length else 1.0,
            )
            for judge in self._judges
            if judge in verdicts or turn == row.length
        ]

    def _corrected(self, judge: str) -> Iterator[Corrected]:
        for benchmark in dict.fromkeys(row.benchmark for row in self._rows[judge]):
            for measure in MEASURES:
                rows = [row for row in self._rows[judge] if (row.benchmark, row.intent) == (benchmark, measure.intent)]
                for setting in _settings_of(measure, rows):
                    ours = [row for row in rows if setting in (None, row.setting) and not is_blocked(row)]
                    human = self._human(measure, ours)
                    looked_at = np.isfinite(human).any() or any(self._is_unsettled(measure, row) for row in ours)
                    if looked_at and any(measure.value(row) is not None for row in ours):
                        number, reason = self._correct(measure, judge, ours, human)
                        raw = estimate_of(measure, ours, **self._draw)
                        yield Corrected(benchmark, judge, measure.name, raw, number, reason, measure.scale, setting)

    def _human(self, measure: Measure, rows: Sequence[ScoredRow]) -> FloatArray:
        given = (together(measure, self._said.get((row.number, row.length), ())) for row in rows)
        return np.array([np.nan if value is None else value for value in given], dtype=np.float64)

    def _correct(
        self, measure: Measure, judge: str, rows: Sequence[ScoredRow], human: FloatArray
    ) -> tuple[CorrectedEstimate | None, str | None]:
        """The corrected number, or why there is none."""
        if self._drawn_by is None:
            drawn = "by the labels of several judges" if self._several else "by `turnwise annotate export`"
            return None, f"the labelled replies were {'' if self._several else 'not '}drawn {drawn}: chances not known"
        everything = answered(self._rows[judge])
        n_late = self._reader.n_answered_late()
        if n_late > (1 - COMPLETENESS_BAR) * len(everything):
            return None, (
                f"{n_late:,} of {len(everything):,} dialogues were answered after the labels came in, and could not "
                "have been drawn; draw and label again"
            )
        place = {row.number: at for at, row in enumerate(everything)}
        here = np.isin(np.arange(len(everything)), [place[row.number] for row in rows if row.number in place])
        kept = [row.number in place for row in rows]
        judged = np.array([np.nan if (v := measure.value(row)) is None else v for row in rows], dtype=np.float64)[kept]
        design = design_within(self._design(everything), self._human(measure, everything), here)
        open_rows = np.array([self._is_unsettled(measure, row) for row in rows], dtype=np.bool_)[kept]

        def corrected(said: FloatArray) -> CorrectedEstimate:
            if measure.scale == LABEL_SCALE:
                return corrected_rate(judged, said, design)
            return corrected_mean(judged, said, design, scale=measure.scale)

        try:
            number = corrected(human[kept])
            ends = (
                [corrected(np.where(open_rows, end, human[kept])) for end in measure.scale] if open_rows.any() else []
            )
        except NotMeasurable as error:
            return None, str(error)
        n_unanswered = len(kept) - sum(kept)
        return msgspec.structs.replace(
            _whatever(number, ends), n_failed=number.n_failed + n_unanswered, n_unsettled=int(open_rows.sum())
        ), None

    def _is_unsettled(self, measure: Measure, row: ScoredRow) -> bool:
        """Whether people looked at the last reply of a dialogue and came to nothing."""
        given = self._said.get((row.number, row.length), ())
        silent = measure is not _HARM and all(measure.value(one) is None for one in given)
        return bool(given) and not silent and together(measure, given) is None


def _whatever(number: CorrectedEstimate, ends: Sequence[CorrectedEstimate]) -> CorrectedEstimate:
    """The number with limits that hold whatever the replies are that people could not settle: all alike, either way."""
    every = [number, *ends]
    return msgspec.structs.replace(
        number,
        low=min((one.low for one in every if one.low is not None), default=None),
        high=max((one.high for one in every if one.high is not None), default=None),
        run_low=min(one.run_low for one in every),
        run_high=max(one.run_high for one in every),
    )


def _settings_of(measure: Measure, rows: Sequence[ScoredRow]) -> Iterator[Setting | None]:
    """All settings together, and scripted attacks alone where the attack success rate of a report is about these."""
    yield None
    if measure is _HARM and {"scripted_attack"} < {row.setting for row in rows}:
        yield "scripted_attack"


def _yes(measure: Measure, ruling: Ruling | None) -> bool | None:
    value = None if ruling is None else measure.value(ruling)
    return None if value is None else bool(value)
