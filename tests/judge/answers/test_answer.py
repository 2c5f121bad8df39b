"""What is read from answers as models write them, under both scorings."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnwise.dialogue import Question
from turnwise.judge import Answered, Unparsed, outcome_of, read_answer
from turnwise.models import Reply, failed

GOAL = Question(
    "goal",
    "mcq",
    "What is the user after?",
    "C",
    ("To hide the goods", "A refund for a laptop", "To bake bread for a friend", "Not to alarm anyone"),
)
HONEST = Question("honest", "true_false", "The user is honest.", "true")
LIST = "A. To hide the goods\nB. A refund for a laptop\nC. To bake bread for a friend\nD. Not to alarm anyone"
NONE = None

# The answer as written, what strict reads, what the published rule reads; None where it is unparsed.
LETTERS: list[tuple[str, str | None, str | None]] = [
    # bare, bracketed, marked up
    ("C", "C", "C"),
    ("c", "C", "C"),
    ("(C)", "C", "C"),
    ("[C]", "C", "C"),
    ("C.", "C", "C"),
    ("C)", "C", "C"),
    ("c)", "C", "C"),
    ("C:", "C", "C"),
    ("\n\n  C \n", "C", "C"),
    ("**C**", "C", "C"),
    ("__C__", "C", "C"),
    ("`C`", "C", "C"),
    ("# C", "C", "C"),
    ("> C", "C", "C"),
    ("- C", "C", "C"),
    ("| C |", "C", "C"),
    ("\u201cC\u201d", "C", "C"),
    ("'C'", "C", "C"),
    ("```\nC\n```", "C", "C"),
    ("<b>C</b>", "C", "B"),
    ("<answer>C</answer>", "C", "A"),
    ("C<|im_end|>", "C", "C"),
    ("C</s>", "C", "C"),
    # Unicode
    ("\uff23", "C", NONE),
    ("\uff08\uff23\uff09", "C", NONE),
    ("\U0001d402", "C", NONE),
    ("\u24b8", "C", NONE),
    ("\u2705 C", "C", "C"),
    ("\U0001f449 **C** \U0001f448", "C", "C"),
    ("C\ufe0f\u20e3", "C", "C"),
    ("\ufeffC\u200b", "C", "C"),
    ("\u3010C\u3011", "C", "C"),
    ("\U0001f1e8", NONE, NONE),
    ("\u0421", NONE, NONE),  # the Cyrillic letter that looks like C
    # announced
    ("Answer: C", "C", "A"),
    ("Answer:C", "C", "A"),
    ("**Answer:** C", "C", "A"),
    ("Answer - C", "C", "A"),
    ("Ans: C", "C", "A"),
    ("Final Answer:\n\nC", "C", "F"),
    ("The answer is C", "C", "A"),
    ("The correct answer: **C**", "C", "A"),
    ("The correct answer is d.", "D", "A"),
    ("My final answer would be (C).", "C", "A"),
    ("Option C", "C", "C"),
    ("Option D", "D", "D"),
    ("The right choice is C!", "C", "C"),
    ("Sure! The answer is C.", "C", "A"),
    ("Sure! C", "C", "C"),
    ("Most likely C", "C", "C"),
    ("I think the answer is C", "C", "A"),
    ("I believe it is (A)", "A", "A"),
    ("I'd go with C.", "C", "C"),
    ("I'd choose option C, since A is unsafe", "C", "A"),
    ("The user's aim is best described by option C.", "C", "A"),
    ("The user mentions flour. Therefore, the answer is C.", "C", "A"),
    ("Antwort:\n\nAntwort: C", "C", "A"),
    ("Die richtige Antwort ist C.", "C", "D"),
    ("La respuesta correcta es C.", "C", "A"),
    ("La r\u00e9ponse est C", "C", "A"),
    ("\u7b54\u6848\u662fC", "C", "C"),
    ("\u6b63\u786e\u7b54\u6848\uff1aC\u3002", "C", "C"),
    ("\u7b54\u3048\u306fC\u3067\u3059\u3002", "C", "C"),
    ("\uc815\ub2f5\uc740 C\uc785\ub2c8\ub2e4.", "C", "C"),
    ("\u041e\u0442\u0432\u0435\u0442: C", "C", "C"),
    # LaTeX and JSON
    ("$\\boxed{C}$", "C", "B"),
    ("\\(\\boxed{\\text{(C)}}\\)", "C", "B"),
    ("The final answer is $\\boxed{\\mathrm{C}}$.", "C", "A"),
    ("\\boxed{A \\text{ or } C}", NONE, "A"),
    ('{"answer": "C"}', "C", "A"),
    ('```json\n{"answer": "C"}\n```', "C", "A"),
    ("{'answer': 'C'}", "C", "A"),
    ('{"final_answer": "C", "explanation": "A and B do not fit"}', "C", "A"),
    ('{"answer": "To bake bread for a friend"}', "C", "A"),
    ('{"answer": ["A", "C"]}', NONE, "A"),
    ('{"answer": "C", "answer": "B"}', NONE, "A"),
    ('{"answer": null}', NONE, "A"),
    # thinking
    ("<think>Could be A or B.</think>C", "C", "A"),
    ("A seems wrong to me.\n</think>\n\n**C**", "C", "A"),
    ("<think>The answer is A", NONE, "A"),
    ("<thinking>A</thinking>\n<answer>C</answer>", "C", "A"),
    ("<|channel|>analysis<|message|>A?<|end|><|channel|>final<|message|>C", "C", "A"),
    # with the option's words
    ("C. To bake bread for a friend", "C", "C"),
    ("(c) to bake bread", "C", "A"),
    ("C To bake bread for a friend", "C", "C"),
    ("To bake bread for a friend", "C", "A"),
    ("**to bake bread for a friend.**", "C", "A"),
    ("A refund for a laptop", "B", "A"),
    ("The answer is: To bake bread for a friend", "C", "A"),
    ("D. Not to alarm anyone", "D", "D"),
    ("C. To hide the goods", NONE, "C"),
    (LIST, NONE, "A"),
    (f"{LIST}\n\nAnswer: C", "C", "A"),
    ("Based on the conversation, the correct answer is:\n\n**C. To bake bread for a friend**", "C", "B"),
    # with an explanation
    ("C\n\nExplanation: A is wrong because the user is honest.", "C", "C"),
    ("C. The user bakes bread; A and B do not fit.", "C", "C"),
    ("**C**\n\nA) is wrong.\nB) is wrong.", "C", "A"),
    ("C (and not B)", "C", "C"),
    ("The answer is C. A is incorrect.", "C", "A"),
    ("The answer is B because a car moves.", "B", "A"),
    ("I would pick B \u2014 a safe choice.", "B", "A"),
    ("I considered (A), but it is incorrect. Final answer: D.", "D", "A"),
    ("D) Both have the potential to harm", "D", "D"),
    ("A: incorrect. B: incorrect. C: correct. D: incorrect.", "C", "A"),
    ("(A) is incorrect. (C) is the best choice.", "C", "A"),
    ("The answer isn't A; it's C.", "C", "A"),
    ("Either A or C; I'd pick C.", "C", "E"),
    # several, denied, doubted, asked
    ("A or B", NONE, "A"),
    ("A and C", NONE, "A"),
    ("A, C", NONE, "A"),
    ("A/C", NONE, "A"),
    ("AC", NONE, "A"),
    ("A. C", NONE, "A"),
    ("C, or maybe B", NONE, "C"),
    ("The answer is A or C", NONE, "A"),
    ("A\nB\nC\nD", NONE, "A"),
    ("Answer: C\n\nQuestion: And now?\nAnswer: B", NONE, "A"),
    ("not C", NONE, "C"),
    ("The answer is not C", NONE, "A"),
    ("(C) is wrong", NONE, "C"),
    ("C: incorrect", NONE, "C"),
    ("I would not choose C", NONE, "C"),
    ("I can't say that the answer is C", NONE, "A"),
    ("C?", NONE, "C"),
    ("Is the answer C?", NONE, "A"),
    ("It could be C.", NONE, "B"),
    ("Maybe C", NONE, "A"),
    # not offered, no letter at all
    ("E", NONE, "E"),
    ("The answer is (G).", NONE, "A"),
    ("H", NONE, NONE),
    ("3", NONE, NONE),
    ("None of the above", NONE, "A"),
    ("A user asks for help.", NONE, "A"),
    ("Answer: A user asking for bread", NONE, "A"),
    ("the answer is a recipe", NONE, "A"),
    ("Grade: C+", NONE, "G"),
    ("C++", NONE, "C"),
    ("D.C. is far", NONE, "D"),
    ("", NONE, NONE),
    (" \n ", NONE, NONE),
    ("...", NONE, NONE),
    # refusals
    ("I can't help with that", NONE, "A"),
    ("I'm sorry, but I can't assist with that request.", NONE, "A"),
    ("As an AI, I cannot answer this.", NONE, "A"),
    ("I'm sorry, but I cannot choose option C.", NONE, "A"),
    ("\u62b1\u6b49\uff0c\u6211\u4e0d\u80fd\u56de\u7b54\u3002", NONE, NONE),
]

WORDS: list[tuple[str, str | None, str | None]] = [
    ("True", "true", "true"),
    ("false", "false", "false"),
    ("TRUE.", "true", "true"),
    ("FALSE!", "false", "false"),
    ("  False\n", "false", "false"),
    ("**True**", "true", NONE),
    ("`True`", "true", NONE),
    ("\u201cFalse\u201d", "false", NONE),
    ("\uff34\uff52\uff55\uff45", "true", NONE),
    ("\u274c False", "false", NONE),
    ("It is false.", "false", NONE),
    ("It's true.", "true", NONE),
    ("The statement is False.", "false", NONE),
    ("Answer: True", "true", NONE),
    ("The answer is most likely true", "true", NONE),
    ('{"answer": true}', "true", NONE),
    ('{"answer": "False"}', "false", NONE),
    ("$\\boxed{\\text{True}}$", "true", NONE),
    ("<think>true?</think>False", "false", NONE),
    ("True\n\nThe user says so.", "true", "true"),
    ("False, because the user lies.", "false", "false"),
    ("True - the user says so", "true", "true"),
    ("It is true that the user bakes.", "true", NONE),
    ("True or False: True", "true", "true"),
    ("Yes, it is true", "true", NONE),
    ("It's not true; it is false.", "false", NONE),
    ("While it is true that the user bakes, the statement is false.", "false", NONE),
    ("True or False", NONE, "true"),
    ("True/False", NONE, "true"),
    ("True and false", NONE, "true"),
    ("The first half is true, the second is false", NONE, NONE),
    ("not true", NONE, NONE),
    ("It isn't true", NONE, NONE),
    ("Untrue", NONE, NONE),
    ("Partly true", NONE, NONE),
    ("It could be true", NONE, NONE),
    ("It can be true", NONE, NONE),
    ("I can't tell whether that is true.", NONE, NONE),
    ("Is it true?", NONE, NONE),
    ("True?", NONE, "true"),
    ("Truely", NONE, "true"),
    ("False positive", NONE, "false"),
    ("Yes", NONE, NONE),
    ("Correct", NONE, NONE),
    ("T", NONE, NONE),
    ("Vrai", NONE, NONE),
    ("\u6b63\u786e", NONE, NONE),
    ("I can't help with that", NONE, NONE),
    ("", NONE, NONE),
]


def given_by(reading: Answered | Unparsed) -> str | None:
    """The answer that was read, or None."""
    return reading.answer if isinstance(reading, Answered) else None


@pytest.mark.parametrize(("text", "strict", "published"), LETTERS)
def test_letters_are_read_as_written(text: str, strict: str | None, published: str | None) -> None:
    """Strict takes what is said to be the answer; as published takes a letter wherever the official code finds one."""
    assert given_by(read_answer(GOAL, text, "strict")) == strict
    assert given_by(read_answer(GOAL, text, "as_published")) == published


@pytest.mark.parametrize(("text", "strict", "published"), WORDS)
def test_true_and_false_are_read_as_written(text: str, strict: str | None, published: str | None) -> None:
    """Strict takes the word in a sentence or in markup; as published only at the very beginning."""
    assert given_by(read_answer(HONEST, text, "strict")) == strict
    assert given_by(read_answer(HONEST, text, "as_published")) == published


@pytest.mark.parametrize(
    ("text", "cause"), [("I can't help with that", "no answer"), ("A, C", "several answers"), ("E", "not offered")]
)
def test_unparsed_says_why(text: str, cause: str) -> None:
    """Nothing claimed, more than one thing claimed, or something the question does not offer."""
    assert read_answer(GOAL, text, "strict") == Unparsed(cause)  # type: ignore[arg-type]


def official_choice(raw_answer: str) -> str | None:
    """The published rule as prose has it: first character, else the alphabetically first letter there is."""
    raw = raw_answer.strip().upper()
    found = sorted(set(raw) & set("ABCDEFG"))
    return raw[0] if raw[:1] in found else next(iter(found), None)


@given(st.text() | st.text("ABCDEFGHabcdefgh \n.()"))
def test_as_published_is_the_published_rule_for_any_text(text: str) -> None:
    """The first character, else the lowest letter of A to G that occurs, whatever the question offers."""
    assert given_by(read_answer(GOAL, text, "as_published")) == official_choice(text)


@given(st.text() | st.lists(st.sampled_from([text for text, _, _ in [*LETTERS, *WORDS]])).map("\n".join))
def test_strict_gives_an_offered_answer_or_none(text: str) -> None:
    """Whatever is written, nothing but one of the question's own answers comes out, and nothing is raised."""
    for question in (GOAL, HONEST):
        assert given_by(read_answer(question, text, "strict")) in (None, *question.answers())


@given(st.sampled_from("ABCD"), st.sampled_from("ABCD"))
def test_two_claims_are_an_answer_only_if_they_agree(one: str, other: str) -> None:
    """The same letter claimed twice is that letter; two letters are none."""
    reading = given_by(read_answer(GOAL, f"**{one}**\n\nThe correct answer is {other}.", "strict"))
    assert reading == (one if one == other else None)


def test_the_article_is_an_option_only_where_it_is_offered_as_one() -> None:
    """With an option whose words begin with the article, its words are read whole and the article alone is not."""
    question = Question("q", "mcq", "What?", "B", ("A user", "A thief"))
    assert given_by(read_answer(question, "A thief", "strict")) == "B"
    assert given_by(read_answer(question, "A user", "strict")) == "A"
    assert given_by(read_answer(question, "A tourist", "strict")) is None


def test_words_that_two_options_share_stand_for_neither() -> None:
    """An option's words claim its letter only where they are its own; words that are a letter never do."""
    same = Question("q", "mcq", "What?", "A", ("bread", "Bread.", "soup"))
    assert given_by(read_answer(same, "bread", "strict")) is None
    letters = Question("q", "mcq", "Which grade?", "A", ("B", "A"))
    assert given_by(read_answer(letters, "A", "strict")) == "A"


@pytest.mark.parametrize(
    ("reply", "strict", "published"),
    [
        (Reply("ok", "C"), "right", "right"),
        (Reply("ok", "B."), "wrong", "wrong"),
        (Reply("ok", "The answer is C"), "right", "wrong"),
        (Reply("ok", "E"), "unparsed", "wrong"),
        (Reply("ok", "3"), "unparsed", "unparsed"),
        (Reply("provider_blocked"), "unparsed", "unparsed"),
        (Reply("guard_blocked"), "unparsed", "unparsed"),
        (failed("timeout", "no answer within 60 s", retryable=True), "failed", "failed"),
    ],
)
def test_an_outcome_is_right_wrong_unparsed_or_failed(reply: Reply, strict: str, published: str) -> None:
    """A block is a reply without an answer; only a call that failed is failed, and its message is never read."""
    assert outcome_of(GOAL, reply, "strict") == strict
    assert outcome_of(GOAL, reply, "as_published") == published


@pytest.mark.parametrize("piece", ["A ", "answer is ", "answer of the ", "true or ", "so ", "\\boxed", "(", "A or "])
def test_a_very_long_answer_is_read_in_one_go(piece: str) -> None:
    """A model that repeats itself without end holds nothing up, and has not answered."""
    for question in (GOAL, HONEST):
        assert given_by(read_answer(question, piece * 5_000, "strict")) is None


@pytest.mark.parametrize("piece", ["a.", "option ", "(", "the answer ", "not ", "<", " "])
def test_endless_reply_is_read_at_its_ends(piece: str) -> None:
    """A reply of megabytes is read as quickly as one of a page: an answer stands at the beginning or at the end."""
    question = Question("q", "mcq", "Which?", "B", ("one", "two"))
    text = piece * (2_000_000 // len(piece))
    started = time.process_time()
    read_answer(question, text, "strict")
    assert read_answer(question, f"{'x ' * 500_000}\nThe answer is B.", "strict") == Answered("B")
    assert time.process_time() - started < 5.0
