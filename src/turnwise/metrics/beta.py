"""Quantiles of the beta distribution, which numpy has not: the shape of what a count says of a share."""

from __future__ import annotations

import math

__all__ = ["beta_quantile"]

# Halving (0, 1) so often leaves less than 1e-15; the fraction needs about sqrt(a + b) terms.
_HALVINGS = 50
_MOST_TERMS = 10_000
_CLOSE = 1e-13


def beta_quantile(chance: float, a: float, b: float) -> float:
    """The share below which a beta(a, b) variable lies with this chance; right to 1e-10 for a, b > 0."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _beta_below(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_below(share: float, a: float, b: float) -> float:
    """The chance to lie below a share within (0, 1): the regularised incomplete beta function.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8 and 26.5.2.
    """
    if share > (a + 1) / (a + b + 2):
        # The fraction converges fast only on the near side of the mean.
        return 1 - _beta_below(1 - share, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(share) + b * math.log1p(-share)
    return math.exp(front) * _fraction(share, a, b) / a


def _fraction(share: float, a: float, b: float) -> float:
    """The continued fraction 1 / (1 + d1 / (1 + d2 / ...)), by the method of Lentz as modified by Thompson."""
    above, below = 1.0, 1 / (1 - (a + b) * share / (a + 1))
    value = below
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            below, above = 1 / (1 + term * below), 1 + term / above
            value *= below * above
        if abs(below * above - 1) < _CLOSE:
            break
    return value
