"""Answer text -> what it says is the answer: the forms of a claim, and what takes one back. `answer` stands on it.

Models asked for one letter give it bare, bracketed, bold, boxed, in JSON, in a sentence, before an explanation or after
one. A claim is recognised by its form; a letter that is only mentioned ("B fails because ...") is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from turnwise.dialogue import Question
from turnwise.judge.answers.text import plain, same_words

__all__ = ["claims"]

_ANSWER = (
    r"(?<![^\W\d_\u3000-\uffff])(?:answer|ans|response|option|choice|letter|solution|respuesta|opci[oó]n|r[eé]ponse|antwort|"
    r"resposta|risposta|opzione|op[cç][aã]o|ответ|вариант|答案|答え|正解|回答|选项|選項|정답|답)"
)
"""What announces an answer, in the languages that models fall into."""

_LINKED = (
    r"(?:['\"]?\s(?:to|for|of|in|here|this|that|the|question|given|my|final|correct|correcta|correcte|correta|"
    r"corretta|option|choice|letter|would|should|must|most|likely)\b)*"
)
_IS = r"['\"]?\s?(?:\b(?:is|be|es|est|ist|é|è)\b|[:=\u2013\u2014是为為は은는-])\s?:?\s?"
_SURELY = r"(?:(?:clearly|definitely|therefore|thus|probably|likely|most likely|obviously|indeed|simply)\s)?"
_OPTION = r"(?:(?:the\s)?(?:option|choice|letter|answer)\s?:?\s?)?"
_OPEN = r"[(\[\"'\s]{0,4}"
_GREETING = r"(?:(?:sure|certainly|of course|okay|ok|yes|no|assistant)\b[!,.:]{0,2}\s?)?"
_CHOSEN = (
    r"(?:\b(?:choose|chose|chosen|pick|picked|select|selected|go with|going with|opt for|say|answer|answer with|it's|"
    r"that's|is|be|(?:described|captured|matched|represented|expressed|stated)(?:\s(?:best|well))?\s(?:by|in)|"
    r"(?:corresponds?|points?) to|match(?:es)?|fits?|(?:therefore|thus|hence|so),?)|选择?|選擇?)\s?:?\s?"
)

_CLAUSE_BREAK = re.compile(r"[.!?;:,\n]|\b(?:but|so|therefore|thus|hence|still|yet)\b", re.IGNORECASE)
_CLAUSE_CHARACTERS = 200
_DENIED = re.compile(
    r"n't\b|\b(?:not|never|cannot|no|neither|nor|without|than|instead of|whether|if|unless|while|although|though|could|"
    r"might|may|maybe|perhaps|possibly|partly|partially)\b|\bcan\s\Z",
    re.IGNORECASE,
)
"""What takes a claim back, or only weighs it, where it stands before it in its clause."""

_TRUE_OR_FALSE = re.compile(r"\b(?:true|false)['\"]?\s?(?:/|or|and)\s?['\"]?(?:true|false)\b", re.IGNORECASE)


class _Forms(msgspec.Struct, frozen=True):
    """The forms of a claim for one kind of question; each pattern has the answer in a group named x.

    Fields:
        alone: A line that holds nothing else.
        stated: Every other form, searched for in the whole text.
        rival: Another answer that a claim goes on to.
    """

    alone: re.Pattern[str]
    stated: tuple[re.Pattern[str], ...]
    rival: re.Pattern[str]


def _forms(token: str, *, ends: str, goes_on: str, also: tuple[str, ...] = ()) -> _Forms:
    """The forms around an answer that looks like `token`.

    `ends` follows where the answer opens a text, `goes_on` where words have announced it.
    """
    first, said = (rf"{_OPEN}(?<![A-Za-z0-9\u00c0-\u024f])(?P<x>{token}){after}" for after in (ends, goes_on))
    stated = (
        rf"\A{_GREETING}{_SURELY}(?:{_ANSWER}\W{{0,4}})?{first}",
        rf"{_ANSWER}{_LINKED}{_IS}{_SURELY}{_OPTION}{said}",
        rf"{_CHOSEN}{_SURELY}{_OPTION}{said}",
        *also,
    )
    mark, no_mark = r"[/,;:&+|]|\b(?:or|and)\b", r"[^\w?+]{0,8}"
    return _Forms(
        alone=re.compile(rf"{no_mark}(?:{_ANSWER})?{no_mark}(?P<x>{token}){no_mark}", re.IGNORECASE),
        stated=tuple(re.compile(pattern, re.IGNORECASE) for pattern in stated),
        rival=re.compile(
            rf"\s?(?:{mark}|\.(?=\W{{0,4}}\w\W*\Z))\s?(?:(?:or|and|maybe|perhaps|possibly|also)\s){{0,2}}{_OPTION}{first}",
            re.IGNORECASE,
        ),
    )


_VERB = r"(?:is|isn't|was|would|could|might|may|can|cannot|does|doesn't|seems|looks|and|or)\b"
_END = (
    rf"(?![A-Za-z0-9\u00c0-\u024f+]|'\w)(?!\W{{1,3}}(?:incorrect|wrong|not\s(?:correct|right|the))\b)"
    rf"(?:[\"']?[)\]](?!\s{_VERB})|[)\]\"']{{0,4}}(?=\s?(?:\Z|\n|[,;!:\u2013\u2014]|\.(?![A-Z]\.)|-(?!\w)|\((?!\w\))"
    r"|です|だ|입니다|이다|是正确|是對)|\s(?:because|since|as)\b))"
)
"""What must follow a letter: the article in "a recipe" is none, nor is the subject in "A is wrong"."""

_CORRECT = (
    rf"(?<![A-Za-z0-9'])\(?(?P<x>[A-Z])[)\]\"']{{0,2}}(?:\s(?:is|seems|looks)|\s?[:-])\s{_SURELY}(?:the\s)?"
    r"(?:(?:most|only|best)\s)?(?:correct|right|best|accurate|appropriate|likely|answer)\b"
)
_FORMS = {
    "mcq": _forms("[A-Z]", ends=_END, goes_on=_END, also=(_CORRECT,)),
    "true_false": _forms("true|false", ends=_END, goes_on=r"(?![\w'-]*\w|\W{0,3}\?)"),
}
_LABELLED = re.compile(rf"[^\w]{{0,4}}(?:{_ANSWER}\s?)?(?P<x>[A-Z])[^\w\n]{{1,4}}(?P<words>\S.*)", re.IGNORECASE)
_ANNOUNCED = re.compile(rf"(?:(?:the|my)\s)?(?:(?:correct|best|final|right)\s)?{_ANSWER}{_LINKED}{_IS}", re.IGNORECASE)


def claims(question: Question, text: str) -> set[str]:
    """Every answer that the text claims: letters, or "true" and "false"; offered by the question or not.

    An option's own words claim its letter where a line holds nothing else. A list that repeats two or more options
    under their own letters is no claim and is left out.
    """
    forms, said = _FORMS[question.kind], plain(text)
    if question.kind == "true_false":
        return {claim.lower() for claim in _stated(forms, _TRUE_OR_FALSE.sub(" ", said))}
    said, worded = _read_options(question, said)
    return worded | {claim.upper() for claim in _stated(forms, said)}


def _stated(forms: _Forms, said: str) -> Iterator[str]:
    said = re.sub(r"\A\W+", "", said)
    for line in said.split("\n"):
        alone = forms.alone.fullmatch(line)
        if alone:
            yield alone["x"]
    for pattern in forms.stated:
        for match in pattern.finditer(said):
            before = said[max(0, match.start() - _CLAUSE_CHARACTERS) : match.start()]
            if _DENIED.search(_CLAUSE_BREAK.split(before)[-1]):
                continue
            yield match["x"]
            rival = forms.rival.match(said, match.end())
            if rival:
                yield rival["x"]


def _read_options(question: Question, said: str) -> tuple[str, set[str]]:
    """The text without a repeated list of options, and the letters of options whose words fill a line."""
    letters = _letters_by_words(question)
    claimed, listed = set[str](), dict[str, str]()
    for line in said.split("\n"):
        whole = letters.get(same_words(_ANNOUNCED.sub("", line, count=1)))
        label = None if whole else _LABELLED.fullmatch(line)
        worded = letters.get(same_words(label["words"])) if label else whole
        if worded is None:
            continue
        if label and worded == label["x"].upper():
            listed[line] = worded
        else:
            claimed |= {worded, label["x"].upper()} if label else {worded}
    if len(set(listed.values())) > 1:
        return "\n".join(line for line in said.split("\n") if line not in listed), claimed
    return said, claimed | set(listed.values())


def _letters_by_words(question: Question) -> dict[str, str]:
    """Option letters by the words of the option; not where two have the same, or the words are a letter themselves."""
    words = [same_words(option) for option in question.options]
    return {
        own: letter
        for own, letter in zip(words, question.answers(), strict=True)
        if len(own) > 1 and words.count(own) == 1
    }
