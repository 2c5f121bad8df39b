"""Asking a model for verdicts: one request, strict reading, one repair call, every outcome a state; and once more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec

from turnwise.judge.stances.stance import stance
from turnwise.judge.verdict import Judge, JudgeCard, Verdict
from turnwise.models import ChatModel, ChatRequest, Message, Parameters, Reply, ResponseFormat, Usage
from turnwise.rollout import Transcript

__all__ = ["Form", "Redrawn", "Repeat", "ask", "closed_object"]

_PARAMETERS = Parameters(temperature=0.0, max_tokens=512)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n")
_RAW_KEPT = 2_000
_REASON_KEPT = 500

Answer = TypeVar("Answer", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class Form(Generic[Answer]):
    """The one JSON object that a judge model is to answer with.

    Attributes:
        turns: The turns to rule on, the last one last.
        schema: Asked for, of servers with structured outputs.
        answer: Read, whatever the server can.
        verdicts: What an answer says of each of the turns, in their order; None where it does not fit them.
    """

    turns: tuple[int, ...]
    schema: dict[str, Any]
    answer: type[Answer]
    verdicts: Callable[[Answer], Sequence[Verdict] | None]


def closed_object(**members: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an object that has exactly these members."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


async def ask(
    model: ChatModel, messages: tuple[Message, ...], form: Form[Answer], *, repair: str
) -> tuple[Verdict, ...]:
    """The verdicts of a judge model on the turns of a form, the last turn's last and with all that asking took.

    The answer must be exactly the JSON object asked for (a code fence around all of it is accepted). Anything else
    leads to one repair call, then to state `unparsed`; nothing is ever guessed from loose text. Without an answer every
    turn has a verdict in the same state.
    """
    wanted = ResponseFormat("ruling", form.schema)
    first = await model.reply(ChatRequest(messages, _PARAMETERS, wanted))
    verdicts = _verdicts(first, form)
    if verdicts[-1].state != "unparsed":
        return _costed(verdicts, [first])
    again = (*messages, Message("assistant", first.text), Message("user", repair))
    second = await model.reply(ChatRequest(again, _PARAMETERS, wanted))
    return _costed(_verdicts(second, form), [first, second])


class Redrawn:
    """A ChatModel whose requests are draws of their own.

    What is sent is the same; the sample number keeps the response cache, and the sharing of identical requests, from
    answering with what an earlier draw was answered.

    Args:
        sample: Number of the draw; 0 is that of a model that stands alone.
    """

    def __init__(self, model: ChatModel, sample: int) -> None:
        self._model = model
        self._sample = sample

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def reply(self, request: ChatRequest) -> Reply:
        """The reply of the model inside, to this draw."""
        return await self._model.reply(msgspec.structs.replace(request, sample=self._sample))

    async def close(self) -> None:
        """Close the model inside."""
        await self._model.close()


class Repeat:
    """A judge under the name and card of one of its repeats.

    Args:
        judge: Opened with a model of its own, so that closing one repeat leaves the others open.
    """

    def __init__(self, judge: Judge, repeat: int) -> None:
        self._judge = judge
        self._card = judge.card.again(repeat)

    @property
    def card(self) -> JudgeCard:
        """That of the judge, but for name and repeat."""
        return self._card

    async def judge(self, transcript: Transcript) -> Sequence[Verdict]:
        """What the judge says this time."""
        return await self._judge.judge(transcript)

    async def close(self) -> None:
        """Give back what the judge inside holds."""
        await self._judge.close()


def _verdicts(reply: Reply, form: Form[Answer]) -> tuple[Verdict, ...]:
    def unscored(state: Literal["judge_refused", "unparsed", "failed"], cause: str) -> tuple[Verdict, ...]:
        raw = reply.text[:_RAW_KEPT] or None
        *earlier, last = (Verdict(turn, state, cause=cause) for turn in form.turns)
        return (*earlier, msgspec.structs.replace(last, raw=raw))

    if reply.failure is not None:
        return unscored("failed", f"{reply.failure.kind}: {reply.failure.message}")
    if reply.state != "ok" or reply.finish_reason == "refusal":
        return unscored("judge_refused", f"the judge's endpoint answered {reply.finish_reason or reply.state}")
    answer = _read(reply.text, form.answer)
    verdicts = None if answer is None else form.verdicts(answer)
    if verdicts is not None:
        return tuple(msgspec.structs.replace(one, reason=one.reason[:_REASON_KEPT]) for one in verdicts)
    if _declines(reply.text):
        return unscored("judge_refused", "the judge declined to rule")
    cut = " (cut off at its token limit)" if reply.finish_reason == "length" else ""
    return unscored("unparsed", f"the judge's answer is not the JSON object asked for{cut}")


def _read(text: str, wanted: type[Answer]) -> Answer | None:
    """The answer, when the text is exactly one; a name that comes twice in an object could be meant either way."""
    bare = text.strip()
    opening = _FENCE.match(bare)
    if opening and bare.endswith("```"):
        bare = bare[opening.end() : -3].strip()
    try:
        answer = msgspec.json.decode(bare, type=wanted)
        json.loads(bare, object_pairs_hook=_check_once)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return answer


def _check_once(pairs: Sequence[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name comes twice")


def _declines(text: str) -> bool:
    try:
        return stance(text) == "refusal"
    except ValueError:  # nothing is said at all
        return False


def _costed(verdicts: Sequence[Verdict], calls: Sequence[Reply]) -> tuple[Verdict, ...]:
    """The verdicts, the last with what the calls that led to all used and went without; a cached reply used nothing."""
    paid = [call for call in calls if call.origin == "model"]
    last = msgspec.structs.replace(
        verdicts[-1],
        usage=Usage(_sum(call.usage.input_tokens for call in paid), _sum(call.usage.output_tokens for call in paid)),
        latency_ms=sum(call.latency_ms for call in paid),
        attempts=sum(call.attempts for call in paid),
        dropped=tuple(dict.fromkeys(part for call in calls for part in call.dropped)),
    )
    return (*verdicts[:-1], last)


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
