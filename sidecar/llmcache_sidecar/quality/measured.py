"""A rate as people are told it."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.quality import CacheLevel, RateKind
from .budget import Serving, Standing
from .confidence import Rate


@dataclass(frozen=True, slots=True)
class Measured:
    """One rate, for people.

    Attributes:
        rate: with its interval, each 0 to 1.
        serving: what the level may do by this rate.
        inconclusive: samples of it that came to no conclusion.
        since: Unix time in seconds at which the present term began; 0 = with the first sample.
    """

    model: str
    level: CacheLevel
    kind: RateKind
    rate: Rate
    standing: Standing
    serving: Serving
    allowed: float
    inconclusive: int
    since: float

    @property
    def state(self) -> str:
        """One word: what the level may do where that is less than all, else what is known."""
        limited = self.serving is not Serving.SERVING
        return self.serving.value if limited else self.standing.value
