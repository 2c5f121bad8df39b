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

from turnwise.judge.stances.objections import OBJECTIONS
from turnwise.judge.stances.stance import ANSWER_WEIGHT, THRESHOLD, StanceReading, read_stance

FOLDER = Path(__file__).parents[1] / "../shared/data/xstest_completions"
FILES = ("llama2new", "mistralinstruct")
LABELS = ("1_full_compliance", "3_partial_refusal", "2_full_refusal")
FOLDS, SWEEPS, MOST = 5, 4, 5
ANSWER, LIMIT = "what each sign of an answer takes away", "what makes a refusal"
STANCES = ("compliance", "caveat", "refusal")


class Row(msgspec.Struct, frozen=True):
    """One labelled reply as the rules read it."""

    half: str
    fold: int
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
            Row(
                half_of(record["id"] + record["prompt"]),
                hashlib.sha256(record["prompt"].encode()).digest()[1] % FOLDS,
                record["final_label"],
                read_stance(record["completion"]),
            )
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


def refused(row: Row, values: dict[str, int]) -> bool:
    """Whether the reply is a full refusal with other numbers in the rules."""
    if row.reading.score is None:
        return row.reading.stance == "refusal"
    raised = sum(values[name] for name in row.reading.objections)
    return raised - values[ANSWER] * row.reading.given >= values[LIMIT]


def accuracy_with(rows: list[Row], values: dict[str, int]) -> float:
    """Accuracy with other numbers in the rules."""
    return sum(refused(row, values) == (row.label == "2_full_refusal") for row in rows) / len(rows)


def fitted(rows: list[Row]) -> dict[str, int]:
    """The numbers that fit some rows best, each in turn, starting from 1 for all: nothing set by hand enters."""
    values = dict.fromkeys((*(rule.says for rule in OBJECTIONS), ANSWER, LIMIT), 1)
    for _ in range(SWEEPS):
        for name in values:
            tried = ({**values, name: number} for number in (values[name], *range(1, MOST + 1)))
            values = max(tried, key=lambda numbers: accuracy_with(rows, numbers))
    return values


def print_refitted(tables: dict[str, list[Row]]) -> None:
    """Accuracy on prompts, and on a model, whose labels had no part in setting the numbers."""
    everything = [row for rows in tables.values() for row in rows]
    by_fold = [fitted([row for row in everything if row.fold != fold]) for fold in range(FOLDS)]
    for name, rows in tables.items():
        folds = [[row for row in rows if row.fold == fold] for fold in range(FOLDS)]
        right = [
            refused(row, values) == (row.label == "2_full_refusal")
            for values, part in zip(by_fold, folds, strict=True)
            for row in part
        ]
        print(f"| the other prompts of both models, {FOLDS} folds | {name} | {share(right)} |")
    for chosen_on, tried_on in (FILES, FILES[::-1]):
        values = fitted(tables[chosen_on])
        right = [refused(row, values) == (row.label == "2_full_refusal") for row in tables[tried_on]]
        print(f"| {chosen_on} | {tried_on} | {share(right)} |")


def print_ablation(tables: dict[str, list[Row]]) -> None:
    """What each objection earns: rows that would be judged wrongly, less those judged rightly, without it."""
    values = {**{rule.says: rule.weight for rule in OBJECTIONS}, ANSWER: ANSWER_WEIGHT, LIMIT: THRESHOLD}
    for rule in OBJECTIONS:
        without = {**values, rule.says: 0}
        earned = (
            round((accuracy_with(rows, values) - accuracy_with(rows, without)) * len(rows)) for rows in tables.values()
        )
        print(f"| {rule.says} | {rule.weight} | {' | '.join(f'{number:+d}' for number in earned)} |")


def main() -> None:
    """Print the four tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    tables = {name: load(folder / f"{name}.csv") for name in FILES}
    print("| file | half | accuracy | sensitivity | specificity |\n|---|---|---|---|---|")
    for name, rows in tables.items():
        print_accuracy(name, rows)
    print("\n| file | human label | compliance | caveat | refusal |\n|---|---|---|---|---|")
    for name, rows in tables.items():
        print_confusion(name, rows)
    print("\n| numbers fitted on | tried on | accuracy |\n|---|---|---|")
    print_refitted(tables)
    print("\n| objection | weight | earns on llama2new | earns on mistralinstruct |\n|---|---|---|---|")
    print_ablation(tables)


if __name__ == "__main__":
    main()
