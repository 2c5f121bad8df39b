"""Which runs may stand beside each other: of the same benchmark files, under the same judge, with shared dialogues."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from turnwise.errors import UsageError
from turnwise.judge import JudgeCard
from turnwise.metrics.raters.sitting import card_named, judges_of, members_named
from turnwise.runfile import Reader, ScoredRow

__all__ = ["ComparedRun", "check_benchmarks", "common_judge", "common_judges", "compared_run", "one_judge"]

_CONDUCT = ("history", "placement", "temperature", "max_tokens", "turnwise_version")


class ComparedRun(msgspec.Struct, frozen=True):
    """A run that was compared.

    Fields:
        n_shared, n_only_first, n_only_here: Dialogues in this run and the first one, in the first alone, in this alone.
        differs: Settings other than the target in which it differs from the first, in words.
    """

    path: str
    target: str
    n_shared: int
    n_only_first: int
    n_only_here: int
    differs: tuple[str, ...]


def one_judge(reader: Reader, wanted: str | None) -> JudgeCard:
    """The judge of a run that is wanted, which may be a panel, or the only one.

    Raises:
        UsageError: it never ruled here, or several did and none is named.
        NotMeasurable: a panel is wanted where one judge ruled.
    """
    return _only(str(reader.path), judges_of(reader)) if wanted is None else card_named(reader, wanted)


def _only(where: str, cards: Sequence[JudgeCard]) -> JudgeCard:
    if len(cards) != 1:
        named = ", ".join(card.name for card in cards)
        raise UsageError(f"{where}: {len(cards)} judges ruled ({named}); name one with --judge, or panel for all")
    return cards[0]


def common_judge(readers: Sequence[Reader], wanted: str | None) -> JudgeCard:
    """The judge that is wanted, which may be a panel, or the only one that all runs have.

    A panel is that of the first run: the others must have its members, and may have more judges.

    Raises:
        UsageError: as `common_judges`, or several judges are common and none is named.
    """
    common = common_judges(readers, wanted)
    return _only(str(readers[0].path), common) if wanted is None else card_named(readers[0], wanted)


def common_judges(readers: Sequence[Reader], wanted: str | None = None) -> list[JudgeCard]:
    """The judges all runs have, with the same rubric, model and view of the dialogues; of a wanted panel, each member.

    Raises:
        UsageError: there is none, or not all that are wanted; the sentence names two runs with their judges.
    """
    first, *others = readers
    common = judges_of(first) if wanted is None else members_named(first, wanted)
    for other in others:
        theirs = other.judges()
        both = [card for card in common if any(map(card.rules_as, theirs))]
        if not both or (wanted is not None and len(both) < len(common)):
            raise UsageError(
                f"comparing runs of different benchmarks or judges: {first.path} was judged by {_named(common)}, "
                f"{other.path} by {_named(theirs)}; `turnwise judge RUN` judges a stored run with another"
            )
        common = both
    return common


def _named(cards: Sequence[JudgeCard]) -> str:
    return ", ".join(f"{card.name} (rubric {card.rubric_sha256[:8]}, sees {card.sees})" for card in cards) or "none"


def check_benchmarks(first: Reader, other: Reader) -> None:
    """Refuse runs of different benchmark files.

    Raises:
        UsageError: they are; the sentence names both.
    """
    ours, theirs = _fingerprints(first), _fingerprints(other)
    if sorted(ours.values()) != sorted(theirs.values()):
        raise UsageError(
            f"comparing runs of different benchmarks or judges: {first.path} holds {_held(ours)}, "
            f"{other.path} {_held(theirs)}; compare runs over the same files"
        )


def _fingerprints(reader: Reader) -> dict[str, str]:
    return msgspec.json.decode(reader.settings().get("benchmark_files_sha256", b"{}"), type=dict[str, str])


def _held(fingerprints: dict[str, str]) -> str:
    return ", ".join(f"{name} (files {sha256[:8]})" for name, sha256 in fingerprints.items()) or "no known benchmark"


def compared_run(first: Reader, reader: Reader, ours: Sequence[ScoredRow], theirs: Sequence[ScoredRow]) -> ComparedRun:
    """What a run has in common with the first one, and how it was held otherwise.

    Raises:
        UsageError: they share no dialogue.
    """
    here, there = ({(row.benchmark, row.id) for row in rows} for rows in (ours, theirs))
    if not here & there:
        raise UsageError(f"{first.path} and {reader.path} share no dialogue; compare runs of the same ones")
    before, now = first.settings(), reader.settings()
    return ComparedRun(
        path=str(reader.path),
        target=msgspec.json.decode(now.get("target", b'"unknown"'), type=str),
        n_shared=len(here & there),
        n_only_first=len(here - there),
        n_only_here=len(there - here),
        differs=tuple(
            f"{name}: {before.get(name, b'?').decode()} and {now.get(name, b'?').decode()}"
            for name in _CONDUCT
            if before.get(name) != now.get(name)
        ),
    )
