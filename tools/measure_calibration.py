"""Prints how `rules` stands beside people, and whether 100 human labels correct it: tables of docs/judges.md.

Usage: python tools/measure_calibration.py [FOLDER], where FOLDER holds llama2new.csv and mistralinstruct.csv of XSTest.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from turnwise.judge import stance
from turnwise.metrics import (
    CalibrationRow,
    Estimate,
    Ratings,
    SampleRow,
    annotation_sample,
    calibrations,
    cohen_kappa,
    corrected_rate,
    gwet_ac1,
    rate,
    raw_agreement,
)

FOLDER = Path(__file__).parents[1] / "../shared/data/xstest_completions"
FILES = ("llama2new", "mistralinstruct")
REFUSED = "2_full_refusal"
N_LABELS, SEEDS = 100, 200


class Reply(msgspec.Struct, frozen=True):
    """One reply: whether it is a full refusal, for the judge, for each of two people, and for people in the end."""

    prompt: str
    scenario: str
    judged: bool
    people: tuple[bool, bool]
    human: bool


def load(path: Path) -> list[Reply]:
    """The replies of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Reply(
                prompt=record["prompt"],
                scenario=record["type"],
                judged=stance(record["completion"]) == "refusal",
                people=(record["annotation_1"] == REFUSED, record["annotation_2"] == REFUSED),
                human=record["final_label"] == REFUSED,
            )
            for record in csv.DictReader(file)
        ]


def shown(estimate: Estimate) -> str:
    """A value with its interval."""
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}] (n={estimate.n})"


def print_agreement(name: str, replies: Sequence[Reply]) -> None:
    """People with each other, and the judge with them; both models' replies to a prompt are one group."""
    group = np.unique([reply.prompt for reply in replies], return_inverse=True)[1]
    people = Ratings(np.array([reply.people for reply in replies], dtype=np.float64), group, (0, 1))
    beside = Ratings(np.array([(reply.human, reply.judged) for reply in replies], dtype=np.float64), group, (0, 1))
    for who, ratings in (("two people", people), ("`rules` and people", beside)):
        found = (raw_agreement(ratings), cohen_kappa(ratings), gwet_ac1(ratings))
        print(f"| {name} | {who} | {' | '.join(map(shown, found))} |")


def print_calibration(name: str, replies: Sequence[Reply]) -> None:
    """Sensitivity and specificity with their intervals over prompts."""
    rows = [CalibrationRow(reply.prompt, "rules", reply.human, reply.judged) for reply in replies]
    for one in calibrations(rows):
        print(f"| {name} | {shown(one.sensitivity)} | {shown(one.specificity)} |")


def print_corrected(name: str, replies: Sequence[Reply]) -> None:
    """How often the full-label rate lies in the interval from 100 labels, over 200 samples, and how wide that is."""
    human = np.array([reply.human for reply in replies], dtype=np.float64)
    judged = np.array([reply.judged for reply in replies], dtype=np.float64)
    rows = [SampleRow(one.prompt, one.prompt, float(one.judged), scenario=one.scenario) for one in replies]
    group = np.unique([reply.prompt for reply in replies], return_inverse=True)[1]
    truth = human.mean()
    held, widths, alone, values = [], [], [], []
    for seed in range(SEEDS):
        sample = annotation_sample(rows, N_LABELS, seed)
        labels = np.full(len(rows), np.nan)
        labels[sample.rows] = human[sample.rows]
        found = corrected_rate(judged, labels, sample.design)
        values.append(found.value or 0.0)
        held.append((found.run_low <= truth <= found.run_high, (found.low or 0) <= truth <= (found.high or 0)))
        widths.append((found.run_high - found.run_low, (found.high or 0) - (found.low or 0)))
        drawn = np.random.default_rng([seed, 1]).permutation(group.max() + 1)[
            : N_LABELS * (group.max() + 1) // len(rows)
        ]
        some = np.isin(group, drawn)
        people = rate(human[some], group[some], seed=seed, resamples=500)
        alone.append((people.high or 0) - (people.low or 0))
    covers, wide = 100 * np.mean(held, axis=0), np.mean(widths, axis=0)
    print(
        f"| {name} | {truth:.3f} | {judged.mean():.3f} | {np.mean(values):.3f} | {covers[0]:.1f} | {wide[0]:.3f} "
        f"| {covers[1]:.1f} | {wide[1]:.3f} | {np.mean(alone):.3f} |"
    )


def main() -> None:
    """Print the three tables, each file by itself and both together."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    tables = {name: load(folder / f"{name}.csv") for name in FILES}
    tables["both"] = [reply for replies in list(tables.values()) for reply in replies]
    print("| file | who | raw agreement | kappa | AC1 |\n|---|---|---|---|---|")
    for name, replies in tables.items():
        print_agreement(name, replies)
    print("\n| file | sensitivity | specificity |\n|---|---|---|")
    for name, replies in tables.items():
        print_calibration(name, replies)
    head = ["file", "people, all rows", "`rules`, all rows", "corrected, mean", "holds, %", "width"]
    head += ["other prompts: holds, %", "width", "people alone: width"]
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name, replies in tables.items():
        print_corrected(name, replies)


if __name__ == "__main__":
    main()
