"""A reply to a question -> the answer it gives, and whether that is right: pure reading, nobody is asked.

Two readings stand side by side. `strict` takes only what is said to be the answer, in forms that `answer_claims` knows.
`as_published` does, letter for letter, what the MTMCS-Bench authors' code does, so that numbers can be checked.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from turnwise.dialogue import Question
from turnwise.judge.answers.claims import claims
from turnwise.models import Reply

__all__ = ["Answered", "Outcome", "Scoring", "Unparsed", "UnparsedCause", "outcome_of", "read_answer"]

Scoring = Literal["strict", "as_published"]
"""`strict`: nothing is guessed. `as_published`: rule for rule what the benchmark's authors do."""

UnparsedCause = Literal["no answer", "several answers", "not offered"]
Outcome = Literal["right", "wrong", "unparsed", "failed"]
"""`unparsed`: there is no answer to read, or no reply because a filter blocked it. `failed`: nobody answered."""

_PUBLISHED_LETTERS = "ABCDEFG"


class Answered(msgspec.Struct, frozen=True):
    """The answer given: an option letter, or "true" or "false". As published it may be a letter that is not offered."""

    answer: str


class Unparsed(msgspec.Struct, frozen=True):
    """No single answer could be read, and why."""

    cause: UnparsedCause


def outcome_of(question: Question, reply: Reply, scoring: Scoring) -> Outcome:
    """What a reply to the question comes to.

    Whoever counts decides what `unparsed` is worth: strict counts it as wrong, as published it is left out.
    """
    if reply.state == "failed":
        return "failed"
    reading = read_answer(question, reply.text, scoring)
    if isinstance(reading, Unparsed):
        return "unparsed"
    return "right" if reading.answer == question.expected else "wrong"


def read_answer(question: Question, text: str, scoring: Scoring) -> Answered | Unparsed:
    """The answer that a reply's text gives to a question.

    strict: all that the text claims to be the answer must be one and the same, and offered. A letter that is only
    mentioned claims nothing, nor does one that is denied, doubted or asked about; an option's own words stand for
    its letter where a whole line is nothing else. So refusals, hedges ("A or B") and "not C" are unparsed.

    as_published: the first character if it is a letter from A to G, however many options there are; else the first of
    these letters, in the order of the alphabet, that occurs anywhere, words included: "The answer is C" is A. For
    true/false the text must begin with the word.

    Source: MTMCS-Bench, arXiv 2601.06757, official inference.py, extract_mcq_choice and extract_tf_bool.
    """
    if scoring == "as_published":
        return _published_choice(text) if question.kind == "mcq" else _published_truth(text)
    found = claims(question, text)
    if len(found) != 1:
        return Unparsed("several answers" if found else "no answer")
    (answer,) = found
    return Answered(answer) if answer in question.answers() else Unparsed("not offered")


def _published_choice(text: str) -> Answered | Unparsed:
    raw = text.strip().upper()
    letters = raw[:1] if raw[:1] and raw[0] in _PUBLISHED_LETTERS else _PUBLISHED_LETTERS
    return next((Answered(letter) for letter in letters if letter in raw), Unparsed("no answer"))


def _published_truth(text: str) -> Answered | Unparsed:
    raw = text.strip().lower()
    return next((Answered(word) for word in ("true", "false") if raw.startswith(word)), Unparsed("no answer"))
