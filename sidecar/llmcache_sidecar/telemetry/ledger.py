"""The pages of the account: plain sums, added to for every request in about two microseconds."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
)  # fmt: skip
"""Upper bounds of the buckets for latencies."""
AGES: Final = (1, 10, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400)
"""Upper bounds of the buckets for ages."""


class Buckets:
    """A histogram with fixed upper bounds, in seconds."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Add one value."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Prometheus's buckets: upper bound as text, and how many values are at most that."""
        seen = 0
        rows = []
        for bound, count in zip((*map(float, self.bounds), None), self.counts, strict=True):
            seen += count
            rows.append(("+Inf" if bound is None else repr(bound), float(seen)))
        return rows


class Page:
    """Sums over the requests with one API, model, outcome and detail."""

    __slots__ = (
        "cacheable",
        "observed",
        "refreshed",
        "requests",
        "saved_completion_tokens",
        "saved_engine_s",
        "saved_prompt_tokens",
        "stale",
        "withheld",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.cacheable = 0
        self.observed = 0
        self.refreshed = 0
        self.withheld = 0
        self.stale = 0
        self.saved_prompt_tokens = 0
        self.saved_completion_tokens = 0
        self.saved_engine_s = 0.0


class Times:
    """Latencies of one outcome."""

    __slots__ = ("first_byte", "total")

    def __init__(self) -> None:
        self.first_byte = Buckets(SECONDS)
        self.total = Buckets(SECONDS)
