"""Quantiles of durations in constant memory."""

from __future__ import annotations

import math
from typing import Final

_GROWTH: Final = 1.04
_Z: Final = 1.96
_LOG_GROWTH: Final = math.log(_GROWTH)


class Quantiles:
    """A histogram whose buckets grow by 4 %: a quantile is off by at most 2 %.

    Args:
        smallest, largest: seconds; what lies outside counts as the nearer of the two.
    """

    __slots__ = ("_counts", "_smallest", "count", "total")

    def __init__(self, smallest: float = 1e-5, largest: float = 1500.0) -> None:
        self._smallest = smallest
        self._counts = [0] * math.ceil(math.log(largest / smallest) / _LOG_GROWTH)
        self.count = 0
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Add one duration."""
        index = 0
        if seconds > self._smallest:
            index = int(math.log(seconds / self._smallest) / _LOG_GROWTH)
            index = min(index, len(self._counts) - 1)
        self._counts[index] += 1
        self.count += 1
        self.total += seconds

    def quantile(self, share: float) -> float | None:
        """The duration, in seconds, that `share` of all are below; None when there are none."""
        return self._at(share * self.count)

    def interval(self, share: float) -> tuple[float, float] | None:
        """Between which two durations, in seconds, the true quantile lies with 95 % (by the ranks of
        a binomial's normal approximation); None where there are too few to tell."""
        middle = share * self.count
        around = _Z * math.sqrt(middle * (1 - share))
        if middle - around < 1 or middle + around > self.count - 1:
            return None
        low, high = self._at(middle - around), self._at(middle + around)
        return None if low is None or high is None else (low, high)

    def _at(self, rank: float) -> float | None:
        seen = 0
        for index, number in enumerate(self._counts):
            seen += number
            if seen >= rank and number:
                return float(self._smallest * _GROWTH ** (index + 0.5))
        return None
