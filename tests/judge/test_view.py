"""What a judge model is shown of a dialogue's images, and dialogues that cannot be shown so."""

from __future__ import annotations

import msgspec
import pytest

from judge.evidence import conversed
from rollout.recording import image
from turnwise.dialogue import SourceValue
from turnwise.judge import Sees, lacking
from turnwise.judge.quote import quoted
from turnwise.judge.view import evidence
from turnwise.rollout import Transcript

PICTURE = image("a")


def pictured(caption: SourceValue) -> Transcript:
    """A dialogue about a picture whose source says this of it."""
    transcript = conversed("No.", images=[PICTURE])
    dialogue = msgspec.structs.replace(transcript.dialogue, source={"caption": caption})
    return msgspec.structs.replace(transcript, dialogue=dialogue)


@pytest.mark.parametrize("caption", [None, "", "  \n", 7, True])
def test_only_words_are_a_caption(caption: SourceValue) -> None:
    """Anything else leaves a dialogue with images without one, which only a judge that is to see it minds."""
    dialogue = pictured(caption).dialogue
    assert lacking(dialogue, "caption") == "the dialogue has images and no caption, and the judge is to see captions"
    assert (lacking(dialogue, "image"), lacking(dialogue, "neither")) == (None, None)


def test_source_without_the_field_has_no_caption() -> None:
    """Most benchmarks have none."""
    dialogue = msgspec.structs.replace(pictured("x").dialogue, source={})
    assert lacking(dialogue, "caption") is not None


def test_caption_is_shown_as_it_is_given() -> None:
    """Blanks and all, in the evidence, and without the picture."""
    transcript = pictured(" A rack. ")
    message = evidence(transcript, "caption")
    assert (message.role, message.images) == ("user", ())
    assert message.text == quoted(transcript, caption=" A rack. ")
    assert '"caption_of_the_images":" A rack. "' in message.text


@pytest.mark.parametrize(("sees", "images"), [("image", (PICTURE,)), ("neither", ())])
def test_caption_is_for_judges_that_are_to_see_it(sees: Sees, images: tuple[object, ...]) -> None:
    """The others get the quoted transcript, and the picture or not."""
    transcript = pictured("A rack.")
    message = evidence(transcript, sees)
    assert message.images == images
    assert message.text == quoted(transcript)


def test_text_only_dialogue_is_shown_no_caption_and_lacks_none() -> None:
    """The caption of a photograph that nobody saw says nothing of the conversation."""
    with_words, without = (conversed("No.", caption=caption) for caption in ("A rack.", None))
    assert evidence(with_words, "caption").text == quoted(with_words)
    assert (lacking(with_words.dialogue, "caption"), lacking(without.dialogue, "caption")) == (None, None)
