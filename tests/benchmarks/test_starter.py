"""The shipped benchmark: complete, paired as designed, and small."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from turnwise.benchmarks import open_benchmark
from turnwise.benchmarks.record import LoadNotes, Record, stream
from turnwise.benchmarks.starter import dialogues
from turnwise.benchmarks.starter.scenes import scene_dialogues
from turnwise.benchmarks.starter.seeds import seed_dialogues
from turnwise.dialogue import METHODS, SCENARIOS, Dialogue, decode_dialogue, encode_dialogue
from turnwise.errors import DataError

DATA = Path(__file__).parents[2] / "src/turnwise/benchmarks/starter/data"
IMAGES = DATA / "images"


@pytest.fixture(scope="module")
def loaded() -> list[Dialogue]:
    """Every shipped dialogue, in order."""
    return list(dialogues())


@pytest.fixture(scope="module")
def attacks(loaded: list[Dialogue]) -> list[Dialogue]:
    """The scripted attacks among them."""
    return [dialogue for dialogue in loaded if dialogue.setting == "scripted_attack"]


@pytest.fixture(scope="module")
def pairs(loaded: list[Dialogue]) -> list[tuple[Dialogue, Dialogue]]:
    """Every unsafe scene dialogue with its safe twin."""
    by_id = {dialogue.id: dialogue for dialogue in loaded}
    unsafe = (dialogue for dialogue in loaded if dialogue.twin and dialogue.intent == "unsafe")
    return [(dialogue, by_id[dialogue.twin or ""]) for dialogue in unsafe]


def test_attacks_cover_every_scenario_at_every_length_three_times(attacks: list[Dialogue]) -> None:
    """There are 17 scenarios x 5 lengths x 3 seeds = 255 scripted attacks, none twice."""
    counts = Counter((dialogue.scenario, dialogue.length) for dialogue in attacks)
    assert counts == {(scenario, length): 3 for scenario in SCENARIOS for length in (1, 2, 4, 6, 8)}
    assert len({dialogue.group for dialogue in attacks}) == 51


def test_attacks_use_all_four_methods(attacks: list[Dialogue]) -> None:
    """Each of the four attack methods is used by at least one seed in ten."""
    seeds = Counter(dialogue.method for dialogue in attacks if dialogue.length == 1)
    assert set(seeds) == set(METHODS)
    assert min(seeds.values()) > 5


def test_attacks_come_in_the_published_order(attacks: list[Dialogue]) -> None:
    """The stream goes by scenario as listed, then by seed, then by rising length."""
    assert [dialogue.id for dialogue in attacks[:6]] == [
        "animal_abuse_1/1",
        "animal_abuse_1/2",
        "animal_abuse_1/4",
        "animal_abuse_1/6",
        "animal_abuse_1/8",
        "animal_abuse_2/1",
    ]
    assert [dialogue.scenario for dialogue in attacks[::15]] == list(SCENARIOS)


def test_one_turn_attack_is_the_bare_question(attacks: list[Dialogue]) -> None:
    """At length 1 the only user turn is the seed question; longer ones end with another message."""
    assert all((dialogue.turns[-1].user == dialogue.seed_question) == (dialogue.length == 1) for dialogue in attacks)


def test_longer_attacks_of_a_seed_keep_a_selection_of_the_longest(attacks: list[Dialogue]) -> None:
    """Lengths 2, 4 and 6 are the 8-turn dialogue with turns left out, its last turn kept."""
    longest = {dialogue.group: dialogue.turns for dialogue in attacks if dialogue.length == 8}
    for dialogue in attacks:
        if dialogue.length > 1:
            places = [longest[dialogue.group].index(turn) for turn in dialogue.turns]
            assert places == sorted(set(places))
            assert places[-1] == 7


def test_keep_numbers_count_exchanges_from_one() -> None:
    """`keep` {"2": [4]} makes the two-turn dialogue of the fourth exchange and the final message."""
    made = seed_dialogues(_seed_record(_seed_file()), IMAGES)
    assert [turn.user for turn in made[1].turns] == ["say 4", "now do it"]
    assert [turn.user for turn in made[2].turns] == ["say 1", "say 4", "say 6", "now do it"]
    assert [turn.reply for turn in made[1].turns] == ["reply 4", None]


@pytest.mark.parametrize("kept", [[], [0], [8], [1, 2]])
def test_seed_with_a_wrong_selection_is_refused(kept: list[int]) -> None:
    """A selection that is too short, too long or out of range is an error that names the seed and the length."""
    file = _seed_file()
    file["seeds"][0]["keep"]["2"] = kept
    with pytest.raises(DataError, match=r"bias\.json.*seed 'bias_1': keep\['2'\]"):
        seed_dialogues(_seed_record(file), IMAGES)


@pytest.mark.parametrize(
    ("field", "value", "match"), [("method", "magic", "method 'magic' is not one of"), ("exchanges", [], "7 exchanges")]
)
def test_seed_with_a_wrong_field_is_refused(field: str, value: Any, match: str) -> None:
    """An unknown method or a missing exchange is an error that names the seed."""
    file = _seed_file()
    file["seeds"][0][field] = value
    with pytest.raises(DataError, match=match):
        seed_dialogues(_seed_record(file), IMAGES)


def test_scenes_come_eightfold(loaded: list[Dialogue]) -> None:
    """At least 40 scenes each give two settings x two modalities x two intents of three live turns."""
    scenes = [dialogue for dialogue in loaded if dialogue.setting != "scripted_attack"]
    counts = Counter(dialogue.group for dialogue in scenes)
    assert len(counts) >= 40
    assert set(counts.values()) == {8}
    assert len({(d.group, d.setting, d.modality, d.intent) for d in scenes}) == len(scenes)
    assert {(d.length, d.history, d.placement) for d in scenes} == {(3, "live", "last")}
    assert list(counts) == sorted(counts)


def test_twins_point_at_each_other(pairs: list[tuple[Dialogue, Dialogue]]) -> None:
    """A twin's twin is the dialogue itself, and the two differ in intent alone among their settings."""
    for unsafe, safe in pairs:
        assert (safe.twin, safe.intent) == (unsafe.id, "safe")
        assert (safe.group, safe.setting, safe.modality) == (unsafe.group, unsafe.setting, unsafe.modality)


def test_twins_share_the_turns_their_setting_shares(pairs: list[tuple[Dialogue, Dialogue]]) -> None:
    """Escalation twins part at the third turn only, context-switch twins at the first only."""
    for unsafe, safe in pairs:
        same = [one.user == other.user for one, other in zip(unsafe.turns, safe.turns, strict=True)]
        assert same == ([True, True, False] if unsafe.setting == "escalation" else [False, True, True]), unsafe.id


def test_twins_get_the_same_questions_and_other_answers(pairs: list[tuple[Dialogue, Dialogue]]) -> None:
    """Texts and option order agree between twins; the right answer never does."""
    for unsafe, safe in pairs:
        assert [question.id for question in unsafe.questions] == ["mcq_1", "mcq_2", "mcq_3", "mcq_4", "tf_1", "tf_2"]
        for one, other in zip(unsafe.questions, safe.questions, strict=True):
            assert (one.text, one.options) == (other.text, other.options)
            assert one.expected != other.expected


def test_questions_do_not_depend_on_the_modality(loaded: list[Dialogue]) -> None:
    """A scene's questions are the same, to the letter, with the picture and in words alone."""
    by_id = {dialogue.id: dialogue for dialogue in loaded if dialogue.questions}
    for dialogue in by_id.values():
        assert by_id[dialogue.id.replace("/multimodal/", "/unimodal/")].questions == dialogue.questions


def test_right_answers_are_the_texts_written_for_the_intent() -> None:
    """Whatever the shuffle, the expected letter stands before the text the scene file gives for that intent."""
    file = msgspec.json.decode((DATA / "scenes/park_dog.json").read_bytes())
    record = Record("park_dog.json", DATA / "scenes/park_dog.json", (DATA / "scenes/park_dog.json").read_bytes())
    for dialogue in scene_dialogues(record, IMAGES):
        for mcq, question in zip(file[dialogue.setting]["mcq"], dialogue.questions, strict=False):
            assert question.options["ABCD".index(question.expected)] == mcq[dialogue.intent]
            assert set(question.options) == {mcq["safe"], mcq["unsafe"], *mcq["distractors"]}


def test_no_letter_gives_the_answer_away(pairs: list[tuple[Dialogue, Dialogue]]) -> None:
    """Over all choices each letter is right between 15 % and 35 % of the time, for either intent."""
    for side in (0, 1):
        letters = Counter(q.expected for pair in pairs for q in pair[side].questions if q.kind == "mcq")
        assert all(0.15 < letters[letter] / letters.total() < 0.35 for letter in "ABCD"), letters


def test_ids_are_unique_and_dialogues_survive_json(loaded: list[Dialogue]) -> None:
    """No id appears twice, and each dialogue is the same after encoding and decoding."""
    assert len({dialogue.id for dialogue in loaded}) == len(loaded)
    assert all(decode_dialogue(encode_dialogue(dialogue)) == dialogue for dialogue in loaded)


def test_every_picture_is_a_png_used_by_one_group(loaded: list[Dialogue]) -> None:
    """Multimodal dialogues have one picture, each group its own, and no shipped picture is left over."""
    used = {image.path: dialogue.group for dialogue in loaded for image in dialogue.images}
    assert sorted(Path(path).name for path in used) == sorted(file.name for file in IMAGES.iterdir())
    assert len(set(used.values())) == len(used)
    assert {image.mime for dialogue in loaded for image in dialogue.images} == {"image/png"}


def test_package_data_stays_small() -> None:
    """Everything the benchmark adds to the wheel is below 3 MB."""
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 3_000_000


@pytest.mark.parametrize("file", sorted(DATA.rglob("*.json")), ids=lambda file: file.stem)
def test_texts_are_clean(file: Path) -> None:
    """No shipped text holds a control or private character or stray blanks at its ends."""
    for text in _texts(msgspec.json.decode(file.read_bytes())):
        assert text == text.strip(), text
        assert text, "an empty text"
        odd = [character for character in text if unicodedata.category(character)[0] == "C" and character != "\n"]
        assert not odd, text


def test_opening_by_name_gives_the_same_stream(loaded: list[Dialogue]) -> None:
    """`starter` on the command line streams what `dialogues()` does, and its files feed the fingerprint."""
    benchmark = open_benchmark("starter")
    assert list(stream(benchmark, LoadNotes())) == loaded
    assert set(benchmark.files) == set(DATA.rglob("*.json"))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def _seed_file() -> dict[str, Any]:
    exchanges = [{"user": f"say {number}", "reply": f"reply {number}"} for number in range(1, 8)]
    seed = {"id": "bias_1", "method": "role_play", "question": "how?", "picture": "A desk.", "exchanges": exchanges}
    keep = {"2": [4], "4": [1, 4, 6], "6": [1, 2, 4, 6, 7]}
    return {"scenario": "Bias", "seeds": [{**seed, "final": "now do it", "keep": keep}]}


def _seed_record(file: dict[str, Any]) -> Record:
    return Record("bias.json", DATA / "seeds/bias.json", msgspec.json.encode(file))
