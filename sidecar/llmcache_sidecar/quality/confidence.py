"""Bounds of an error rate that hold at every moment, however often one looks.

The confidence sequence by betting of Waudby-Smith and Ramdas, "Estimating means of bounded random
variables by betting" (JRSS B, 2024, arXiv 2010.09686): against "the rate is at most b" one bets on
every sample, and the wealth is a supermartingale as long as that is true, so it ever reaches 1/a with
probability a at most (Ville). Several sizes of bets are played side by side (a mixture, as Robbins
1970), which needs sums only. No step assumes that the rate stands still: it has to be at most b
sample by sample.

A sample is worth 1 when it is wrong and 0 when it is right. The same comparison that finds errors
also finds them where there are none, when an engine answers at random; such finds are as likely in
one direction as in the other, so that a find in the opposite direction is worth -1 (-1/2 where two of
them stand against one error) and chance adds up to nothing (see `quality.verdicts`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LEVEL: Final = 0.05
"""An interval misses the rate, at any time, with this probability at most."""

_RISING: Final = (0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8, 0.98)
"""Bets that the rate is higher, as shares of the largest allowed."""
_FALLING: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.999)
"""Bets that it is lower."""
_STEPS: Final = 40


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged samples of one kind.

    Attributes:
        wrong: errors.
        chance: the same find in the opposite direction, which only chance can make.
        right: all other samples that came to a conclusion.
        weight: what one of `chance` takes away: 1, or 1/2 where it is found twice as often.
    """

    wrong: int = 0
    chance: int = 0
    right: int = 0
    weight: float = 1.0

    @property
    def conclusive(self) -> int:
        """Samples that say something about the rate."""
        return self.wrong + self.right

    @property
    def size(self) -> int:
        """All samples that are bet on."""
        return self.wrong + self.chance + self.right


Evidence = tuple[Tally, ...]
"""All that is known of one rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An estimate with its interval, each 0 to 1; `samples` are the conclusive ones."""

    samples: int
    estimate: float | None
    lower: float
    upper: float


def conclusive(evidence: Evidence) -> int:
    """How many samples came to a conclusion."""
    return sum(tally.conclusive for tally in evidence)


def is_above(evidence: Evidence, rate: float, level: float = LEVEL / 2) -> bool:
    """Whether the true rate is above `rate`, with an error probability of `level` over all time."""
    return _rising_wealth(evidence, rate) >= math.log(1 / level)


def is_below(evidence: Evidence, rate: float, level: float = LEVEL / 2) -> bool:
    """Whether the true rate is below `rate`; see `is_above`."""
    return _falling_wealth(evidence, rate) >= math.log(1 / level)


def measure(evidence: Evidence, level: float = LEVEL) -> Rate:
    """The rate with its interval."""
    size = sum(tally.size for tally in evidence)
    if not size:
        return Rate(0, None, 0.0, 1.0)
    net = sum(tally.wrong - tally.weight * tally.chance for tally in evidence)
    needed = math.log(2 / level)
    lower = _edge(lambda rate: _rising_wealth(evidence, rate) >= needed)
    upper = 1 - _edge(lambda rest: _falling_wealth(evidence, 1 - rest) >= needed)
    estimate = min(1.0, max(0.0, net / size))
    return Rate(conclusive(evidence), estimate, min(lower, estimate), max(upper, estimate))


def _edge(holds: Callable[[float], bool]) -> float:
    """The greatest number from 0 to 1 for which `holds`, which holds below it and not above."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _rising_wealth(evidence: Evidence, rate: float) -> float:
    """Logarithm of the wealth of who bets that the rate is higher than `rate`."""
    return _mixed(
        sum(_won(tally, rate, share / (rate + tally.weight)) for tally in evidence)
        for share in _RISING
    )


def _falling_wealth(evidence: Evidence, rate: float) -> float:
    """Of who bets that it is lower."""
    if rate >= 1:
        return math.inf
    return _mixed(
        sum(_won(tally, rate, -share / (1 - rate)) for tally in evidence) for share in _FALLING
    )


def _won(tally: Tally, rate: float, bet: float) -> float:
    return (
        _times(tally.wrong, 1 + bet * (1 - rate))
        + _times(tally.chance, 1 - bet * (tally.weight + rate))
        + _times(tally.right, 1 - bet * rate)
    )


def _times(count: int, factor: float) -> float:
    if not count:
        return 0.0
    return count * math.log(factor) if factor > 0 else -math.inf


def _mixed(logarithms: Iterable[float]) -> float:
    """The logarithm of the mean."""
    values = list(logarithms)
    largest = max(values)
    if math.isinf(largest):
        return largest
    return largest + math.log(sum(math.exp(value - largest) for value in values) / len(values))


@lru_cache(64)
def samples_promised(true: float, allowed: float, level: float, certainty: float = 0.95) -> int:
    """After how many samples a true rate is known to be above an allowed one, with `certainty`:
    even the unlucky draw of that many samples shows it. For `true` above `allowed` only."""
    size = 16
    while not is_above((Tally(few := _few(size, true, certainty), 0, size - few),), allowed, level):
        size = size * 21 // 20 + 1
    return size


def _few(size: int, rate: float, certainty: float) -> int:
    """The number of errors that `certainty` of all draws of `size` samples exceed or reach."""
    below = 0.0
    for errors in range(size + 1):
        below += math.exp(
            math.lgamma(size + 1)
            - math.lgamma(errors + 1)
            - math.lgamma(size - errors + 1)
            + errors * math.log(rate)
            + (size - errors) * math.log1p(-rate)
        )
        if below > 1 - certainty:
            return errors
    return size
