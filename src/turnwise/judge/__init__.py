"""Transcript + rubric -> Verdict. Rubrics are text files beside the code."""

from turnwise.judge.verdict import Judge, JudgeCard, Label, Stance, Verdict, VerdictState

__all__ = ["Judge", "JudgeCard", "Label", "Stance", "Verdict", "VerdictState"]
