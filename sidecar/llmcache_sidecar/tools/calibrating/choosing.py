"""What each threshold would serve, and the one to take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...verify import Chain, Reading, Threshold, Verifier

NEVER: Final = 2.0
"""A probability that no verifier gives: what is accepted all the same is accepted by its words."""


@dataclass(frozen=True, slots=True)
class Example:
    """Two questions, whether one answer fits both, and the cosine of their vectors."""

    asked: Reading
    stored: Reading
    same: bool
    similarity: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a pair of thresholds does.

    Attributes:
        served: share of the same pairs, 0 to 1.
        wrong: share of the different pairs that are served, 0 to 1.
    """

    similarity: float
    score: float
    served: float
    wrong: float


def points(
    examples: Sequence[Example],
    verifier: Verifier,
    similarities: Iterable[float],
    scores: Sequence[float],
    told: Callable[[float], None] = lambda _: None,
) -> Iterator[Point]:
    """Every similarity with every score; `told` hears of each similarity before it is tried."""
    same = sum(example.same for example in examples)
    for similarity in similarities:
        told(similarity)
        chain = Chain(Threshold(similarity, NEVER), verifier)
        right, wrong = list[float](), list[float]()
        for one in examples:
            judgement = chain.judge(one.asked, one.stored, one.similarity)
            if judgement.accepted or judgement.score:
                reached = 1.0 if judgement.accepted else judgement.score
                (right if one.same else wrong).append(reached)
        for score in scores:
            yield Point(
                similarity,
                score,
                sum(reached >= score for reached in right) / max(1, same),
                sum(reached >= score for reached in wrong) / max(1, len(examples) - same),
            )


def choose(found: Iterable[Point], most_wrong: float) -> Point | None:
    """The one that serves most at no more than `most_wrong`, the strictest of equals; None where each
    serves more wrong ones."""
    fit = [point for point in found if point.wrong <= most_wrong]
    return max(fit, key=lambda one: (one.served, one.similarity, one.score), default=None)
