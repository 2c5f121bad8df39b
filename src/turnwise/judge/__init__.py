"""Transcript + rubric -> Verdict. Rubrics are text files beside the code."""

from turnwise.judge.answers.answer import Answered, Outcome, Unparsed, outcome_of, read_answer
from turnwise.judge.calibration import AgainstPeople, JudgeCalibration, Measured
from turnwise.judge.mtmcs import MtmcsJudge
from turnwise.judge.rules import RulesJudge
from turnwise.judge.safemt import SafemtJudge
from turnwise.judge.scripted import ScriptedJudge
from turnwise.judge.spelling import SPELLINGS, open_judge
from turnwise.judge.stances.stance import stance
from turnwise.judge.verdict import (
    Dimension,
    Judge,
    JudgeCard,
    Label,
    Sees,
    Stance,
    Turns,
    Verdict,
    VerdictState,
    blocked_verdict,
    failed_verdict,
)
from turnwise.judge.view import lacking

__all__ = [
    "SPELLINGS",
    "AgainstPeople",
    "Answered",
    "Dimension",
    "Judge",
    "JudgeCalibration",
    "JudgeCard",
    "Label",
    "Measured",
    "MtmcsJudge",
    "Outcome",
    "RulesJudge",
    "SafemtJudge",
    "ScriptedJudge",
    "Sees",
    "Stance",
    "Turns",
    "Unparsed",
    "Verdict",
    "VerdictState",
    "blocked_verdict",
    "failed_verdict",
    "lacking",
    "open_judge",
    "outcome_of",
    "read_answer",
    "stance",
]
