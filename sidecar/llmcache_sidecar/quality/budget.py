"""The error budget: what the semantic level may still do, by what the samples say.

    Serving ──rate above the budget──► Tightened ──still above──► Observing
       ▲                                  │  ▲                        │
       └── what is withheld is right ─────┘  └── what is withheld is ─┘

Tightened: only what is clearly nearer (false hits) or younger (staleness) is served. What a tightened
or observing level withholds is asked of the engine anyway, so that its candidates are judged for
nothing: by them it comes back.

Evidence is gathered in terms. A term ends when the level changes, or with 2,000 samples: else years
of good days would hide a bad week. Each term risks less than the one before, so that all of them
together err with the probability of one (`level_of`). While Tightened, far more may be withheld than
is served; so what is withheld begins anew by itself there, and what is served is left alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from .confidence import LEVEL, Evidence, conclusive, is_above, is_below, measure

_LONGEST_TERM: Final = 2_000
"""Samples; more where the budget asks for more."""
_ENOUGH_TO_COME_BACK: Final = 10
"""A term is long enough for so many errors of a rate that is just allowed: then a rate of a third of
it shows to be below it. (Without an error at all, 2.7 would do.)"""
_BACK: Final = 0.2
"""Coming back errs at most so often; if it was wrong, the next term ends it again."""


class Serving(StrEnum):
    """What the level may do."""

    SERVING = "Serving"
    TIGHTENED = "Tightened"
    OBSERVING = "Observing"


class Standing(StrEnum):
    """What the samples say of a rate."""

    UNPROVEN = "Unproven"  # too few samples
    UNDECIDED = "Undecided"  # the budget lies inside the interval
    PROVEN = "Proven"  # the whole interval is within the budget
    EXCEEDED = "Exceeded"  # the whole interval is above it


@dataclass(frozen=True, slots=True)
class Budget:
    """What is allowed.

    Attributes:
        allowed: share of the judged samples, 0 to 1; 1 allows everything. No rate can be shown to be
            below 0, so that with 0 there is no way back.
        minimum: conclusive samples below which nothing follows.
    """

    allowed: float
    minimum: int = 50

    @property
    def longest_term(self) -> int:
        """Conclusive samples that end a term."""
        back = math.ceil(_ENOUGH_TO_COME_BACK / self.allowed) if self.allowed > 0 else 0
        return max(_LONGEST_TERM, 2 * self.minimum, back)


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of samples under one level.

    Attributes:
        number: from 1.
        since: Unix time in seconds.
        carried: the term before was of the same level, and still counts for what is shown.
        round: how often what is withheld has begun anew in this term.
    """

    serving: Serving = Serving.SERVING
    number: int = 1
    since: float = 0.0
    carried: bool = False
    round: int = 0

    def next(self, serving: Serving, now: float) -> Term:
        """The term that follows."""
        return Term(serving, self.number + 1, now, carried=serving is self.serving)

    def renewed(self) -> Term:
        """The same term, with nothing known of what is withheld."""
        return replace(self, round=self.round + 1)


def level_of(term: int) -> float:
    """The error probability that a term may use up: 1/2, 1/6, 1/12 ... of the whole."""
    return LEVEL / (term * (term + 1))


def follow(term: Term, served: Evidence, withheld: Evidence, budget: Budget) -> Serving | None:
    """What follows from the evidence of a term; None while nothing does. The same level again
    means that a new term begins."""
    if budget.allowed >= 1:
        limited = term.serving is not Serving.SERVING
        return Serving.SERVING if limited or _full(served, budget) else None
    above = conclusive(served) >= budget.minimum and is_above(
        served, budget.allowed, level_of(term.number)
    )
    back = conclusive(withheld) >= budget.minimum and is_below(withheld, budget.allowed, _BACK)
    match term.serving:
        case Serving.SERVING if above:
            return Serving.TIGHTENED
        case Serving.TIGHTENED if above:
            return Serving.OBSERVING
        case Serving.TIGHTENED if back:
            return Serving.SERVING
        case Serving.OBSERVING if back:
            return Serving.TIGHTENED
    decides = withheld if term.serving is Serving.OBSERVING else served
    return term.serving if _full(decides, budget) else None


def renews(term: Term, withheld: Evidence, budget: Budget) -> bool:
    """Whether what a tightened level withholds is to be judged from the beginning: by so many samples
    it has not come back, and what they say may have changed meanwhile."""
    return term.serving is Serving.TIGHTENED and _full(withheld, budget)


def _full(evidence: Evidence, budget: Budget) -> bool:
    return conclusive(evidence) >= budget.longest_term


def standing_of(evidence: Evidence, budget: Budget) -> Standing:
    """What `evidence` says."""
    if conclusive(evidence) < budget.minimum:
        return Standing.UNPROVEN
    rate = measure(evidence)
    if rate.lower > budget.allowed:
        return Standing.EXCEEDED
    return Standing.PROVEN if rate.upper <= budget.allowed else Standing.UNDECIDED
