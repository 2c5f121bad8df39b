"""Asking about a dialogue once it was held: each question is a request of its own, over what was said.

Judges read the answers; the transcript they are about is the one that is judged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal

import msgspec

from turnwise.dialogue import Question
from turnwise.errors import UsageError
from turnwise.models import ChatModel, ChatRequest, Message
from turnwise.rollout.converse import Conduct, asked
from turnwise.rollout.sharing import shared
from turnwise.rollout.transcript import Answer, Transcript

__all__ = ["Asking", "QuestionMode", "ask_questions", "question_request"]

QuestionMode = Literal["fresh", "inline"]
"""`fresh`: a user message that holds the conversation as a record. `inline`: the next turn of the conversation."""

_RECORD = (
    "Below is the record of a conversation between a user and an assistant. A message begins where a line begins with "
    "User: or Assistant: and goes on in the indented lines under it. Read the record, then answer the question that "
    "follows it."
)
_SHOWN = "What was shown in the conversation is attached."
_NEXT_TURN = "Now a question about this conversation, in which I am the user and you are the assistant."
_REPLY_WITH = {
    "mcq": "Reply with the letter of one option and nothing else.",
    "true_false": "Reply with one word and nothing else: True or False.",
}
_INDENT = "    "


class Asking(msgspec.Struct, frozen=True):
    """How questions are asked; every field shapes the numbers.

    Fields:
        mcq_tokens, true_false_tokens: The most an answer may take. A target that thinks first needs more.

    Source: MTMCS-Bench, arXiv 2601.06757, official inference.py: mode fresh, 64 and 32 tokens.
    Differs: the wording is ours; the image stands before the text; further lines of a message are indented.
    """

    mode: QuestionMode = "fresh"
    mcq_tokens: int = 64
    true_false_tokens: int = 32

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be answered."""
        for name in ("mcq_tokens", "true_false_tokens"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}: give at least 1")


async def ask_questions(
    transcript: Transcript,
    target: ChatModel,
    conduct: Conduct,
    *,
    asking: Asking,
    answered: Sequence[Answer] = (),
) -> AsyncIterator[Answer]:
    """Ask the dialogue's questions but for those already `answered`, and give each answer as it comes.

    A failed answer among `answered` is asked again. A censored dialogue is not asked: what its questions are about was
    not said. One that was blocked at its last turn is: its record ends with the user's message, and no other text
    stands in for the reply. It cannot be gone on with, though, so in mode `inline` the block is the answer, and
    nothing is sent.

    Raises:
        EndpointDown: as for `converse`.
    """
    if transcript.censored:
        return
    known = {answer.question for answer in answered if answer.reply.state != "failed"}
    final = transcript.final
    for question in transcript.dialogue.questions:
        if question.id in known:
            continue
        if asking.mode == "inline" and final.reply.state != "ok":
            yield Answer(question.id, final.request_sha256, shared(final.reply))
            continue
        request = question_request(transcript, question, conduct, asking=asking)
        reply, down = await asked(target, request)
        yield Answer(question.id, request.sha256(), reply)
        if down is not None:
            raise down


def question_request(transcript: Transcript, question: Question, conduct: Conduct, *, asking: Asking) -> ChatRequest:
    """The request that asks one question over a transcript that is not censored.

    Sampling is as in the dialogue, but for the tokens that an answer may take. In mode `inline` the last turn must have
    a reply.
    """
    tokens = asking.mcq_tokens if question.kind == "mcq" else asking.true_false_tokens
    parameters = msgspec.structs.replace(conduct.parameters, max_tokens=tokens)
    messages = _MESSAGES[asking.mode](transcript, question)
    return ChatRequest(messages, parameters, sample=conduct.sample_of(transcript.dialogue))


def _fresh(transcript: Transcript, question: Question) -> tuple[Message, ...]:
    images = transcript.dialogue.all_images()
    intro = f"{_RECORD} {_SHOWN}" if images else _RECORD
    said = [_labelled(f"{message.role.capitalize()}:", message.text) for message in _said(transcript)]
    text = "\n\n".join([intro, "Conversation:\n" + "\n".join(said), _asked(question)])
    return (Message("user", text, images),)


def _inline(transcript: Transcript, question: Question) -> tuple[Message, ...]:
    return (*_said(transcript), Message("user", f"{_NEXT_TURN}\n\n{_asked(question)}"))


_MESSAGES = {"fresh": _fresh, "inline": _inline}


def _said(transcript: Transcript) -> tuple[Message, ...]:
    """All that was said: what the target saw last and, unless it was blocked, its reply to that."""
    reply = transcript.final.reply
    return (*transcript.messages, Message("assistant", reply.text)) if reply.state == "ok" else transcript.messages


def _asked(question: Question) -> str:
    parts = [_labelled("Question:", question.text)]
    if question.options:
        lettered = zip(question.answers(), question.options, strict=True)
        parts.append("Options:\n" + "\n".join(_labelled(f"{letter}.", option) for letter, option in lettered))
    return "\n\n".join([*parts, _REPLY_WITH[question.kind]])


def _labelled(label: str, text: str) -> str:
    """A label at the beginning of a line and its text, whose further lines are indented.

    So nothing in a text stands where a label does: no message can go on as another speaker's, or as the question.
    """
    return f"{label} " + f"\n{_INDENT}".join(text.splitlines())
