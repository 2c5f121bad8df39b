"""What a dialogue may be: every rule between its fields refuses with a sentence that names the dialogue."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from turnwise.dialogue import METHODS, PLACEMENTS, SCENARIOS, Dialogue, Image, Question, Turn, decode_dialogue

PHOTO = Image("0" * 64, "image/png", 68, "photo.png")
CHOICE = Question(id="q1", kind="mcq", text="What is asked for?", expected="B", options=("a recipe", "a route"))


def dialogue(**changes: Any) -> Dialogue:
    """A valid dialogue of two turns, with changes."""
    fields: dict[str, Any] = {"id": "d1", "benchmark": "own", "group": "g1", "turns": (Turn("a", reply="b"), Turn("c"))}
    return Dialogue(**fields | changes)


RULES: list[tuple[dict[str, Any], str]] = [
    ({"id": " "}, "dialogue ' ': id is empty"),
    ({"benchmark": ""}, "dialogue 'd1': benchmark is empty"),
    ({"group": "\n"}, "dialogue 'd1': group is empty"),
    ({"turns": ()}, "dialogue 'd1': turns is empty"),
    ({"turns": (Turn("a", reply="b"),)}, "dialogue 'd1': the last turn has a reply; that one is the target's to give"),
    (
        {"turns": (Turn("a", reply="b"), Turn("c"), Turn("d"))},
        "dialogue 'd1': history is scripted and turn 2 has no reply",
    ),
    ({"modality": "multimodal"}, "dialogue 'd1': modality is multimodal and it has no image"),
    ({"images": (PHOTO,)}, "dialogue 'd1': modality is unimodal and it has images"),
    ({"turns": (Turn("a", images=(PHOTO,)),)}, "dialogue 'd1': modality is unimodal and it has images"),
    ({"questions": (CHOICE, CHOICE)}, "dialogue 'd1': question id 'q1' appears twice"),
]


@pytest.mark.parametrize(("changes", "sentence"), RULES)
def test_a_dialogue_that_breaks_a_rule_is_refused_by_name(changes: dict[str, Any], sentence: str) -> None:
    """Each rule between fields refuses with its own sentence, which names the dialogue."""
    with pytest.raises(ValueError, match="dialogue") as caught:
        dialogue(**changes)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("changes", "sentence"), RULES)
def test_the_rules_hold_for_decoded_dialogues_too(changes: dict[str, Any], sentence: str) -> None:
    """A line of JSON that breaks a rule is refused with the same sentence."""
    line = msgspec.json.encode(msgspec.to_builtins(dialogue()) | msgspec.to_builtins(changes))
    with pytest.raises(msgspec.ValidationError) as caught:
        decode_dialogue(line)
    assert str(caught.value) == sentence


def test_a_turn_needs_text_or_an_image() -> None:
    """White space alone says nothing; an image without words is a turn."""
    with pytest.raises(ValueError, match="a turn needs text or an image, and has neither"):
        Turn(" \n")
    assert Turn("", images=(PHOTO,)).images == (PHOTO,)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"options": ()}, "question 'q1': an mcq needs at least two options, got 0"),
        ({"options": ("one",), "expected": "A"}, "question 'q1': an mcq needs at least two options, got 1"),
        ({"options": ("o",) * 27, "expected": "A"}, "question 'q1': an mcq has at most 26 options, got 27"),
        ({"expected": "C"}, "question 'q1': expected 'C' is not one of A, B"),
        ({"expected": "b"}, "question 'q1': expected 'b' is not one of A, B"),
        ({"kind": "true_false"}, "question 'q1': a true_false question takes no options"),
        ({"kind": "true_false", "options": ()}, "question 'q1': expected 'B' is not one of true, false"),
    ],
)
def test_a_question_offers_the_answer_it_expects(changes: dict[str, Any], sentence: str) -> None:
    """A question whose right answer cannot be given is refused by name."""
    with pytest.raises(ValueError, match="question") as caught:
        Question(**msgspec.structs.asdict(CHOICE) | changes)
    assert str(caught.value) == sentence


def test_answers_are_letters_or_true_and_false() -> None:
    """The first option is A; a true/false question has its two words."""
    assert CHOICE.answers() == ("A", "B")
    assert Question("q", "true_false", "Is it asked?", "true").answers() == ("true", "false")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("setting", "crescendo"),
        ("intent", "harmful"),
        ("modality", "audio"),
        ("history", "given"),
        ("placement", "second"),
    ],
)
def test_closed_sets_refuse_other_words_with_field_and_value(field: str, value: str) -> None:
    """A word outside a closed set is refused, and the sentence has the field and the word."""
    line = msgspec.json.encode(msgspec.to_builtins(dialogue()) | {field: value})
    with pytest.raises(msgspec.ValidationError) as caught:
        decode_dialogue(line)
    assert str(caught.value) == f"Invalid enum value {value!r} - at `$.{field}`"


@pytest.mark.parametrize("owner", ["dialogue", "turn", "image", "question"])
def test_unknown_fields_are_refused(owner: str) -> None:
    """A field no type knows is refused wherever it stands, so that a misspelt one is not passed over."""
    fields = msgspec.to_builtins(dialogue(images=(PHOTO,), modality="multimodal", questions=(CHOICE,)))
    places = {
        "dialogue": fields,
        "turn": fields["turns"][0],
        "image": fields["images"][0],
        "question": fields["questions"][0],
    }
    places[owner]["colour"] = "red"
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        decode_dialogue(msgspec.json.encode(fields))


def test_length_counts_user_turns_and_all_images_are_listed_floating_ones_first() -> None:
    """Replies do not count as turns; pinned images follow those of the whole dialogue."""
    pinned = Image("1" * 64, "image/gif", 43, "pinned.gif")
    held = dialogue(images=(PHOTO,), turns=(Turn("a", images=(pinned,), reply="b"), Turn("c")), modality="multimodal")
    assert held.length == 2
    assert held.all_images() == (PHOTO, pinned)


def test_live_history_needs_no_replies_and_may_carry_them() -> None:
    """With a live history the earlier replies are the target's own, so none has to be given."""
    assert dialogue(turns=(Turn("a"), Turn("b")), history="live").length == 2
    assert dialogue(turns=(Turn("a", reply="r"), Turn("b")), history="live").turns[0].reply == "r"


def test_the_published_sets_are_complete() -> None:
    """SafeMT has 17 scenarios and four methods; images can be placed in three ways."""
    assert len(set(SCENARIOS)) == 17
    assert len(set(METHODS)) == 4
    assert PLACEMENTS == ("first", "last", "every")
