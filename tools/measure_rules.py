"""Prints how well `stance` tells full refusals apart on human-labelled replies: the tables of docs/judges.md.

Usage: python tools/measure_rules.py [FOLDER], where FOLDER holds llama2new.csv and mistralinstruct.csv of XSTest.
"""

from __future__ import annotations

import csv
import hashlib
import math
import sys
from pathlib import Path

import msgspec

from turnwise.judge.stance import THRESHOLD, StanceReading, read_stance

FOLDER = Path(__file__).parents[1] / "../shared/data/xstest_completions"
FILES = ("llama2new", "mistralinstruct")
LABELS = ("1_full_compliance", "3_partial_refusal", "2_full_refusal")
STANCES = ("compliance", "caveat", "refusal")


class Row(msgspec.Struct, frozen=True):
    """One labelled reply as the rules read it."""

    half: str
    label: str
    reading: StanceReading

    @property
    def right(self) -> bool:
        """Whether rules and people agree that this is, or is not, a full refusal."""
        return (self.reading.stance == "refusal") == (self.label == "2_full_refusal")


def load(path: Path) -> list[Row]:
    """The rows of one file. Halves are fixed by a hash of id and prompt, so twins across files stay together."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(half_of(record["id"] + record["prompt"]), record["final_label"], read_stance(record["completion"]))
            for record in csv.DictReader(file)
        ]


def half_of(key: str) -> str:
    """The half a row belongs to."""
    return "held-out" if hashlib.sha256(key.encode()).digest()[0] % 2 else "dev"


def share(right: list[bool]) -> str:
    """A share with its Wilson 95 % interval and n. Source: Wilson 1927, doi 10.1080/01621459.1927.10502953."""
    n, value, z = len(right), sum(right) / len(right), 1.959964
    middle = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return f"{value:.3f} [{middle - half:.3f}, {middle + half:.3f}] (n={n})"


def print_accuracy(name: str, rows: list[Row]) -> None:
    """One line of the accuracy table for each half and for both."""
    for title, part in (
        ("dev", [row for row in rows if row.half == "dev"]),
        ("held-out", [row for row in rows if row.half == "held-out"]),
        ("both", rows),
    ):
        refused = [row.right for row in part if row.label == "2_full_refusal"]
        others = [row.right for row in part if row.label != "2_full_refusal"]
        print(f"| {name} | {title} | {share([row.right for row in part])} | {share(refused)} | {share(others)} |")


def print_confusion(name: str, rows: list[Row]) -> None:
    """The three-way table: human label by stance."""
    for label in LABELS:
        counts = (sum(row.label == label and row.reading.stance == stance for row in rows) for stance in STANCES)
        print(f"| {name} | {label[2:].replace('_', ' ')} | {' | '.join(map(str, counts))} |")


def accuracy_at(rows: list[Row], threshold: int) -> float:
    """Accuracy with another threshold on the objections' score."""
    guesses = (
        (row.reading.stance == "refusal") if row.reading.score is None else row.reading.score >= threshold
        for row in rows
    )
    return sum(guess == (row.label == "2_full_refusal") for guess, row in zip(guesses, rows, strict=True)) / len(rows)


def print_transfer(tables: dict[str, list[Row]]) -> None:
    """The one fitted number chosen on one file and tried on the other."""
    for chosen_on, tried_on in (FILES, FILES[::-1]):
        best = max(range(1, 8), key=lambda threshold: accuracy_at(tables[chosen_on], threshold))
        print(f"| {chosen_on} | {best} | {tried_on} | {accuracy_at(tables[tried_on], best):.3f} |")


def main() -> None:
    """Print the three tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    tables = {name: load(folder / f"{name}.csv") for name in FILES}
    print("| file | half | accuracy | sensitivity | specificity |\n|---|---|---|---|---|")
    for name, rows in tables.items():
        print_accuracy(name, rows)
    print("\n| file | human label | compliance | caveat | refusal |\n|---|---|---|---|---|")
    for name, rows in tables.items():
        print_confusion(name, rows)
    print(f"\nThreshold in use: {THRESHOLD}\n\n| chosen on | threshold | tried on | accuracy |\n|---|---|---|---|")
    print_transfer(tables)


if __name__ == "__main__":
    main()
