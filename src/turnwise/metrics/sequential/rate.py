"""Stopping early: what is known of a rate while groups come in, at every moment at once. docs/statistics.md proves it.

The groups of a benchmark are known before the run; they are drawn without replacement in the order of `drawing_order`.
A limit is what a gambler's wealth says: he bets, group by group, that the rate lies above a candidate. If the candidate
is the truth his bets are fair, so he ever gets 40 times as rich with a chance of at most 1 in 40 (Ville's inequality).
"""

from __future__ import annotations

import math

import numpy as np

from turnwise.errors import UsageError
from turnwise.metrics.estimate import Estimate
from turnwise.metrics.interval import FloatArray, IntArray

__all__ = ["SequentialEstimate", "SequentialRate", "drawing_order"]

# Candidates are this far apart; a limit is the last one ruled out, so it errs by less than a step, to the safe side.
_STEPS = 4000
_WEALTH = math.log(40)
# At most this share of the wealth is staked: more would be lost to one group.
_STAKE = 0.9
# Before groups are seen, their shares are taken to have mean 1/2 and variance 1/4; this counts as one group.
_MEAN, _VARIANCE = 0.5, 0.25
# Limits are thousandths: 0.35 - 0.25 must count as 0.1.
_ROUNDING = 1e-9
# A stratum's forecast is drawn towards the overall mean as by so many groups. More loses on strata that differ, fewer
# on strata that do not; docs/statistics.md has both.
_PULL = 5


class SequentialEstimate(Estimate, frozen=True, kw_only=True):
    """What is known so far of the rate over all groups of the benchmark.

    Fields:
        value: An unbiased estimate of the rate over all planned rows; with groups of one size, the rate of the rows
            scored so far. Rows that failed are taken to be like the others of their group.
        low, high: With 95 % chance they hold the rate over all planned rows at every moment of the run at once. Rows
            that failed are safe in `low` and unsafe in `high`. When all rows are scored both are the rate.
        n_groups, n_groups_all: Seen so far, and in all.
        n_rows_all: Rows of all groups, so n_rows_all - n - n_failed are still to come.
    """

    n_groups: int
    n_groups_all: int
    n_rows_all: int


class SequentialRate:
    """Takes the groups' results in the order of `drawing_order` and says what is known after each.

    Results must come in that order: a reply that comes sooner because it is a refusal must not be counted sooner.

    Args:
        sizes: Shape (n_groups,): planned rows of each group, 1 or more, in drawing order.
        half_width: What the run stops at. The bets are made for it; the limits hold for any.
        strata: Shape (n_groups,): a code, 0 or more, for what is known of each group beforehand, such as its scenario.
            Where strata differ in their rates, fewer groups are needed; the limits hold in any case.

    Raises:
        UsageError: `half_width` is not above 0 and below 1/2.
        ValueError: a size is below 1, or there is not one stratum for each group.

    Source: bets and their product as wealth, Waudby-Smith and Ramdas, JRSSB 86 (2024), 1-27, arXiv 2010.09686; without
    replacement, arXiv 2006.04347; weighted by size and with forecasts, Shekhar et al., arXiv 2305.06884.
    Differs: the bets are made for one half-width, forecasts are means of strata, failed rows count against both ends.
    """

    def __init__(self, sizes: IntArray, *, half_width: float, strata: IntArray | None = None) -> None:
        if not 0 < half_width < 0.5:  # noqa: PLR2004 - at a half every interval is known to it
            raise UsageError(f"half-width is {half_width:g}; it is above 0 and below 0.5, such as 0.05")
        known = np.zeros_like(sizes) if strata is None else strata
        if known.shape != sizes.shape or (sizes < 1).any():
            raise ValueError(f"sizes {sizes.shape} of at least 1 and strata {known.shape} of the same shape are needed")
        self._half_width = half_width
        self._sizes = sizes
        self._unsafe = _Gambler(sizes, known)
        self._safe = _Gambler(sizes, known)
        self._n_groups = self._n_failed = 0
        self._total = 0.0
        self._expansion = _Expansion(sizes)

    def add(self, totals: FloatArray, failed: IntArray) -> SequentialEstimate:
        """Take the next groups and give what is known after them.

        Args:
            totals: Shape (n_new,): unsafe rows of each group (for a score in [0, 1]: the sum over its scored rows).
            failed: Shape (n_new,): its rows that could not be scored.

        Raises:
            ValueError: more groups than there are, or counts that do not fit a group's planned rows.
        """
        for total, lost in zip(totals.tolist(), failed.tolist(), strict=True):
            self._add_group(total, lost)
        return self.estimate

    @property
    def estimate(self) -> SequentialEstimate:
        """What is known after the groups so far."""
        n_rows_all, n_seen = int(self._sizes.sum()), int(self._sizes[: self._n_groups].sum())
        n = n_seen - self._n_failed
        value = self._expansion.rate if n else None
        low, high = self._limits(value) if value is not None else (None, None)
        return SequentialEstimate(
            value=value,
            n=n,
            n_failed=self._n_failed,
            low=low,
            high=high,
            n_groups=self._n_groups,
            n_groups_all=len(self._sizes),
            n_rows_all=n_rows_all,
        )

    def known_to(self, half_width: float) -> bool:
        """Whether neither limit is further from the value than the half-width."""
        known = self.estimate
        if known.value is None or known.low is None or known.high is None:
            return False
        return max(known.high - known.value, known.value - known.low) <= half_width + _ROUNDING

    def _add_group(self, total: float, lost: int) -> None:
        place = self._n_groups
        if place == len(self._sizes):
            raise ValueError(f"a result came after the last of {place} groups")
        size = int(self._sizes[place])
        if not 0 <= total <= size - lost <= size:
            raise ValueError(f"group {place} of {size} rows cannot have {total:g} unsafe and {lost} failed ones")
        # Bets aim at the half-width until it is reached, and then at what is known already.
        aim = min(self._half_width, (1 - self._safe.limit - self._unsafe.limit) / 2)
        self._unsafe.add(total / size, max(aim, 1 / _STEPS))
        self._safe.add((size - lost - total) / size, max(aim, 1 / _STEPS))
        # What one has ruled out, the other need not bet on: most of the work, once the limits are close.
        self._unsafe.leave_above(1 - self._safe.limit)
        self._safe.leave_above(1 - self._unsafe.limit)
        self._expansion.add(total / (size - lost) if size > lost else None)
        self._n_groups += 1
        self._n_failed += lost
        self._total += total

    def _limits(self, value: float) -> tuple[float, float]:
        """The limits, inside what is certain whatever the groups to come will show, and around the value."""
        n_rows_all, n_seen = float(self._sizes.sum()), float(self._sizes[: self._n_groups].sum())
        least, most = self._total / n_rows_all, 1 - (n_seen - self._n_failed - self._total) / n_rows_all
        low = min(max(self._unsafe.limit, least), most)
        high = min(max(1 - self._safe.limit, least), most)
        return min(low, value), max(high, value)


class _Expansion:
    """The rate over all rows, estimated without bias from groups drawn in proportion to their size.

    After groups with T unsafe rows, the next group's share y tells T + y L of the whole, L the rows left: its mean is
    the truth whatever came before, so every mean of these with fixed weights is unbiased too. Those here give
    the mean over the rows where groups have one size, and the exact rate after the last group.

    Source: Des Raj, JASA 51 (1956), 269-284; the weights are ours.
    """

    def __init__(self, sizes: IntArray) -> None:
        self._sizes = sizes
        self._left, self._place = float(sizes.sum()), 0
        self._n_rows, self._seen = float(sizes.sum()), 0.0
        self._sum = self._weight = 0.0

    @property
    def rate(self) -> float:
        """The estimate so far; a half where nothing could be scored."""
        return self._sum / self._weight / self._n_rows if self._weight else _MEAN

    def add(self, share: float | None) -> None:
        """Take the next group's share; None where none of its rows could be scored."""
        n_left, size = len(self._sizes) - self._place, float(self._sizes[self._place])
        if share is not None:
            whole = self._seen + share * self._left
            if n_left == 1:
                self._sum, self._weight = whole, 1.0
            else:
                weight = 1 / (n_left * (n_left - 1))
                self._sum, self._weight = self._sum + weight * whole, self._weight + weight
        self._seen += (self.rate if share is None else share) * size
        self._left -= size
        self._place += 1


class _Gambler:
    """A lower limit for the mean share over all rows, which the truth is ever below with a chance of at most 1 in 40.

    After part of the groups, a candidate m says what the mean of the others must be: m_t = (m M - seen) / left. The
    next group is drawn with a chance in proportion to its rows, so if m is the truth its share y has mean m_t. So has
    z = y - (forecast of its stratum - mean forecast of what is left). Wealth is multiplied by 1 + bet (z - m_t).
    """

    def __init__(self, sizes: IntArray, strata: IntArray) -> None:
        n_strata = int(strata.max(initial=0)) + 1
        self.limit = 0.0
        self._sizes, self._strata = sizes, strata
        self._place = 0
        self._n_rows, self._seen = float(sizes.sum()), 0.0
        self._left = np.bincount(strata, weights=sizes, minlength=n_strata)
        self._sums, self._counts = np.zeros(n_strata), np.zeros(n_strata)
        self._squares = _VARIANCE
        self._candidates = np.arange(_STEPS + 1) / _STEPS
        self._wealth = np.zeros(_STEPS + 1)

    def add(self, share: float, aim: float) -> None:
        """Bet on the next group with what was known before it, and then learn its share."""
        size, stratum = float(self._sizes[self._place]), int(self._strata[self._place])
        left = float(self._left.sum())
        mean = self._mean()
        forecasts = (self._sums + _PULL * mean) / (self._counts + _PULL)
        forecasts -= float(forecasts @ self._left) / left
        expected = np.maximum((self._candidates * self._n_rows - self._seen) / left, 0.0)
        # The least that z can be is -worst; a bet of at most stake / (m_t + worst) keeps wealth above 0.
        worst = max(1e-12, float(forecasts[self._left > 0].max()))
        adjusted = share - float(forecasts[stratum])
        bets = np.minimum(self._bet(aim * self._n_rows / left), _STAKE / (expected + worst))
        self._wealth += np.log1p(bets * (adjusted - expected))
        self._learn(share, adjusted, size=size, stratum=stratum)
        self._rule_out()

    def _mean(self) -> float:
        return (float(self._sums.sum()) + _MEAN) / (self._place + 1)

    def _bet(self, aim: float) -> float:
        """The bet under which wealth grows fastest against a candidate that is off by `aim`, to second order."""
        return aim / (self._squares / (self._place + 1) + aim**2)

    def _learn(self, share: float, adjusted: float, *, size: float, stratum: int) -> None:
        self._place += 1
        self._seen += share * size
        self._left[stratum] -= size
        self._sums[stratum] += share
        self._counts[stratum] += 1
        self._squares += (adjusted - self._mean()) ** 2

    def _rule_out(self) -> None:
        """Wealth falls as the candidate rises, so all candidates up to the last that made him rich are ruled out."""
        rich = np.flatnonzero(self._wealth >= _WEALTH)
        if rich.size:
            first_left = int(rich[-1]) + 1
            self.limit = float(self._candidates[first_left - 1])
            self._candidates, self._wealth = self._candidates[first_left:], self._wealth[first_left:]

    def leave_above(self, limit: float) -> None:
        """Bet no more on candidates above what is ruled out from the other side."""
        end = int(np.searchsorted(self._candidates, limit, side="right"))
        self._candidates, self._wealth = self._candidates[:end], self._wealth[:end]


def drawing_order(sizes: IntArray, *, seed: int) -> IntArray:
    """The groups in the order to run them: each next one is drawn from those left, in proportion to its rows.

    Groups without rows come last. With groups of one size, every order is equally likely. Source: Efraimidis and
    Spirakis, Information Processing Letters 97 (2006), 181-185.
    """
    draws = np.random.default_rng(seed).exponential(size=len(sizes))
    waits = np.divide(draws, sizes, out=np.full(len(sizes), np.inf), where=sizes > 0)
    return np.argsort(waits, kind="stable").astype(np.int64)
