"""Quantiles of durations in constant memory."""

from __future__ import annotations

import math
from typing import Final

_SMALLEST_S: Final = 1e-5
_GROWTH: Final = 1.04
_LOG_GROWTH: Final = math.log(_GROWTH)
_BUCKETS: Final = 480  # 10 microseconds to about 25 minutes


class Quantiles:
    """A histogram whose buckets grow by 4 %: a quantile is off by at most 2 %."""

    __slots__ = ("_counts", "count", "total")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Add one duration."""
        index = 0
        if seconds > _SMALLEST_S:
            index = min(int(math.log(seconds / _SMALLEST_S) / _LOG_GROWTH), _BUCKETS - 1)
        self._counts[index] += 1
        self.count += 1
        self.total += seconds

    def quantile(self, share: float) -> float | None:
        """The duration, in seconds, that `share` of all are below; None when there are none."""
        if not self.count:
            return None
        rank = share * self.count
        seen = 0
        for index, number in enumerate(self._counts):
            seen += number
            if seen >= rank and number:
                return float(_SMALLEST_S * _GROWTH ** (index + 0.5))
        return float(_SMALLEST_S * _GROWTH**_BUCKETS)
