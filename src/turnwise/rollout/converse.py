"""Holding one dialogue with a target: which messages each request carries, and what comes back turn by turn."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import msgspec

from turnwise.dialogue import Dialogue, History, Image, Placement
from turnwise.errors import EndpointDown, UsageError
from turnwise.models import ChatModel, ChatRequest, GivenUp, Message, Parameters, Reply
from turnwise.rollout.transcript import Exchange, Transcript

__all__ = ["Conduct", "asked", "check_conduct", "converse", "transcript_of"]


class Conduct(msgspec.Struct, frozen=True):
    """How dialogues are held; every field shapes the numbers.

    Fields:
        history: Whether earlier replies are the scripted ones or the target's own; None leaves it to each dialogue.
        placement: Which user turns carry the dialogue's images; "published" is what the benchmark's authors did.
        share: Whether dialogues that come to the same request share one reply to it, as twins do.
    """

    history: History | None = None
    placement: Placement | Literal["published"] = "first"
    parameters: Parameters = Parameters()
    share: bool = True

    def history_of(self, dialogue: Dialogue) -> History:
        """The history this dialogue is held with."""
        return self.history or dialogue.history

    def sample_of(self, dialogue: Dialogue) -> int:
        """The number that keeps this dialogue's draws apart from equal requests of others; 0 when they are shared."""
        if self.share:
            return 0
        digest = hashlib.sha256(f"{dialogue.benchmark}\0{dialogue.id}".encode()).digest()
        return int.from_bytes(digest[:6], "big") + 1


def check_conduct(dialogue: Dialogue, conduct: Conduct) -> None:
    """Refuse a dialogue that cannot be held this way, before anything is sent.

    Raises:
        UsageError: scripted history is asked for and the dialogue has no scripted replies.
    """
    if conduct.history_of(dialogue) == "scripted" and any(turn.reply is None for turn in dialogue.turns[:-1]):
        raise UsageError(
            f"dialogue {dialogue.id!r} of {dialogue.benchmark} has no scripted replies: "
            "leave --history away, or use --history live"
        )


async def converse(
    dialogue: Dialogue, target: ChatModel, conduct: Conduct, *, answered: Sequence[Exchange] = ()
) -> AsyncIterator[Exchange]:
    """Hold the dialogue, from the turn after the exchanges already `answered`, and give each exchange as it comes.

    Under a scripted history only the last turn is asked. Under a live one each turn is, with the target's own
    replies before it, and the dialogue ends at the first turn that is not answered: no other text stands in for it.
    A failed exchange among `answered` is asked again; after a blocked one, or the last turn's, nothing is.

    Raises:
        EndpointDown: the target does not answer any more. A request that was sent has its exchange, a failed one.
    """
    held = [exchange for exchange in answered if exchange.reply.state != "failed"]
    if any(exchange.reply.state != "ok" or exchange.turn == dialogue.length for exchange in held):
        return
    script = _Script(dialogue, conduct)
    replies = [exchange.reply.text for exchange in held]
    first = dialogue.length if script.scripted else len(replies) + 1
    for turn in range(first, dialogue.length + 1):
        request = ChatRequest(script.messages(turn, replies), conduct.parameters, sample=conduct.sample_of(dialogue))
        reply, down = await asked(target, request)
        yield Exchange(turn, request.sha256(), reply)
        if down is not None:
            raise down
        if reply.state != "ok":
            return
        replies.append(reply.text)


async def asked(target: ChatModel, request: ChatRequest) -> tuple[Reply, EndpointDown | None]:
    """The reply; with it, where the target was given up over this very request, the error to end with."""
    try:
        return await target.reply(request), None
    except GivenUp as down:
        return down.reply, EndpointDown(str(down))


def transcript_of(dialogue: Dialogue, conduct: Conduct, exchanges: Sequence[Exchange]) -> Transcript:
    """The transcript of the exchanges held, with the messages exactly as the target saw them last."""
    script = _Script(dialogue, conduct)
    replies = [exchange.reply.text for exchange in exchanges]
    return Transcript(dialogue, script.messages(exchanges[-1].turn, replies), tuple(exchanges))


class _Script:
    """The messages of a dialogue, each made once and shared between its requests."""

    def __init__(self, dialogue: Dialogue, conduct: Conduct) -> None:
        self.placement = dialogue.placement if conduct.placement == "published" else conduct.placement
        self.scripted = conduct.history_of(dialogue) == "scripted"
        self.dialogue = dialogue
        self.shown = [_user(turn.user, (*dialogue.images, *turn.images)) for turn in dialogue.turns]
        self.plain = [_user(turn.user, turn.images) for turn in dialogue.turns]
        self.replies: list[Message] = []
        if self.scripted:
            self.replies = [_assistant(turn.reply or "") for turn in dialogue.turns[:-1]]

    def messages(self, turn: int, replies: Sequence[str]) -> tuple[Message, ...]:
        """The messages of the request at `turn`: its user message last, all before it alternating."""
        if not self.scripted:
            self.replies.extend(_assistant(text) for text in replies[len(self.replies) : turn - 1])
        messages = [self._user_message(1, turn)]
        for number in range(2, turn + 1):
            messages += [self.replies[number - 2], self._user_message(number, turn)]
        return tuple(messages)

    def _user_message(self, number: int, turn: int) -> Message:
        carries = {"first": number == 1, "last": number == turn, "every": True}[self.placement]
        return (self.shown if carries else self.plain)[number - 1]


def _user(text: str, images: tuple[Image, ...]) -> Message:
    return Message("user", text, images)


def _assistant(text: str) -> Message:
    return Message("assistant", text)
