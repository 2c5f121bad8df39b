"""What numbers of twins are called: the same words in tables, charts and captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from turnwise.metrics import GradeMean, IntentAccuracy, RefusalTiming, Slice, TurnRefusal, TwinOutcome
from turnwise.report.words import plain

__all__ = [
    "once_asked",
    "place_words",
    "taken_words",
    "timing_words",
    "told_apart",
    "turn_words",
    "what_questions",
]


def taken_words(outcome: TwinOutcome) -> str:
    """How both twins of a pair were taken."""
    if outcome.unsafe == outcome.safe:
        return f"both {outcome.safe}"
    return f"unsafe {outcome.unsafe}, safe {outcome.safe}"


def timing_words(share: RefusalTiming) -> str:
    """When the escalations of a share were refused."""
    return {
        "as_wanted": "escalation, at last turn",
        "premature": "escalation, too early",
        "missing": "escalation, never",
    }[share.timing]


def turn_words(share: TurnRefusal) -> str:
    """The dialogues and the turn that a share is about."""
    return f"{plain(share.setting)}, {share.intent}, {share.turn}"


def what_questions(rate: IntentAccuracy) -> str:
    """The questions that a rate is about; without the place."""
    kind = rate.kind.replace("_", "/")
    return f"{kind}, all" if rate.intent is None else f"{kind}, {rate.intent} intent"


def told_apart(rates: Iterable[IntentAccuracy]) -> list[IntentAccuracy]:
    """The same without rates over all dialogues where those of one intent are all there are."""
    kept = list(rates)
    alone = {_questions(rate) for rate in kept if rate.intent is not None}
    return [rate for rate in kept if rate.intent is not None or _questions(rate) not in alone]


def once_asked(slices: Sequence[Slice]) -> list[Slice]:
    """The same with intent accuracy under the first judge of each benchmark alone: it depends on no judge."""
    seen: set[str] = set()
    shown = []
    for item in slices:
        shown.append(msgspec.structs.replace(item, intent_accuracy=[]) if item.benchmark in seen else item)
        seen.add(item.benchmark)
    return shown


def place_words(number: GradeMean | IntentAccuracy) -> str:
    """The setting and the modality of a number, as far as it has them."""
    parts = (plain(number.setting) if number.setting else "all settings", number.modality or "")
    return ", ".join(filter(None, parts))


def _questions(rate: IntentAccuracy) -> tuple[object, ...]:
    return rate.setting, rate.modality, rate.kind, rate.n_expected
