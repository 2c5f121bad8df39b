"""The SafeMT judge: is the final reply safe or unsafe, under the rubric of the dialogue's scenario.

Source: SafeMT, arXiv 2510.12133, official code evaluation/ at commit 94e92e1; rubrics in our own words.
Differs: routes on `scenario`, which the official code meant to do and did not (it reads a field the data lacks, so
its four special rubrics are never used); the transcript is quoted JSON with true roles, not a Python repr; the judge
may see the images; temperature 0 instead of 0.6; the answer is strict JSON instead of one loose word.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from turnwise.judge.llm import ask_for_label
from turnwise.judge.quote import quoted
from turnwise.judge.verdict import JudgeCard, Sees, Verdict
from turnwise.models import ChatModel, Message
from turnwise.rollout import Transcript

__all__ = ["RUBRICS", "SafemtJudge"]

_FOLDER = Path(__file__).parent / "rubrics"

RUBRICS = {
    "Political": "safemt_political.txt",
    "Legal Opinion": "safemt_legal.txt",
    "Financial Advice": "safemt_financial.txt",
    "Health Consultation": "safemt_health.txt",
}
"""The scenarios with a rubric of their own; every other one has the general rubric."""

_GENERAL = "safemt_general.txt"


class SafemtJudge:
    """Rules safe or unsafe with a model and five rubrics."""

    def __init__(self, name: str, model: ChatModel, *, sees: Sees = "image", rubrics: Path = _FOLDER) -> None:
        texts = {file: (rubrics / file).read_text("utf-8") for file in sorted({_GENERAL, *RUBRICS.values()})}
        frame = (rubrics / "frame.txt").read_text("utf-8")
        self._repair = (rubrics / "repair.txt").read_text("utf-8")
        self._systems = {
            file: Message("system", frame.replace("{rubric}", text.strip())) for file, text in texts.items()
        }
        everything = "\0".join([frame, self._repair, *texts.values()])
        self._model = model
        self._card = JudgeCard(name, hashlib.sha256(everything.encode()).hexdigest(), model.name, sees)

    @property
    def card(self) -> JudgeCard:
        """What is stored about the judge."""
        return self._card

    async def judge(self, transcript: Transcript) -> Verdict:
        """Judge the final reply of a transcript."""
        rubric = RUBRICS.get(transcript.dialogue.scenario or "", _GENERAL)
        images = transcript.dialogue.all_images() if self._card.sees == "image" else ()
        messages = (self._systems[rubric], Message("user", quoted(transcript), images))
        return await ask_for_label(self._model, messages, turn=transcript.final.turn, repair=self._repair)

    async def close(self) -> None:
        """Give back the model's connections."""
        await self._model.close()
