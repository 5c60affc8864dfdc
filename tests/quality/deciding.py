"""Who decides: the seam between the harness and what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

from llmcache_sidecar.verify import Chain, Reading, Threshold, Verifier, read

from .embedding import ROOT

WEIGHTS = ROOT / "sidecar" / "llmcache_sidecar" / "verify" / "weights.json"


class Decider(Protocol):
    """Takes a question and the nearest stored ones, best first, and serves one or none."""

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The place of the candidate whose answer is served; None is a miss."""
        ...


@cache
def reading(text: str) -> Reading:
    """A text read once."""
    return read(text)


@dataclass(frozen=True)
class CosineAlone:
    """The nearest, if it is near enough: what most caches do."""

    threshold: float

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The nearest or nothing."""
        return 0 if candidates and candidates[0][1] >= self.threshold else None


@dataclass(frozen=True)
class ByChain:
    """The chain, on each of the nearest until one is accepted.

    Scores do not depend on the threshold, so they are kept between the points of a curve.
    """

    chain: Chain
    scores: dict[tuple[str, str], float] = field(default_factory=dict)

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The first that the chain accepts."""
        for place, (text, similarity) in enumerate(candidates):
            if self.score(asked, text, similarity) >= self.chain.threshold.score:
                return place
        return None

    def score(self, asked: str, text: str, similarity: float) -> float:
        """What the chain gives a pair: 0 where a gate refuses."""
        known = self.scores.get((asked, text))
        if known is None:
            judged = self.chain.judge(reading(asked), reading(text), similarity)
            known = self.scores[asked, text] = judged.score
        return known

    def at(self, score: float) -> ByChain:
        """The same with another threshold for the score."""
        threshold = replace(self.chain.threshold, score=score)
        return ByChain(replace(self.chain, threshold=threshold), self.scores)


def gates_only(threshold: Threshold) -> ByChain:
    """The gates without the learned verifier."""
    return ByChain(Chain(replace(threshold, score=0.0001)))


def full_chain(threshold: Threshold) -> ByChain:
    """Gates and verifier."""
    verifier = Verifier.from_json(WEIGHTS.read_text(encoding="utf-8"))
    return ByChain(Chain(threshold, verifier))
