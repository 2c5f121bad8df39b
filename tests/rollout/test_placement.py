"""Which user turns carry which images."""

from __future__ import annotations

import msgspec
import pytest

from rollout.recording import Recording, image, live, scripted
from turnwise.dialogue import Dialogue, Placement
from turnwise.rollout import Conduct, converse, transcript_of

FLOATING, PINNED = image("floating"), image("pinned")
SHOWN = {FLOATING: "f", PINNED: "p"}


async def carried(dialogue: Dialogue, conduct: Conduct) -> list[list[str]]:
    """For each request, what each of its messages carries: "f" the dialogue's image, "p" the pinned one."""
    target = Recording()
    async for _ in converse(dialogue, target, conduct):
        pass
    return [
        ["".join(SHOWN[picture] for picture in message.images) for message in request.messages]
        for request in target.requests
    ]


@pytest.mark.parametrize(
    ("placement", "last_request"),
    [
        ("first", ["f", "", "", "", ""]),
        ("last", ["", "", "", "", "f"]),
        ("every", ["f", "", "f", "", "f"]),
    ],
)
async def test_placement_chooses_the_turns_with_the_dialogues_images(
    placement: Placement, last_request: list[str]
) -> None:
    """Of a scripted dialogue of three turns: its first, its last or every user message carries the image."""
    assert await carried(scripted(3, images=[FLOATING]), Conduct(placement=placement)) == [last_request]


async def test_last_placement_moves_with_a_live_dialogue() -> None:
    """Each request carries the image on its own last turn, once."""
    assert await carried(live(3, images=[FLOATING]), Conduct(placement="last")) == [
        ["f"],
        ["", "", "f"],
        ["", "", "", "", "f"],
    ]


@pytest.mark.parametrize("wanted", ["first", "last", "every"])
async def test_published_placement_is_the_dialogues_own(wanted: Placement) -> None:
    """`published` does what the dialogue says its authors did."""
    dialogue = msgspec.structs.replace(scripted(3, images=[FLOATING]), placement=wanted)
    published = await carried(dialogue, Conduct(placement="published"))
    assert published == await carried(dialogue, Conduct(placement=wanted))


async def test_placement_asked_for_goes_before_the_dialogues_own() -> None:
    """Without `published` the dialogue's hint is not followed."""
    dialogue = msgspec.structs.replace(scripted(2, images=[FLOATING]), placement="last")
    assert await carried(dialogue, Conduct()) == [["f", "", ""]]


@pytest.mark.parametrize("placement", ["first", "last", "every", "published"])
async def test_pinned_image_stays_on_its_turn(placement: Placement) -> None:
    """An image that belongs to turn 2 is there under every placement, and nowhere else."""
    for request in await carried(live(3, pinned=[PINNED]), Conduct(placement=placement)):
        assert [place for place, carries in enumerate(request) if carries] == ([2] if len(request) > 1 else [])


async def test_floating_image_stands_before_the_pinned_one_of_its_turn() -> None:
    """Where both meet, the dialogue's image comes first, at every length."""
    requests = await carried(live(2, images=[FLOATING], pinned=[PINNED]), Conduct(placement="every"))
    assert requests == [["f"], ["f", "", "fp"]]


async def test_transcript_places_images_as_the_target_saw_them() -> None:
    """What a judge is told of the images' places is what was sent."""
    dialogue, conduct, target = live(3, images=[FLOATING]), Conduct(placement="last"), Recording()
    exchanges = [step async for step in converse(dialogue, target, conduct)]
    assert transcript_of(dialogue, conduct, exchanges).messages == target.requests[-1].messages
