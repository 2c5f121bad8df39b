"""How judges are spelled on the command line and in settings: `rules`, `mtmcs:TARGET,turns=all`, `scripted:FILE`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec

from turnwise.errors import UsageError, one_of
from turnwise.judge.llm import Redrawn, Repeat
from turnwise.judge.mtmcs import MtmcsJudge
from turnwise.judge.rules import RulesJudge
from turnwise.judge.safemt import SafemtJudge
from turnwise.judge.scripted import ScriptedJudge
from turnwise.judge.verdict import Judge, Sees, Turns
from turnwise.models import PROVIDERS, ChatModel

__all__ = ["SPELLINGS", "open_judge"]

SPELLINGS = {
    "rules": "refusal, caveat or compliance from the reply's text alone; no network; a control, not the last word; "
    "option ,turns=all",
    "safemt:TARGET": "SafeMT's five rubrics, asked of any target, e.g. safemt:openai:gpt-4o-mini; "
    "option ,sees=image|caption|neither",
    "mtmcs:TARGET": "safety awareness and helpfulness from 1 to 5 in the manner of MTMCS-Bench, with label and stance; "
    "options ,turns=all ,sees=image|caption|neither",
    "scripted:FILE": "verdicts from a table by dialogue id (JSON Lines)",
}
"""How each judge is spelled, with what it does."""

_OPTION = re.compile(r",(turns|sees)=([^,]*)\Z")
_OPTIONS_LIKE = re.compile(r"(?:,[A-Za-z_]+=[^,/@]*)+\Z")
_OPTIONS = {"rules": ("turns",), "safemt": ("sees",), "mtmcs": ("turns", "sees")}
_VALUES = {"turns": get_args(Turns), "sees": get_args(Sees)}
_WANTED = {"safemt": "TARGET", "mtmcs": "TARGET", "scripted": "FILE"}


def open_judge(
    spelling: str, *, open_target: Callable[[str], ChatModel], sees: Sees = "image", repeat: int = 1
) -> Judge:
    """The judge behind a spelling; `open_target` opens the model of a judge that has one.

    `sees` is for judges that are spelled without a view. A view that is spelled, or is not the image, is in the judge's
    name, so that several views of one model can rule on the same run. From 2 on, `repeat` opens a repeat of the judge.

    Raises:
        UsageError: the spelling or an option is not known, the spelling lacks what its form asks for, or a judge that
            asks no model is to repeat itself.
    """
    if repeat == 1:
        return _open(spelling, open_target=open_target, sees=sees)
    judge = _open(spelling, open_target=lambda target: Redrawn(open_target(target), repeat - 1), sees=sees)
    if judge.card.model is None:
        raise UsageError(f"judge {spelling!r} asks no model, so it says the same each time; leave the repeats away")
    return Repeat(judge, repeat)


def _open(spelling: str, *, open_target: Callable[[str], ChatModel], sees: Sees) -> Judge:
    name, _, rest = spelling.partition(":")
    if name == "scripted" and rest:
        return ScriptedJudge(spelling, Path(rest))
    bare, given = _split(spelling)
    name, _, rest = bare.partition(":")
    options = _read_options(spelling, name, given)
    if bare == "rules":
        return RulesJudge(turns=options.turns)
    if name in ("safemt", "mtmcs") and rest:
        _refuse_misspelt(spelling, name, rest)
        model = open_target(rest)
        # The model's own name may differ from what was typed: a default URL is filled in.
        view = options.sees or sees
        named = f"{name}:{model.name}{options.suffix(sees)}"
        if name == "safemt":
            return SafemtJudge(named, model, sees=view)
        return MtmcsJudge(named, model, sees=view, turns=options.turns)
    if name in _WANTED:
        raise UsageError(f"judge {spelling!r} is incomplete; wanted: {name}:{_WANTED[name]}")
    if name == "panel":
        raise UsageError(f"judge {spelling!r} asks nobody: let its members rule, then give it to `turnwise report -j`")
    raise one_of("judge", spelling, list(SPELLINGS))


class _Options(msgspec.Struct, frozen=True):
    """What stands behind a judge's name; `sees` is None where nothing is said of it."""

    turns: Turns = "last"
    sees: Sees | None = None

    def suffix(self, sees: Sees) -> str:
        """The options in their canonical spelling; a view that all judges have is named unless it is the usual one."""
        turns = "" if self.turns == "last" else f",turns={self.turns}"
        view = self.sees or (None if sees == "image" else sees)
        return turns if view is None else f"{turns},sees={view}"


def _split(spelling: str) -> tuple[str, list[tuple[str, str]]]:
    """The spelling without the judge's own options, which come last, and these; a target's options stay with it."""
    found: list[tuple[str, str]] = []
    while option := _OPTION.search(spelling):
        found.append((option[1], option[2]))
        spelling = spelling[: option.start()]
    return spelling, found


def _refuse_misspelt(spelling: str, name: str, target: str) -> None:
    """Refuse an option that neither the judge nor its target has; some targets would take it as part of a name."""
    kind = target.partition(":")[0]
    ending = _OPTIONS_LIKE.search(target)
    if kind not in PROVIDERS or ending is None:
        return
    theirs = PROVIDERS[kind].options
    for key in re.findall(",([A-Za-z_]+)=", ending[0]):
        if key not in theirs:
            known = ", ".join(_OPTIONS[name]) + (f" (and of {kind}: {', '.join(theirs)})" if theirs else "")
            raise UsageError(f"judge {spelling!r}: option {key} is not known; known: {known}")


def _read_options(spelling: str, name: str, given: list[tuple[str, str]]) -> _Options:
    for key, value in given:
        if key not in _OPTIONS.get(name, (key,)):
            raise UsageError(f"judge {spelling!r}: {name} takes no option {key}, only {', '.join(_OPTIONS[name])}")
        if value not in _VALUES[key]:
            raise one_of(f"judge {spelling!r}: {key}", value, _VALUES[key])
    if len(dict(given)) < len(given):
        raise UsageError(f"judge {spelling!r}: an option is given twice")
    return msgspec.convert(dict(given), _Options)
