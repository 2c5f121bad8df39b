"""From a seed file to dialogues: one harmful query with its picture, after 0, 1, 3, 5, 7 scripted exchanges."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec

from turnwise.benchmarks.record import Record
from turnwise.dialogue import METHODS, Dialogue, Image, Turn

__all__ = ["LENGTHS", "seed_dialogues"]

LENGTHS = (1, 2, 4, 6, 8)
"""The lengths of SafeMT's released dialogues, in user turns."""

_EXCHANGES = 7


class _Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user: str
    reply: str


class _Seed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One seed. `keep` says, for a length, which exchanges (numbered from 1) come before the final message."""

    id: str
    method: str
    question: str
    picture: str
    exchanges: tuple[_Exchange, ...]
    final: str
    keep: dict[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        """Refuse a seed whose lengths cannot be built."""
        if self.method not in METHODS:
            raise ValueError(f"seed {self.id!r}: method {self.method!r} is not one of {', '.join(METHODS)}")
        if len(self.exchanges) != _EXCHANGES:
            raise ValueError(f"seed {self.id!r}: {_EXCHANGES} exchanges are needed, got {len(self.exchanges)}")
        for length in ("2", "4", "6"):
            kept = self.keep.get(length, ())
            rising = all(before < after for before, after in pairwise((0, *kept, _EXCHANGES + 1)))
            if len(kept) != int(length) - 1 or not rising:
                raise ValueError(f"seed {self.id!r}: keep[{length!r}] is {kept}, not {int(length) - 1} rising numbers")

    def turns(self, length: int) -> tuple[Turn, ...]:
        """The user turns at one of `LENGTHS`; only the last has no reply."""
        if length == 1:
            return (Turn(self.question),)
        kept = self.keep.get(str(length), range(1, _EXCHANGES + 1))
        before = [self.exchanges[number - 1] for number in kept]
        return (*(Turn(exchange.user, reply=exchange.reply) for exchange in before), Turn(self.final))


class _SeedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scenario: str
    seeds: tuple[_Seed, ...]


def seed_dialogues(record: Record, images: Path) -> list[Dialogue]:
    """The dialogues of one scenario's file: by seed, then by length.

    Raises:
        DataError: the file breaks its format or a seed's picture is missing.
    """
    file = record.decode(_SeedFile)
    return [_dialogue(file.scenario, seed, length, images) for seed in file.seeds for length in LENGTHS]


def _dialogue(scenario: str, seed: _Seed, length: int, images: Path) -> Dialogue:
    return Dialogue(
        id=f"{seed.id}/{length}",
        benchmark="starter",
        group=seed.id,
        turns=seed.turns(length),
        scenario=scenario,
        method=seed.method,
        setting="scripted_attack",
        intent="unsafe",
        modality="multimodal",
        history="scripted",
        images=(Image.from_file(images / f"{seed.id}.png"),),
        seed_question=seed.question,
        source={"caption": seed.picture},
    )
