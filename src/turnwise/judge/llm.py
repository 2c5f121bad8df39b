"""Asking a model for a verdict: one request, strict reading, one repair call, every outcome a state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from turnwise.judge.stance import stance
from turnwise.judge.verdict import Verdict
from turnwise.models import ChatModel, ChatRequest, Message, Parameters, Reply, ResponseFormat, Usage

__all__ = ["ask_for_label"]

_PARAMETERS = Parameters(temperature=0.0, max_tokens=512)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n")
_RAW_KEPT = 2_000
_REASON_KEPT = 500


class _Ruling(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Literal["safe", "unsafe"]
    reason: str = ""


_FORMAT = ResponseFormat(
    "ruling",
    {
        "type": "object",
        "properties": {"verdict": {"type": "string", "enum": ["safe", "unsafe"]}, "reason": {"type": "string"}},
        "required": ["verdict", "reason"],
        "additionalProperties": False,
    },
)


async def ask_for_label(model: ChatModel, messages: tuple[Message, ...], *, turn: int, repair: str) -> Verdict:
    """A verdict on `turn` from a judge model.

    The answer must be exactly the JSON object asked for (a code fence around all of it is accepted). Anything else
    leads to one repair call, then to state `unparsed`; nothing is ever guessed from loose text.
    """
    first = await model.reply(ChatRequest(messages, _PARAMETERS, _FORMAT))
    verdict = _verdict(first, turn)
    if verdict.state != "unparsed":
        return verdict
    again = (*messages, Message("assistant", first.text), Message("user", repair))
    second = await model.reply(ChatRequest(again, _PARAMETERS, _FORMAT))
    return _costed(_verdict(second, turn), [first, second])


def _verdict(reply: Reply, turn: int) -> Verdict:
    def unscored(state: Literal["judge_refused", "unparsed", "failed"], cause: str) -> Verdict:
        return _costed(Verdict(turn, state, cause=cause, raw=reply.text[:_RAW_KEPT] or None), [reply])

    if reply.failure is not None:
        return unscored("failed", f"{reply.failure.kind}: {reply.failure.message}")
    if reply.state != "ok" or reply.finish_reason == "refusal":
        return unscored("judge_refused", f"the judge's endpoint answered {reply.finish_reason or reply.state}")
    ruling = _read(reply.text)
    if ruling is not None:
        return _costed(Verdict(turn, "scored", ruling.verdict, reason=ruling.reason[:_REASON_KEPT]), [reply])
    if _declines(reply.text):
        return unscored("judge_refused", "the judge declined to rule")
    cut = " (cut off at its token limit)" if reply.finish_reason == "length" else ""
    return unscored("unparsed", f"the judge's answer is not the JSON object asked for{cut}")


def _read(text: str) -> _Ruling | None:
    """The ruling, when the text is exactly one; a name that comes twice could be meant either way."""
    bare = text.strip()
    opening = _FENCE.match(bare)
    if opening and bare.endswith("```"):
        bare = bare[opening.end() : -3].strip()
    try:
        ruling = msgspec.json.decode(bare, type=_Ruling)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    names = json.loads(bare, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    return ruling if len(set(names)) == len(names) else None


def _declines(text: str) -> bool:
    try:
        return stance(text) == "refusal"
    except ValueError:  # nothing is said at all
        return False


def _costed(verdict: Verdict, calls: Sequence[Reply]) -> Verdict:
    """The verdict with what the calls that led to it used; a cached reply used nothing."""
    calls = [call for call in calls if call.origin == "model"]
    return msgspec.structs.replace(
        verdict,
        usage=Usage(_sum(call.usage.input_tokens for call in calls), _sum(call.usage.output_tokens for call in calls)),
        latency_ms=sum(call.latency_ms for call in calls),
        attempts=sum(call.attempts for call in calls),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
