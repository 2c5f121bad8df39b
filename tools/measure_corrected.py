"""Measures corrected estimates and coefficients of agreement where the truth is known: tables for docs/statistics.md.

    python tools/measure_statistics.py --only "corrected rates" --into docs/statistics.md

How the data are drawn is said at the functions that draw them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import page_tables

from turnwise.metrics import (
    AnnotationSample,
    Estimate,
    Ratings,
    SampleRow,
    annotation_sample,
    cohen_kappa,
    corrected_mean,
    corrected_rate,
    gwet_ac1,
    krippendorff_alpha,
    rate,
    raw_agreement,
)
from turnwise.metrics.interval import FloatArray, interval

RHO, RESAMPLES = 0.3, 200
OFTEN = 0.5
"""Settings are marked if in so many runs nobody saw one of the judge's values go wrong."""
RATES = (0.02, 0.1, 0.5, 0.9)
JUDGES = {"perfect": (1.0, 1.0), "good": (0.9, 0.95), "lenient": (0.6, 0.98), "useless": (0.5, 0.5)}
"""Sensitivity and specificity."""
MEANS = (3.0, 5.0, 6.0)
SCORERS = {"close": (0.0, 0.3), "severe": (-0.5, 0.6), "noisy": (0.5, 1.2), "useless": (0.0, 20.0)}
"""What a judge adds to the human score, and the standard deviation of its own noise."""


class Plan(NamedTuple):
    """How many rows there are, and how many of them are to get a human label."""

    n_groups: int
    size: int
    n_labels: int


ALONE = ("width to people's", "people alone", "judge alone")
PLANS = (Plan(1000, 1, 100), Plan(100, 2, 60), Plan(200, 5, 100), Plan(200, 5, 200), Plan(1000, 5, 500))


class Run(NamedTuple):
    """Intervals found once: the corrected ones, and those of as many human labels alone and of the judge alone.

    Fields:
        of_run: What people would say of all rows of the run.
        unseen: Whether people agreed with the judge on every labelled row it gave one of its labels.
    """

    corrected: tuple[float, float]
    corrected_run: tuple[float, float]
    people: tuple[float, float]
    judge: tuple[float, float]
    of_run: float
    unseen: bool = False


def label_run(plan: Plan, mean: float, judge: tuple[float, float], rng: np.random.Generator, seed: int) -> Run:
    """Labels: each group has its own rate, beta distributed, so that two labels of a group correlate by 0.3.

    The judge errs by its sensitivity and specificity; in 30 % of the groups all rows draw their errors together.
    """
    own = np.full((plan.n_groups, 1), mean)
    if plan.size > 1:
        size = (1 - RHO) / RHO
        own = rng.beta(mean * size, (1 - mean) * size, size=(plan.n_groups, 1))
    human = (rng.random((plan.n_groups, plan.size)) < own).astype(np.float64)
    together = rng.random((plan.n_groups, 1)) < RHO
    error = np.where(together, rng.random((plan.n_groups, 1)), rng.random(human.shape))
    sensitivity, specificity = judge
    judged = (error < np.where(human == 1, sensitivity, 1 - specificity)).astype(np.float64)
    sample, labels = labelled(judged, human, plan, seed)
    some = human[rng.permutation(plan.n_groups)[: round(plan.n_labels / plan.size)]]
    found = corrected_rate(judged.ravel(), labels, sample.design)
    return Run(
        _ends(found),
        (found.run_low, found.run_high),
        people=_interval_of_labels(some, seed),
        judge=_interval_of_labels(judged, seed),
        of_run=float(human.mean()),
        unseen=_unseen(judged.ravel(), labels),
    )


def score_run(plan: Plan, mean: float, judge: tuple[float, float], rng: np.random.Generator, seed: int) -> Run:
    """Scores 1 to 5: a mean, a normal part of the group (0.7) and one of the row (0.8), rounded and cut.

    The judge adds its bias, noise of the row and half as much noise of the group, and is rounded and cut as well.
    """
    human = draw_scores(plan, mean, rng)
    bias, noise = judge
    wrong = rng.normal(0, noise, human.shape) + rng.normal(0, noise / 2, (plan.n_groups, 1))
    judged = np.clip(np.round(human + bias + wrong), 1, 5)
    sample, labels = labelled(judged, human, plan, seed)
    some = human[rng.permutation(plan.n_groups)[: round(plan.n_labels / plan.size)]]
    found = corrected_mean(judged.ravel(), labels, sample.design, scale=(1, 5))
    return Run(
        _ends(found),
        (found.run_low, found.run_high),
        people=_interval_of_scores(some),
        judge=_interval_of_scores(judged),
        of_run=float(human.mean()),
    )


def draw_scores(plan: Plan, mean: float, rng: np.random.Generator) -> FloatArray:
    """Human scores, shape (n_groups, size)."""
    spread = rng.normal(0, 0.7, (plan.n_groups, 1)) + rng.normal(0, 0.8, (plan.n_groups, plan.size))
    return np.clip(np.round(mean + spread), 1, 5)


def labelled(judged: FloatArray, human: FloatArray, plan: Plan, seed: int) -> tuple[AnnotationSample, FloatArray]:
    """The sample drawn by the judge's values, and human labels where it asks for them, nan elsewhere."""
    names = [f"g{group:05}" for group in range(plan.n_groups)]
    rows = [SampleRow(name, name, one) for name, values in zip(names, judged.tolist(), strict=True) for one in values]
    sample = annotation_sample(rows, plan.n_labels, seed)
    labels = np.full(human.size, np.nan)
    labels[sample.rows] = human.ravel()[sample.rows]
    return sample, labels


def _unseen(judged: FloatArray, labels: FloatArray) -> bool:
    has_label = np.isfinite(labels)
    wrong = has_label & (judged != labels)
    return set(judged[has_label]) != set(judged[wrong])


def _interval_of_labels(labels: FloatArray, seed: int) -> tuple[float, float]:
    groups = np.repeat(np.arange(labels.shape[0]), labels.shape[1])
    return _ends(rate(labels.ravel(), groups, seed=seed, resamples=RESAMPLES))


def _interval_of_scores(scores: FloatArray) -> tuple[float, float]:
    means = (scores.mean(axis=1) - 1) / 4
    error = means.std(ddof=1) / math.sqrt(len(means))
    low, high = interval(float(means.mean()), error, n_groups=len(means), least_error=0.0)
    return 1 + 4 * low, 1 + 4 * high


def _ends(estimate: Estimate) -> tuple[float, float]:
    return (math.nan if estimate.low is None else estimate.low), (math.nan if estimate.high is None else estimate.high)


def corrected_table(
    runs: int,
    settings: list[tuple[float, float, str, tuple[float, float]]],
    draw: Callable[[Plan, float, tuple[float, float], np.random.Generator, int], Run],
) -> str:
    """Coverage and width by plan, truth and judge; a setting is what to draw, its truth, and the judge."""
    head = ["groups x rows", "labels", "truth", "judge", "holds", "holds, run", "width", *ALONE]
    print("|", " | ".join(head), "|")
    rows = []
    for place, (plan, (drawn, truth, name, judge)) in enumerate(itertools.product(PLANS, settings)):
        rng = np.random.default_rng([20260104, place])
        found = [draw(plan, drawn, judge, rng, seed) for seed in range(runs)]
        width = np.mean([one.corrected[1] - one.corrected[0] for one in found])
        alone = np.mean([one.people[1] - one.people[0] for one in found])
        held = [
            [_holds(truth, *one.corrected) for one in found],
            [_holds(one.of_run, *one.corrected_run) for one in found],
            [_holds(truth, *one.people) for one in found],
            [_holds(truth, *one.judge) for one in found],
        ]
        covers, covers_run, people, by_judge = (f"{100 * np.mean(one):.1f}" for one in held)
        mark = " \\*" if np.mean([one.unseen for one in found]) >= OFTEN else ""
        design = [f"{plan.n_groups} x {plan.size}", str(plan.n_labels), f"{truth:.3g}", name]
        rows.append([*design, f"{covers}{mark}", covers_run, f"{width:.3f}", f"{width / alone:.2f}", people, by_judge])
        print("|", " | ".join(rows[-1]), "|", flush=True)
    return f"Percent of {runs:,} runs.\n\n{page_tables.markdown(head, rows)}"


def _holds(truth: float, low: float, high: float) -> bool:
    return low - 1e-9 <= truth <= high + 1e-9


def agreement_table(runs: int) -> str:
    """Coverage of the coefficients for two raters that err alike often, by groups, rate and accuracy."""
    head = ["groups x units", "rate", "accuracy", "true kappa", "kappa", "alpha", "true AC1", "AC1", "raw"]
    print("|", " | ".join(head), "|")
    rows = []
    plans = (Plan(20, 5, 0), Plan(50, 2, 0), Plan(100, 1, 0), Plan(100, 5, 0))
    for place, (plan, share, accuracy) in enumerate(itertools.product(plans, (0.05, 0.3), (0.8, 0.95, 0.99))):
        rng = np.random.default_rng([20260105, place])
        truth = _true_agreement(share, accuracy)
        hits = np.zeros(len(truth))
        for seed in range(runs):
            hits += [
                found.value is not None and _holds(true, *_ends(found))
                for true, found in zip(truth, _agreements(_ratings(plan, share, accuracy, rng), seed), strict=True)
            ]
        kappa, alpha, ac1, raw = (f"{100 * hit / runs:.1f}" for hit in hits)
        shown = [f"{plan.n_groups} x {plan.size}", f"{share:g}", f"{accuracy:g}", f"{truth[0]:.2f}"]
        rows.append([*shown, kappa, alpha, f"{truth[2]:.2f}", ac1, raw])
        print("|", " | ".join(rows[-1]), "|", flush=True)
    return f"Percent of {runs:,} runs, {RESAMPLES} resamples each.\n\n{page_tables.markdown(head, rows)}"


def _ratings(plan: Plan, share: float, accuracy: float, rng: np.random.Generator) -> Ratings:
    """Two raters of labels that correlate by 0.3 in a group; in 30 % of groups a rater errs on all units or none."""
    own = np.full((plan.n_groups, 1), share)
    if plan.size > 1:
        own = rng.beta(share * (1 - RHO) / RHO, (1 - share) * (1 - RHO) / RHO, size=(plan.n_groups, 1))
    true = rng.random((plan.n_groups, plan.size)) < own
    said = []
    for _ in range(2):
        together = rng.random((plan.n_groups, 1)) < RHO
        draws = np.where(together, rng.random((plan.n_groups, 1)), rng.random(true.shape))
        said.append(true ^ (draws > accuracy))
    values = np.stack([one.ravel() for one in said], axis=1).astype(np.float64)
    return Ratings(values, np.repeat(np.arange(plan.n_groups), plan.size), (0, 1))


def _true_agreement(share: float, accuracy: float) -> tuple[float, float, float, float]:
    """Kappa, alpha, AC1 and raw agreement of endlessly many units."""
    raw = accuracy**2 + (1 - accuracy) ** 2
    yes = share * accuracy + (1 - share) * (1 - accuracy)
    alike, gwet = yes**2 + (1 - yes) ** 2, 2 * yes * (1 - yes)
    kappa = (raw - alike) / (1 - alike)
    return kappa, kappa, (raw - gwet) / (1 - gwet), raw


def _agreements(ratings: Ratings, seed: int) -> list[Estimate]:
    return [
        cohen_kappa(ratings, seed=seed, resamples=RESAMPLES),
        krippendorff_alpha(ratings, level="nominal", seed=seed, resamples=RESAMPLES),
        gwet_ac1(ratings, seed=seed, resamples=RESAMPLES),
        raw_agreement(ratings, seed=seed, resamples=RESAMPLES),
    ]


def corrected_rates(runs: int) -> str:
    """The table of corrected rates."""
    settings = [(share, share, name, judge) for share, (name, judge) in itertools.product(RATES, JUDGES.items())]
    return corrected_table(runs, settings, label_run)


def corrected_scores(runs: int) -> str:
    """The table of corrected scores; the true means are those of a million rows."""
    crowd, rng = Plan(200_000, 5, 0), np.random.default_rng(20260106)
    true_mean = {mean: float(draw_scores(crowd, mean, rng).mean()) for mean in MEANS}
    settings = [(m, true_mean[m], name, judge) for m, (name, judge) in itertools.product(MEANS, SCORERS.items())]
    return corrected_table(runs, settings, score_run)


TABLES = {"corrected rates": corrected_rates, "corrected scores": corrected_scores, "agreement": agreement_table}
