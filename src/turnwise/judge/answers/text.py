"""Answer text as claims are looked for in it: what the model says, without thinking, markup and ornament."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain", "same_words"]

_THOUGHTS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<|channel|>analysis", "<|channel|>final<|message|>"),
)
"""Where thinking begins and ends. Some chat templates keep the opening mark to themselves."""

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f", '"'),
        **dict.fromkeys("\u3010\u300a\u3014", "("),
        **dict.fromkeys("\u3011\u300b\u3015", ")"),
        "\u3002": ".",
        "\u3001": ",",
        "\ufe0f": None,
        "\u20e3": None,
    }
)
_ORNAMENT = frozenset({"Cf", "So", "Sk"})
"""Unicode categories that say nothing here: invisible marks, emoji and other symbols, modifiers."""

_MOST_KEPT = 1_000
_WORD = re.compile(r"\w")
_BOXED = re.compile(r"\\f?boxed\b")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|[()\[\]])")
_ANSWER_TAG = re.compile(r"<answer>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:[a-z|][^<>\n]{0,40}|[A-Z][^<>\n]{1,40})>")
_FENCE = re.compile(r"```[a-z]*")
_MARKDOWN = str.maketrans(
    {"*": None, "`": None, "~": None, "#": " ", "_": " ", "$": " ", "{": " ", "}": " ", "\\": " "}
)


def plain(text: str) -> str:
    """The text in trimmed lines with single blanks, none of them empty; "" when it is nothing but thinking.

    Full-width and styled letters become plain ones. What LaTeX boxes and what an answer tag holds is announced as
    "answer:", so that it reads like any other claim.
    """
    said = _FENCE.sub("", _shortened(_without_thought(text)))
    if not said.isascii():
        said = unicodedata.normalize("NFKC", said).translate(_TYPOGRAPHY)
        said = "".join(character for character in said if unicodedata.category(character) not in _ORNAMENT)
    said = _TAG.sub(" ", _ANSWER_TAG.sub(" answer: ", said))
    said = _COMMAND.sub(" ", _BOXED.sub(" answer: ", said)).translate(_MARKDOWN)
    return "\n".join(line for line in (" ".join(line.split()) for line in said.splitlines()) if line)


def _shortened(text: str) -> str:
    """The beginning and the end of a text that is far longer than an answer: that is where one is given."""
    return text if len(text) <= 2 * _MOST_KEPT else f"{text[:_MOST_KEPT]}\n{text[-_MOST_KEPT:]}"


def same_words(text: str) -> str:
    """What two texts have in common when only case, blanks and punctuation at the ends differ."""
    words = " ".join(plain(text).split())
    inside = [place for place, character in enumerate(words) if _WORD.match(character)]
    return words[inside[0] : inside[-1] + 1].casefold() if inside else ""


def _without_thought(text: str) -> str:
    for opening, closing in _THOUGHTS:
        if closing in text:
            text = text.rpartition(closing)[2]
        elif text.lstrip().startswith(opening):
            return ""
    return text
