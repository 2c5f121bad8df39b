"""Transcript + rubric -> Verdict. Rubrics are text files beside the code."""

from turnwise.judge.rules import RulesJudge
from turnwise.judge.safemt import SafemtJudge
from turnwise.judge.scripted import ScriptedJudge
from turnwise.judge.spelling import SPELLINGS, open_judge
from turnwise.judge.stance import stance
from turnwise.judge.verdict import Judge, JudgeCard, Label, Sees, Stance, Verdict, VerdictState, blocked_verdict

__all__ = [
    "SPELLINGS",
    "Judge",
    "JudgeCard",
    "Label",
    "RulesJudge",
    "SafemtJudge",
    "ScriptedJudge",
    "Sees",
    "Stance",
    "Verdict",
    "VerdictState",
    "blocked_verdict",
    "open_judge",
    "stance",
]
