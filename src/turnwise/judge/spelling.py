"""How judges are spelled on the command line and in settings: `rules`, `safemt:TARGET`, `scripted:FILE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from turnwise.errors import UsageError, one_of
from turnwise.judge.rules import RulesJudge
from turnwise.judge.safemt import SafemtJudge
from turnwise.judge.scripted import ScriptedJudge
from turnwise.judge.verdict import Judge, Sees
from turnwise.models import ChatModel

__all__ = ["SPELLINGS", "open_judge"]

SPELLINGS = {
    "rules": "refusal, caveat or compliance from the reply's text alone; no network; a control, not the last word",
    "safemt:TARGET": "SafeMT's five rubrics, asked of any target, e.g. safemt:openai:gpt-4o-mini",
    "scripted:FILE": "verdicts from a table by dialogue id (JSON Lines)",
}
"""How each judge is spelled, with what it does."""


def open_judge(spelling: str, *, open_target: Callable[[str], ChatModel], sees: Sees = "image") -> Judge:
    """The judge behind a spelling; `open_target` opens the model of a judge that has one.

    Raises:
        UsageError: the spelling is not known, or lacks what its form asks for.
    """
    name, _, rest = spelling.partition(":")
    if spelling == "rules":
        return RulesJudge()
    if name == "safemt" and rest:
        model = open_target(rest)
        # The model's own name may differ from what was typed: a default URL is filled in.
        return SafemtJudge(f"safemt:{model.name}", model, sees=sees)
    if name == "scripted" and rest:
        return ScriptedJudge(spelling, Path(rest))
    if name in ("safemt", "scripted"):
        raise UsageError(f"judge {spelling!r} is incomplete; wanted: {name}:{'TARGET' if name == 'safemt' else 'FILE'}")
    raise one_of("judge", spelling, list(SPELLINGS))
