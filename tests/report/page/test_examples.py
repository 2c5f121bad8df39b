"""Examples: which dialogues a report shows, and how it tells them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import PIL.Image

from report.sample_run import attack, make_run, paired
from turnwise.dialogue import Image, Turn
from turnwise.metrics import slices_of_run
from turnwise.report.page.examples import Example, choose, examples_of
from turnwise.rollout import Conduct
from turnwise.runfile import Reader, ScoredRow


def row(id: str, length: int, label: str | None, scenario: str = "Fraud") -> ScoredRow:  # noqa: A002
    """A scored row; without a label, one that could not be scored."""
    fields = dict.fromkeys(ScoredRow.__struct_fields__) | {
        "benchmark": "sample",
        "id": id,
        "group": id,
        "length": length,
        "scenario": scenario,
        "label": label,
        "verdict_state": "scored" if label else "unparsed",
    }
    return ScoredRow(**fields)  # type: ignore[arg-type]


async def told(run: Path) -> dict[str, Example]:
    """The examples of the run's first slice by id."""
    with Reader(run) as reader:
        (item, *_) = slices_of_run(reader, resamples=50)
        return {example.id: example for example in examples_of(reader, item, Conduct())}


def test_every_kind_of_verdict_and_length_is_shown_before_any_twice() -> None:
    """With room for four and four kinds among many rows, one of each kind is shown, unsafe ones first."""
    rows = [
        row(f"{length}{label}{n}", length, label) for n in range(9) for length in (1, 8) for label in ("safe", "unsafe")
    ]
    shown = [(one.label, one.length) for one in choose(rows, limit=4)]
    assert shown == [("unsafe", 1), ("unsafe", 8), ("safe", 1), ("safe", 8)]


def test_the_first_rows_of_the_run_are_shown() -> None:
    """Among rows of one kind and scenario, the order of the run decides."""
    rows = [row(name, 2, "safe") for name in ("first", "second", "third")]
    assert [one.id for one in choose(rows, limit=2)] == ["first", "second"]


def test_a_scenario_shown_less_goes_before_one_shown_more() -> None:
    """The second example of a kind comes from another scenario, although that one stands later in the run."""
    rows = [row("a", 2, "safe", "Fraud"), row("b", 2, "safe", "Fraud"), row("c", 2, "safe", "Bias")]
    assert [one.id for one in choose(rows, limit=2)] == ["a", "c"]


def test_a_kind_that_runs_out_leaves_its_room_to_the_others() -> None:
    """One long row and five short ones fill four places."""
    rows = [row("long", 8, "safe"), *(row(f"short{n}", 1, "safe") for n in range(5))]
    assert [one.id for one in choose(rows, limit=4)] == ["short0", "short1", "short2", "long"]


def test_more_kinds_than_room_are_thinned_evenly() -> None:
    """Eight lengths in four places show every second length, from short to long."""
    rows = [row(str(length), length, "unsafe") for length in range(1, 9)]
    assert [one.length for one in choose(rows, limit=4)] == [1, 3, 5, 7]


def test_rows_without_a_verdict_are_not_shown() -> None:
    """A dialogue that could not be scored is no example."""
    assert choose([row("a", 1, None)]) == []


async def test_an_example_under_scripted_history_names_the_scripted_replies(tmp_path: Path) -> None:
    """Earlier replies are told as scripted, the last as the target's, with the verdict and its reason."""
    run = await make_run(
        tmp_path, [attack("g", 2)], {"table": {"g/2": {"label": "unsafe", "stance": "caveat", "reason": "why"}}}
    )
    example = (await told(run))["g/2"]
    assert [(line.speaker, line.text) for line in example.lines] == [
        ("user", "please 1"),
        ("scripted reply", "scripted 1"),
        ("user", "please 2"),
        ("target", "a reply"),
    ]
    assert (example.label, example.stance, example.reason) == ("unsafe", "caveat", "why")


async def test_an_example_under_live_history_tells_the_targets_own_replies(tmp_path: Path) -> None:
    """In a live dialogue every reply is the target's."""
    labels = {"p/safe": {"stance": "refusal"}, "p/unsafe": {"stance": "refusal"}}
    run = await make_run(tmp_path, paired("p"), {"table": labels}, replies=[{"turn": 2, "reply": "second"}])
    example = (await told(run))["p/safe"]
    replies = [(line.speaker, line.text) for line in example.lines if line.speaker != "user"]
    assert replies == [("target", "a reply"), ("target", "second"), ("target", "a reply")]


async def test_a_blocked_reply_is_told_as_blocked(tmp_path: Path) -> None:
    """Where a filter gave no reply, the example says so and shows no text."""
    run = await make_run(tmp_path, [attack("g", 1)], {"table": {}}, replies=[{"state": "provider_blocked"}])
    last = (await told(run))["g/1"].lines[-1]
    assert (last.speaker, last.text, last.note) == ("target", "", "provider blocked: no reply was given")


async def test_long_texts_are_cut_and_say_so(tmp_path: Path) -> None:
    """Message, scripted reply, reply and reason of 30,001 characters are shown to their 20,000th, with their length."""
    long = "x" * 30_001
    dialogue = msgspec.structs.replace(attack("g", 2), turns=(Turn(long, reply=long), Turn("short")))
    run = await make_run(
        tmp_path, [dialogue], {"table": {"g/2": {"label": "safe", "reason": long}}}, replies=[{"reply": long}]
    )
    example = (await told(run))["g/2"]
    cut = "cut after 20,000 of 30,001 characters; the run file has them all"
    assert [(len(line.text), line.note) for line in example.lines] == [
        (20_000, cut),
        (20_000, cut),
        (5, ""),
        (20_000, cut),
    ]
    assert example.reason == "x" * 20_000 + f" [{cut}]"


async def test_a_text_of_just_the_length_that_is_shown_is_whole(tmp_path: Path) -> None:
    """20,000 characters are shown without a note; notes on a text and on its images stand side by side."""
    PIL.Image.new("RGB", (8, 8), "navy").save(tmp_path / "image.png")
    images = [Image.from_file(tmp_path / "image.png")] * 6
    dialogue = attack("g", 1, images=images, text="x" * 30_000)
    run = await make_run(
        tmp_path / "run", [dialogue], {"table": {"g/1": {"label": "safe"}}}, replies=[{"reply": "y" * 20_000}]
    )
    asked, answered = (await told(run))["g/1"].lines
    cut = "cut after 20,000 of 30,002 characters; the run file has them all"
    assert (asked.note, len(asked.pictures)) == (f"2 more images are not shown; {cut}", 4)
    assert (answered.text, answered.note) == ("y" * 20_000, "")


async def test_pictures_stand_at_the_turn_that_carried_them(tmp_path: Path) -> None:
    """An image of the dialogue is shown at the first turn, where it was sent; one written over since is None there."""
    kept, changed = tmp_path / "kept.png", tmp_path / "changed.png"
    PIL.Image.new("RGB", (8, 8), "navy").save(kept)
    PIL.Image.new("RGB", (8, 8), "green").save(changed)
    images = [Image.from_file(kept), Image.from_file(changed)]
    run = await make_run(tmp_path / "run", [attack("g", 2, images=images)], {"table": {"g/2": {"label": "safe"}}})
    changed.write_bytes(b"something else")
    first, _, second, _ = (await told(run))["g/2"].lines
    assert first.pictures[0] is not None
    assert first.pictures[1] is None
    assert second.pictures == ()


async def test_dialogues_with_one_id_in_two_benchmarks_are_told_apart(tmp_path: Path) -> None:
    """Each slice shows its own dialogue, though another benchmark of the run has one of the same id."""
    both = [attack("g", 1, benchmark="one"), attack("g", 1, benchmark="two"), attack("h", 1, benchmark="one")]
    run = await make_run(tmp_path, both, {"table": {"g/1": {"label": "safe"}, "h/1": {"label": "safe"}}})
    assert list(await told(run)) == ["g/1", "h/1"]
