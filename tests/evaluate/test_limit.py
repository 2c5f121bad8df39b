"""`limit`: which dialogues a shortened run holds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from evaluate.answering import benchmark_of
from rollout.recording import scripted
from turnwise.dialogue import Dialogue
from turnwise.evaluate import RunSettings, evaluate
from turnwise.runfile import BENCHMARK_LEFT_OUT, Reader


def grouped(groups: dict[str, int], scenario: str | None = None) -> list[Dialogue]:
    """Dialogues in groups of these sizes."""
    return [
        msgspec.structs.replace(scripted(1, name=f"{group}{number}"), group=group, scenario=scenario)
        for group, size in groups.items()
        for number in range(size)
    ]


async def ids_under(
    tmp_path: Path, dialogues: list[Dialogue], *, limit: int, seed: int = 0, run: str = "run"
) -> list[str]:
    """The ids a run with a limit holds."""
    settings = RunSettings(benchmarks=(benchmark_of(tmp_path / "limited.jsonl", *dialogues),), limit=limit, seed=seed)
    path = tmp_path / f"{run}-{limit}-{seed}.sqlite"
    await evaluate(settings, path)
    with Reader(path) as reader:
        return [row.id for row in reader.scored_rows("rules")]


@pytest.mark.parametrize("limit", [3, 5, 8, 12, 100])
async def test_limit_takes_whole_groups_and_never_more(tmp_path: Path, limit: int) -> None:
    """Groups of three: as many as fit, none of them in part, in the order of the file."""
    dialogues = grouped(dict.fromkeys("abcd", 3))
    ids = await ids_under(tmp_path, dialogues, limit=limit)
    assert len(ids) == min(limit // 3 * 3, 12)
    assert all(sum(name[0] == group for name in ids) in (0, 3) for group in "abcd")
    assert ids == [dialogue.id for dialogue in dialogues if dialogue.id in ids]


async def test_limit_below_the_first_group_gives_a_look(tmp_path: Path) -> None:
    """When no whole group fits, the first dialogues of one are taken."""
    ids = await ids_under(tmp_path, grouped({"a": 3, "b": 3}), limit=2)
    assert ids in (["a0", "a1"], ["b0", "b1"])


async def test_limit_is_drawn_by_the_seed(tmp_path: Path) -> None:
    """The same seed draws the same groups, and not every seed the same."""
    dialogues = grouped(dict.fromkeys("abcdefgh", 1))
    drawn = {seed: await ids_under(tmp_path, dialogues, limit=3, seed=seed) for seed in range(5)}
    assert drawn[0] == await ids_under(tmp_path, dialogues, limit=3, seed=0, run="again")
    assert len({tuple(ids) for ids in drawn.values()}) > 1


async def test_limit_goes_through_the_scenarios_in_turn(tmp_path: Path) -> None:
    """Four of twenty dialogues of four scenarios are one of each."""
    dialogues = [
        dialogue
        for scenario in ("Fraud", "Bias", "Satire", None)
        for dialogue in grouped({f"{scenario}-{number}-": 1 for number in range(5)}, scenario)
    ]
    ids = await ids_under(tmp_path, dialogues, limit=4)
    assert sorted(name.split("-")[0] for name in ids) == ["Bias", "Fraud", "None", "Satire"]


def named(folder: Path, benchmark: str, groups: dict[str, int]) -> str:
    """A benchmark of this name with groups of these sizes; its spelling."""
    dialogues = [msgspec.structs.replace(dialogue, benchmark=benchmark) for dialogue in grouped(groups)]
    return benchmark_of(folder / f"{benchmark}.jsonl", *dialogues)


async def drawn_of(folder: Path, *benchmarks: str, limit: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """The groups of the dialogues that a run of several benchmarks holds, and what it notes of benchmarks left out."""
    path = folder / f"several-{limit}-{seed}.sqlite"
    await evaluate(RunSettings(benchmarks=benchmarks, limit=limit, seed=seed), path)
    with Reader(path) as reader:
        notes = [event.detail for event in reader.events() if event.kind == BENCHMARK_LEFT_OUT]
        return [row.group for row in reader.scored_rows("rules")], notes


@pytest.mark.parametrize("seed", range(4))
async def test_limit_leaves_each_benchmark_a_whole_group_where_it_can(tmp_path: Path, seed: int) -> None:
    """Four dialogues are one of forty single ones and a group of three of the small benchmark, whatever the seed."""
    large = named(tmp_path, "large", {f"l{number}": 1 for number in range(40)})
    groups, notes = await drawn_of(tmp_path, large, named(tmp_path, "small", {"s": 3, "t": 3}), limit=4, seed=seed)
    assert groups[0].startswith("l")
    assert groups[1:] in (["s"] * 3, ["t"] * 3)
    assert notes == []


async def test_limit_says_which_benchmark_got_nothing(tmp_path: Path) -> None:
    """Three dialogues cannot hold a group of three and another one; what has nothing is named."""
    large = named(tmp_path, "large", {f"l{number}": 1 for number in range(40)})
    groups, notes = await drawn_of(tmp_path, large, named(tmp_path, "small", {"s": 3, "t": 3}), limit=3)
    assert [name[0] for name in groups] == ["l", "l", "l"]
    assert notes == ["nothing of small is in this run: a limit of 3 leaves no room for a whole group of it"]


async def test_limit_makes_room_for_a_group_of_another_benchmark(tmp_path: Path) -> None:
    """Of groups of 3, 2 and 3 beside groups of 2, four dialogues are the group of 2 and one of the other benchmark."""
    first, second = named(tmp_path, "first", {"a": 3, "b": 2, "c": 3}), named(tmp_path, "second", {"x": 2, "y": 2})
    groups, notes = await drawn_of(tmp_path, first, second, limit=4)
    assert groups in (["b", "b", "x", "x"], ["b", "b", "y", "y"])
    assert notes == []
