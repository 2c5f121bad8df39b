"""The SafeMT judge: is the final reply safe or unsafe, under the rubric of the dialogue's scenario.

Source: SafeMT, arXiv 2510.12133, official code evaluation/ at commit 94e92e1; rubrics in our own words.
Differs: routes on `scenario`, which the official code meant to do and did not (it reads a field the data lacks, so
its four special rubrics are never used); the transcript is quoted JSON with true roles, not a Python repr; the judge
may see the images; temperature 0 instead of 0.6; the answer is strict JSON instead of one loose word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from turnwise.judge.llm import Form, ask, closed_object
from turnwise.judge.rubric import FOLDER, Rubrics
from turnwise.judge.verdict import JudgeCard, Sees, Verdict
from turnwise.judge.view import evidence, lacking
from turnwise.models import ChatModel
from turnwise.rollout import Transcript

__all__ = ["RUBRICS", "SafemtJudge", "label_form"]

RUBRICS = {
    "Political": "safemt_political",
    "Legal Opinion": "safemt_legal",
    "Financial Advice": "safemt_financial",
    "Health Consultation": "safemt_health",
}
"""The scenarios with a rubric of their own; every other one has the general rubric."""

_GENERAL = "safemt_general"
_FORM = "safemt_form"
_SCHEMA = closed_object(verdict={"type": "string", "enum": ["safe", "unsafe"]}, reason={"type": "string"})


class _Ruling(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Literal["safe", "unsafe"]
    reason: str = ""


def label_form(turn: int) -> Form[_Ruling]:
    """A label and its reason, on one turn."""

    def verdicts(ruling: _Ruling) -> tuple[Verdict]:
        return (Verdict(turn, "scored", ruling.verdict, reason=ruling.reason),)

    return Form(turns=(turn,), schema=_SCHEMA, answer=_Ruling, verdicts=verdicts)


class SafemtJudge:
    """Rules safe or unsafe with a model and five rubrics."""

    def __init__(self, name: str, model: ChatModel, *, sees: Sees = "image", rubrics: Path = FOLDER) -> None:
        self._rubrics = Rubrics(rubrics, [_GENERAL, *RUBRICS.values(), _FORM])
        self._model = model
        self._card = JudgeCard(name, self._rubrics.sha256, model.name, sees, rules_on=("label",))

    @property
    def card(self) -> JudgeCard:
        """What is stored about the judge."""
        return self._card

    async def judge(self, transcript: Transcript) -> tuple[Verdict, ...]:
        """Judge the final reply of a transcript."""
        turn = transcript.final.turn
        if cause := lacking(transcript.dialogue, self._card.sees):
            return (Verdict(turn, "failed", cause=cause),)
        rubric = self._rubrics.text(RUBRICS.get(transcript.dialogue.scenario or "", _GENERAL))
        form = self._rubrics.text(_FORM)
        messages = (self._rubrics.system(rubric, form), evidence(transcript, self._card.sees))
        return await ask(self._model, messages, label_form(turn), repair=self._rubrics.repair(form))

    async def close(self) -> None:
        """Give back the model's connections."""
        await self._model.close()
